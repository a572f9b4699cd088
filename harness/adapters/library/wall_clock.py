"""The wall clock of a process in which libraries run that read it themselves: freezegun's, set for every turn.

Freezing takes tens of milliseconds and replaces the clock in every module, so it is done once (clients.md, section 3).
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from refreshproof.harness.adapters.library.local_clock import keeping_local_time
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.clocks.clock import Clock
from refreshproof.scenarios.clocks.escaped_clock import followed
from refreshproof.scenarios.clocks.waiting_clock import sleeping
from refreshproof.scenarios.clocks.wall_clock import freezer, only_the_caller_counts, real_sleep

WAITING = ("asyncio.", "concurrent.futures.", "queue", "selectors", "threading")
"""What measures the waits of threads and event loops keeps real time, in which they wait."""


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - freezegun's times are naive UTC


class WallClock:
    """Stands still between turns; `thaw` gives the process its real time back."""

    def __init__(self) -> None:
        self._frozen: Any = None
        self._thaw = ExitStack()
        self._clock: Clock | None = None
        self._turns = 0

    @contextmanager
    def turn(self, clock: Clock, carrier: Carrier) -> Iterator[Carrier]:
        """Show a client's time for the length of a block; gives the carrier that keeps the wall clock with it.

        `time.sleep` lets virtual time pass.
        """
        self.show(clock)

        def carry(request: WireRequest, timeout: float | None) -> WireResponse:
            try:
                return carrier(request, timeout)
            finally:
                self._frozen.time_to_freeze = _moment(clock)

        self._turns += 1
        try:
            yield carry
        finally:
            self._turns -= 1

    def now(self) -> float:
        """Return the time that is shown, in seconds since the epoch; nobody looks."""
        shown: datetime = self._frozen()
        return (shown - _EPOCH) / timedelta(seconds=1)

    def sleep(self, seconds: float) -> None:
        """Wait in the time that is shown; between turns as ever."""
        clock = self._clock
        if clock is None or not self._turns:
            real_sleep()(seconds)
        else:
            clock.sleep(seconds)
            self._frozen.time_to_freeze = _moment(clock)

    def thaw(self) -> None:
        """Give the process its real time back; the next turn freezes again."""
        self._thaw.close()
        self._frozen = self._clock = None

    def show(self, clock: Clock) -> None:
        """Set the wall clock to a client's time, as a caller does that joins others in their turn."""
        self._clock = clock
        if self._frozen is None:
            blocks = (only_the_caller_counts(), keeping_local_time(), sleeping(self.sleep), followed(self.sleep))
            for block in blocks:
                self._thaw.enter_context(block)
            self._frozen = self._thaw.enter_context(freezer(_moment(clock), WAITING, real_asyncio=True))
        else:
            self._frozen.time_to_freeze = _moment(clock)


def _moment(clock: Clock) -> datetime:
    """Return what a client's clock shows, as freezegun keeps it: `move_to` comes to the same by a longer way."""
    return _EPOCH + timedelta(microseconds=clock.now())


WALL_CLOCK = WallClock()
"""The one of this process."""

atexit.register(WALL_CLOCK.thaw)  # what reads a clock while the interpreter goes down finds freezegun half gone
