"""How the small client asks a token endpoint: body, headers and one client authentication.

Each habit is one method, so that a flaw is one short override.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from urllib.parse import quote_plus, urlencode

from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Registration, Surroundings

DEADLINE = 30.0
"""Seconds to wait for a whole answer of a token endpoint."""


class Requests:
    """Habits of asking."""

    surroundings: Surroundings
    registration: Registration

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Send a token or revocation request with one client authentication."""
        chosen = self.registration
        for_tokens = url in (chosen.token_endpoint, chosen.refresh_endpoint)
        extra = self.besides(form) if for_tokens else {}
        headers, fields = self.authenticated({**extra, **form})
        as_json = chosen.body_format == "json" and for_tokens
        body = json.dumps(fields) if as_json else urlencode(fields)
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        about = (("Content-Type", kind), ("Accept", "application/json"))
        return self.surroundings.carrier(
            WireRequest(
                method="POST", url=url, headers=(*about, *headers, *self.headers(url)),
                body=body.encode(),
            ),
            DEADLINE,
        )  # fmt: skip

    def headers(self, url: str) -> tuple[tuple[str, str], ...]:
        """Return further headers of a request."""
        return ()

    def besides(self, form: Mapping[str, str]) -> Mapping[str, str]:
        """Return what goes with a token request besides its own parameters."""
        return self.registration.token_parameters

    def authenticated(self, form: dict[str, str]) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
        """Add client authentication: header pairs and the form."""
        chosen = self.registration
        if chosen.client_authentication == "client_secret_basic":
            return (("Authorization", self.basic()),), form
        form["client_id"] = chosen.client_id
        if chosen.client_secret is not None:
            form["client_secret"] = chosen.client_secret
        return (), form

    def basic(self) -> str:
        """Return Basic credentials, form-encoded first (RFC 6749 s2.3.1)."""
        pair = f"{quote_plus(self.registration.client_id)}:{quote_plus(self.registration.client_secret or '')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
