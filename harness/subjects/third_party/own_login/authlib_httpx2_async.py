"""Authlib's AsyncOAuth2Client on httpx2 as a subject: one client for all callers, which its refresh lock is made
for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client

from refreshproof.harness.subjects.third_party.own_login.authlib_subjects import AuthlibSubject, refusal


class AuthlibHttpxAsync(AuthlibSubject):
    """Authlib on httpx2, asynchronous; parallel callers are tasks on one event loop."""

    name = "Authlib AsyncOAuth2Client (httpx2)"
    session_type = AsyncOAuth2Client
    refusal = refusal(httpx2.HTTPError)

    def finish(self, url: str, flow: Any) -> None:
        """Exchange the code in a client of its own; the one for calls begins anew."""
        endpoint = self.registration.token_endpoint
        self.keep(self.result(self.new_session().fetch_token(endpoint, authorization_response=url, **flow)))
        self.session = None

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Give the client that all callers share."""
        if self.session is None:
            self.session = self.new_session(update_token=self.update_soon)
        yield self.session

    async def update_soon(self, token: Any, **before: Any) -> None:
        """Store a new token, where Authlib awaits that."""
        self.update(token, **before)
