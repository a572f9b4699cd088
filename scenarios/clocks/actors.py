"""Several callers at once in virtual time: threads of which only one runs at a moment, woken in order of virtual time.

A caller gives way where it waits for time or for one of our locks and, where every touch is a moment to take turns,
before it touches clock, network or store. A caller that blocks on a lock of its own is noticed by its silence (`SETTLE`
seconds of real time in which no thread works) and left to its lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, TypeVar

from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.clocks.clock import VirtualClock
from refreshproof.scenarios.clocks.ending import Ending
from refreshproof.scenarios.clocks.threads_stopwatch import look, looks
from refreshproof.scenarios.clocks.watchdog import (
    LONGEST,
    PATIENCE,
    Stuck,
    Unended,
    nobody_works,
    others_rest,
    took_turn,
    watching,
)

SETTLE = 0.02
GLANCE = 0.01
"""Seconds between two looks at callers in silence: one that was only kept from working, by Python's own lock or by ours
while it is looked at, has moved by the second."""
SILENCE = LONGEST + 1
"""How many times the watch's patience callers that neither end nor wait are given: the watch has had its turn."""

MOST_TOUCHES = 100_000
"""Touches of clock, store and network in one operation of a client; more is a loop without end."""
REQUEST = 50
"""Touches that a request counts for: two thousand requests in one operation are too many."""
WAIT = 10
"""Touches that a wait for time counts for: ten thousand of them are too many."""

T = TypeVar("T")
_Status = Literal["running", "waiting", "locked", "done"]


class DeadlockError(RuntimeError):
    """No caller can go on: all wait for locks that nobody will release."""


class Endless(Ending):
    """An operation goes on and on: it has touched clock, network and store more often than any that ends."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A moment at which several callers could go on: how many, and how many of them without a preemption.

    A preemption stops a caller that could have gone on, or lets time pass while one could have.
    """

    options: int
    free: int


class _Actor:
    def __init__(self, number: int) -> None:
        self.number = number
        self.status: _Status = "running"
        self.until: Instant = 0
        self.turn = 0
        self.touches = 0
        self.native: int | None = None
        self.go = threading.Event()


