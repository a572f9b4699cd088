"""A client that never comes to an end breaks its cell and not the run, whatever it loops over, alone and in
parallel."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
from functools import partial
from typing import Any

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.events import CellJudged, VendorExplored
from refreshproof.harness.run.runner import Plan, run
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.clocks import watchdog
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Parallel, Step
from refreshproof.scenarios.steps.subject import Outcome, Surroundings
from refreshproof.scenarios.world.standstill import StandstillError
from refreshproof.scenarios.world.world import WATCH


class Busy(TinyClient):
    """Loops without a look at clock, network or store, and swallows every error."""

    def call(self) -> Outcome:
        """Never return."""
        count = 0
        while True:
            try:
                count += 1
            except Exception:
                count = 0


class Sleepy(TinyClient):
    """Waits for what never happens."""

    def call(self) -> Outcome:
        """Sleep for ever, a second at a time."""
        while True:
            self.surroundings.clock.sleep(1)


class Asking(TinyClient):
    """Asks the resource again and again."""

    def call(self) -> Outcome:
        """Never take an answer for the last."""
        while True:
            self.get(self.known_grant())


class Reading(TinyClient):
    """Reads its store again and again."""

    def call(self) -> Outcome:
        """Poll without a pause."""
        while True:
            self.load()


class InAsyncio(TinyClient):
    """Waits in an event loop for what never comes."""

    def call(self) -> Outcome:
        """Never return."""
        asyncio.run(never())
        return Outcome(kind="ok")


class InThreading(TinyClient):
    """Waits for an event that nobody sets."""

    def call(self) -> Outcome:
        """Never return."""
        threading.Event().wait()
        return Outcome(kind="ok")


class ForAThread(TinyClient):
    """Waits for a thread of its own that waits for ever."""

    def call(self) -> Outcome:
        """Never return."""
        helper = threading.Thread(target=threading.Event().wait, daemon=True)
        helper.start()
        helper.join()
        return Outcome(kind="ok")


class SwallowsIt(TinyClient):
    """Takes whatever is raised while it waits for an error of its own, twice."""

    def call(self) -> Outcome:
        """Never return."""
        for _ in range(2):
            with contextlib.suppress(BaseException):
                threading.Event().wait()
        asyncio.run(never())
        return Outcome(kind="ok")


class HangsAtTheEnd(TinyClient):
    """Waits for ever when it is closed."""

    def close(self) -> None:
        """Never return."""
        threading.Event().wait()


class HangsAtTheBeginning(TinyClient):
    """Waits for ever when it is made."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        threading.Event().wait()


async def never() -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


@pytest.fixture
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WATCH, "patience", 0.3)


def running() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "body" in thread.name}


HANGING = (InAsyncio, InThreading, ForAThread, SwallowsIt)
STEPS = (Call(), Parallel(callers=2), Parallel(callers=2, every_touch=True))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.usefixtures("_little_patience")
def test_a_client_that_is_busy_for_ever_is_ended_and_the_step_is_named(step: Step) -> None:
    before = running()
    with pytest.raises(StandstillError, match=r"step 2 \(.*calls? the API.*\): it took more than 0.3 s of work"):
        play(VENDORS["generic"], Busy, flow(step))
    for thread in running() - before:
        thread.join(timeout=5)
    assert running() - before == set()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("client", HANGING)
def test_a_client_that_waits_for_what_never_comes_is_told_within_the_patience(
    client: type[TinyClient], step: Step
) -> None:
    watch = watchdog.Watch(patience=0.2)
    with pytest.raises(StandstillError, match=r"step 2 \(.*calls? the API.*\): nothing in it moved for 0.2 s") as met:
        play(VENDORS["generic"], client, flow(step), watch=watch)
    watch.rest()
    assert met.value.overdue


def test_a_client_that_waits_beside_a_program_that_lives_is_not_said_to_work() -> None:
    program = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    told = r"step 2 \(.*\): it did not end in 1.2 s of real time"
    try:
        with pytest.raises(StandstillError, match=told) as met:
            play(VENDORS["generic"], InThreading, flow(Call()), watch=watchdog.Watch(patience=0.1))
        assert met.value.overdue
    finally:
        program.communicate(b"\n")


@pytest.mark.parametrize(("client", "when"), [(HangsAtTheBeginning, "the beginning"), (HangsAtTheEnd, "the end")])
def test_a_process_that_never_begins_or_never_ends_is_told_too(client: type[TinyClient], when: str) -> None:
    with pytest.raises(StandstillError, match=f"{when} of a process: nothing in it moved for 0.2 s"):
        play(VENDORS["generic"], client, flow(Call()), watch=watchdog.Watch(patience=0.2))


