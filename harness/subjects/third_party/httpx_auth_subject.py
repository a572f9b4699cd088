"""httpx-auth's OAuth2AuthorizationCode as a subject, with the login of the application in place of its browser.

As https://colin-b.github.io/httpx_auth/ shows it (its package's description, seen 2026-11-30): an authentication on an
httpx client, with a token cache that every process loads from where it was saved. It refreshes 30 seconds before
expiry, and where that fails it opens a browser for a new login; here it says that one is needed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import httpx
from httpx_auth import GrantNotProvided, InvalidGrantRequest, OAuth2, OAuth2AuthorizationCode, TokenMemoryCache

from refreshproof.harness.adapters.library.outcomes import Refusal
from refreshproof.harness.adapters.library.subject import PATIENCE
from refreshproof.harness.subjects.third_party.alike_login import AlikeLoginAdapter
from refreshproof.mock_servers.stacks.carrier import Carrier

AT_ONCE = 10.0**9
"""Seconds before expiry at which every token is due."""


class SignInNeeded(Exception):
    """A browser would open."""


class Authentication(OAuth2AuthorizationCode):  # type: ignore[misc]
    """Opens no browser."""

    def request_new_token(self) -> tuple[Any, ...]:
        """Say that the user is needed."""
        raise SignInNeeded


class Cache(TokenMemoryCache):  # type: ignore[misc]
    """Saved where JsonTokenFileCache writes its file: whenever a token is added."""

    def __init__(self, subject: HttpxAuth) -> None:
        super().__init__()
        self._subject = subject
        self.tokens = dict((subject.stored or {}).get("tokens", {}))

    def _save_tokens(self) -> None:
        refresh_token = next((token[2] for token in self.tokens.values()), None)
        self._subject.keep({"tokens": dict(self.tokens), "refresh_token": refresh_token})


class HttpxAuth(AlikeLoginAdapter):
    """One user; the cache lives as long as the process."""

    name = "httpx-auth OAuth2AuthorizationCode"
    distribution = "httpx-auth"
    refusal = Refusal(over=(SignInNeeded,), passing=(httpx.HTTPError,), coded=(InvalidGrantRequest, GrantNotProvided))

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Set the cache, as its documentation has it."""
        if self.session is None:
            self.session = Cache(self)
        return mock.patch.object(OAuth2, "token_cache", self.session)

    def finish(self, url: str, flow: Any) -> None:
        """Put the answer of the application's login in the cache, as that of the browser's would be."""
        answer, state = self.login.redeem(url), self._authentication().state
        lifetime = answer.get("expires_in")
        besides = (lifetime, answer.get("refresh_token")) if lifetime else ()
        self.session.clear()
        self.session.get_token(state, on_missing_token=lambda: (state, answer["access_token"], *besides))

    def use(self) -> int:
        """Call the resource; the authentication refreshes before it if it is time."""
        with httpx.Client(auth=self._authentication(), timeout=PATIENCE) as http:
            return int(http.get(self.surroundings.resource).status_code)

    def renew(self) -> None:
        """Have the cache take any token as due."""
        chosen = self._authentication()
        self.session.get_token(
            chosen.state,
            early_expiry=AT_ONCE,
            on_missing_token=chosen.request_new_token,
            on_expired_token=chosen.refresh_token,
        )

    def _authentication(self) -> Any:
        chosen = self.registration
        return Authentication(
            chosen.authorization_endpoint,
            chosen.token_endpoint,
            client_id=chosen.client_id,
            client_secret=chosen.client_secret,
        )
