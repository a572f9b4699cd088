"""httpx-oauth's OAuth2 client as a subject, with the login of the application around it.

As https://frankie567.github.io/httpx-oauth/oauth2/ shows it (seen 2026-11-30): where `is_expired` says so the
application asks for a new token and stores that in the place of the old one. Without a refresh token it wants a new
login.
"""

from __future__ import annotations

from typing import Any

import httpx
from httpx_oauth.exceptions import HTTPXOAuthError
from httpx_oauth.oauth2 import OAuth2, OAuth2Token

from refreshproof.harness.adapters.library.application import ApplicationAdapter
from refreshproof.harness.adapters.library.outcomes import Refusal


class SignInNeeded(Exception):
    """There is no refresh token."""


class HttpxOauth(ApplicationAdapter):
    """An OAuth2 client and the token that it handed over."""

    name = "httpx-oauth OAuth2"
    distribution = "httpx-oauth"
    refusal = Refusal(over=(SignInNeeded,), passing=(httpx.HTTPError,), coded=(HTTPXOAuthError,))

    async def finish(self, url: str, flow: Any) -> None:
        """Exchange the code."""
        code, verifier = self.login.code_of(url)
        self.keep(await self._client().get_access_token(code, self.registration.redirect_uri, verifier))

    async def use(self) -> int:
        """Call the resource, with a new token if the old one has expired."""
        if OAuth2Token(dict(self._stored())).is_expired():
            await self.renew()
        return await self.outside(lambda: self.get(self._stored()["access_token"]))

    async def renew(self) -> None:
        """Refresh, and store what came."""
        refresh_token = self._stored().get("refresh_token")
        if not refresh_token:
            raise SignInNeeded
        self.keep(await self._client().refresh_token(refresh_token))

    def _stored(self) -> dict[str, Any]:
        return self.stored or {}

    def _client(self) -> OAuth2:
        chosen = self.registration
        return OAuth2(
            chosen.client_id,
            chosen.client_secret,
            chosen.authorization_endpoint,
            chosen.token_endpoint,
            refresh_token_endpoint=chosen.token_endpoint,
            token_endpoint_auth_method=chosen.client_authentication,
        )
