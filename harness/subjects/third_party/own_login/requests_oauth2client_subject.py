"""requests_oauth2client's authentication handler as a subject, with the login of its OAuth2Client.

It refreshes 20 seconds before expiry and hands nothing over: the application saves the handler's token after each use.
Callers share the handler, which holds the token, and make requests of their own, as its documentation shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from requests_oauth2client import (
    AuthorizationResponseError,
    ClientSecretBasic,
    ClientSecretPost,
    ExpiredAccessToken,
    InvalidAuthResponse,
    MissingRefreshToken,
    NonRenewableTokenError,
    OAuth2AccessTokenAuth,
    OAuth2Client,
    OAuth2Error,
    TokenSerializer,
)

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE, LibraryAdapter

AUTHENTICATION: Mapping[str, Any] = {"client_secret_post": ClientSecretPost, "client_secret_basic": ClientSecretBasic}


class RequestsOauth2client(LibraryAdapter):
    """An OAuth2AccessTokenAuth on the stored token."""

    name = "requests_oauth2client OAuth2AccessTokenAuth"
    distribution = "requests_oauth2client"
    refusal = Refusal(
        over=(ExpiredAccessToken, MissingRefreshToken, NonRenewableTokenError),
        passing=(requests.RequestException,),
        coded=(OAuth2Error, AuthorizationResponseError, InvalidAuthResponse),
    )

    def begin(self) -> str:
        """Begin a login, with PKCE where the vendor has it."""
        parameters: dict[str, Any] = dict(self.registration.authorization_parameters)
        self.flow = self._client().authorization_request(scope=self.scopes, **parameters)
        return str(self.flow.uri)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code."""
        self._save(self._client().authorization_code(flow.validate_callback(url)))
        self.session = None

    def use(self) -> int:
        """Call the resource; the handler refreshes before it if it is time."""
        handler = self._handler()
        try:
            return requests.get(self.surroundings.resource, auth=handler, timeout=PATIENCE).status_code
        finally:
            self._save(handler.token)

    def renew(self) -> None:
        """Refresh by the handler's own method."""
        handler = self._handler()
        handler.renew_token()
        self._save(handler.token)

    def _client(self) -> OAuth2Client:
        chosen = self.registration
        options: dict[str, Any] = {
            "token_endpoint": chosen.token_endpoint,
            "authorization_endpoint": chosen.authorization_endpoint,
            "redirect_uri": chosen.redirect_uri,
            "auth": AUTHENTICATION[chosen.client_authentication](chosen.client_id, chosen.client_secret),
            "code_challenge_method": "S256" if chosen.pkce else None,
            "issuer": chosen.issuer,
            "authorization_response_iss_parameter_supported": chosen.iss_expected,
        }
        return OAuth2Client(**options)

    def _handler(self) -> Any:
        if self.session is None:
            token = TokenSerializer().loads((self.stored or {})["token"])
            self.session = OAuth2AccessTokenAuth(self._client(), token)
        return self.session

    def _save(self, token: Any) -> None:
        self.keep({"token": TokenSerializer().dumps(token), "refresh_token": token.refresh_token})
