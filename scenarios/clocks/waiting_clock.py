"""What client code waits by, in virtual time: `time.sleep`, and all that waits by a condition of `threading`, which are
events, timers, queues, futures, semaphores and barriers; and the end of a thread.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest import mock

from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import VirtualClock
from refreshproof.scenarios.clocks.waits import STANDSTILL, Waits
from refreshproof.scenarios.clocks.wall_clock import holders

_LOCK = threading.Lock
_SLEEP = time.sleep
_JOIN = threading.Thread.join
_ACTIVE: list[Waits] = []


def active() -> Waits | None:
    """Return the waits of this process that are virtual ones at the moment."""
    return _ACTIVE[-1] if _ACTIVE else None


@contextmanager
def waiting(clock: VirtualClock) -> Iterator[Waits]:
    """Let whoever waits in this process wait in virtual time, which the thread that asks drives."""
    waits = Waits(clock)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(threading, "_allocate_lock", Waiter))
        stack.enter_context(mock.patch.object(threading.Thread, "join", _join))
        stack.enter_context(sleeping(sleep))
        _ACTIVE.append(waits)
        try:
            yield waits
        finally:
            waits.end()
            _ACTIVE.remove(waits)


@contextmanager
def sleeping(instead: Callable[[float], None]) -> Iterator[None]:
    """Let something be called instead of `time.sleep`, by whatever name modules hold it."""
    with ExitStack() as stack:
        for module, name in holders(_SLEEP):
            stack.enter_context(mock.patch.object(module, name, instead))
        yield


def sleep(seconds_: float) -> None:
    """Wait as `time.sleep` does, in virtual time where that is shown."""
    waits = active()
    if waits is None or not waits.follows():
        _SLEEP(seconds_)
    elif seconds_ < 0:
        raise ValueError("sleep length must be non-negative")
    elif waits.here:
        waits.advance(seconds_)
    else:
        lock = _LOCK()
        lock.acquire()
        until = waits.clock.now() + seconds(seconds_)
        waits.sleep(until, functools.partial(_acquire, waits, lock), functools.partial(_release, lock), known=True)


sleep.__module__ = "time"  # a thread whose work it is does no work of ours


class Waiter:
    """The lock that a condition of `threading` makes for each wait."""

    def __init__(self) -> None:
        self._lock = _LOCK()
        self._thread: int | None = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, or wait until it is released or for a time."""
        if self._lock.acquire(False):
            return True
        waits = active()
        if waits is None or (blocking and timeout == 0) or not waits.follows():
            return self._lock.acquire(blocking, timeout)
        if not blocking and not waits.asked_in_vain():
            return False
        until = None if blocking and timeout < 0 else waits.clock.now() + max(seconds(timeout), 1)
        if waits.here:
            return waits.drive(functools.partial(_poll, self._lock), until)
        self._thread = threading.get_ident()
        wait = functools.partial(_acquire, waits, self._lock)
        if until is not None:
            return waits.sleep(until, wait, functools.partial(_release, self._lock), known=True)
        waits.block(wait, known=True)
        return True

    def release(self) -> None:
        """Release it; whoever waits for it works from now on."""
        waits = active()
        if waits is not None:
            waits.rouse(self._thread)
        self._lock.release()

    def locked(self) -> bool:
        """Tell whether it is taken."""
        return self._lock.locked()

    __enter__ = acquire

    def __exit__(self, *error: object) -> None:
        self.release()


def _acquire(waits: Waits, lock: Any) -> None:
    while not lock.acquire(True, STANDSTILL):
        waits.stand_still()


def _release(lock: Any) -> None:
    with suppress(RuntimeError):  # it has been released at this very moment
        lock.release()


def _poll(lock: Any, seconds_: float | None) -> bool:
    return bool(lock.acquire(True, -1 if seconds_ is None else seconds_))


def _join(thread: threading.Thread, timeout: float | None = None) -> None:
    waits = active()
    if waits is None or not waits.here or thread is waits.driver or not waits.follows() or not thread.is_alive():
        _JOIN(thread, timeout)
        return

    def ended(seconds_: float | None) -> bool:
        _JOIN(thread, seconds_)
        return not thread.is_alive()

    waits.drive(ended, None if timeout is None else waits.clock.now() + seconds(max(timeout, 0)))
