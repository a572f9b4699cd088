"""Callers that run together take turns in virtual time, the same way every time, and a deadlock is told."""

import threading
from pathlib import Path

import pytest

from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.actors import Actors, DeadlockError
from refreshproof.scenarios.clocks.clock import VirtualClock
from refreshproof.scenarios.clocks.watchdog import Watch


def together() -> tuple[VirtualClock, Actors]:
    clock = VirtualClock(0)
    return clock, Actors(clock)


def test_callers_are_woken_in_order_of_virtual_time() -> None:
    clock, actors = together()
    seen: list[tuple[str, int]] = []

    def caller(seconds: int) -> None:
        actors.wait_until(seconds * SECOND)
        seen.append((actors.name, clock.now() // SECOND))

    actors.run([lambda: caller(3), lambda: caller(1), lambda: caller(2)])
    assert seen == [("actor 2", 1), ("actor 3", 2), ("actor 1", 3)]
    assert actors.name == "main"


def test_only_one_caller_runs_at_a_moment() -> None:
    _, actors = together()
    running, most = 0, 0

    def caller() -> None:
        nonlocal running, most
        for turn in range(1, 20):
            running += 1
            most = max(most, running)
            running -= 1
            actors.wait_until(turn)

    actors.run([caller] * 4)
    assert most == 1


def test_our_lock_serves_waiters_in_order_while_its_holder_waits_for_time() -> None:
    _, actors = together()
    lock, order = actors.make_lock(), list[str]()

    def caller() -> None:
        with lock:
            actors.wait_until(SECOND)
            order.append(actors.name)

    actors.run([caller] * 3)
    assert order == ["actor 1", "actor 2", "actor 3"]


def test_a_caller_may_block_on_a_lock_of_its_own() -> None:
    _, actors = together()
    lock, order = threading.Lock(), list[str]()

    def caller() -> None:
        with lock:
            actors.wait_until(5 * SECOND)
            order.append(actors.name)

    actors.run([caller] * 2)
    assert sorted(order) == ["actor 1", "actor 2"]


def test_a_caller_that_waits_for_its_turn_is_not_stuck_while_others_are_found_to_be_blocked() -> None:
    _, actors = together()
    lock, order, watch = threading.Lock(), list[str](), Watch(patience=0.5)

    def caller() -> None:
        with watch, lock:
            actors.wait_until(5 * SECOND)
            order.append(actors.name)

    actors.run([caller] * 40)  # each is silent for a moment before it is left to its lock
    assert order[0] == "actor 1"
    assert len(order) == 40


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells what a thread is doing")
def test_a_caller_that_works_in_silence_is_not_taken_to_be_blocked() -> None:
    _, actors = together()
    order: list[str] = []

    def caller() -> None:
        if actors.name == "actor 1":
            sum(1 for _ in range(8_000_000))  # several times SETTLE
        order.append(actors.name)

    actors.run([caller] * 2)
    assert order == ["actor 1", "actor 2"]


def test_a_deadlock_is_an_error_and_not_a_hang() -> None:
    _, actors = together()
    first, second = actors.make_lock(), actors.make_lock()

    def crossed(one: object, other: object) -> None:
        with one:  # type: ignore[attr-defined]
            actors.wait_until(SECOND)
            with other:  # type: ignore[attr-defined]
                pass

    with pytest.raises(DeadlockError, match=r"callers \[1, 2\]"):
        actors.run([lambda: crossed(first, second), lambda: crossed(second, first)])


def test_the_main_caller_that_waits_for_a_held_lock_is_a_deadlock() -> None:
    _, actors = together()
    lock = actors.make_lock()
    with lock, pytest.raises(DeadlockError):
        lock.acquire()


def test_an_exception_of_a_caller_reaches_whoever_ran_them() -> None:
    _, actors = together()

    def fails() -> None:
        raise LookupError("of actor 2")

    with pytest.raises(LookupError, match="of actor 2"):
        actors.run([lambda: None, fails])


def test_a_caller_waits_for_a_lock_no_longer_than_it_said() -> None:
    clock, actors = together()
    lock = actors.make_lock()
    seen: list[tuple[bool, int]] = []

    def holder() -> None:
        with lock:
            actors.wait_until(5 * SECOND)

    def waiter(seconds: float) -> None:
        seen.append((lock.acquire(seconds), clock.now() // SECOND))

    actors.run([holder, lambda: waiter(3), lambda: waiter(9)])
    assert seen == [(False, 3), (True, 5)]
    assert not lock.acquire(2)
    assert clock.now() == 7 * SECOND
