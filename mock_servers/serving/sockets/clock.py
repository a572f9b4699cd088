"""The server's clock: real time that the control API may shift, or virtual time that only the control API moves.

The one module of the server that reads a clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeAlias

from refreshproof.mock_servers.wire import DAY, SECOND, Instant, seconds

TimeMode: TypeAlias = Literal["real", "virtual"]

VIRTUAL_START: Instant = int(time.time()) * SECOND
"""Where virtual time begins: the machine's date, so that what was made in real time is as old as it looks."""

LATEST: Instant = VIRTUAL_START + 36_500 * DAY
"""Where time ends: a clock beyond a hundred years is a mistake, and certificates and dates stay printable."""


class ServerClock(Protocol):
    """What the server tells time by."""

    mode: TimeMode

    def now(self) -> Instant:
        """Return microseconds since the epoch."""

    def advance(self, seconds_: float) -> None:
        """Move the clock on; raises ValueError for a step back or past `LATEST`."""

    def return_to(self, instant: Instant) -> None:
        """Go back to an earlier time, where time can."""

    def begin_anew(self) -> None:
        """Show the time that it would show if it had never been moved on."""

    def wait(self, seconds_: float) -> float:
        """Let server time pass; return how many real seconds the caller has yet to wait for it."""


class RealClock:
    """The machine's time, or time that goes on from `begins`, moved on by what `advance` has added up to."""

    mode: TimeMode = "real"

    def __init__(self, begins: Instant | None = None) -> None:
        self._first: Instant = 0 if begins is None else begins - time.time_ns() // 1000
        self._ahead = self._first

    def now(self) -> Instant:
        """Return microseconds since the epoch."""
        return time.time_ns() // 1000 + self._ahead

    def advance(self, seconds_: float) -> None:
        """Move the clock on; raises ValueError for a step back or past `LATEST`."""
        self._ahead += _step(self.now(), seconds_)

    def return_to(self, instant: Instant) -> None:
        """Go on: real time does not go back."""

    def begin_anew(self) -> None:
        """Show the time that it would show if it had never been moved on."""
        self._ahead = self._first

    def wait(self, seconds_: float) -> float:
        """Return the wait: real time passes by itself."""
        return seconds_


class VirtualClock:
    """Time that stands still until it is moved; a wait moves it at once, so that nothing ever sleeps."""

    mode: TimeMode = "virtual"

    def __init__(self, begins: Instant | None = None) -> None:
        self._first = self._now = VIRTUAL_START if begins is None else begins

    def now(self) -> Instant:
        """Return microseconds since the epoch."""
        return self._now

    def advance(self, seconds_: float) -> None:
        """Move the clock on; raises ValueError for a step back or past `LATEST`."""
        self._now += _step(self._now, seconds_)

    def return_to(self, instant: Instant) -> None:
        """Show an earlier time."""
        self._now = instant

    def begin_anew(self) -> None:
        """Show where time began."""
        self._now = self._first

    def wait(self, seconds_: float) -> float:
        """Move the clock on by the wait; nothing is left to wait for."""
        self.advance(min(seconds_, (LATEST - self._now) / SECOND))
        return 0.0


def _step(now: Instant, seconds_: float) -> Instant:
    if seconds_ < 0:
        raise ValueError(f"seconds is {seconds_:g}; time does not go back, reset every provider instead")
    step = seconds(min(seconds_, LATEST / SECOND))
    if now + step > LATEST:
        raise ValueError(f"seconds is {seconds_:g}; the clock ends {(LATEST - now) // SECOND} s from now")
    return step


stopwatch: Callable[[], float] = time.monotonic
"""Gives real seconds that only ever go on, for timers."""

CLOCKS: Mapping[TimeMode, type[RealClock] | type[VirtualClock]] = {"real": RealClock, "virtual": VirtualClock}
"""The clocks by the value of `--time`."""
