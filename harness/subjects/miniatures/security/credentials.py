"""Clients that break one requirement of the security family each; the docstring says the flaw."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Surroundings

logger = logging.getLogger(__name__)


class SecretInQuery(TinyClient):
    """Sends its secret as a query parameter of the token endpoint too."""

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Append it."""
        return super().post(f"{url}?client_secret={self.registration.client_secret}", form)


class LogsBodies(TinyClient):
    """Logs the body of a failed token request."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Log, then read."""
        if response.status >= 400:
            logger.warning("The token request failed: %r", response.body)
        return super().members(response)


class LogsDescriptions(TinyClient):
    """Logs error_description as it came."""

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Log, then read."""
        logger.warning("The provider said: %s", self.document(response).get("error_description"))
        return super().members(response)


class FollowsRedirects(TinyClient):
    """Follows 307 and 308 of the token endpoint, with the body."""

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Follow one."""
        response = super().post(url, form)
        target = response.header("location")
        return super().post(target, form) if target and response.status in (307, 308) else response


class TriesAnotherRegion(TinyClient):
    """Presents its refresh token at another region's host before it does at the one it was told of."""

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Try the neighbour."""
        if form.get("grant_type") == "refresh_token":
            with suppress(Trouble):
                super().post(url.replace("https://", "https://eu-1.", 1), form)
        return super().post(url, form)


class FallsBackToHttp(TinyClient):
    """Tries http when the https connection is refused."""

    def post(self, url: str, form: Mapping[str, str]) -> WireResponse:
        """Try again in plain text."""
        try:
            return super().post(url, form)
        except Trouble as trouble:
            if trouble.kind != "refused":
                raise
            return super().post(url.replace("https://", "http://", 1), form)


class KeepsHeaderOnRedirect(TinyClient):
    """Follows redirects of the resource with the Authorization header, wherever they lead."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.plain = surroundings.carrier
        super().__init__(replace(surroundings, carrier=self.following))

    def following(self, request: WireRequest, timeout: float | None) -> WireResponse:
        """Follow one redirect of a GET."""
        response = self.plain(request, timeout)
        target = response.header("location")
        if request.method == "GET" and target and 300 <= response.status < 400:
            return self.plain(replace(request, url=target), timeout)
        return response


MINIATURES: Mapping[str, Miniature] = {
    "security-no-secret-in-url": Miniature(client=SecretInQuery),
    "security-no-secret-in-output": Miniature(client=LogsBodies),
    "security-text-sanitised": Miniature(client=LogsDescriptions, also=("security-no-secret-in-output",)),
    "security-no-token-redirects": Miniature(client=FollowsRedirects),
    "security-named-hosts-only": Miniature(client=TriesAnotherRegion),
    "security-https-only": Miniature(client=FallsBackToHttp),
    "security-token-audience": Miniature(client=KeepsHeaderOnRedirect),
}
"""Every miniature by the requirement it breaks."""
