"""Time: the clock protocol, its units, and the one implementation that reads the machine's clock."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000_000
"""One second in microseconds, the unit of every instant and span in the engine."""

DAY = 86_400 * SECOND
"""One day in microseconds."""


class Clock(Protocol):
    """Where the engine gets its time: instants are microseconds since the Unix epoch."""

    def now(self) -> int:
        """Return the current instant in microseconds."""

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds of this clock."""


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> int:
        """Return the wall clock in microseconds."""
        return time.time_ns() // 1_000

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        time.sleep(seconds)
