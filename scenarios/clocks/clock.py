"""Virtual time: the world's clock with events that fall due, and a client's clock that may be wrong.

Instants are integer microseconds; nothing here reads a real clock or waits.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

from refreshproof.mock_servers.wire import DAY, SECOND, Instant, seconds

START: Instant = 1_900_000_000 * SECOND
"""Where every world begins: 2030-03-17 17:46:40 UTC, so that no real token is ever in force there."""

LONGEST_WAIT: Instant = 36_500 * DAY


class Clock(Protocol):
    """What a client under test reads time from and sleeps on."""

    def now(self) -> Instant:
        """Return microseconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


class VirtualClock:
    """The world's true time; moving it runs what falls due, in order."""

    def __init__(self, start: Instant = START) -> None:
        self._now = start
        self._due: list[tuple[Instant, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._called_off: set[int] = set()

    def now(self) -> Instant:
        """Return true time."""
        return self._now

    def at(self, instant: Instant, action: Callable[[], None]) -> int:
        """Run an action when time reaches an instant, at once if it has passed; returns its number."""
        number = next(self._numbers)
        if instant <= self._now:
            action()
        else:
            heapq.heappush(self._due, (instant, number, action))
        return number

    def call_off(self, number: int) -> None:
        """Do not run an action."""
        self._called_off.add(number)

    @property
    def next_due(self) -> Instant | None:
        """When the next action falls due, None if none does."""
        while self._due and self._due[0][1] in self._called_off:
            self._called_off.discard(heapq.heappop(self._due)[1])
        return self._due[0][0] if self._due else None

    def advance_to(self, instant: Instant) -> None:
        """Move to an instant; moving back is refused, and so is waiting longer than a century."""
        if instant - self._now > LONGEST_WAIT:
            raise ValueError("a wait of more than a hundred years: the client would wait for ever")
        while self._due and (first := self.next_due) is not None and first <= instant:
            due, _, action = heapq.heappop(self._due)
            self._now = max(self._now, due)
            action()
        self._now = max(self._now, instant)

    def advance(self, seconds_: float) -> None:
        """Let so many seconds pass."""
        self.advance_to(self._now + seconds(seconds_))

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass, as a sleeping caller does."""
        self.advance(max(seconds, 0.0))


class ClientClock:
    """A client's clock: world time plus an offset in seconds, plus drift in parts per million since it was set.

    `touch` is called before every look that the client takes.
    """

    def __init__(
        self,
        world: VirtualClock,
        wait_until: Callable[[Instant], None] | None = None,
        touch: Callable[[], None] = lambda: None,
    ) -> None:
        self._world = world
        self._wait_until = wait_until or world.advance_to
        self._touch = touch
        self._offset: Instant = 0
        self._drift = 0.0
        self._drifting_since = world.now()

    def now(self) -> Instant:
        """Return what the client believes the time to be: a look of the client's."""
        self._touch()
        return self.reading

    @property
    def reading(self) -> Instant:
        """What the clock shows; nobody looks."""
        true = self._world.now()
        return true + self._offset + round((true - self._drifting_since) * self._drift / 1_000_000)

    def sleep(self, seconds_: float) -> None:
        """Let so many seconds pass; the difference that drift makes to a wait is ignored."""
        self._wait_until(self._world.now() + seconds(max(seconds_, 0.0)))

    @property
    def error(self) -> float:
        """How far the clock is ahead of true time, in seconds."""
        return (self.reading - self._world.now()) / SECOND

    def set_offset(self, seconds_: float) -> None:
        """Set how far the clock is ahead of true time, now."""
        self._offset, self._drifting_since = seconds(seconds_), self._world.now()

    def step(self, seconds_: float) -> None:
        """Move the clock by so many seconds, as a time service does."""
        self.set_offset(self.error + seconds_)

    def set_drift(self, parts_per_million: float) -> None:
        """Let the clock run fast (positive) or slow from now on."""
        self.set_offset(self.error)
        self._drift = parts_per_million
