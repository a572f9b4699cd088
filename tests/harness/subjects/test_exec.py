"""A client that is a program of its own, in whatever language: commands and answers in lines of JSON, requests over
loopback, time with every command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.subjects.exec.program import ProgramError
from refreshproof.harness.subjects.exec.subject import end_idle_programs
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Outcome
from refreshproof.scenarios.world.world import World

pytestmark = pytest.mark.sockets

KIT = Path(__file__).parents[2] / "kit"
GENERIC = VENDORS["generic"]


@pytest.fixture(autouse=True)
def _no_process_left() -> Iterator[None]:
    yield
    end_idle_programs()


def foreign(*flaws: str) -> str:
    return " ".join((f"exec:{sys.executable}", str(KIT / "foreign_client.py"), *flaws))


def logged_in(*flaws: str) -> World:
    world = World(GENERIC, subject_factory(foreign(*flaws)), Scenario(steps=()))
    callback = world.visit(world.subject.authorize())
    assert callback is not None
    assert world.deliver(callback) == Outcome(kind="ok", status=200, refreshable=True)
    return world


def test_a_program_logs_in_and_calls_at_the_vendors_own_addresses_and_refreshes_in_virtual_time() -> None:
    world = logged_in()
    assert world.subject.call() == Outcome(kind="ok", status=200)
    world.clock.advance(3600)
    assert world.subject.call() == Outcome(kind="ok", status=200)
    sent = [(one.origin, one.grant_type) for one in world.journal.exchanges()]
    assert sent == [
        ("https://auth.example.com", None),
        ("https://auth.example.com", "authorization_code"),
        ("https://api.example.com", None),
        ("https://auth.example.com", "refresh_token"),
        ("https://api.example.com", None),
    ]
    world.close()


@pytest.mark.parametrize(("flaws", "outcome"), [((), "satisfied"), (("keeps-first",), "violated")])
def test_a_program_is_judged_like_any_other_client(flaws: tuple[str, ...], outcome: str) -> None:
    factory = subject_factory(foreign(*flaws))
    about = describe(factory, GENERIC)
    assert (about.name, about.version, *sorted(about.capabilities)) == ("foreign client", "3", "refresh", "restart")
    cell = judge(CATALOGUE["rotation-replace"], GENERIC, factory, about.capabilities)
    assert cell.outcome == outcome, cell.why


@pytest.mark.parametrize(
    "fault",
    [
        FaultSpec(fault="drop", parameters={"how": "before_headers"}, times=1),
        FaultSpec(fault="truncate", parameters={"at": 5}, times=1),
        FaultSpec(fault="status", parameters={"code": 503}, times=1),
    ],
)
def test_trouble_on_the_way_reaches_a_program_on_its_socket(fault: FaultSpec) -> None:
    world = logged_in()
    world.faults.add(fault)
    assert world.subject.refresh().kind == "transient_error"
    assert world.subject.call().kind == "ok"
    world.close()


def test_a_dead_grant_a_missing_command_and_a_login_that_was_refused_are_told() -> None:
    world = logged_in()
    world.provider.revoke_user("alice")
    refused = world.subject.refresh()
    assert (refused.kind, refused.status, refused.error) == ("reauthorization_required", 400, "invalid_grant")
    assert world.subject.disconnect().kind == "unsupported"
    assert world.subject.callback("https://app.example.com/?error=access_denied&state=x").error == "access_denied"
    world.close()


def test_a_program_serves_one_session_after_another() -> None:
    worlds = [logged_in(), logged_in()]
    programs = {world.subject._program for world in worlds}  # type: ignore[attr-defined]
    assert len(programs) == 2
    for world in worlds:
        world.close()
    third = logged_in()
    assert third.subject._program in programs  # type: ignore[attr-defined]
    third.close()


@pytest.mark.parametrize(
    ("flaw", "why"),
    [("dies", "the program ended with exit status 9"), ("stuck", "no answer to call within 4 s")],
)
def test_a_program_that_ends_or_hangs_has_crashed_and_the_next_session_has_a_new_one(flaw: str, why: str) -> None:
    world = logged_in(flaw)
    assert world.subject.call() == world.subject.call() == Outcome(kind="crash", detail=why)
    world.close()
    logged_in(flaw).close()


@pytest.mark.parametrize(
    ("flaw", "why"),
    [
        ("deaf", r"answers a command that there is not; expected .'unsupported': true"),
        ("babbles", "the answer to is-this-a-command is no JSON object, one to a line"),
        ("brags", "start: capabilities: 'parallel'; a program can claim disconnect, refresh, restart"),
    ],
)
def test_a_program_that_does_not_keep_the_protocol_is_told_where(flaw: str, why: str) -> None:
    with pytest.raises(ProgramError, match=why):
        World(GENERIC, subject_factory(foreign(flaw)), Scenario(steps=()))


def test_a_program_whose_clock_cannot_be_set_is_suited_to_no_vendor() -> None:
    about = describe(subject_factory(foreign("late")), GENERIC)
    assert about.unsuited is not None
    assert "shows 0 where the command said 1900000000" in about.unsuited


@pytest.mark.parametrize("command", ["no-such-program --at-all", "", "'"])
def test_a_command_that_cannot_be_started_is_a_mistake_of_the_user(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", f"exec:{command}", "-p", "generic", "-r", "rotation-replace"])
    assert ended.value.code == ExitCode.USAGE
    assert f"exec:{command}: " in capsys.readouterr().err
