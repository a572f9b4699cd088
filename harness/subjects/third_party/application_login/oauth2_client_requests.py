"""oauth2-client's CredentialManager as a subject, with the login of the application around it.

As http://github.com/antechrestos/OAuth2Client shows it (its package's description, seen 2026-11-30): the manager
redeems the code, and a process that begins anew gives it the stored refresh token by `init_with_token`, which
refreshes at once. It knows no expiry: it refreshes when the resource answers a call with 401 and invalid_token.
"""

from __future__ import annotations

from typing import Any

import requests
from oauth2_client.credentials_manager import CredentialManager, OAuthError, ServiceInformation

from refreshproof.harness.adapters.library.application import ApplicationAdapter
from refreshproof.harness.adapters.library.outcomes import Refusal

OWN_CODES = ("unknown_error", "no_token")


class SignInNeeded(Exception):
    """There is no refresh token to begin with."""


class Oauth2Client(ApplicationAdapter):
    """A manager that all callers share."""

    name = "oauth2-client CredentialManager"
    distribution = "oauth2-client"
    refusal = Refusal(
        over=(SignInNeeded,), passing=(requests.RequestException,), coded=(OAuthError,), own_codes=OWN_CODES
    )

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code."""
        code, verifier = self.login.code_of(url)
        manager, besides = self._manager(), {"code_verifier": verifier} if verifier else {}
        manager.init_with_authorize_code(self.registration.redirect_uri, code, **besides)
        self.session = manager

    def use(self) -> int:
        """Call the resource; the manager refreshes when that is refused."""
        return int(self._current().get(self.surroundings.resource).status_code)

    def renew(self) -> None:
        """Begin again with the refresh token."""
        manager = self._current()
        manager.init_with_token(_needed(manager.refresh_token))

    def holds(self) -> Any:
        """Return what another process can begin with."""
        return self.session and {"refresh_token": self.session.refresh_token}

    def _current(self) -> Any:
        if self.session is None:
            manager = self._manager()
            manager.init_with_token(_needed((self.stored or {}).get("refresh_token")))
            self.session = manager
        return self.session

    def _manager(self) -> Any:
        chosen = self.registration
        return CredentialManager(
            ServiceInformation(
                chosen.authorization_endpoint,
                chosen.token_endpoint,
                chosen.client_id,
                chosen.client_secret,
                self.scopes,
            )
        )


def _needed(refresh_token: str | None) -> str:
    if not refresh_token:
        raise SignInNeeded
    return refresh_token
