"""Good clients of unusual design: what they do is seldom done, and no check may accuse one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kit.innocents import Minimal
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.steps.subject import Outcome, SubjectFactory


class WaitsForRefusals(Minimal):
    """Goes by no lifetime: refreshes after a 401 only, and rests after a failure like the others."""

    def is_due(self) -> bool:
        """Wait to be refused."""
        return False


class RefreshesBySchedule(Minimal):
    """Notes at each answer when a job is to refresh, at three quarters of the lifetime; a caller runs what is due."""

    planned: Instant | None = None

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Plan the next run."""
        super().keep(members, sent_at)
        lifetime = self.store.lifetime
        self.planned = None if lifetime is None else sent_at + lifetime * 3 // 4

    def is_due(self) -> bool:
        """Look at the plan."""
        return self.planned is not None and self.now() >= self.planned


class BreaksTheCircuit(Minimal):
    """Sends no refresh for ten minutes after three failures in a row, and one after that to look."""

    def note_failure(self, told: Outcome) -> None:
        """Open at the third."""
        super().note_failure(told)
        if self.failures >= 3:
            self.rest_until = max(self.rest_until, self.now() + 600 * SECOND)


class AsksOnceForEachCall(Minimal):
    """Knows no unknown word: a refusal that RFC 6749 does not have is the trouble of one call, and the next one, five
    minutes later at the earliest, asks again."""

    def note_failure(self, told: Outcome) -> None:
        """Count no doubts."""
        super().note_failure(told)
        self.store.doubts = 0
        if told.error is not None:
            self.rest_until = max(self.rest_until, self.now() + 301 * SECOND)


UNUSUAL: Mapping[str, SubjectFactory] = {
    one.__name__: one for one in (WaitsForRefusals, RefreshesBySchedule, BreaksTheCircuit, AsksOnceForEachCall)
}
"""Those that no check may accuse, by name."""
