"""The wall clock of a process in which libraries run that read it themselves: freezegun's, set for every turn.

Freezing takes tens of milliseconds and replaces the clock in every module, so it is done once (clients.md, section 3).
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from freezegun import freeze_time

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.wire import SECOND, WireRequest, WireResponse
from refreshproof.scenarios.clocks.clock import Clock

REAL = ["_pytest.timing", "rich"]
"""What measures the run itself keeps real time. Freezegun looks at five callers, so nothing that calls clients may
stand here."""


class WallClock:
    """Stands still between turns; `thaw` gives the process its real time back."""

    def __init__(self) -> None:
        self._freezer: Any = None
        self._frozen: Any = None

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
                self._frozen.move_to(_moment(clock))

        def sleep(seconds: float) -> None:
            clock.sleep(seconds)
            self._frozen.move_to(_moment(clock))

        with mock.patch.object(time, "sleep", sleep):
            yield carry

    def thaw(self) -> None:
        """Give the process its real time back; the next turn freezes again."""
        if self._freezer is not None:
            self._freezer.stop()
            self._freezer = self._frozen = None

    def show(self, clock: Clock) -> None:
        """Set the wall clock to a client's time, as a caller does that joins others in their turn."""
        if self._freezer is None:
            self._freezer = freeze_time(_moment(clock), real_asyncio=True, ignore=REAL)
            self._frozen = self._freezer.start()
        else:
            self._frozen.move_to(_moment(clock))


def _moment(clock: Clock) -> datetime:
    whole, rest = divmod(clock.now(), SECOND)
    return datetime.fromtimestamp(whole, tz=UTC) + timedelta(microseconds=rest)


WALL_CLOCK = WallClock()
"""The one of this process."""

atexit.register(WALL_CLOCK.thaw)  # what reads a clock while the interpreter goes down finds freezegun half gone
