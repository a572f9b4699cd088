"""requests-oauthlib's OAuth2Session as a subject, with automatic refresh as its documentation shows it.

It refreshes when the access token has expired by its own count, without a leeway, and hands the new token to
`token_updater`. Every call has a session of its own on the stored token, as every view of the documented web
applications has.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from oauthlib.oauth2 import OAuth2Error, TokenExpiredError
from requests import RequestException
from requests_oauthlib import OAuth2Session

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter
from refreshproof.harness.subjects.third_party.own_login.oauthlib_scope import relaxed
from refreshproof.mock_servers.stacks.carrier import Carrier

OWN_CODES = ("missing_token", "token_expired", "mismatching_state", "missing_code", "missing_token_type")


class RequestsOauthlib(LibraryAdapter):
    """A session with `auto_refresh_url` and `token_updater`."""

    name = "requests-oauthlib OAuth2Session"
    distribution = "requests-oauthlib"
    refusal = Refusal(over=(TokenExpiredError,), passing=(RequestException,), coded=(OAuth2Error,), own_codes=OWN_CODES)

    def begin(self) -> str:
        """Begin a login, with PKCE where the vendor has it."""
        chosen = self.registration
        self.flow = OAuth2Session(
            chosen.client_id,
            scope=self.scopes,
            redirect_uri=chosen.redirect_uri,
            pkce="S256" if chosen.pkce else None,
        )
        url, _ = self.flow.authorization_url(chosen.authorization_endpoint, **chosen.authorization_parameters)
        return str(url)

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Configure oauthlib for the vendor."""
        return relaxed(self.registration)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code in the session that began the login, the credentials in the body or in the header."""
        chosen = self.registration
        in_body = True if chosen.client_authentication == "client_secret_post" else None
        token = flow.fetch_token(
            chosen.token_endpoint,
            authorization_response=url,
            client_secret=chosen.client_secret,
            include_client_id=in_body,
        )
        self.keep(token)

    def use(self) -> int:
        """Call the resource; the session refreshes before it if it is time."""
        with self._session() as session:
            return int(session.get(self.surroundings.resource, timeout=PATIENCE).status_code)

    def renew(self) -> None:
        """Refresh by the session's own method; storing is the caller's."""
        with self._session() as session:
            self.keep(session.refresh_token(self.registration.token_endpoint))

    def _session(self) -> Any:
        chosen = self.registration
        return OAuth2Session(
            chosen.client_id,
            token=self.stored,
            auto_refresh_url=chosen.token_endpoint,
            auto_refresh_kwargs={"client_id": chosen.client_id, "client_secret": chosen.client_secret},
            token_updater=self.keep,
        )
