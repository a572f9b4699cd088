"""aiohttp-oauth2-client's AuthorizationCodeGrant in its middleware as a subject, with the login of the application.

As https://github.com/VITObelgium/aiohttp-oauth2-client shows it (seen 2026-11-30): one grant and one middleware; the
grant checks expiry before a call, with a leeway of 30 seconds, behind a lock. The application saves the grant's token
after each use. Version 2.0.1 sends no client_id with a refresh; the application adds it to what the grant sends, or no
server could tell whose refresh it is.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp_oauth2_client.grant.authorization_code import AuthorizationCodeGrant
from aiohttp_oauth2_client.middleware import OAuth2Middleware
from aiohttp_oauth2_client.models.errors import AuthError

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.subjects.third_party.application_login.alike_login import AlikeLoginAdapter
from refreshproof.scenarios.steps.subject import Surroundings


class AiohttpOauth2Client(AlikeLoginAdapter):
    """A grant that all callers share; `session` is the one of this process."""

    name = "aiohttp-oauth2-client AuthorizationCodeGrant"
    distribution = "aiohttp-oauth2-client"
    refusal = Refusal(passing=(aiohttp.ClientError, TimeoutError), coded=(AuthError,))

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._grants: list[Any] = []

    async def finish(self, url: str, flow: Any) -> None:
        """Give the grant a token: the answer of the application's login."""
        self.session = self._grant(await self.outside(lambda: self.login.redeem(url)))

    async def use(self) -> int:
        """Call the resource; the grant refreshes before it if it is time."""
        middleware = OAuth2Middleware(self._current())
        async with (
            aiohttp.ClientSession(middlewares=(middleware,)) as http,
            http.get(self.surroundings.resource) as answer,
        ):
            return int(answer.status)

    async def renew(self) -> None:
        """Refresh by the grant's own method."""
        await self._current().refresh_token()

    def holds(self) -> Any:
        """Return the grant's token."""
        return self.session and self.session.token.model_dump()

    def code(self, error: Exception) -> str | None:
        """Return the code in the answer that an OAuth2Error holds."""
        code = getattr(getattr(error, "response", None), "error", None)
        return code if isinstance(code, str) else None

    def close(self) -> None:
        """Close the HTTP session of each grant."""
        while self._grants:
            self.result(self._grants.pop().close())
        super().close()

    def _current(self) -> Any:
        self.session = self.session or self._grant(self.stored or {})
        return self.session

    def _grant(self, token: dict[str, Any]) -> Any:
        chosen = self.registration
        grant = AuthorizationCodeGrant(
            chosen.token_endpoint,
            chosen.authorization_endpoint,
            chosen.client_id,
            token=dict(token),
            client_secret=chosen.client_secret,
        )
        grant.kwargs["client_id"] = chosen.client_id
        self._grants.append(grant)
        return grant
