"""Real time for a program in another process: how long an answer may take, and how far virtual time is from it."""

from __future__ import annotations

import time


class Deadline:
    """So many real seconds from now, or from the last time that it was renewed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.renew()

    def renew(self) -> None:
        """Begin anew."""
        self._end = _now() + self.seconds

    @property
    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self._end - _now())


def ahead(seconds: float) -> float:
    """Return by how many seconds a time since the epoch is ahead of the real one."""
    return seconds - time.clock_gettime_ns(time.CLOCK_REALTIME) / 1e9


def _now() -> float:
    # Not time.monotonic: freezegun holds that still for clients that read the wall clock.
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e9
