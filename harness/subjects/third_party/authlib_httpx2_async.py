"""Authlib's AsyncOAuth2Client on httpx2 as a subject: one client for all callers, which its refresh lock is made
for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any
from unittest import mock

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client

from refreshproof.harness.subjects.third_party.async_callers import EventLoop
from refreshproof.harness.subjects.third_party.authlib_subjects import AuthlibSubject, refusal
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.httpx_transport import carry
from refreshproof.scenarios.steps.subject import Surroundings


class AuthlibHttpxAsync(AuthlibSubject):
    """Authlib on httpx2, asynchronous; parallel callers are tasks on one event loop."""

    name = "Authlib AsyncOAuth2Client (httpx2)"
    session_type = AsyncOAuth2Client
    refusal = refusal(httpx2.HTTPError)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.loop = EventLoop(surroundings.make_lock)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code in a client of its own; the one for calls begins anew."""
        endpoint = self.registration.token_endpoint
        self.keep(self.result(self.new_session().fetch_token(endpoint, authorization_response=url, **flow)))
        self.session = None

    def result(self, returned: Any) -> Any:
        """Await what a session returned."""
        return self.loop.run(returned)

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Give the client that all callers share."""
        if self.session is None:
            self.session = self.new_session(update_token=self.update_soon)
        yield self.session

    async def update_soon(self, token: Any, **before: Any) -> None:
        """Store a new token, where Authlib awaits that."""
        self.update(token, **before)

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Have each caller's own thread carry its requests."""

        async def handle(transport: Any, request: Any) -> Any:
            body = await request.aread()
            return await self.loop.outside(partial(carry, carrier, request, body, httpx2))

        return mock.patch.object(httpx2.AsyncHTTPTransport, "handle_async_request", handle)

    def close(self) -> None:
        """Close the event loop."""
        super().close()
        self.loop.close()
