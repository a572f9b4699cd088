"""Real time, for telling how long a run took; the one clock of the harness that is not virtual.

It reads `clock_gettime`, which stays true while freezegun holds every other clock still for a client under test.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime


class Stopwatch:
    """Runs from its making."""

    def __init__(self) -> None:
        self.started = time.clock_gettime_ns(time.CLOCK_REALTIME) // 1000
        self._began = time.clock_gettime_ns(time.CLOCK_MONOTONIC)

    @property
    def seconds(self) -> float:
        """Seconds since the making."""
        return (time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self._began) / 1e9


def today() -> date:
    """Return the present day in UTC."""
    return datetime.fromtimestamp(Stopwatch().started / 1_000_000, UTC).date()
