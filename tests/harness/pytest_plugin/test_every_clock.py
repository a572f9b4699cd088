"""Which clocks of Python follow under `oauth_clock`: the README's table, row by row."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

from refreshproof.harness import RunningProvider
from refreshproof.harness.pytest_plugin.frozen_clock import FrozenClock, frozen
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.clocks.waits import ClockError, ClockWarning

BEFORE = """
import asyncio, functools, queue, sched, threading, time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import UTC, date, datetime
from time import ctime as words, monotonic as elapsed, sleep as pause, time as now

class Ready:
    look = time.time
    def __init__(self, now=time.time, *, day=datetime.now, rest=time.sleep):
        self.now, self.day, self.rest = now, day, rest

def readings():
    return [int(one) for one in (
        time.time(), now(), time.time_ns() / 1e9, datetime.now().timestamp(), datetime.now(UTC).timestamp(),
        datetime.utcnow().replace(tzinfo=UTC).timestamp(), time.mktime(time.localtime()), time.mktime(time.gmtime()),
        time.clock_gettime(time.CLOCK_REALTIME), float(time.strftime("%s", time.localtime())),
        *(time.mktime(time.strptime(one)) for one in (time.ctime(), words(), time.asctime(), time.strftime("%c"))),
    )]

def passings():
    return [round(one) for one in (
        time.monotonic(), elapsed(), time.perf_counter(), time.monotonic_ns() / 1e9, time.perf_counter_ns() / 1e9,
        time.clock_gettime(time.CLOCK_MONOTONIC),
    )]
