"""The time zone that a client lives in: what its process takes local time to be while it works.

A client that keeps naive local times reads the same hour twice where summer time ends, and misses one where it begins.
"""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType

from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.clock import START

UTC = "UTC0"
CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"
"""Central European time, in the words of POSIX, which need no database of zones."""

SUMMER_TIME_BEGINS = 1_901_149_200 - START // SECOND
"""Seconds from the beginning of a world until Central Europe goes from 2:00 to 3:00: 2030-03-31 01:00 UTC."""
SUMMER_TIME_ENDS = 1_919_293_200 - START // SECOND
"""Seconds from the beginning of a world until Central Europe goes from 3:00 to 2:00: 2030-10-27 01:00 UTC."""


_IN_FORCE: list[str] = []


def is_in_force() -> bool:
    """Tell whether this process lives in a scenario's zone, and not in the machine's own."""
    return bool(_IN_FORCE)


class LocalTime:
    """Local time while it is entered, by several threads at once if need be; None leaves it as it is."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._entered = 0
        self._before: str | None = None
        self._guard = threading.Lock()

    def __enter__(self) -> LocalTime:
        """Live there."""
        with self._guard:
            self._entered += 1
            if self._name is not None and self._entered == 1:
                self._before = os.environ.get("TZ")
                _set(self._name)
                _IN_FORCE.append(self._name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._entered -= 1
            if self._name is not None and self._entered == 0:
                _IN_FORCE.remove(self._name)
                _set(self._before)


def _set(name: str | None) -> None:
    os.environ.pop("TZ", None)
    if name is not None:
        os.environ["TZ"] = name
    if hasattr(time, "tzset"):
        time.tzset()
