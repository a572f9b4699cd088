"""Who waits for a time in this process, who drives the clock, and when everybody is at rest.

A wait ends when the clock reaches its time; the clock goes on when whoever woke has come to rest. One thread drives,
that of the test: while it waits nobody else moves the clock, so it moves by itself, from one moment at which somebody
wakes to the next. Knows none of the functions by which client code waits.
"""

from __future__ import annotations

import functools
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeAlias
from unittest import mock
from weakref import WeakSet

from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.clocks.clock import VirtualClock
from refreshproof.scenarios.clocks.threads_stopwatch import has_children, is_within, look, nap, real_time
from refreshproof.scenarios.clocks.wall_clock import is_machinery

Poll: TypeAlias = Callable[["float | None"], bool]
"""Waits for so many real seconds, None for as long as it takes, and tells whether what it waits for has come."""
Due: TypeAlias = Callable[[], "Instant | None"]
"""Tells when somebody wakes next."""

PATIENCE = 5.0
"""Seconds of real time that those who woke are given to come to rest."""
QUIET = 0.05
"""Seconds of real time in which what is no wait of ours may still come, before the clock goes on for a driver that
waits."""
STANDSTILL = 1.0
"""Seconds of real time after which the clock goes on although its driver waits for something unknown."""
TICK = 0.0005
MOST_QUESTIONS = 100
"""Times that one thread may ask at one moment whether it has been woken; a client that asks again wants time to pass,
as one does whose time is not over before it is past."""
MOST_WAKES = 100_000
"""Wakes in one advance; more is a loop without end."""

_BETWEEN = ("threading", "queue", "asyncio.", "refreshproof.scenarios.clocks.wait")
"""Modules, by how their names begin, through which client code waits."""
_JOIN = threading.Thread.join


class ClockWarning(UserWarning):
    """Something under the virtual clock does not follow it."""


class ClockError(RuntimeError):
    """Virtual time cannot go on."""


class _Over(SystemExit):
    """The test is over in which a thread began that still waits for a time."""


@dataclass(eq=False, kw_only=True)
class _Sleeper:
    """A thread that waits for a time, or until it is woken before."""

    thread: threading.Thread
    wake: Callable[[], object]
    place: str
    expired: bool = False
    ended: bool = False


