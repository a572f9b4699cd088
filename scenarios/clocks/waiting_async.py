"""Waits of asyncio's event loops in virtual time: timers wake when the clock reaches them, whichever thread the loop is
in, and also while the loop is in the middle of a task that moves the clock.

A loop that is not asyncio's own, uvloop among them, keeps real time.
"""

from __future__ import annotations

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.clocks.waiting_clock import active
from refreshproof.scenarios.clocks.waits import ClockError, Waits

MICROSECOND = 1e-6
MOST_TURNS = 10_000
"""Turns of a loop at one moment; a loop that is never idle is left to itself."""

_RUN_ONCE: Any = BaseEventLoop._run_once  # type: ignore[attr-defined]


@contextmanager
def loops_waiting() -> Iterator[None]:
    """Let the event loops of this process wait in virtual time."""
    with mock.patch.object(BaseEventLoop, "_run_once", _run_once):
        yield


def advance(waits: Waits, seconds: float) -> None:
    """Let so many seconds pass; the tasks of a loop that the thread is in the middle of wake too."""
    loop: Any = asyncio._get_running_loop()
    if not isinstance(loop, BaseEventLoop):
        waits.advance(seconds)
        return
    with _aside(loop):
        waits.advance(seconds, lambda: _turn(waits, loop), lambda: _due(waits, loop))


def _run_once(loop: Any) -> None:
    """Turn a loop once, as asyncio does; what it would wait for, it waits for in virtual time."""
    waits = active()
    if waits is not None and not loop._ready and not loop._stopping and waits.follows():
        _wait(waits, loop)
    _RUN_ONCE(loop)


def _wait(waits: Waits, loop: Any) -> None:
    loop._clock_resolution = MICROSECOND  # of virtual time
    until = _due(waits, loop)

    def poll(seconds: float | None) -> bool:
        loop._process_events(loop._selector.select(seconds))
        return bool(loop._ready)

    if waits.here:
        waits.drive(poll, until)
    elif until is not None:
        waits.sleep(until, lambda: poll(None), loop._write_to_self, known=False)


def _due(waits: Waits, loop: Any) -> Instant | None:
    """Return when the next timer of a loop falls due, None if there is none."""
    first = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=None)
    return None if first is None else waits.clock.now() + max(round((first - loop.time()) * SECOND), 0)


def _turn(waits: Waits, loop: Any) -> None:
    """Turn a loop until it is idle, its tasks and the threads that they wait for alike."""
    for _ in range(MOST_TURNS):
        loop.call_soon(_nothing)  # so that it does not wait
        _RUN_ONCE(loop)
        due = _due(waits, loop)
        if loop._ready or (due is not None and due <= waits.clock.now()):
            continue
        waits.settle()
        loop._process_events(loop._selector.select(0))
        if not loop._ready:
            return
    raise ClockError(
        f"an event loop did not come to rest in {MOST_TURNS:,} turns: a task of it waits for no time at all"
    )


@contextmanager
def _aside(loop: Any) -> Iterator[None]:
    """Step out of the task that a loop is in, and leave it as many callbacks as it counts on."""
    task, waiting = asyncio.current_task(loop), len(loop._ready)
    loop._clock_resolution = MICROSECOND
    if task is not None:
        asyncio._leave_task(loop, task)
    try:
        yield
    finally:
        if task is not None:
            asyncio._enter_task(loop, task)
        while len(loop._ready) < waiting:
            loop.call_soon(_nothing)


def _nothing() -> None:
    """Is a callback."""