class Actors:
    """Runs callables together; outside `run` waiting simply moves the clock.

    After a run `branches` tells between how many callers there was to choose each time.
    """

    def __init__(self, clock: VirtualClock, patience: float = PATIENCE) -> None:
        self._clock = clock
        self._patience = patience
        self._changed = threading.Condition()
        self._current: dict[int, _Actor] = {}
        self._actors: list[_Actor] = []
        self._turns = 0
        self._touched = 0
        self._schedule = ""
        self._every_touch = False
        self._last: _Actor | None = None
        self._next: _Actor | None = None
        self._rested: dict[int, object] = {}
        self.branches: list[Branch] = []

    @property
    def name(self) -> str:
        """The name of the caller that asks: main, or actor 1 and up."""
        actor = self._current.get(threading.get_ident())
        return "main" if actor is None else f"actor {actor.number}"

    @property
    def touches(self) -> tuple[int, ...]:
        """How many moments each caller of the last run had at which it could give way."""
        return tuple(actor.touches for actor in self._actors)

    def begin(self) -> None:
        """Begin an operation of the client: its touches are counted from here."""
        self._touched = 0

    def touch(self, weight: int = 1) -> None:
        """Count a touch, and let another caller go first if it is the turn of one; raises `Endless`."""
        self._count(weight)
        if self._every_touch:
            actor = self._current.get(threading.get_ident())
            if actor is not None:
                self._pause(actor)

    def _count(self, weight: int) -> None:
        self._touched += weight
        if self._touched > MOST_TOUCHES:
            raise Endless

    def wait_until(self, instant: Instant) -> None:
        """Wait for an instant: alone by moving the clock, together by giving way."""
        self._count(WAIT)
        actor = self._current.get(threading.get_ident())
        if actor is None:
            self._clock.advance_to(instant)
        else:
            actor.touches += 1
            self._give_way(actor, "waiting", instant)

    def make_lock(self) -> Lock:
        """Return a lock that callers wait for in order."""
        return Lock(self)

    def run(self, callables: list[Callable[[], T]], *, schedule: str = "", every_touch: bool = False) -> list[T]:
        """Run all callables together from this moment and return their results in order; an exception is raised again.

        At every moment at which several could go on, the next digit of `schedule` chooses. Where it ends, who has
        waited longest goes on; with `every_touch`, who went on last.
        """
        results: dict[int, T] = {}
        failures: dict[int, BaseException] = {}
        actors = [_Actor(number) for number in range(1, len(callables) + 1)]
        self._actors, self._schedule, self._every_touch, self._last = actors, schedule, every_touch, None
        self.branches, self._rested = [], {}

        def body(actor: _Actor, work: Callable[[], T]) -> None:
            with self._changed:
                self._current[threading.get_ident()] = actor
                actor.native = threading.get_native_id()
            actor.go.wait()
            try:
                results[actor.number] = work()
            except BaseException as error:
                failures[actor.number] = error
            finally:
                with self._changed:
                    actor.status = "done"
                    self._current.pop(threading.get_ident(), None)
                    self._changed.notify_all()

        for actor in actors:  # in their order, whichever thread the machine runs first
            self._turns += 1
            actor.status, actor.until, actor.turn = "waiting", self._clock.now(), self._turns
        threads = [
            threading.Thread(target=body, args=pair, daemon=True) for pair in zip(actors, callables, strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            self._conduct(actors)
        finally:
            self._every_touch = False
        if failures:
            raise failures[min(failures)]
        return [results[actor.number] for actor in actors]

    def _conduct(self, actors: list[_Actor]) -> None:
        while True:
            self._settle(actors)
            with self._changed:
                waiting = [actor for actor in actors if actor.status == "waiting"]
                if not waiting:
                    if all(actor.status == "done" for actor in actors):
                        return
                    stuck = [actor.number for actor in actors if actor.status != "done"]
                    raise DeadlockError(f"callers {stuck} wait for locks that nobody releases")
                chosen, self._next = self._next or self._choose(waiting), None
                # The clock moves while no caller runs, so that what falls due happens between their turns.
                self._clock.advance_to(max(chosen.until, self._clock.now()))
                chosen.status, self._last = "running", chosen
                took_turn()
                chosen.go.set()

    def _choose(self, waiting: list[_Actor]) -> _Actor:
        """Choose who goes on; a choice among several is noted."""
        options, free = self._in_order(waiting) if self._every_touch else self._first_in_time(waiting)
        if len(options) == 1:
            return options[0]
        number = len(self.branches)
        self.branches.append(Branch(options=len(options), free=free))
        return options[int(self._schedule[number]) % len(options)] if number < len(self._schedule) else options[0]

    def _first_in_time(self, waiting: list[_Actor]) -> tuple[list[_Actor], int]:
        """Return those whose time comes first, who has waited longest before the others."""
        first = max(min(actor.until for actor in waiting), self._clock.now())
        ready = sorted((actor for actor in waiting if actor.until <= first), key=lambda actor: actor.turn)
        return ready, len(ready)

    def _in_order(self, waiting: list[_Actor]) -> tuple[list[_Actor], int]:
        """Return all, who went on last before the others, and how many of them can go on without a preemption."""
        now = self._clock.now()
        first = max(min(actor.until for actor in waiting), now)
        options = sorted(
            waiting, key=lambda one: (one.until > first, one is not self._last, max(one.until, now), one.turn)
        )
        ready = [actor for actor in options if actor.until <= first]
        return options, 1 if self._last in ready else len(ready)

    def _settle(self, actors: list[_Actor]) -> None:
        """Wait until no caller runs; one that runs on in silence is taken to be blocked on a lock of its own, or, where
        nobody is left who could release that, to wait for what never comes."""
        with self._changed:
            waited = still = 0.0
            while any(actor.status == "running" for actor in actors):
                if self._rest_still(actors):
                    return
                if self._changed.wait(SETTLE):
                    continue
                waited += SETTLE
                if any(actor.status == "waiting" for actor in actors) and self._rest(actors):
                    return
                still = still + SETTLE if nobody_works() else 0.0
                if still > self._patience:
                    raise Stuck
                if waited > SILENCE * self._patience:
                    raise Unended

    def _rest(self, actors: list[_Actor]) -> bool:
        """Tell whether those that run rest: nobody works, and at a second look, after a moment in which they could have
        gone on, none of them has moved."""
        running = [actor for actor in actors if actor.status == "running"]
        seen = [look(actor.native) for actor in running]
        if None in seen or not others_rest() or self._changed.wait(GLANCE):
            return False
        if [look(actor.native) for actor in running] != seen or not others_rest():
            return False
        self._rested = looks(self._natives(actors))
        return True

    def _rest_still(self, actors: list[_Actor]) -> bool:
        """Tell whether none has moved since all who run were found to rest, but for one that went on and gives way by
        now: who was woken meanwhile, by a lock that was given up, has moved already, or works."""
        blocked = self._last is not None and self._last.status != "running" and bool(self._rested)
        if not blocked or all(actor.status != "waiting" for actor in actors):
            return False
        return all(
            now is not None and now == self._rested.get(native) for native, now in looks(self._natives(actors)).items()
        )

    def _natives(self, actors: list[_Actor]) -> set[int]:
        """Return who takes turns and does not run, who conducts and who watches, by their native ids."""
        resting = {actor.native for actor in actors if actor.native is not None and actor.status != "running"}
        return resting | {threading.get_native_id()} | watching()

    def _pause(self, actor: _Actor) -> None:
        """Give way to another caller if it is the turn of one, without a change of threads if it is not."""
        actor.touches += 1
        with self._changed:
            waiting = [one for one in self._actors if one.status == "waiting"]
            if not waiting:
                return
            actor.until, actor.turn = self._clock.now(), self._turns
            chosen = self._choose([*waiting, actor])
            if chosen is actor:
                return
            self._next = chosen
        self._give_way(actor, "waiting", self._clock.now())

    def _give_way(self, actor: _Actor, status: _Status, until: Instant = 0) -> None:
        self._step_back(actor, status, until)
        actor.go.wait()

    def _step_back(self, actor: _Actor, status: _Status, until: Instant = 0) -> None:
        with self._changed:
            self._turns += 1
            actor.status, actor.until, actor.turn = status, until, self._turns
            actor.go.clear()
            self._changed.notify_all()

    def current(self) -> _Actor | None:
        """Return the caller that asks, None for the main thread."""
        return self._current.get(threading.get_ident())

    def moment(self) -> AbstractContextManager[bool]:
        """Return a context in which no other caller takes or gives up one of our locks: of two that the machine runs at
        once, for one was silent for too long, neither misses the other."""
        return self._changed

    def queue(self, actor: _Actor, timeout: float | None) -> None:
        """Let a caller step back until it gets one of our locks, or for so many seconds; `await_turn` waits for it."""
        if timeout is None:
            self._step_back(actor, "locked")
        else:
            self._count(WAIT)
            actor.touches += 1
            self._step_back(actor, "waiting", self._clock.now() + seconds(timeout))

    def rest(self, timeout: float) -> None:
        """Wait for so many seconds with nobody to take turns with."""
        self.wait_until(self._clock.now() + seconds(timeout))

    def await_turn(self, actor: _Actor) -> None:
        """Wait in real time until a caller that has stepped back goes on."""
        actor.go.wait()

    def unblock(self, actor: _Actor) -> None:
        """Make a caller that got its lock ready to go on, after the others whose turn it is."""
        with self._changed:
            self._turns += 1
            actor.status, actor.until, actor.turn = "waiting", self._clock.now(), self._turns
            self._changed.notify_all()


class Lock(AbstractContextManager["Lock"]):
    """A lock whose waiters are served in order; in the main thread it is an ordinary one."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors
        self._held = False
        self._waiters: deque[_Actor] = deque()

    def acquire(self, timeout: float | None = None) -> bool:
        """Take the lock, giving way while another caller holds it, or for so many seconds; tells whether it was
        taken."""
        self._actors.touch()
        actor = self._actors.current()
        with self._actors.moment():
            if not self._held:
                self._held = True
                return True
            if actor is not None:
                self._waiters.append(actor)
                self._actors.queue(actor, timeout)
        if actor is None:
            if timeout is None:
                raise DeadlockError("the main caller waits for a lock that nobody will release")
            self._actors.rest(timeout)
            return False
        self._actors.await_turn(actor)
        with self._actors.moment():
            if actor not in self._waiters:
                return True
            self._waiters.remove(actor)
            return False

    def release(self) -> None:
        """Give the lock to the caller that has waited longest."""
        with self._actors.moment():
            if self._waiters:
                self._actors.unblock(self._waiters.popleft())
            else:
                self._held = False

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
