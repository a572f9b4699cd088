"""The login of an application, for libraries that leave it to the application: state, PKCE, iss and errors are checked,
the code is redeemed once, with the client authentication that is registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.steps.subject import OK, Outcome, Surroundings


class LoginRefused(Exception):
    """A login that did not succeed; `outcome` is what the user of the application is told."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error or outcome.detail or outcome.kind)
        self.outcome = outcome


class ApplicationLogin:
    """Logins of one application, each of which ends in `redeem` or in `code_of`. What it sends is on behalf of the
    client under test."""

    def __init__(self, surroundings: Surroundings) -> None:
        carry = surroundings.carrier
        self._client = _Client(
            replace(surroundings, carrier=lambda request, timeout: carry(replace(request, on_behalf=True), timeout))
        )

    def begin(self) -> str:
        """Begin a login; returns the authorization URL."""
        return self._client.authorize()

    def redeem(self, url: str) -> dict[str, Any]:
        """Take the redirect and exchange its code; returns the members of the token answer, raises LoginRefused."""
        self._client.redeems = True
        self._take(url)
        return dict(self._client.answer)

    def code_of(self, url: str) -> tuple[str, str | None]:
        """Take the redirect; returns its code, and the PKCE verifier where there is one, raises LoginRefused."""
        self._client.redeems = False
        self._take(url)
        return self._client.redirected

    def _take(self, url: str) -> None:
        outcome = self._client.callback(url)
        if outcome.kind != "ok":
            raise LoginRefused(outcome)


class _Client(TinyClient):
    """The small client, whose good habits in a login are an application's too."""

    redeems = True
    redirected: tuple[str, str | None] = ("", None)
    answer: Mapping[str, Any] = {}

    def exchange(self, code: str, flow: Flow) -> Outcome:
        """Redeem a code, unless a library wants to do that itself."""
        self.redirected = (code, flow.verifier if self.registration.pkce else None)
        return super().exchange(code, flow) if self.redeems else OK

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Remember an answer whole."""
        self.answer = members
        return super().merged(old, members, sent_at)
