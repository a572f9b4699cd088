"""Several callers at once in virtual time: threads of which only one runs at a moment, woken in order of virtual time.

A caller gives way where it waits for time or for one of our locks. A caller that blocks on a lock of its own is
noticed by its
silence (`SETTLE` seconds of real time) and left to its lock; deadlock is an error after `PATIENCE`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal, TypeVar

from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.clock import VirtualClock

SETTLE = 0.05
PATIENCE = 5.0

T = TypeVar("T")
_Status = Literal["running", "waiting", "locked", "done"]


class DeadlockError(RuntimeError):
    """No caller can go on: all wait for locks that nobody will release."""


class _Actor:
    def __init__(self, number: int) -> None:
        self.number = number
        self.status: _Status = "running"
        self.until: Instant = 0
        self.turn = 0
        self.go = threading.Event()


class Actors:
    """Runs callables together; outside `run` waiting simply moves the clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._current: dict[int, _Actor] = {}
        self._turns = 0
        self.branches: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The name of the caller that asks: main, or actor 1 and up."""
        actor = self._current.get(threading.get_ident())
        return "main" if actor is None else f"actor {actor.number}"

    def wait_until(self, instant: Instant) -> None:
        """Wait for an instant: alone by moving the clock, together by giving way."""
        actor = self._current.get(threading.get_ident())
        if actor is None:
            self._clock.advance_to(instant)
        else:
            self._give_way(actor, "waiting", instant)

    def make_lock(self) -> Lock:
        """Return a lock that callers wait for in order."""
        return Lock(self)

    def run(self, callables: list[Callable[[], T]], *, schedule: str = "") -> list[T]:
        """Run all callables together from this moment and return their results in order; an exception is raised again.

        At every moment at which several could go on, the next digit of `schedule` chooses; where it ends, who has
        waited
        longest. `branches` then tells how many there were to choose from each time.
        """
        results: dict[int, T] = {}
        failures: dict[int, BaseException] = {}
        actors = [_Actor(number) for number in range(1, len(callables) + 1)]

        def body(actor: _Actor, work: Callable[[], T]) -> None:
            with self._changed:
                self._current[threading.get_ident()] = actor
            self._give_way(actor, "waiting", self._clock.now())
            try:
                results[actor.number] = work()
            except BaseException as error:
                failures[actor.number] = error
            finally:
                with self._changed:
                    actor.status = "done"
                    self._current.pop(threading.get_ident(), None)
                    self._changed.notify_all()

        threads = [
            threading.Thread(target=body, args=pair, daemon=True) for pair in zip(actors, callables, strict=True)
        ]
        for thread in threads:
            thread.start()
        self._conduct(actors, schedule)
        if failures:
            raise failures[min(failures)]
        return [results[actor.number] for actor in actors]

    def _conduct(self, actors: list[_Actor], schedule: str) -> None:
        self.branches = ()
        while True:
            self._settle(actors)
            with self._changed:
                waiting = [actor for actor in actors if actor.status == "waiting"]
                if not waiting:
                    if all(actor.status == "done" for actor in actors):
                        return
                    stuck = [actor.number for actor in actors if actor.status != "done"]
                    raise DeadlockError(f"callers {stuck} wait for locks that nobody releases")
                chosen = self._choose(waiting, schedule)
                # The clock moves while no caller runs, so that what falls due happens between their turns.
                self._clock.advance_to(max(chosen.until, self._clock.now()))
                chosen.status = "running"
                chosen.go.set()

    def _choose(self, waiting: list[_Actor], schedule: str) -> _Actor:
        """Choose among those whose time comes first; a choice among several is noted."""
        first = max(min(actor.until for actor in waiting), self._clock.now())
        ready = sorted((actor for actor in waiting if actor.until <= first), key=lambda actor: actor.turn)
        if len(ready) == 1:
            return ready[0]
        number = len(self.branches)
        self.branches = (*self.branches, len(ready))
        return ready[int(schedule[number]) % len(ready)] if number < len(schedule) else ready[0]

    def _settle(self, actors: list[_Actor]) -> None:
        """Wait until no caller runs; one that runs on in silence is taken to be blocked on a lock of its own."""
        with self._changed:
            waited = 0.0
            while any(actor.status == "running" for actor in actors):
                if self._changed.wait(SETTLE):
                    continue
                waited += SETTLE
                if any(actor.status == "waiting" for actor in actors):
                    return
                if waited >= PATIENCE:
                    raise DeadlockError("a caller neither ends nor waits")

    def _give_way(self, actor: _Actor, status: _Status, until: Instant = 0) -> None:
        with self._changed:
            self._turns += 1
            actor.status, actor.until, actor.turn = status, until, self._turns
            actor.go.clear()
            self._changed.notify_all()
        actor.go.wait()

    def current(self) -> _Actor | None:
        """Return the caller that asks, None for the main thread."""
        return self._current.get(threading.get_ident())

    def block(self, actor: _Actor) -> None:
        """Let a caller wait for one of our locks."""
        self._give_way(actor, "locked")

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

    def acquire(self) -> bool:
        """Take the lock, giving way while another caller holds it."""
        actor = self._actors.current()
        if self._held:
            if actor is None:
                raise DeadlockError("the main caller waits for a lock that nobody will release")
            self._waiters.append(actor)
            self._actors.block(actor)
        self._held = True
        return True

    def release(self) -> None:
        """Give the lock to the caller that has waited longest."""
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
