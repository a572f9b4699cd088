"""What httpx-auth and requests-auth have in common: an authentication that opens a browser, on one cache of tokens.

In place of the browser the application logs in; where a browser would open, the subject says that the user is needed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, ClassVar
from unittest import mock

from refreshproof.harness.subjects.third_party.application_login.alike_login import AlikeLoginAdapter
from refreshproof.mock_servers.stacks.carrier import Carrier

AT_ONCE = 10.0**9
"""Seconds before expiry at which every token is due."""


class SignInNeeded(Exception):
    """A browser would open."""


class WithoutBrowser:
    """An authentication that opens no browser."""

    def request_new_token(self) -> tuple[Any, ...]:
        """Say that the user is needed."""
        raise SignInNeeded


class Saved:
    """A cache that is saved where the library's JsonTokenFileCache writes its file: whenever a token is added."""

    tokens: dict[str, Any]

    def __init__(self, subject: TokenCacheAdapter) -> None:
        super().__init__()
        self._subject = subject
        self.tokens = dict((subject.stored or {}).get("tokens", {}))

    def _save_tokens(self) -> None:
        refresh_token = next((token[2] for token in self.tokens.values()), None)
        self._subject.keep({"tokens": dict(self.tokens), "refresh_token": refresh_token})


class TokenCacheAdapter(AlikeLoginAdapter):
    """One user; the cache lives as long as the process. `holder` is the library's class that has the cache, `cache`
    and `authentication` are its own with `Saved` and `WithoutBrowser` before them."""

    holder: ClassVar[Any]
    cache: ClassVar[Any]
    authentication: ClassVar[Any]

    def plug(self, carrier: Carrier) -> AbstractContextManager[Any]:
        """Set the cache, as the library's documentation has it."""
        if self.session is None:
            self.session = self.cache(self)
        return mock.patch.object(self.holder, "token_cache", self.session)

    def finish(self, url: str, flow: Any) -> None:
        """Put the answer of the application's login in the cache, as that of the browser's would be."""
        answer, state = self.login.redeem(url), self.authenticated().state
        lifetime = answer.get("expires_in")
        besides = (lifetime, answer.get("refresh_token")) if lifetime else ()
        self.session.clear()
        self.session.get_token(state, on_missing_token=lambda: (state, answer["access_token"], *besides))

    def renew(self) -> None:
        """Have the cache take any token as due."""
        chosen = self.authenticated()
        self.session.get_token(
            chosen.state,
            early_expiry=AT_ONCE,
            on_missing_token=chosen.request_new_token,
            on_expired_token=chosen.refresh_token,
        )

    def authenticated(self) -> Any:
        """Return the authentication that goes with a request."""
        chosen = self.registration
        return self.authentication(
            chosen.authorization_endpoint,
            chosen.token_endpoint,
            client_id=chosen.client_id,
            client_secret=chosen.client_secret,
        )