@pytest.mark.usefixtures("_little_patience")
def test_the_run_goes_on_after_a_client_that_waits_for_ever() -> None:
    names = ("rotation-replace", "authz-state-unguessable")
    plan = Plan(subject=f"{__name__}:InAsyncio", vendors=(VENDORS["generic"],), requirements=names, examples=0)
    cells = {event.cell.requirement: event.cell.outcome for event in run(plan) if isinstance(event, CellJudged)}
    assert cells == {"rotation-replace": "subject_error", "authz-state-unguessable": "satisfied"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("client", [Sleepy, Asking, Reading])
def test_a_loop_over_clock_network_or_store_is_ended_by_its_length(client: type[TinyClient], step: Step) -> None:
    with pytest.raises(StandstillError, match="it touched clock, network and store 100000 times without an end"):
        play(VENDORS["generic"], client, flow(step))


@pytest.mark.usefixtures("_little_patience")
def test_only_a_loop_that_costs_real_time_is_overdue() -> None:
    with pytest.raises(StandstillError) as busy:
        play(VENDORS["generic"], Busy, flow(Call()))
    with pytest.raises(StandstillError) as sleepy:
        play(VENDORS["generic"], Sleepy, flow(Call()))
    assert (busy.value.overdue, sleepy.value.overdue) == (True, False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # where the watch strikes in a callback
@pytest.mark.usefixtures("_little_patience")
def test_a_run_tells_the_cell_as_the_clients_fault_and_leaves_the_rest_of_the_family_alone() -> None:
    names = ("rotation-replace", "rotation-old-never-reused", "authz-state-unguessable")
    plan = Plan(subject=f"{__name__}:Busy", vendors=(VENDORS["generic"],), requirements=names, examples=0)
    cells = {event.cell.requirement: event.cell for event in run(plan) if isinstance(event, CellJudged)}
    assert cells["rotation-replace"].outcome == "subject_error"
    assert "it took more than" in cells["rotation-replace"].why
    assert cells["rotation-old-never-reused"].why.startswith("Not played, for in rotation-replace")
    assert cells["authz-state-unguessable"].outcome == "satisfied"


def test_generated_lives_of_such_a_client_are_its_fault_too() -> None:
    plan = Plan(subject=f"{__name__}:Sleepy", vendors=(VENDORS["generic"],), requirements=("rotation-replace",))
    explored = [event for event in run(plan) if isinstance(event, VendorExplored)]
    assert [cell.outcome for event in explored for cell in event.cells] == ["subject_error"]


def test_the_watch_leaves_honest_work_alone_and_rests_before_a_fork() -> None:
    with WATCH:
        pass
    assert WATCH._thread is not None
    WATCH.rest()
    assert WATCH._thread is None
    with watchdog.Watch(patience=0.05) as watch:
        watch.rest()


def test_a_thread_that_waits_and_moves_has_longer_than_one_that_works() -> None:
    """A loaded machine makes honest work slow; a client that goes on so is ended all the same."""
    never = threading.Event()
    with watchdog.Watch(patience=0.2):
        any(never.wait(0.05) for _ in range(12))
    with pytest.raises(watchdog.Unended), watchdog.Watch(patience=0.05):
        any(never.wait(0.01) for _ in range(1000))


def test_a_thread_that_waits_for_another_that_works_is_not_stuck() -> None:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(1000))

    helper, timer = threading.Thread(target=work), threading.Timer(0.6, over.set)
    helper.start()
    timer.start()
    with watchdog.Watch(patience=0.15):
        helper.join()
    assert over.is_set()


def test_a_thread_that_waits_for_a_program_is_not_stuck() -> None:
    program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.6)"])
    with watchdog.Watch(patience=0.15):
        assert program.wait() == 0


def test_a_signal_that_comes_too_late_does_no_harm() -> None:
    with watchdog.Watch(patience=5):
        pass
    signal.raise_signal(signal.SIGURG)


def test_a_person_at_a_breakpoint_has_all_the_time_there_is() -> None:
    """A thread inside the debugger's own module is left alone; the same thread elsewhere is not."""
    loop = "def stay(worked, until):\n while worked() < until: pass\n"
    worked = partial(watchdog._worked, threading.get_ident())
    outcomes = []
    for module in ("pdb", "other"):
        namespace: dict[str, Any] = {"__name__": module}
        exec(loop, namespace)  # noqa: S102 - a function of a module with a chosen name
        try:
            with watchdog.Watch(patience=0.1):
                namespace["stay"](worked, worked() + 0.5)
            outcomes.append("left alone")
        except watchdog.Overdue:
            outcomes.append("ended")
    assert outcomes == ["left alone", "ended"]