"""
"""A module of client code, imported before the clock is virtual."""

ROWS = {
    "`time.time`, `time_ns`, `datetime.now`, `utcnow`, `localtime`, `gmtime`": """
        assert len(set(readings())) == 1
        before = readings()
        clock.advance(3600)
        clock.skew(-30)
        assert [after - one for one, after in zip(before, readings())] == [3570] * len(before)
    """,
    "`time.monotonic`, `perf_counter`": """
        before = passings()
        clock.advance(3600)
        clock.skew(-30)
        assert [after - one for one, after in zip(before, passings())] == [3600] * len(before)
    """,
    "all of these in a thread, an executor, `asyncio.to_thread`": """
        seen = []
        look = lambda: seen.append((readings(), passings()))
        look()
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(look).result()
        asyncio.run(asyncio.to_thread(look))
        assert len(seen) == 4 and all(one == seen[0] for one in seen)
    """,
    "a default value `now=time.time`, a class attribute": """
        client, before = Ready(), time.time()
        clock.advance(60)
        assert client.now() == client.look() == client.day().timestamp() == before + 60
        client.rest(5)
        assert time.time() == before + 65
    """,
    "`time.sleep`, `from time import sleep`": """
        threading.Thread(target=lambda: (time.sleep(3000), note("thread"), pause(500), note("again"))).start()
        clock.advance(3600)
        assert log == [(3000, "thread"), (3500, "again")]
        pause(5)
        time.sleep(5)
        note("here")
        assert log[-1] == (3610, "here")
    """,
    "`threading.Timer`": """
        for seconds in (3200, 100, 4000):
            threading.Timer(seconds, note, (seconds,)).start()
        clock.advance(3600)
        assert log == [(100, 100), (3200, 3200)]
    """,
    "`Event`, `Condition`, `Semaphore`, `Barrier` with a timeout": """
        stop = threading.Event()
        def refresh():
            while not stop.wait(3000):
                note("refreshed")
        refresher = threading.Thread(target=refresh)
        refresher.start()
        clock.advance(3600)
        assert log == [(3000, "refreshed")]
        stop.set()
        refresher.join()
        condition, semaphore = threading.Condition(), threading.Semaphore(0)
        with condition:
            assert not condition.wait(10)
        assert not semaphore.acquire(timeout=10)
        try:
            threading.Barrier(2).wait(10)
        except threading.BrokenBarrierError:
            note("broken")
        assert log[-1] == (3630, "broken")
    """,
    "`queue.Queue.get`, `Future.result` with a timeout, `Thread.join`": """
        threading.Timer(7, (answers := queue.Queue()).put, ("answer",)).start()
        assert answers.get(timeout=60) == "answer"
        note("got")
        with ThreadPoolExecutor(2) as pool:
            long = pool.submit(pause, 100)
            try:
                long.result(timeout=10)
            except TimeoutError:
                note("timed out")
        note("done")
        thread = threading.Thread(target=pause, args=(50,))
        thread.start()
        thread.join()
        note("joined")
        assert log == [(7, "got"), (17, "timed out"), (107, "done"), (157, "joined")]
    """,
    "`sched.scheduler`": """
        plan = sched.scheduler()
        plan.enter(60, 1, note, ("planned",))
        plan.run()
        assert log == [(60, "planned")]
    """,
    "`asyncio.sleep`, `loop.call_later`, `asyncio.timeout`": """
        async def refresh():
            while True:
                await asyncio.sleep(3000)
                note("refreshed")
        async def main():
            task = asyncio.create_task(refresh())
            asyncio.get_running_loop().call_later(3200, note, "later")
            await asyncio.sleep(0)
            clock.advance(3600)
            assert log == [(3000, "refreshed"), (3200, "later")]
            await asyncio.sleep(3600)
            assert log[2:] == [(6000, "refreshed")]
            try:
                async with asyncio.timeout(60):
                    await asyncio.Event().wait()
            except TimeoutError:
                note("timed out")
            task.cancel()
        asyncio.run(main())
        assert log[3:] == [(7260, "timed out")]
    """,
    "an event loop in a thread of its own": """
        async def main():
            for _ in range(3):
                await asyncio.sleep(1000)
                note("woke")
        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()
        clock.advance(2500)
        assert log == [(1000, "woke"), (2000, "woke")]
        thread.join()
        assert log[2:] == [(3000, "woke")]
    """,
    "a thread that waits when the test ends": """
        def forever():
            while True:
                pause(3000)
                note("woke")
        threading.Thread(target=forever, name="forever").start()
        clock.advance(3600)
        assert log == [(3000, "woke")]
    """,
    "`time.process_time`, `thread_time`": """
        before = time.process_time()
        clock.advance(3600)
        assert time.process_time() - before < 60
    """,
    "`Lock.acquire` with a timeout": """
        lock = threading.Lock()
        lock.acquire()
        assert not lock.acquire(timeout=0.01)
        note("real")
        assert log == [(0, "real")]
    """,
}


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    world = RunningProvider(VENDORS["generic"]).world
    with frozen(world.clock, world.client_clock) as made:
        yield made


@pytest.fixture
def module() -> Iterator[ModuleType]:
    made = sys.modules["a_client_of_the_table"] = ModuleType("a_client_of_the_table")
    made.__file__ = __file__
    exec(BEFORE, vars(made))  # noqa: S102 - the table below
    yield made
    del sys.modules["a_client_of_the_table"]


@pytest.mark.parametrize("row", ROWS)
def test_a_row(row: str, module: ModuleType, clock: FrozenClock) -> None:
    began, log = clock.now(), list[tuple[int, object]]()
    names = vars(module) | {
        "clock": clock,
        "log": log,
        "note": lambda what: log.append((round(clock.now() - began), what)),
    }
    exec("if True:" + ROWS[row], names)  # noqa: S102 - the table above


def test_the_readmes_table_has_these_rows_and_no_other(tree: Path) -> None:
    table = (tree / "README.md").read_text().partition("| Python | under `oauth_clock` |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| (.+?) \| ", table, re.M)
    assert {*ROWS, *TOLD_ELSEWHERE} == {*told} - {"---"}


TOLD_ELSEWHERE = (
    "an attribute that was given `time.time` before",
    "pytest's durations, Hypothesis's deadline, pytest-timeout",
    "`freeze_time`, pytest-freezer's `freezer`",
    "a wait that began before",
    "uvloop, trio; sockets, `select`, subprocesses",
)


def test_an_object_that_took_a_clock_before_is_told_with_its_attribute(module: ModuleType) -> None:
    kept = vars(module)["Ready"]()
    world = RunningProvider(VENDORS["generic"]).world
    told = r"^a_client_of_the_table\.Ready\.now \(time\.time\) was taken before the clock was virtual"
    with pytest.warns(ClockWarning, match=told), frozen(world.clock, world.client_clock):
        assert kept


def test_what_took_no_clock_is_not_told(module: ModuleType) -> None:
    world = RunningProvider(VENDORS["generic"]).world
    with warnings.catch_warnings(), frozen(world.clock, world.client_clock):
        warnings.simplefilter("error")
        assert vars(module)["Ready"]().now


def test_a_thread_that_waits_when_the_test_ends_ends_with_it(module: ModuleType) -> None:
    threading = vars(module)["threading"]
    world = RunningProvider(VENDORS["generic"]).world
    with frozen(world.clock, world.client_clock) as clock:
        thread = threading.Thread(target=vars(module)["pause"], args=(3000,))
        thread.start()
        clock.advance(60)
        assert thread.is_alive()
    assert not thread.is_alive()


def test_a_wait_that_began_before_goes_on_in_real_time_and_can_be_ended_as_ever(module: ModuleType) -> None:
    threading, ended = vars(module)["threading"], list[bool]()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: ended.append(stop.wait(3000)))
    thread.start()
    world = RunningProvider(VENDORS["generic"]).world
    with frozen(world.clock, world.client_clock) as clock:
        clock.advance(3600)
        assert ended == []
        stop.set()
        thread.join()
    assert ended == [True]


def test_a_worker_from_before_waits_in_virtual_time_for_what_it_is_given_now(module: ModuleType) -> None:
    with vars(module)["ThreadPoolExecutor"](1) as pool:
        pool.submit(int).result()
        world = RunningProvider(VENDORS["generic"]).world
        with frozen(world.clock, world.client_clock) as clock:
            slept = pool.submit(vars(module)["pause"], 3000)
            clock.advance(2999)
            assert not slept.done()
            clock.advance(1)
            assert slept.done()


def test_a_test_that_waits_for_a_lock_of_one_who_sleeps_gets_it_when_that_one_wakes(
    clock: FrozenClock, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refreshproof.scenarios.clocks.waiting_clock.STANDSTILL", 0.05)
    threading, began = vars(module)["threading"], clock.now()
    lock, held = threading.Lock(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            vars(module)["pause"](9)

    threading.Thread(target=hold).start()
    held.wait()
    with lock:
        assert clock.now() - began == 9


def test_who_asks_until_a_time_is_past_lets_time_pass(clock: FrozenClock, module: ModuleType) -> None:
    """`as_completed` ends when its time is exceeded, and asks without a wait as long as it is not."""
    began, work = (
        clock.now(),
        """
        with ThreadPoolExecutor(1) as pool, suppress(TimeoutError):
            list(as_completed([pool.submit(time.sleep, 500)], timeout=100))
        """,
    )
    exec("if True:" + work, vars(module) | {"suppress": suppress})  # noqa: S102 - above
    assert clock.now() - began == 500


def test_time_does_not_go_back(clock: FrozenClock) -> None:
    with pytest.raises(ValueError, match="seconds is -1; time does not go back; allowed: 0 and more"):
        clock.advance(-1)
    with pytest.raises(TypeError, match="seconds is '1h'; allowed: a number, 0 and more"):
        clock.advance("1h")  # type: ignore[arg-type]


def test_a_wait_that_is_too_small_for_the_time_it_is_given_is_told(
    clock: FrozenClock, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refreshproof.scenarios.clocks.waits.MOST_WAKES", 50)
    stop = vars(module)["threading"].Event()
    work = "def poll(stop):\n    while not stop.wait(0.001): pass\n"
    exec(work, vars(module))  # noqa: S102 - above
    thread = vars(module)["threading"].Thread(target=vars(module)["poll"], args=(stop,), daemon=True, name="poller")
    thread.start()
    with pytest.raises(ClockError, match=r"poller \(.*\) woke 50 times in one advance"):
        clock.advance(3600)
    stop.set()
    thread.join()


def test_who_is_still_at_work_is_told_and_left_behind(
    clock: FrozenClock, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refreshproof.scenarios.clocks.waits.PATIENCE", 0.05)
    going = [True]
    exec("def spin(going):\n    while going: pass\n", vars(module))  # noqa: S102 - above
    thread = vars(module)["threading"].Thread(target=vars(module)["spin"], args=(going,), daemon=True, name="spinner")
    thread.start()
    with pytest.warns(ClockWarning, match=r"still at work after 0.05 s of real time: spinner"):
        clock.advance(1)
    going.clear()
    thread.join()
