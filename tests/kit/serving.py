"""What the tests of the server share: a vendor being served without a socket, a browser that fills in forms, a
login."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.serving import Served, ServeOptions, vendors_named
from refreshproof.mock_servers.serving.sockets.clock import VIRTUAL_START
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireRequest, WireResponse

ORIGIN = "http://127.0.0.1:8001"
CALLBACK = "http://localhost:9/callback"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
TOKEN = "a-token-of-the-tests"


def options(*names: str, **changes: Any) -> ServeOptions:
    """Options for vendors by name, in virtual time and with a user who consents at once."""
    settings: dict[str, Any] = {"time": "virtual", "user": "auto", "token": TOKEN}
    return ServeOptions(vendors=vendors_named(names, VENDORS), **{**settings, **changes})


def served(name: str, **changes: Any) -> Served:
    """A vendor served at ORIGIN, without a socket."""
    chosen = options(name, **changes)
    return Served(chosen.vendors[0], chosen, ORIGIN)


def authorization_url(one: Served, **changes: str) -> str:
    """The local address a client would send the browser to, with all that the vendor asks for."""
    profile = one.vendor.profile
    wanted = {name: value for name, value in profile.authorization.required.items() if value}
    scopes = profile.authorization.scope_separator.join(profile.scopes)
    query = {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "response_type": "code", "state": "st", "scope": scopes}
    query |= wanted | dict(profile.client_parameters) | changes
    return f"{one.addresses.local_url(profile.url('authorization'))}?{urlencode(query)}"


def token_form(grant_type: str, **fields: str) -> dict[str, str]:
    """The fields of a token request by the default application."""
    return {"grant_type": grant_type, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}


def parameters(url: str | None) -> dict[str, str]:
    """The query of an address."""
    assert url is not None
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


class Browser:
    """Sends a served vendor what a browser would: cookies, forms, and no redirect by itself."""

    def __init__(self, one: Served) -> None:
        self.one = one
        self.cookie = ""
        self.page = ""
        self.response: WireResponse | None = None

    def open(self, url: str) -> WireResponse:
        """Go to an address."""
        return self._send(WireRequest(method="GET", url=url, headers=self._cookies()))

    def submit(self, *pairs: tuple[str, str], **fields: str) -> WireResponse:
        """Send the form on the page."""
        action = re.search(r'action="([^"]+)"', self.page)
        assert action is not None, self.page
        body = urlencode([*pairs, *fields.items()]).encode()
        headers = (*self._cookies(), FORM)
        return self._send(WireRequest(method="POST", url=ORIGIN + action[1], headers=headers, body=body))

    @property
    def heading(self) -> str:
        """The heading of the page."""
        found = re.search("<h1>(.*?)</h1>", self.page, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    def _cookies(self) -> tuple[tuple[str, str], ...]:
        return (("Cookie", self.cookie),) if self.cookie else ()

    def _send(self, request: WireRequest) -> WireResponse:
        self.response = self.one.handle(request, VIRTUAL_START)
        self.page = self.response.body.decode()
        given = self.response.header("set-cookie")
        if given is not None:
            self.cookie = given.partition(";")[0]
        return self.response


def post(
    one: Served, url: str | None, fields: dict[str, str], now: int = VIRTUAL_START, *headers: tuple[str, str]
) -> WireResponse:
    """Send a form to a local address."""
    assert url is not None
    body = urlencode(fields).encode()
    return one.handle(WireRequest(method="POST", url=url, headers=(FORM, *headers), body=body), now)


def log_in(one: Served) -> dict[str, Any]:
    """Authorize and exchange; returns the members of the token response."""
    code = parameters(Browser(one).open(authorization_url(one)).header("location"))["code"]
    url = one.addresses.local_url(one.vendor.profile.url("token"))
    response = post(one, url, token_form("authorization_code", code=code, redirect_uri=CALLBACK))
    assert response.status == 200, response.document
    return dict(response.document)
