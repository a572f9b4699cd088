"""Good clients of unusual design: what they do is seldom done, and no check may accuse one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kit.innocents import Failed, Minimal, Store
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.steps.subject import Outcome, SubjectFactory, Surroundings


class WaitsForRefusals(Minimal):
    """Goes by no lifetime: refreshes after a 401 only, and rests after a failure like the others."""

    def is_due(self) -> bool:
        """Wait to be refused."""
        return False


class EagerAtHalf(Minimal):
    """Refreshes as soon as half of a lifetime is over."""

    def is_due(self) -> bool:
        """Compare with the middle."""
        store = self.store
        return store.ends_at is not None and self.now() >= store.ends_at - (store.lifetime or 0) // 2


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


class Text:
    """A store that is one JSON text, parsed before each look and written whole after each change."""

    def __init__(self) -> None:
        self.__dict__["text"] = json.dumps(asdict(Store()))

    def __getattr__(self, name: str) -> Any:
        return json.loads(self.text)[name]

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__["text"] = json.dumps(json.loads(self.text) | {name: value})


class ReadsTextEachTime(Minimal):
    """Keeps nothing in memory that it could read from its store."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.store: Any = Text()


class BreaksTheCircuit(Minimal):
    """Sends no refresh for ten minutes after three failures in a row, and one after that to look."""

    def note_failure(self, told: Outcome) -> None:
        """Open at the third."""
        super().note_failure(told)
        if self.failures >= 3:
            self.rest_until = max(self.rest_until, self.now() + 600 * SECOND)


class PausesAtRandom(Minimal):
    """Draws each pause from the upper half of what it would be."""

    def note_failure(self, told: Outcome) -> None:
        """Wait a little longer."""
        super().note_failure(told)
        self.rest_until += self.random.randrange(60) * SECOND


class KeepsTwoGenerations(Minimal):
    """Keeps the pair before the newest as well, to look at; it presents the newest only."""

    before: tuple[str, str] = ("", "")

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Remember what is replaced."""
        self.before = (self.store.access_token, self.store.refresh_token)
        super().keep(members, sent_at)


class AsksOnceForEachCall(Minimal):
    """Knows no unknown word: a refusal that RFC 6749 does not have is the trouble of one call, and the next one, five
    minutes later at the earliest, asks again."""

    def note_failure(self, told: Outcome) -> None:
        """Count no doubts."""
        super().note_failure(told)
        self.store.doubts = 0
        if told.error is not None:
            self.rest_until = max(self.rest_until, self.now() + 301 * SECOND)


class TellsWhatItWaitsFor(Minimal):
    """Has a caller wait no longer than for the answer under way: whoever comes while it rests is told so at once."""

    def ask(self) -> None:
        """Say how long."""
        if self.is_resting():
            raise Failed("transient_error", 503, "temporarily_unavailable")
        super().ask()


UNUSUAL: Mapping[str, SubjectFactory] = {
    one.__name__: one
    for one in (
        WaitsForRefusals, EagerAtHalf, RefreshesBySchedule, ReadsTextEachTime, BreaksTheCircuit, PausesAtRandom,
        KeepsTwoGenerations, AsksOnceForEachCall, TellsWhatItWaitsFor,
    )
}  # fmt: skip
"""Those that no check may accuse, by name."""