class Waits:
    """The waits of a process while its clock is a virtual one."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.driver = threading.current_thread()
        self._before: WeakSet[threading.Thread] = WeakSet(threading.enumerate())
        self._blocked: set[int] = set()
        self._sleepers: list[_Sleeper] = []
        self._seen: dict[threading.Thread, object] = {}
        self._restless: WeakSet[threading.Thread] = WeakSet()
        self._questions: dict[int, tuple[Instant, int]] = {}
        self._driving = 0
        self._wakes = 0

    @property
    def here(self) -> bool:
        """Whether the thread that asks drives the clock."""
        return threading.current_thread() is self.driver

    def follows(self) -> bool:
        """Tell whether the wait that a thread begins is one of client code."""
        frame = _waiter()
        module = _origin(threading.current_thread()) if frame is None else str(frame.f_globals.get("__name__"))
        return not is_machinery(module)

    # the driver

    def advance(self, seconds_: float, turn: Callable[[], object] = lambda: None, due: Due = lambda: None) -> None:
        """Let so many seconds pass, and whoever waits wake in order; `turn` and `due` are those of an event loop that
        the driver is in."""
        if not isinstance(seconds_, int | float):
            raise TypeError(f"seconds is {seconds_!r}; allowed: a number, 0 and more")
        if seconds_ < 0:
            raise ValueError(f"seconds is {seconds_:g}; time does not go back; allowed: 0 and more")
        target, self._wakes = self.clock.now() + seconds(seconds_), 0
        with self._drives():
            self.settle()
            turn()
            while (moment := _first(self.clock.next_due, due())) is not None and moment <= target:
                self.clock.advance_to(moment)
                self._count("an event loop")
                turn()
            self.clock.advance_to(target)
            turn()

    def drive(self, poll: Poll, until: Instant | None) -> bool:
        """Let the driver wait until it is woken, by what `poll` tells, or for a time; returns whether it was woken."""
        with self._drives():
            while not poll(0):
                if until is not None and self.clock.now() >= until:
                    return False
                if self.settle(poll) or poll(self._quiet()):
                    return True
                moment = _first(self.clock.next_due, until)
                if moment is None:
                    poll(None)  # nothing in virtual time can wake it
                else:
                    self.clock.advance_to(moment)
            return True

    @contextmanager
    def _drives(self) -> Iterator[None]:
        self._driving += 1
        try:
            yield
        finally:
            self._driving -= 1

    def _quiet(self) -> float:
        """Return how long to wait for what is no wait of ours: not at all where everybody is in one."""
        if has_children():
            return STANDSTILL
        idle = self._idle()
        unknown = [
            one for one in self._others() if one not in self._before and one.ident not in {*self._blocked, *idle}
        ]
        return QUIET if unknown else TICK

    @staticmethod
    def _idle() -> set[int]:
        """Return the threads of executors that have nothing to do."""
        frames = sys._current_frames()
        return {
            thread
            for thread, frame in frames.items()
            if frame.f_code.co_name == "_worker" and frame.f_globals.get("__name__") == "concurrent.futures.thread"
        }

    # everybody else

    def sleep(self, until: Instant, wait: Callable[[], object], wake: Callable[[], object], *, known: bool) -> bool:
        """Let a thread wait, by `wait`, until it is woken or for a time, at which `wake` is called; returns whether it
        was woken. One whose every waking is a `rouse` is `known`."""
        me = threading.current_thread()
        sleeper = _Sleeper(thread=me, wake=wake, place=_place())
        if until <= self.clock.now():
            return False
        self._sleepers.append(sleeper)
        number = self.clock.at(until, lambda: self._expire(sleeper))
        try:
            self.block(wait, known=known)
        finally:
            self._sleepers.remove(sleeper)
            self.clock.call_off(number)
        if sleeper.ended and not sleeper.expired:
            if me not in self._before:
                raise _Over
            return False
        return not sleeper.expired

    def block(self, wait: Callable[[], object], *, known: bool) -> None:
        """Let a thread wait for another."""
        ident = threading.get_ident()
        if known:
            self._blocked.add(ident)
        try:
            wait()
        finally:
            self._blocked.discard(ident)

    def asked_in_vain(self) -> bool:
        """Count that a thread has asked whether it was woken, and was not; tell whether it does little else."""
        thread, now = threading.get_ident(), self.clock.now()
        since, times = self._questions.get(thread, (now, 0))
        self._questions[thread] = now, times + 1 if since == now else 1
        return self._questions[thread][1] > MOST_QUESTIONS

    def rouse(self, ident: int | None) -> None:
        """Take a thread for one that works, because it has been woken."""
        if ident is not None:
            self._blocked.discard(ident)

    def _expire(self, sleeper: _Sleeper) -> None:
        if sleeper.ended:
            return
        self._count(sleeper.place)
        sleeper.expired = True
        self.rouse(sleeper.thread.ident)
        sleeper.wake()
        self.settle()

    def _count(self, place: str) -> None:
        self._wakes += 1
        if self._wakes > MOST_WAKES:
            raise ClockError(f"{place} woke {MOST_WAKES:,} times in one advance; it waits in steps that are too small")

    def stand_still(self) -> None:
        """Let time go on, from a thread that sleeps, where the driver waits for what is unknown and nobody works."""
        frame = sys._current_frames().get(self.driver.ident or 0)
        if self._driving or frame is None or has_children() or is_within(frame, "pdb", "bdb"):
            return
        with self._drives():
            if self._at_rest([*self._others(), self.driver]) and (moment := self.clock.next_due) is not None:
                self.clock.advance_to(moment)

    # rest

    def settle(self, poll: Poll = lambda seconds_: nap(seconds_)) -> bool:
        """Wait until everybody but who asks is at rest; returns early, and tells it, when `poll` says so."""
        began = real_time()
        while not self._at_rest(self._others()):
            if poll(TICK):
                return True
            if real_time() - began > PATIENCE:
                self._tell()
                return False
        return False

    def _others(self) -> list[threading.Thread]:
        me = threading.current_thread()
        return [
            one
            for one in threading.enumerate()
            if one is not me and one is not self.driver and one not in self._restless and not is_machinery(_origin(one))
        ]

    def _at_rest(self, threads: list[threading.Thread]) -> bool:
        """Tell whether threads wait: in a wait of ours, or as far as the machine can tell, at two looks running."""
        rest = True
        for thread in threads:
            if thread.ident in self._blocked:
                continue
            seen = look(thread.native_id)
            if seen is None or seen != self._seen.get(thread):
                self._seen[thread] = seen
                rest = False
        return rest

    def _tell(self) -> None:
        busy = [one for one in self._others() if one.ident not in self._blocked and not self._at_rest([one])]
        self._restless.update(busy)
        frames = sys._current_frames()
        names = ", ".join(f"{one.name} ({_line(frames.get(one.ident or 0))})" for one in busy)
        what = f"still at work after {PATIENCE:g} s of real time: {names}; the clock goes on without waiting for it"
        warnings.warn(ClockWarning(what), stacklevel=2)

    def end(self) -> None:
        """Wake whoever waits for a time: a thread that began under the clock ends, another goes on."""
        over = [one for one in self._sleepers if one.thread not in self._before]
        with mock.patch.object(threading, "excepthook", _silent(threading.excepthook)):
            for sleeper in tuple(self._sleepers):
                sleeper.ended = True
                self.rouse(sleeper.thread.ident)
                sleeper.wake()
            for sleeper in over:
                _JOIN(sleeper.thread, PATIENCE if _ends(sleeper.thread) else 0)


def _first(*moments: Instant | None) -> Instant | None:
    return min((one for one in moments if one is not None), default=None)


def _origin(thread: threading.Thread) -> str:
    """Return the module of what a thread does."""
    work = getattr(thread, "function", None) or getattr(thread, "_target", None)
    while isinstance(work, functools.partial):
        work = work.func
    return str(getattr(work, "__module__", None) or type(thread).__module__)


def _place() -> str:
    return f"{threading.current_thread().name} ({_line(_waiter())})"


def _waiter() -> FrameType | None:
    """Return the frame of client code that waits, None where that is a thread of `threading` itself."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_BETWEEN):
        frame = frame.f_back
    return frame


def _line(frame: FrameType | None) -> str:
    return "ended" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _ends(thread: threading.Thread) -> bool:
    """Tell whether a thread that is told to end does so: a worker of an executor goes on with its next work."""
    return "concurrent.futures" not in _origin(thread)


def _silent(hook: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda told: None if told.exc_type is _Over else hook(told)
