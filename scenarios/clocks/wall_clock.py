"""Real time, of which a run needs one thing: an end for client code that neither finishes nor asks for virtual time.

A thread can be made to raise, not be stopped: code that is stuck inside a C function raises when that returns.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

PATIENCE = 5.0
"""Seconds of processor time that one operation of a client may take; the slowest honest ones take a tenth of a
second."""
LONGEST = 12
"""How many times that an operation may take in real time, on a machine that has other things to do."""


class Overdue(BaseException):
    """An operation has taken too much time that is not virtual."""


class Watch(AbstractContextManager["Watch"]):
    """Makes `Overdue` rise in a thread that works inside the context for longer than `patience` seconds, or stays
    there twelve times as long.

    One thread looks after all of them. It ends before a fork, so that a forked process never misses half of it, and
    knows nothing there of threads that it has not.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._inside: dict[int, Callable[[], bool]] = {}
        self._guard = threading.Lock()
        self._leave = threading.Event()
        self._thread: threading.Thread | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.rest, after_in_child=self._inside.clear)

    def __enter__(self) -> Watch:
        if self._thread is None:
            self._start()
        self._inside[threading.get_ident()] = self._limit(threading.get_ident())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._inside.pop(threading.get_ident(), None)

    def rest(self) -> None:
        """End the thread; the next operation starts another."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._leave.set()
            thread.join()

    def _limit(self, thread: int) -> Callable[[], bool]:
        """Return whether a thread has had its time from now on."""
        began, worked = _now(), _worked(thread)

        def is_over() -> bool:
            return _worked(thread) - worked > self._patience or _now() - began > LONGEST * self._patience

        return is_over

    def _start(self) -> None:
        with self._guard:
            if self._thread is None:
                self._leave = threading.Event()
                self._thread = threading.Thread(target=self._look, args=(self._leave,), daemon=True)
                self._thread.start()

    def _look(self, leave: threading.Event) -> None:
        while not leave.wait(self._patience / 10):
            with self._guard:
                for thread, is_over in tuple(self._inside.items()):
                    if is_over() and _debugged(thread):
                        self._inside[thread] = self._limit(thread)
                    elif is_over():
                        # Again at every look: a client may swallow the first.
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Overdue))


def others_rest() -> bool:
    """Tell whether no other thread of this process wants the processor or a disk; where that cannot be told they seem
    to."""
    try:
        threads = set(os.listdir("/proc/self/task")) - {str(threading.get_native_id())}
    except OSError:
        return True
    return not any(_state(thread) in "RD" for thread in threads)


def _state(thread: str) -> str:
    """Return the state of a thread by proc(5); one that has ended sleeps."""
    try:
        with open(f"/proc/self/task/{thread}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "S"


def _debugged(thread: int) -> bool:
    """Tell whether a person looks at a thread in a debugger, which may take as long as they like."""
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_globals.get("__name__") != "pdb":
        frame = frame.f_back
    return frame is not None


def _worked(thread: int) -> float:
    """Return the seconds of processor time that a thread has used; where that cannot be told, real time."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return _now()
    return time.clock_gettime_ns(time.pthread_getcpuclockid(thread)) / 1e9


def _now() -> float:
    # Not time.monotonic: freezegun holds that still for clients that read the wall clock.
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e9
