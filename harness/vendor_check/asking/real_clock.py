"""Real time for checks of real servers: the date at the start, and a clock that only goes on from there."""

from __future__ import annotations

import time

from refreshproof.mock_servers.wire import SECOND, Instant

_BEGAN = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def now() -> Instant:
    """Return the time in microseconds since the Unix epoch."""
    return (_BEGAN + time.clock_gettime_ns(time.CLOCK_MONOTONIC)) // 1000


def sleep_until(instant: Instant) -> None:
    """Sleep until an instant, or not at all where it is past."""
    left = instant - now()
    if left > 0:
        time.sleep(left / SECOND)
