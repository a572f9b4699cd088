"""What Authlib's sessions have in common as subjects, on whatever HTTP stack.

Authlib checks expiry before a call, with a leeway of a minute, and hands a new token to `update_token`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import InvalidTokenError, MissingTokenError, OAuthError

from refreshproof.harness.third_party.subject import PATIENCE, Refusal, ThirdPartySubject

VERIFIER_LENGTH = 48
"""Characters, as in Authlib's documentation."""


def refusal(*passing: type[Exception]) -> Refusal:
    """Return what Authlib's exceptions mean, beside those of its HTTP stack."""
    return Refusal(over=(InvalidTokenError, MissingTokenError), passing=passing, coded=(OAuthError,))


class AuthlibSubject(ThirdPartySubject):
    """An Authlib session; `session_type` is its class."""

    distribution = "Authlib"
    session_type: ClassVar[Any]

    def begin(self) -> str:
        """Begin a login, with PKCE where the vendor has it."""
        verifier = generate_token(VERIFIER_LENGTH)
        endpoint, parameters = self.registration.authorization_endpoint, self.registration.authorization_parameters
        url, state = self._session().create_authorization_url(endpoint, code_verifier=verifier, **parameters)
        self.flow = {"state": state, "code_verifier": verifier if self.registration.pkce else None}
        return str(url)

    def finish(self, url: str) -> None:
        """Exchange the code."""
        self.session = None
        self.keep(
            self._session().fetch_token(self.registration.token_endpoint, authorization_response=url, **self.flow)
        )

    def use(self) -> int:
        """Call the resource; Authlib refreshes before it if it is time."""
        return int(self._session().get(self.surroundings.resource, timeout=PATIENCE).status_code)

    def renew(self) -> None:
        """Refresh by the session's own method."""
        self._session().refresh_token(self.registration.token_endpoint)

    def close(self) -> None:
        """Release the session."""
        if self.session is not None:
            self.session.close()
        super().close()

    def _session(self) -> Any:
        if self.session is None:
            chosen = self.registration
            self.session = self.session_type(
                chosen.client_id,
                chosen.client_secret,
                token_endpoint_auth_method=chosen.client_authentication,
                scope=" ".join(chosen.scopes),
                redirect_uri=chosen.redirect_uri,
                code_challenge_method="S256" if chosen.pkce else None,
                token=self.stored,
                token_endpoint=chosen.token_endpoint,
                update_token=self.keep,
            )
        return self.session
