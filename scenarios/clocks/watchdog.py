"""Real time, of which a run needs one thing: an end for client code that neither finishes nor asks for virtual time.

A thread can be made to raise, not be stopped. What blocks in the main thread is woken by a signal; what is stuck inside
a C function of another thread raises when that returns, and whoever waits for the thread has to turn away.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType, TracebackType

from refreshproof.scenarios.clocks.ending import Ending
from refreshproof.scenarios.clocks.threads_stopwatch import has_children, is_within, real_time

PATIENCE = 5.0
"""Seconds of processor time that one operation of a client may take, and of real time for which it may stand still; the
slowest honest ones take a tenth of a second."""
LONGEST = 12
"""How many times that an operation may take in real time, on a machine that has other things to do."""

_WAKE = getattr(signal, "SIGURG", None)
"""Wakes the main thread: ignored by default, so that one that comes too late does no harm."""


class Overdue(Ending):
    """An operation has taken too much time that is not virtual."""


class Unended(Overdue):
    """An operation has not come to an end for `LONGEST` times the patience, though it did not work so long itself: it
    waits for threads or programs that live, or on a machine that has other things to do."""


class Stuck(Overdue):
    """An operation waits for what never comes: nothing in it has moved for too long."""


class _Guarded:
    """A thread inside the watch, from the first look on: what it had done by then, and when it was last seen to move
    (seconds). Most operations are over before anybody looks, and to read clocks takes as long as a small one."""

    __slots__ = ("began", "moved", "native", "patience", "seen", "thread", "worked")

    began: float
    moved: float
    seen: tuple[float, int]
    worked: float

    def __init__(self, patience: float) -> None:
        self.thread, self.native = threading.get_ident(), threading.get_native_id()
        self.patience = patience

    def look(self) -> type[Overdue] | None:
        """Return what the thread has to be told by now, if anything."""
        if not hasattr(self, "began"):
            self.again()
            return None
        now, worked = real_time(), _worked(self.thread)
        seen = worked, _turns[0]
        if (
            seen != self.seen
            or _state(str(self.native)) != "S"
            or not others_rest(self.native)
            or has_children() is not False
        ):
            self.seen, self.moved = seen, now
        if worked - self.worked > self.patience:
            return Overdue
        if now - self.began > LONGEST * self.patience:
            return Unended
        return Stuck if now - self.moved > self.patience else None

    def again(self) -> None:
        """Give the thread its whole time once more."""
        self.began = self.moved = real_time()
        self.worked = _worked(self.thread)
        self.seen = self.worked, _turns[0]


class Watch(AbstractContextManager["Watch"]):
    """Makes `Overdue` rise in a thread that works inside the context for longer than `patience` seconds, or stays
    there twelve times as long, and `Stuck` in one in which nothing moves for that long.

    One thread looks after all of them. It ends before a fork, so that a forked process never misses half of it, and
    knows nothing there of threads that it has not.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._inside: dict[int, _Guarded] = {}
        self._guard = threading.Lock()
        self._leave = threading.Event()
        self._thread: threading.Thread | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.rest, after_in_child=self._inside.clear)

    def __enter__(self) -> Watch:
        if self._thread is None:
            self._start()
        _listen()
        guarded = _Guarded(self.patience)
        self._inside[guarded.thread] = guarded
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            _told.pop(threading.get_ident(), None)
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
        _looking.add(threading.get_native_id())
        try:
            self._look_until(leave)
        finally:
            _looking.discard(threading.get_native_id())

    def _look_until(self, leave: threading.Event) -> None:
        while not leave.wait(self.patience / 10):
            with self._guard:
                for guarded in tuple(self._inside.values()):
                    met = guarded.look()
                    if met is not None and _debugged(guarded.thread):
                        guarded.again()
                    elif met is not None:
                        # Again at every look: a client may swallow the first.
                        _tell(guarded.thread, met)


_looking: set[int] = set()
"""The threads that watch, by their native ids: whatever they do brings nothing about."""
_elsewhere: set[object] = set()
"""What waits for other processes at the moment."""
_turns = [0]
"""How often one of several callers was let go on: while the others have their turns, one that waits for its own is not
stuck."""
_told: dict[int, type[Overdue]] = {}
"""What the main thread is to raise when the signal reaches it."""


def _tell(thread: int, what: type[Overdue]) -> None:
    """Make a thread raise."""
    if _WAKE is not None and thread == threading.main_thread().ident and signal.getsignal(_WAKE) is _woken:
        _told[thread] = what
        signal.pthread_kill(thread, _WAKE)
    else:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(what))


def _woken(number: int, frame: FrameType | None) -> None:
    what = _told.pop(threading.get_ident(), None)
    if what is not None:
        raise what


def _listen() -> None:
    """Hear the signal in the main thread, unless somebody else does."""
    if _WAKE is None or threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(_WAKE) in (signal.SIG_DFL, signal.SIG_IGN):
        signal.signal(_WAKE, _woken)


def watching() -> frozenset[int]:
    """Return the threads that watch, by their native ids."""
    return frozenset(_looking)


def took_turn() -> None:
    """Tell that one of several callers goes on."""
    _turns[0] += 1


@contextmanager
def working_elsewhere() -> Iterator[None]:
    """Tell for the length of a block that a thread, which seems to rest, waits for another process to do its work."""
    token = object()
    _elsewhere.add(token)
    try:
        yield
    finally:
        _elsewhere.discard(token)


def others_rest(*besides: int) -> bool:
    """Tell whether no thread of this process, besides the one that asks and some by their native ids, wants the
    processor or a disk, nor waits for another process that works for it; where that cannot be told they seem to
    rest."""
    if _elsewhere:
        return False
    own = {threading.get_native_id(), *besides, *_looking}
    try:
        threads = set(os.listdir("/proc/self/task")) - set(map(str, own))
    except OSError:
        return True
    return not any(_state(thread) in "RD" for thread in threads)


def nobody_works() -> bool:
    """Tell whether neither another thread of this process nor a program that it began can bring anything about; where
    that cannot be told somebody seems to."""
    return os.path.isdir("/proc/self/task") and others_rest() and has_children() is False


def _state(thread: str) -> str:
    """Return the state of a thread by proc(5); one that has ended sleeps."""
    try:
        with open(f"/proc/self/task/{thread}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "S"


def _debugged(thread: int) -> bool:
    """Tell whether a person looks at a thread in a debugger, which may take as long as they like."""
    return is_within(sys._current_frames().get(thread), "pdb")


def _worked(thread: int) -> float:
    """Return the seconds of processor time that a thread has used; where that cannot be told, real time."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return real_time()
    return time.clock_gettime_ns(time.pthread_getcpuclockid(thread)) / 1e9
