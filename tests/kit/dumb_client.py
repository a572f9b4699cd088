"""A deliberately dumb OAuth client for the tests of the mock servers: it sends what it is told and decides nothing."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Provider
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.vendors.vendor import Vendor, well_behaved
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse, seconds

START: Instant = 1_900_000_000_000_000
FORM = "application/x-www-form-urlencoded"
STEP = re.compile(r'(?P<at>[\d.]+) (?P<what>[AR]T\d+) -> (?P<answer>[\w"-]+)(?: = (?P<access>AT\d+))?')
"""A step of a story: `SECONDS TOKEN -> ANSWER`, with `= ACCESS TOKEN` where that matters too."""


def at(after: float) -> Instant:
    """The instant so many seconds after the start of every test."""
    return START + seconds(after)


def generic(**policy: Any) -> Profile:
    """The generic profile with a refresh policy of its own."""
    return replace(GENERIC, refresh=RefreshPolicy(**policy))


def basic(client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> tuple[str, str]:
    """An Authorization header with raw Basic credentials."""
    return "Authorization", "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


@dataclass(kw_only=True)
class Play:
    """One provider behind its faults, and shorthands for the requests of a login; `at` is seconds after START."""

    vendor: Vendor
    provider: Provider
    handler: Handler

    @property
    def profile(self) -> Profile:
        """The profile at play."""
        return self.provider.profile

    def url(self, view: str) -> str:
        """The first address of a view, with any segment in braces filled in."""
        url = self.profile.url(view)
        assert url is not None, view
        return url.replace("{", "").replace("}", "")

    def get(self, url: str, *headers: tuple[str, str], after: float = 0) -> WireResponse:
        """Send a GET."""
        return self.handler(WireRequest(method="GET", url=url, headers=headers), at(after))

    def post(
        self, view: str, fields: Mapping[str, str] | str, *headers: tuple[str, str], after: float = 0
    ) -> WireResponse:
        """Send a form to a view, or a text as it stands."""
        body = fields if isinstance(fields, str) else urlencode(fields)
        return self.send(self.url(view), FORM, body, *headers, after=after)

    def send(self, url: str, media_type: str, body: str, *headers: tuple[str, str], after: float = 0) -> WireResponse:
        """Send a POST of any media type, asking for JSON."""
        wanted = (("Content-Type", media_type), ("Accept", "application/json"))
        request = WireRequest(method="POST", url=url, headers=(*wanted, *headers), body=body.encode())
        return self.handler(request, at(after))

    def authorize(self, after: float = 0, **parameters: str) -> WireResponse:
        """Send the browser to the authorization endpoint with every parameter the vendor requires."""
        wanted = {name: value for name, value in self.profile.authorization.required.items() if value}
        query = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code", "state": "st"}
        query["scope"] = self.profile.authorization.scope_separator.join(self.profile.scopes)
        query |= wanted | dict(self.profile.client_parameters) | parameters
        return self.get(f"{self.url('authorization')}?{urlencode(query)}", after=after)

    def code(self, after: float = 0, **parameters: str) -> str:
        """Log in and return the code of the callback."""
        return self.callback(self.authorize(after=after, **parameters))["code"]

    def callback(self, response: WireResponse) -> dict[str, str]:
        """The parameters of a redirect to the client."""
        location = response.header("location")
        assert location is not None, response
        assert location.startswith(REDIRECT_URI), location
        return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))

    def exchange(self, code: str, *headers: tuple[str, str], after: float = 0, **fields: str) -> WireResponse:
        """Redeem a code with the client's secret in the body."""
        form = self._form("authorization_code", code=code, **fields)
        return self.post("token", *self._authenticated(form, headers), after=after)

    def refresh(self, refresh_token: str, *headers: tuple[str, str], after: float = 0, **fields: str) -> WireResponse:
        """Present a refresh token with the client's secret in the body."""
        form = self._form("refresh_token", refresh_token=refresh_token, **fields)
        body, *shown = self._authenticated(form, headers)
        url = self.profile.refresh_url or self.url("token")
        return self.send(url, FORM, urlencode(body), *shown, after=after)

    def call(self, access_token: str, after: float = 0) -> WireResponse:
        """Call the vendor's first resource."""
        return self.get(self.url("resource"), ("Authorization", f"Bearer {access_token}"), after=after)

    def login(self, after: float = 0) -> dict[str, Any]:
        """Log in, with a challenge where the vendor wants one, and return the members of the token response."""
        wants = self.profile.authorization.pkce == "required"
        challenge, verifier = ({"code_challenge": "v" * 43}, {"code_verifier": "v" * 43}) if wants else ({}, {})
        code = self.code(after=after, **challenge)
        response = self.exchange(code, after=after, **verifier)
        assert response.status == 200, response.document
        return dict(response.document)

    def take(self, alias: str, after: float = 0) -> tuple[str, str | None]:
        """Present a token by its alias; returns what the answer holds, in the words of a story, and its access token.

        The words are the alias of the refresh token in the answer, `-` without one, null, "", `open` for a resource
        that opened, the cause of a refusal, or `fault` for an answer that the server knows nothing of.
        """
        vault, state = self.provider.vault, self.provider.state
        value = next(v for v in (*state.access_tokens, *state.refresh_tokens) if vault.alias(v) == alias)
        response = self.call(value, after=after) if alias.startswith("AT") else self.refresh(value, after=after)
        if response.entry is None or self.last.cause is not None:
            return "fault" if response.entry is None else str(self.last.cause), None
        if alias.startswith("AT"):
            return "open", None
        found = response.document.get("refresh_token", "-")
        word = {None: "null", "": '""'}.get(found) or vault.alias(found) or found
        return word, vault.alias(response.document.get("access_token", ""))

    def tell(self, story: str) -> list[str]:
        """Play a story of steps such as `10 RT1 -> RT2 = AT2`, separated by semicolons, as it comes out here."""
        steps = [STEP.fullmatch(text.strip()) for text in story.split(";")]
        told = []
        for step in steps:
            assert step, story
            answer, access = self.take(step["what"], float(step["at"]))
            ending = f" = {access}" if step["access"] else ""
            told.append(f"{step['at']} {step['what']} -> {answer}{ending}")
        return told

    @property
    def last(self) -> Any:
        """The newest ledger entry."""
        return self.provider.ledger.entries[-1]

    def _authenticated(self, form: dict[str, str], headers: tuple[tuple[str, str], ...]) -> Any:
        """The form and headers of a token request, with Basic credentials where the vendor takes no others."""
        methods = self.profile.token_request.authentication
        if headers or "client_secret_post" in methods or "client_secret_basic" not in methods:
            return form, *headers
        return {name: value for name, value in form.items() if not name.startswith("client_")}, basic()

    def _form(self, grant_type: str, **fields: str) -> dict[str, str]:
        form = {
            "grant_type": grant_type,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uri": REDIRECT_URI,
        }
        wanted = form | dict(self.profile.token_parameters) | fields
        return {name: value for name, value in wanted.items() if value != "-"}


def steps(story: str) -> list[str]:
    """The steps of a story as `Play.tell` tells them."""
    return [text.strip() for text in story.split(";")]


def play(subject: Profile | Vendor = GENERIC, **options: Any) -> Play:
    """Start a provider for a profile or a vendor."""
    vendor = well_behaved(subject) if isinstance(subject, Profile) else subject
    provider = Provider(vendor.lived, **options)
    return Play(vendor=vendor, provider=provider, handler=vendor.handler(provider))
