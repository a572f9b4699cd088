"""What the tests of a vendor share: a provider, a clock that stands still, and the requests of a plain client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_APPLICATION,
    REDIRECT_URI,
    Provider,
)
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.wire import SECOND, Handler, WireRequest, WireResponse

START = 1_900_000_000 * SECOND
DAY = 86_400
Pairs = tuple[tuple[str, str], ...]


class Bench:
    """One provider, what serves it, and one client; a parameter that is None is left out."""

    def __init__(
        self,
        profile: Profile,
        *,
        application: Application = DEFAULT_APPLICATION,
        accounts: tuple[Account, ...] = (Account(name="alice"),),
    ) -> None:
        self.profile = profile
        self.provider = Provider(profile, applications=(application,), accounts=accounts)
        self.handler: Handler = self.provider.handle
        self.now = START

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)

    def send(self, method: str, url: str, headers: Pairs = (), body: bytes = b"") -> WireResponse:
        return self.handler(WireRequest(method=method, url=url, headers=headers, body=body), self.now)

    def authorization_url(self, **changes: str | None) -> str:
        parameters: dict[str, str | None] = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": " ".join(self.profile.scopes),
            "state": "kept-by-the-client",
            "response_type": "code",
            **self.profile.client_parameters,
            **changes,
        }
        return f"{self.profile.url('authorization')}?{urlencode(_present(parameters))}"

    def authorize(self, **changes: str | None) -> WireResponse:
        return self.send("GET", self.authorization_url(**changes))

    def code(self, **changes: str | None) -> str:
        return query(self.authorize(**changes))["code"]

    def token(self, *, as_json: bool | None = None, headers: Pairs = (), **parameters: Any) -> WireResponse:
        present = _present({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **parameters})
        as_json = self.profile.body_format == "json" if as_json is None else as_json
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        body = json.dumps(present) if as_json else urlencode(present)
        url = self.profile.url("token")
        assert url is not None
        return self.send("POST", url, (("Content-Type", kind), *headers), body.encode())

    def exchange(self, code: str | None, **parameters: Any) -> WireResponse:
        return self.token(
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, **parameters}
        )

    def login(self, **changes: str | None) -> dict[str, Any]:
        """Authorize and exchange; returns the members of the success body."""
        redirect_uri = changes.get("redirect_uri", REDIRECT_URI)
        return granted(self.exchange(self.code(**changes), redirect_uri=redirect_uri))

    def refresh(self, refresh_token: str | None, **parameters: Any) -> WireResponse:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token, **parameters})

    def get(self, url: str | None, access_token: str, headers: Pairs = (), method: str = "GET") -> WireResponse:
        assert url is not None
        return self.send(method, url, (("Authorization", f"Bearer {access_token}"), *headers))

    def call(self, access_token: str) -> int:
        """Call the vendor's first resource; returns the status."""
        return self.get(self.profile.url("resource"), access_token).status


def _present(parameters: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value is not None}


def query(response: WireResponse) -> dict[str, str]:
    """Return the query parameters of a redirect."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location(response)).query).items()}


def location(response: WireResponse) -> str:
    """Return where a redirect leads."""
    assert response.status == 302, response.status
    return response.header("location") or ""


def granted(response: WireResponse) -> dict[str, Any]:
    """Return the members of a success body."""
    assert response.status == 200, (response.status, response.document)
    document: dict[str, Any] = response.document
    return document
