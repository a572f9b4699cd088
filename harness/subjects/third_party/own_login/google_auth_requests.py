"""google-auth's credentials on requests as a subject, with the login of google-auth-oauthlib.

google-auth refreshes 3:45 minutes before expiry and on a 401. It hands nothing over: the application saves the
credentials after each use, as Google's quickstarts do. Callers share the credentials and have a session each, as
Google's guide to thread safety has it: what is not thread-safe is the transport.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from typing import Any

from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error
from requests import RequestException

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.harness.subjects.third_party.own_login.oauthlib_scope import relaxed
from refreshproof.mock_servers.stacks.carrier import Carrier

# google-auth keeps what it logs from the application's handlers unless its logger has one.
logging.getLogger("google").addHandler(logging.NullHandler())

SAVED = ("token", "refresh_token", "expiry", "scopes")
"""What an application keeps of credentials, beside its own configuration."""


class GoogleAuth(LibraryAdapter):
    """Credentials in an AuthorizedSession; a refresh that fails means a new login."""

    name = "google-auth AuthorizedSession"
    distribution = "google-auth"
    refusal = Refusal(over=(RefreshError,), passing=(TransportError, RequestException), coded=(OAuth2Error,))

    def begin(self) -> str:
        """Begin a login."""
        chosen = self.registration
        addresses = {"auth_uri": chosen.authorization_endpoint, "token_uri": chosen.token_endpoint}
        web = {"client_id": chosen.client_id, "client_secret": chosen.client_secret, **addresses}
        self.flow = Flow.from_client_config(
            {"web": web}, self.scopes, redirect_uri=chosen.redirect_uri, autogenerate_code_verifier=chosen.pkce
        )
        url, _ = self.flow.authorization_url(**chosen.authorization_parameters)
        return str(url)

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Configure oauthlib for the vendor."""
        return relaxed(self.registration)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code."""
        flow.fetch_token(authorization_response=url, include_client_id=True)
        self.session = None
        self._save(flow.credentials)

    def use(self) -> int:
        """Call the resource; the session refreshes when it is time, and on a 401."""
        credentials = self._credentials()
        try:
            with AuthorizedSession(credentials) as session:
                return int(session.get(self.surroundings.resource, timeout=PATIENCE).status_code)
        finally:
            self._save(credentials)

    def renew(self) -> None:
        """Refresh the credentials."""
        credentials = self._credentials()
        credentials.refresh(Request())
        self._save(credentials)

    def code(self, error: Exception) -> str | None:
        """Return the code in the answer that a RefreshError holds as its second argument."""
        answer = error.args[1] if len(error.args) > 1 else None
        return answer.get("error") if isinstance(answer, dict) else super().code(error)

    def _credentials(self) -> Any:
        # Not `from_authorized_user_info`, which refreshes at Google whatever address was saved.
        if self.session is None:
            chosen, stored = self.registration, self.stored or {}
            self.session = Credentials(
                **stored,
                token_uri=chosen.token_endpoint,
                client_id=chosen.client_id,
                client_secret=chosen.client_secret,
            )
        return self.session

    def _save(self, credentials: Any) -> None:
        self.keep({name: getattr(credentials, name) for name in SAVED})
