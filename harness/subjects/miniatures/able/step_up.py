"""A correct client that asks for the scopes which a resource names as missing, on which miniatures of that build."""

from __future__ import annotations

import re
from typing import ClassVar

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.steps.subject import Capability, Outcome

_SCOPE = re.compile(r'\bscope="([^"]*)"')
ATTEMPTS = 2
"""Logins for the same scopes, after which it is not asked for again."""


class StepsUp(TinyClient):
    """Asks for what it has asked for before and for what a refusal named, twice at most."""

    extra_capabilities: ClassVar[frozenset[Capability]] = TinyClient.extra_capabilities | {"steps_up"}
    wanted: tuple[str, ...] = ()
    step_ups = 0

    def scopes(self) -> tuple[str, ...]:
        """Add what was found missing."""
        return tuple(dict.fromkeys((*super().scopes(), *self.wanted)))

    def authorize(self) -> str:
        """Count logins for what was found missing."""
        self.step_ups += bool(self.wanted)
        return super().authorize()

    def outcome_of(self, response: WireResponse) -> Outcome:
        """Say that the user is needed for a scope, unless logins have not brought it."""
        outcome, missing = super().outcome_of(response), self.missing(response)
        if not missing:
            return outcome
        if not set(missing) <= set(self.wanted):
            self.wanted, self.step_ups = self.united(missing), 0
        if self.given_up():
            return Outcome(kind="permanent_error", status=403, detail=f"The scope {missing[0]} cannot be had.")
        return Outcome(kind="reauthorization_required", status=403, detail=f"The scope {missing[0]} is missing.")

    def missing(self, response: WireResponse) -> tuple[str, ...]:
        """Return the scopes that a refusal names (RFC 6750 s3.1)."""
        challenge = response.header("www-authenticate") or ""
        found = _SCOPE.search(challenge) if response.status == 403 and "insufficient_scope" in challenge else None
        return tuple(found.group(1).split()) if found else ()

    def united(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Return what to ask for besides the configured scopes."""
        return tuple(dict.fromkeys((*self.wanted, *missing)))

    def given_up(self) -> bool:
        """Tell whether there have been logins enough."""
        return self.step_ups >= ATTEMPTS
