"""What third-party clients share when callers come together: one set of patches, and one event loop in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from refreshproof.harness.adapters.library.async_callers import EventLoop
from refreshproof.harness.adapters.library.together import Together
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.actors import Actors, DeadlockError
from refreshproof.scenarios.clocks.clock import START, VirtualClock


@contextmanager
def noted(events: list[str]) -> Iterator[None]:
    events.append("opened")
    yield
    events.append("closed")


def test_the_first_opens_the_block_and_the_last_closes_it_in_whatever_order_they_leave() -> None:
    events: list[str] = []
    block = Together(lambda: noted(events))
    for _ in range(2):
        block.__enter__()
        block.__enter__()
        block.__exit__(None, None, None)
        assert events[-1] == "opened"
        block.__exit__(None, None, None)
        assert events[-1] == "closed"
    assert events == ["opened", "closed"] * 2


def test_a_block_can_be_closed_over_the_heads_of_callers_who_never_leave() -> None:
    events: list[str] = []
    block = Together(lambda: noted(events))
    block.__enter__()
    block.close()
    assert events == ["opened", "closed"]


class Kitchen:
    """Coroutines on an event loop that wait in virtual time."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.actors = Actors(self.clock)
        self.loop = EventLoop(self.actors.make_lock, lambda: self.clock.now() / SECOND, lambda: None)
        self.lock = asyncio.Lock()
        self.said: list[tuple[str, int]] = []

    async def simmer(self, name: str, seconds: int) -> str:
        await asyncio.sleep(seconds)
        self.said.append((name, (self.clock.now() - START) // SECOND))
        return name

    async def cook(self, name: str, seconds: int) -> str:
        async with self.lock:
            await self.loop.outside(lambda: self.actors.wait_until(self.clock.now() + seconds * SECOND))
            self.said.append((name, (self.clock.now() - START) // SECOND))
        return name


@pytest.fixture
def kitchen() -> Iterator[Kitchen]:
    made = Kitchen()
    yield made
    made.loop.close()


def test_tasks_of_callers_wait_for_each_others_locks_in_virtual_time(kitchen: Kitchen) -> None:
    work: list[Callable[[], str]] = [
        partial(lambda name: kitchen.loop.run(kitchen.cook(name, 5)), name) for name in "abc"
    ]
    assert kitchen.actors.run(work) == ["a", "b", "c"]
    assert kitchen.said == [("a", 5), ("b", 10), ("c", 15)]


def test_tasks_that_wait_for_a_time_wake_in_order_in_virtual_time(kitchen: Kitchen) -> None:
    meals = (("a", 9), ("b", 3), ("c", 6))
    work: list[Callable[[], str]] = [
        partial(lambda meal: kitchen.loop.run(kitchen.simmer(*meal)), meal) for meal in meals
    ]
    assert kitchen.actors.run(work) == ["a", "b", "c"]
    assert kitchen.said == [("b", 3), ("c", 6), ("a", 9)]


def test_who_waits_for_a_time_and_who_waits_for_a_request_do_not_hold_each_other_up(kitchen: Kitchen) -> None:
    work: list[Callable[[], str]] = [
        lambda: kitchen.loop.run(kitchen.simmer("a", 8)),
        lambda: kitchen.loop.run(kitchen.cook("b", 5)),
        lambda: kitchen.loop.run(kitchen.cook("c", 5)),
    ]
    assert kitchen.actors.run(work) == ["a", "b", "c"]
    assert kitchen.said == [("b", 5), ("a", 8), ("c", 10)]


def test_a_caller_alone_needs_no_other(kitchen: Kitchen) -> None:
    assert kitchen.loop.run(kitchen.cook("a", 5)) == "a"
    assert kitchen.clock.now() == START + 5 * SECOND


def test_what_happens_outside_is_raised_in_the_task_that_asked(kitchen: Kitchen) -> None:
    def burn() -> None:
        raise ConnectionError("smoke")

    async def carefully() -> str:
        try:
            await kitchen.loop.outside(burn)
        except ConnectionError as error:
            return str(error)
        return "fine"

    assert kitchen.loop.run(carefully()) == "smoke"


def test_a_task_that_waits_for_nothing_that_can_come_is_told_so(kitchen: Kitchen) -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError):
        kitchen.loop.run(forever())
