"""Real time, of which a run needs one thing: an end for client code that neither finishes nor asks for virtual time.

A thread can be made to raise, not be stopped: code that is stuck inside a C function raises when that returns.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType

PATIENCE = 5.0
"""Seconds of real time that one operation of a client may take; the slowest honest ones take a tenth of a second."""


class Overdue(BaseException):
    """An operation has taken too much real time."""


class Watch(AbstractContextManager["Watch"]):
    """Makes `Overdue` rise in a thread that stays inside the context for longer than `patience` seconds.

    One thread looks after all of them. It ends before a fork, so that a forked process never misses half of it.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._inside: dict[int, float] = {}
        self._guard = threading.Lock()
        self._leave = threading.Event()
        self._thread: threading.Thread | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.rest)

    def __enter__(self) -> Watch:
        if self._thread is None:
            self._start()
        self._inside[threading.get_ident()] = _now()
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

    def _start(self) -> None:
        with self._guard:
            if self._thread is None:
                self._leave = threading.Event()
                self._thread = threading.Thread(target=self._look, args=(self._leave,), daemon=True)
                self._thread.start()

    def _look(self, leave: threading.Event) -> None:
        while not leave.wait(self._patience / 10):
            with self._guard:
                for thread, began in tuple(self._inside.items()):
                    if _now() - began > self._patience and _debugged(thread):
                        self._inside[thread] = _now()
                    elif _now() - began > self._patience:
                        # Again at every look: a client may swallow the first.
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Overdue))


def _debugged(thread: int) -> bool:
    """Tell whether a person looks at a thread in a debugger, which may take as long as they like."""
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_globals.get("__name__") != "pdb":
        frame = frame.f_back
    return frame is not None


def _now() -> float:
    # Not time.monotonic: freezegun holds that still for clients that read the wall clock.
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e9
