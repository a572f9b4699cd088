"""requests-oauthlib's OAuth2Session as a subject, with automatic refresh as its documentation shows it.

It refreshes when the access token has expired by its own count, without a leeway, and hands the new token to
`token_updater`.
"""

from __future__ import annotations

from typing import Any

from oauthlib.oauth2 import OAuth2Error, TokenExpiredError
from requests import RequestException
from requests_oauthlib import OAuth2Session

from refreshproof.harness.third_party.subject import PATIENCE, Refusal, ThirdPartySubject


class RequestsOauthlib(ThirdPartySubject):
    """A session with `auto_refresh_url` and `token_updater`."""

    name = "requests-oauthlib OAuth2Session"
    distribution = "requests-oauthlib"
    refusal = Refusal(over=(TokenExpiredError,), passing=(RequestException,), coded=(OAuth2Error,))

    def begin(self) -> str:
        """Begin a login, with PKCE where the vendor has it."""
        self.session = None
        chosen = self.registration
        self.flow = self._session(pkce="S256" if chosen.pkce else None)
        url, _ = self.flow.authorization_url(chosen.authorization_endpoint, **chosen.authorization_parameters)
        return str(url)

    def finish(self, url: str) -> None:
        """Exchange the code in the session that began the login."""
        self.keep(self.flow.fetch_token(self.registration.token_endpoint, authorization_response=url, **self._client()))
        self.session = None

    def use(self) -> int:
        """Call the resource; the session refreshes before it if it is time."""
        return int(self._session().get(self.surroundings.resource, timeout=PATIENCE).status_code)

    def renew(self) -> None:
        """Refresh by the session's own method; storing is the caller's."""
        secret = {"client_id": self.registration.client_id, "client_secret": self.registration.client_secret}
        self.keep(self._session().refresh_token(self.registration.token_endpoint, **secret))

    def _client(self) -> dict[str, Any]:
        """Return how `fetch_token` is told to put the credentials into the body, or into the header."""
        in_body = self.registration.client_authentication == "client_secret_post"
        return {"client_secret": self.registration.client_secret, "include_client_id": True if in_body else None}

    def _session(self, **options: Any) -> Any:
        if self.session is None:
            chosen = self.registration
            self.session = OAuth2Session(
                chosen.client_id,
                scope=list(chosen.scopes),
                redirect_uri=chosen.redirect_uri,
                token=self.stored,
                auto_refresh_url=chosen.token_endpoint,
                auto_refresh_kwargs={"client_id": chosen.client_id, "client_secret": chosen.client_secret},
                token_updater=self.keep,
                **options,
            )
        return self.session
