"""A deliberately dumb OAuth client for the tests of the mock servers: it sends what it is told and decides nothing."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from refreshproof.mock_servers.profile import Profile
from refreshproof.mock_servers.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Provider
from refreshproof.mock_servers.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.vendor import Vendor, well_behaved
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse, seconds

START: Instant = 1_900_000_000_000_000
FORM = "application/x-www-form-urlencoded"


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
        request = WireRequest(
            method="POST", url=self.url(view), headers=(("Content-Type", FORM), *headers), body=body.encode()
        )
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
        return self.post("token", self._form("authorization_code", code=code, **fields), *headers, after=after)

    def refresh(self, refresh_token: str, *headers: tuple[str, str], after: float = 0, **fields: str) -> WireResponse:
        """Present a refresh token with the client's secret in the body."""
        form = self._form("refresh_token", refresh_token=refresh_token, **fields)
        return self.post("token", form, *headers, after=after)

    def call(self, access_token: str, after: float = 0) -> WireResponse:
        """Call the vendor's first resource."""
        return self.get(self.url("resource"), ("Authorization", f"Bearer {access_token}"), after=after)

    def login(self, after: float = 0) -> dict[str, Any]:
        """Log in and return the members of the token response."""
        response = self.exchange(self.code(after=after), after=after)
        assert response.status == 200, response.document
        return dict(response.document)

    @property
    def last(self) -> Any:
        """The newest ledger entry."""
        return self.provider.ledger.entries[-1]

    def _form(self, grant_type: str, **fields: str) -> dict[str, str]:
        form = {
            "grant_type": grant_type,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uri": REDIRECT_URI,
        }
        return {name: value for name, value in (form | fields).items() if value != "-"}


def play(subject: Profile | Vendor = GENERIC, **options: Any) -> Play:
    """Start a provider for a profile or a vendor."""
    vendor = well_behaved(subject) if isinstance(subject, Profile) else subject
    provider = Provider(vendor.profile, **options)
    return Play(vendor=vendor, provider=provider, handler=vendor.handler(provider))
