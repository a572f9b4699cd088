"""What Authlib's sessions have in common as subjects, on whatever HTTP stack.

Authlib checks expiry before a call, with a leeway of a minute, and hands a new token to `update_token`. Every call has
a session of its own on the stored token, as Authlib's own clients for web frameworks do it (`OAuth2Mixin.request`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import InvalidTokenError, MissingTokenError, OAuthError

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter

VERIFIER_LENGTH = 48
"""Characters, as in Authlib's documentation."""

OWN_CODES = ("missing_token", "token_invalid", "mismatching_state", "unsupported_token_type")


def refusal(*passing: type[Exception]) -> Refusal:
    """Return what Authlib's exceptions mean, beside those of its HTTP stack."""
    return Refusal(
        over=(InvalidTokenError, MissingTokenError), passing=passing, coded=(OAuthError,), own_codes=OWN_CODES
    )


class AuthlibSubject(LibraryAdapter):
    """An Authlib session; `session_type` is its class, `options` what that takes besides."""

    distribution = "Authlib"
    session_type: ClassVar[Any]
    options: ClassVar[dict[str, Any]] = {}

    def begin(self) -> str:
        """Begin a login, with PKCE where the vendor has it."""
        verifier = generate_token(VERIFIER_LENGTH)
        endpoint, parameters = self.registration.authorization_endpoint, self.registration.authorization_parameters
        with self.opened() as session:
            url, state = session.create_authorization_url(endpoint, code_verifier=verifier, **parameters)
        self.flow = {"state": state, "code_verifier": verifier if self.registration.pkce else None}
        return str(url)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code."""
        endpoint = self.registration.token_endpoint
        with self.opened() as session:
            self.keep(self.result(session.fetch_token(endpoint, authorization_response=url, **flow)))

    def use(self) -> int:
        """Call the resource; Authlib refreshes before it if it is time."""
        with self.opened() as session:
            return int(self.result(session.get(self.surroundings.resource, timeout=PATIENCE)).status_code)

    def renew(self) -> None:
        """Refresh by the session's own method."""
        with self.opened() as session:
            self.result(session.refresh_token(self.registration.token_endpoint))

    def update(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        """Store a new token in the place of the one that it came of, as Authlib's documentation finds it."""
        if self.stored is not None and self.stored.get("refresh_token") == refresh_token:
            self.keep(token)

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Open a session on the stored token for the length of a block."""
        with self.new_session() as session:
            yield session

    def new_session(self, **changes: Any) -> Any:
        """Make a session on the stored token."""
        chosen = self.registration
        options = {
            "token_endpoint_auth_method": chosen.client_authentication,
            "scope": " ".join(self.scopes),
            "redirect_uri": chosen.redirect_uri,
            "code_challenge_method": "S256" if chosen.pkce else None,
            "token": self.stored,
            "token_endpoint": chosen.token_endpoint,
            "update_token": self.update,
            **self.options,
        }
        return self.session_type(chosen.client_id, chosen.client_secret, **(options | changes))
