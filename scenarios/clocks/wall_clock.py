"""The clocks of this process that client code reads, shown a virtual time: freezegun's, set so that whoever asks is
told the same, from whatever thread and below whatever caller, and what runs the tests keeps real time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from unittest import mock

from freezegun import api, config, freeze_time

from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.clocks.clock import ClientClock, VirtualClock

MACHINERY = (
    "_hypothesis",
    "_pytest.",
    "coverage.",
    "execnet.",
    "hypothesis.",
    "multiprocessing.",
    "pluggy.",
    "pytest_benchmark.",
    "pytest_timeout",
    "refreshproof.mock_servers.serving.",
    "refreshproof.scenarios.clocks.",
    "rich.",
    "subprocess",
    "xdist.",
)
"""Modules, by how their names begin, that keep real time when they look at a clock themselves or wait: what runs and
measures the tests, and what waits for other programs."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - freezegun's times are naive UTC


def is_machinery(module: str) -> bool:
    """Tell whether a module keeps real time."""
    return module.startswith(MACHINERY)


def real_date() -> Instant:
    """Return the machine's date to the next whole second, so that nothing made before is younger."""
    return ceil(api.real_time()) * SECOND


def freezer(start: datetime, ignored: Sequence[str] = (), **options: Any) -> Any:
    """Return what freezes the wall clock, for everybody but what runs the tests and those who are `ignored`."""
    with mock.patch.object(config.settings, "default_ignore_list", []):
        return freeze_time(start, ignore=[*MACHINERY, *ignored], **options)


@contextmanager
def only_the_caller_counts() -> Iterator[None]:
    """Let freezegun look at who reads a clock, and not at whom that was called by: client code may stand anywhere."""
    with mock.patch.object(api, "call_stack_inspection_limit", 1):
        yield


class _Live:
    """A source of freezegun's that always tells what the client's clock shows."""

    def __init__(self, client: ClientClock) -> None:
        self._client = client

    def __call__(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self._client.reading)


@contextmanager
def shown(world: VirtualClock, client: ClientClock) -> Iterator[Callable[[], bool]]:
    """Show the client's time on every wall clock, and true time on those that only ever go on.

    Gives a question: is it still the time that is shown, or has somebody frozen the clock once more?
    """
    began, base = world.now(), int(api.real_monotonic())
    live = _Live(client)

    def passed() -> float:
        return base + (world.now() - began) / SECOND

    def passed_ns() -> int:
        return base * 1_000_000_000 + (world.now() - began) * 1000

    instead = _readings(passed_ns, client)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(time, "clock_gettime_ns", instead))
        stack.enter_context(mock.patch.object(time, "clock_gettime", lambda clock: instead(clock) / 1e9))
        for real, told in _writings(client).items():
            for module, name in holders(real):
                stack.enter_context(mock.patch.object(module, name, told))
        stack.enter_context(only_the_caller_counts())
        stack.enter_context(mock.patch.object(api, "_get_fake_monotonic", passed))
        stack.enter_context(mock.patch.object(api, "_get_fake_monotonic_ns", passed_ns))
        stack.enter_context(freezer(live()))
        factories: list[Any] = api.freeze_factories
        factories[-1] = live
        yield lambda: factories[-1] is live


def _readings(passed_ns: Callable[[], int], client: ClientClock) -> Callable[[int], int]:
    """Return what tells the clocks of POSIX by their numbers; those of the processor are real."""
    clocks: dict[tuple[str, ...], Callable[[], int]] = {
        ("CLOCK_REALTIME", "CLOCK_TAI"): lambda: client.reading * 1000,
        ("CLOCK_MONOTONIC", "CLOCK_MONOTONIC_RAW", "CLOCK_BOOTTIME", "CLOCK_UPTIME"): passed_ns,
    }
    shown_clocks: dict[int | None, Callable[[], int]] = {
        getattr(time, name, None): read for names, read in clocks.items() for name in names
    }

    def reading(clock: int) -> int:
        asks = str(sys._getframe(1).f_globals.get("__name__"))
        asks = str(sys._getframe(2).f_globals.get("__name__")) if asks == __name__ else asks
        real = clock not in shown_clocks or is_machinery(asks)
        return _REAL_READING(clock) if real else shown_clocks[clock]()

    return reading


def _writings(client: ClientClock) -> dict[Callable[..., str], Callable[..., str]]:
    """Return what tells the time in words, which freezegun does not know."""

    def ctime(seconds: float | None = None) -> str:
        real = seconds is not None or is_machinery(str(sys._getframe(1).f_globals.get("__name__")))
        return _CTIME(seconds if real else client.reading / SECOND)

    def asctime(moment: Any = None) -> str:
        real = moment is not None or is_machinery(str(sys._getframe(1).f_globals.get("__name__")))
        return _ASCTIME(*(() if moment is None else (moment,))) if real else _CTIME(client.reading / SECOND)

    return {_CTIME: ctime, _ASCTIME: asctime}


def holders(function: Any) -> list[tuple[Any, str]]:
    """Return the modules that hold a function, by a name of their own too."""
    return [
        (module, name)
        for key, module in list(sys.modules.items())
        if not is_machinery(key) and hasattr(module, "__dict__")
        for name, value in list(vars(module).items())
        if value is function
    ]


def real_sleep() -> Callable[[float], None]:
    """Return the machine's own `time.sleep`."""
    return _SLEEP


_SLEEP = time.sleep
_CTIME, _ASCTIME = time.ctime, time.asctime
_REAL_READING: Callable[[int], int] = getattr(time, "clock_gettime_ns", lambda clock: 0)
