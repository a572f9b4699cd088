"""What a program can claim beyond one call at a time: callers at once, other processes on its store, https, a time that
is not told; and what it writes to stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.subjects.exec.home import Home, Needs, faketime
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Delay, Parallel, Step, Until
from refreshproof.scenarios.steps.subject import SubjectFactory
from refreshproof.scenarios.world.world import World

pytestmark = pytest.mark.sockets

KIT = Path(__file__).parents[2] / "kit"
GENERIC = VENDORS["generic"]
EXPIRED = Until(limit="access_token_expiry", offset=1)
SLOW = Delay(leg="server", seconds=1)


def able(*flags: str) -> SubjectFactory:
    return subject_factory(" ".join((f"exec:{sys.executable}", str(KIT / "able_clock_client.py"), *flags)))


def outcome(requirement: str, factory: SubjectFactory, vendor: str = "generic") -> str:
    capabilities = describe(factory, VENDORS[vendor]).capabilities
    cell = judge(CATALOGUE[requirement], VENDORS[vendor], factory, capabilities, shorten=False)
    return cell.outcome


def test_callers_of_one_program_share_its_refresh_in_virtual_time() -> None:
    journal = play(GENERIC, able("callers"), flow(EXPIRED, SLOW, Parallel(callers=3)))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"] * 3
    assert [one.presented for one in journal.exchanges() if one.grant_type == "refresh_token"] == ["RT1"]
    calls = [one for one in journal.exchanges() if one.view == "resource"]
    assert sorted(one.actor for one in calls) == ["actor 1", "actor 2", "actor 3"]
    assert {one.at - one.began_at for one in journal.outcomes("call")} == {1_000_000}


@pytest.mark.parametrize(("flags", "expected"), [((), "satisfied"), (("naive",), "violated")])
def test_callers_of_a_program_are_judged_like_those_of_any_client(flags: tuple[str, ...], expected: str) -> None:
    assert outcome("concurrency-single-flight", able("callers", *flags)) == expected


def test_each_request_of_a_caller_is_known_as_its_own() -> None:
    """Every caller makes its own refresh and its own call, whoever's turn it was to carry them."""
    journal = play(VENDORS["google"], able("callers", "naive"), flow(EXPIRED, SLOW, Parallel(callers=2)))
    for one in journal.outcomes("call"):
        own = [exchange.view for exchange in journal.exchanges() if exchange.actor == one.actor]
        assert own == ["token", "resource"], one


def test_a_caller_whose_gate_is_taken_while_another_ends_goes_on() -> None:
    schedule = Parallel(callers=2, schedule="0000101", every_touch=True)
    journal = play(GENERIC, able("callers"), flow(EXPIRED, schedule))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"] * 2


def test_a_program_that_serves_one_caller_at_a_time_is_not_asked_for_more() -> None:
    assert outcome("concurrency-single-flight", able()) == "unsupported"


def test_other_processes_work_on_the_store_of_a_program() -> None:
    steps: tuple[Step, ...] = (EXPIRED, SLOW, Parallel(callers=4, nodes=2), Call())
    journal = play(VENDORS["atlassian"], able("callers", "shares"), flow(*steps))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"] * 5
    assert {one.node for one in journal.outcomes("call")} == {1, 2}
    assert [one.presented for one in journal.exchanges() if one.grant_type == "refresh_token"] == ["RT1"]


def test_processes_that_share_a_store_are_judged() -> None:
    assert outcome("concurrency-processes", able("callers", "shares"), "atlassian") == "satisfied"


def test_the_death_of_a_process_ends_all_its_callers_and_a_new_one_goes_on_with_the_store() -> None:
    dies = (EXPIRED, SLOW, Crash(), Parallel(callers=2), Advance(seconds=5), Call())
    journal = play(VENDORS["atlassian"], able("callers"), flow(*dies))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"]
    assert [one.presented for one in journal.exchanges() if one.grant_type == "refresh_token"] == ["RT1", "RT1"]


def test_whoever_does_not_wait_for_a_process_that_dies_gets_what_was_delivered() -> None:
    """The second caller's refresh has arrived and is answered: what was delivered is also stored."""
    dies = (EXPIRED, Delay(leg="server", seconds=5, times=2), Crash(moment="arrived"), Parallel(callers=2), Call())
    journal = play(VENDORS["google"], able("callers", "naive"), flow(*dies))
    delivered = [one.delivered for one in journal.exchanges() if one.grant_type == "refresh_token"]
    assert delivered == [False, True]
    assert [one.kind for one in journal.outcomes("call")] == ["ok", "ok"]


def test_what_a_program_writes_to_stderr_is_judged_where_it_was_written_and_kept_without_secrets() -> None:
    factory = able("tells")
    assert outcome("security-no-secret-in-output", factory) == "violated"
    journal = play(GENERIC, factory, flow(Call()))
    *login, call = journal.outcomes()
    assert [one.leaks for one in login] == [(), ()]
    assert (call.log, call.leaks) == (("calling with AT1",), ("AT1",))


def test_a_program_that_wants_https_finds_its_vendors_there() -> None:
    world = World(GENERIC, able("https"), Scenario(steps=()))
    assert "vendors at https" in world.subject.circumstances[0]  # type: ignore[attr-defined]
    world.close()
    journal = play(GENERIC, able("https"), flow(EXPIRED, Call()))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"]


@pytest.mark.faketime
def test_a_program_that_reads_the_systems_time_lives_in_virtual_time() -> None:
    assert faketime() is not None
    factory = able("own-time")
    world = World(GENERIC, factory, Scenario(steps=()))
    assert world.description.unsuited is None
    assert "libfaketime" in world.subject.circumstances[1]  # type: ignore[attr-defined]
    world.close()
    journal = play(GENERIC, factory, flow(Call(), EXPIRED, Call(), Advance(seconds=60), Call()))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"] * 3
    assert len(journal.exchanges("token")) == 2


@pytest.mark.faketime
def test_a_program_in_python_can_sleep_where_time_is_made_virtual(tmp_path: Path) -> None:
    """And what its user has as sitecustomize is read all the same."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.own = True")
    home = Home(Needs(preload=faketime() or ""))
    path = os.pathsep.join((home.environment["PYTHONPATH"], str(tmp_path)))
    slept = subprocess.run(
        [sys.executable, "-c", "import sys, time; time.sleep(0.001); print(sys.own)"],
        env=os.environ | home.environment | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    home.close()
    assert (slept.stdout, slept.stderr) == ("True\n", "")


def test_an_answer_may_leave_its_number_out_where_one_command_is_under_way() -> None:
    journal = play(GENERIC, able("wordless"), flow(EXPIRED, Call()))
    assert [one.kind for one in journal.outcomes("call")] == ["ok"]
