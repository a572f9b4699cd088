"""One event loop for the callers of an asynchronous client, in virtual time.

Every caller is a thread of which only one runs at a moment. It drives the loop until all tasks wait, carries the
requests of its own task outside the loop, where waiting is virtual, and otherwise waits for another caller's progress.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from refreshproof.mock_servers.stacks.led import Ask
from refreshproof.scenarios.steps.subject import LockFactory

T = TypeVar("T")

ROUNDS = 20
"""Turns of the loop after which every task is taken to wait; a lock that is handed on takes about five."""


@dataclass(kw_only=True, eq=False)
class _Caller:
    """A task, what it wants carried, and the gate that its thread waits at: held from the beginning."""

    task: asyncio.Task[Any]
    gate: Any
    order: Callable[[], None] | None = None
    waits: bool = False

    @property
    def can_go_on(self) -> bool:
        return self.order is not None or self.task.done()


class EventLoop:
    """Runs coroutines of threads that come together; a coroutine that waits for real time stands still."""

    def __init__(self, make_lock: LockFactory) -> None:
        self._make_lock = make_lock
        self._loop = asyncio.new_event_loop()
        self._callers: dict[asyncio.Task[Any] | None, _Caller] = {}

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine from this thread and return its result."""
        caller = _Caller(task=self._loop.create_task(coroutine), gate=self._make_lock())
        caller.gate.acquire()
        self._callers[caller.task] = caller
        try:
            self._see_through(caller)
        finally:
            del self._callers[caller.task]
        result: T = caller.task.result()
        return result

    async def outside(self, work: Callable[[], T]) -> T:
        """Have the thread of the task that asks do something that takes virtual time."""
        ask = self.caller()
        assert ask is not None  # noqa: S101 - only callers' tasks await this
        done: T = await ask(work)
        return done

    def caller(self) -> Ask | None:
        """Return how the task that asks has work done by its own thread, None where it is no caller's."""
        caller = self._callers.get(asyncio.current_task(self._loop)) if _is_running(self._loop) else None
        return None if caller is None else partial(self._ordered, caller)

    def _ordered(self, caller: _Caller, work: Callable[[], Any]) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = self._loop.create_future()
        earlier = caller.order

        def order() -> None:
            if earlier is not None:
                earlier()
            try:
                answer.set_result(work())
            except BaseException as error:
                answer.set_exception(error)

        caller.order = order
        return answer

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()

    def _see_through(self, caller: _Caller) -> None:
        self._drive()
        while not caller.task.done():
            if caller.order is None:
                caller.waits = True
                caller.gate.acquire()
            else:
                order, caller.order = caller.order, None
                order()
                self._drive()

    def _drive(self) -> None:
        for _ in range(ROUNDS):
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()
        for other in self._callers.values():
            if other.waits and other.can_go_on:
                other.waits = False
                other.gate.release()


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
