"""What the tests of the console share: a person who looks at its pages and sends their forms, without a socket."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from kit.serving import FORM, TOKEN, options, post, token_form
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.serving.control_port import Control
from refreshproof.mock_servers.serving.sockets.clock import VirtualClock
from refreshproof.mock_servers.wire import WireRequest, WireResponse

ORIGIN = "http://127.0.0.1:8009"


class Form:
    """A form as a browser would send it: where to, and the fields with what stands in them."""

    def __init__(self, action: str, method: str) -> None:
        self.action = action
        self.method = method
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[str] = []

    def holds(self, **fields: str) -> bool:
        return set(fields.items()) <= set(self.fields)

    def filled_in(self, **changes: str) -> list[tuple[str, str]]:
        unknown = changes.keys() - {name for name, _ in self.fields}
        assert not unknown, f"no such fields: {unknown}"
        return [*((name, value) for name, value in self.fields if name not in changes), *changes.items()]


class Page(HTMLParser):
    """The forms of a page and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text = ""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open, self._first = "", False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given["action"], given["method"]))
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given) and "name" in given:
            self.forms[-1].fields.append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self._open = given["name"]
            self.forms[-1].fields.append((given["name"], ""))
        elif tag == "select":
            self._open, self._first = given["name"], True
            self.forms[-1].fields.append((given["name"], ""))
        elif tag == "option" and self._open and ("selected" in given or self._first):
            self.forms[-1].fields[-1], self._first = (self._open, given["value"]), False

    def handle_data(self, data: str) -> None:
        tag = self.tags[-1][0] if self.tags else ""
        self.text += data
        if tag == "textarea" and self._open:
            self.forms[-1].fields[-1] = (self._open, data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._open = ""


class Person:
    """Somebody at the console of some vendors in virtual time."""

    def __init__(self, *names: str, **changes: Any) -> None:
        chosen = options(*names, **changes)
        scheme = chosen.scheme
        self.vendors = {
            vendor.name: Served(vendor, chosen, f"{scheme}://127.0.0.1:{8001 + number}")
            for number, vendor in enumerate(chosen.vendors)
        }
        self.clock = VirtualClock()
        self.control = Control(self.vendors, self.clock, TOKEN)
        self.cookie = ""
        self.page = Page("")
        self.html = ""
        self.response = WireResponse(status=0)

    def open(self, path: str) -> WireResponse:
        """Go to a page, wherever it redirects to."""
        return self._follow(self._send("GET", path))

    def log_in(self, token: str = TOKEN) -> WireResponse:
        """Log in; the first vendor's page follows."""
        self.open("/console")
        return self.submit("console", token=token)

    def form(self, operation: str, **held: str) -> Form:
        """The first form of an operation that holds some values."""
        found = [one for one in self.page.forms if one.action.endswith(f"/{operation}") and one.holds(**held)]
        assert found, f"no form {operation} with {held}"
        return found[0]

    def submit(self, operation: str, held: dict[str, str] | None = None, **changes: str) -> WireResponse:
        """Fill in a form of the page and send it."""
        form = self.form(operation, **(held or {}))
        body = urlencode(form.filled_in(**changes))
        if form.method == "get":
            return self.open(f"{form.action}?{body}")
        return self._follow(self._send("POST", form.action, body.encode(), FORM, ("Origin", ORIGIN)))

    def send(self, method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> WireResponse:
        """Send a request of one's own, with the cookie."""
        return self._send(method, path, body, *headers)

    def refresh(self, name: str, refresh_token: str) -> WireResponse:
        """Let the client refresh."""
        one = self.vendors[name]
        url = one.addresses.local_url(one.vendor.profile.url("token"))
        return post(one, url, token_form("refresh_token", refresh_token=refresh_token), self.clock.now())

    def _send(self, method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> WireResponse:
        cookies = (("Cookie", self.cookie),) if self.cookie else ()
        request = WireRequest(method=method, url=ORIGIN + path, headers=(*cookies, *headers), body=body)
        response = self.control.answer(request)
        given = response.header("set-cookie")
        self.cookie = self.cookie if given is None else given.partition(";")[0]
        return response

    def _follow(self, response: WireResponse) -> WireResponse:
        while response.status == 303:
            response = self._send("GET", urlsplit(response.header("location") or "").path)
        self.response, self.html = response, response.body.decode()
        self.page = Page(self.html)
        return response
