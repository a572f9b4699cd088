"""One event loop for the callers of an asynchronous client, in virtual time.

Every caller is a thread of which only one runs at a moment. It drives the loop until all tasks wait, carries the
requests of its own task outside the loop, where waiting is virtual, and otherwise waits for another caller's progress.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, TypeVar

from refreshproof.mock_servers.stacks.led import Ask
from refreshproof.scenarios.steps.subject import LockFactory

T = TypeVar("T")

MICROSECOND = 1e-6

ROUNDS = 20
"""Turns of the loop after which every task is taken to wait; a lock that is handed on takes about five."""


@dataclass(kw_only=True, eq=False)
class _Caller:
    """A task, what it wants carried, and the gate that its thread waits at: held from the beginning; `until` is how
    long it waits there, None where it does not."""

    gate: Any
    task: Any = None
    order: Callable[[], None] | None = None
    until: float | None = None

    @property
    def can_go_on(self) -> bool:
        return self.order is not None or bool(self.task.done())


_CALLER: ContextVar[_Caller | None] = ContextVar("caller", default=None)
"""Whose task it is; tasks that a task begins are the same caller's."""


class EventLoop:
    """Runs coroutines of threads that come together. One that waits for a time waits in the time that `now` tells, in
    seconds; `show` is called when time has passed."""

    def __init__(self, make_lock: LockFactory, now: Callable[[], float], show: Callable[[], object]) -> None:
        self._make_lock = make_lock
        self._now = now
        self._show = show
        loop: Any = asyncio.new_event_loop()
        loop.time, loop._clock_resolution = now, MICROSECOND
        self._loop = loop
        self._callers: list[_Caller] = []

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine from this thread and return its result."""
        caller, context = _Caller(gate=self._make_lock()), copy_context()
        context.run(_CALLER.set, caller)
        caller.task = self._loop.create_task(coroutine, context=context)
        caller.gate.acquire()
        self._callers.append(caller)
        try:
            self._see_through(caller)
        finally:
            self._callers.remove(caller)
        result: T = caller.task.result()
        return result

    async def outside(self, work: Callable[[], T]) -> T:
        """Have the thread of the task that asks do something that takes virtual time."""
        ask = self.caller()
        assert ask is not None  # noqa: S101 - only callers' tasks await this
        done: T = await ask(work)
        return done

    def caller(self) -> Ask | None:
        """Return how the task that asks, a caller's or one that it began, has work done by the caller's thread; None
        where it is no caller's."""
        caller = _CALLER.get() if _is_running(self._loop) else None
        return partial(self._ordered, caller) if caller in self._callers and caller is not None else None

    def _ordered(self, caller: _Caller, work: Callable[[], Any]) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = self._loop.create_future()
        earlier = caller.order

        def order() -> None:
            if earlier is not None:
                earlier()
            try:
                settle, outcome = answer.set_result, work()
            except BaseException as error:
                settle, outcome = answer.set_exception, error
            if not answer.done():  # who asked may have given up meanwhile
                settle(outcome)

        caller.order = order
        return answer

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()

    def _see_through(self, caller: _Caller) -> None:
        self._drive()
        while not caller.task.done():
            if caller.order is None:
                self._wait(caller)
            else:
                order, caller.order = caller.order, None
                order()
                self._drive()

    def _wait(self, caller: _Caller) -> None:
        """Wait for another caller's progress, or for the next timer."""
        due = self._due()
        caller.until = inf if due is None else due
        if not caller.gate.acquire(None if due is None else max(due - self._now(), 0.0)):
            caller.until = None
            self._show()
            self._drive()

    def _due(self) -> float | None:
        return min((timer.when() for timer in self._loop._scheduled if not timer.cancelled()), default=None)

    def _drive(self) -> None:
        for _ in range(ROUNDS):
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()
        waiting = [other for other in self._callers if other.until is not None]
        going = [other for other in waiting if other.can_go_on]
        due = self._due()
        if due is not None and not going:  # a timer that nobody waits for yet
            going = [other for other in waiting if all(due < (one.until or 0) for one in waiting)][:1]
        for other in going:
            other.until = None
            other.gate.release()


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
