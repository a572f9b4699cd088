"""A client that is a program of its own, in whatever language: commands and answers in lines of JSON, requests over
loopback, time with every command."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.run.cells import describe, judge
from refreshproof.harness.subjects.exec.answers import ProgramError
from refreshproof.harness.subjects.exec.home import Needs
from refreshproof.harness.subjects.exec.program import Program
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Until
from refreshproof.scenarios.steps.subject import Outcome
from refreshproof.scenarios.world.world import World

pytestmark = pytest.mark.sockets

KIT = Path(__file__).parents[2] / "kit"
GENERIC = VENDORS["generic"]


def foreign(*flaws: str) -> str:
    return " ".join((f"exec:{sys.executable}", str(KIT / "foreign_client.py"), *flaws))


def able(*flags: str) -> str:
    return " ".join((f"exec:{sys.executable}", str(KIT / "able_clock_client.py"), *flags))


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
    [
        ("dies", r"^the program ended with exit status 9; its stderr ends I am unwell, and my token is \*\*\*$"),
        ("stuck", "^no answer to call within 4 s$"),
        ("drips", r"^no answer to call within 4 s; its line began x+$"),
        ("floods", r"^the answer to call is longer than 1000000 bytes; its line began .*\.\.\.$"),
        ("asleep", "^the program has closed its output$"),
    ],
)
def test_a_program_that_ends_or_hangs_is_broken_and_the_next_session_has_a_new_one(flaw: str, why: str) -> None:
    world = logged_in(flaw)
    for _ in range(2):
        with pytest.raises(ProgramError, match=why):
            world.subject.call()
    world.close()
    logged_in(flaw).close()


@pytest.mark.parametrize(
    ("flaw", "why"),
    [
        ("deaf", r"answers a command that it does not know; expected .'unsupported': true., or the protocol"),
        ("babbles", "the answer to hello is no JSON object, one to a line: hello$"),
        ("brags", 'start: capabilities: "pages"; a program can claim clock, disconnect, flow_limits'),
        ("list-claimed", r'start: capabilities: \["refresh"\]; a program can claim clock, disconnect, flow_limits'),
        ("word-claimed", 'the answer to start: capabilities is "refresh"; expected a list of clock, disconnect'),
        ("half-a-name", "the answer to start holds half a character: .*half .ud800"),
        ("long-name", r'the answer to start: name is "\*\*\*"; expected a printable text of at most 100 characters'),
        ("no-subject", r"the answer to start: subject is \[\]; expected an object"),
        ("no-number", 'the answer to clock is no JSON object, one to a line: {"id": 3, "ok": true, "now": NaN}'),
    ],
)
def test_a_program_that_does_not_keep_the_protocol_at_its_start_is_told_where(flaw: str, why: str) -> None:
    with pytest.raises(ProgramError, match=why):
        World(GENERIC, subject_factory(foreign(flaw)), Scenario(steps=()))


@pytest.mark.parametrize(
    ("flaw", "why"),
    [
        ("no-url", "the answer to authorize: url is 7; expected a text"),
        ("no-truth", 'the answer to callback: refreshable is "yes"; expected true or false'),
        ("no-status", 'the answer to call: status is "200"; expected an HTTP status'),
        ("status-of-lists", r"the answer to call: status is \[200\]; expected an HTTP status"),
        ("no-class", 'the answer to call: class is "sad"; expected one of invalid_grant, reauth_required'),
        ("no-error", "the answer to call: error is missing; expected an object with a class"),
        ("garbage", r"the answer to call is no JSON object, one to a line: Traceback: \? of \*\*\*$"),
        ("deep", r"the answer to call is no JSON object, one to a line: \[\[\[\[.*\.\.\.$"),
    ],
)
def test_what_is_no_answer_is_told_with_the_line_and_without_what_may_be_secret(flaw: str, why: str) -> None:
    world = World(GENERIC, subject_factory(foreign(flaw)), Scenario(steps=()))

    def work() -> None:
        callback = world.visit(world.subject.authorize())
        assert callback is not None
        world.subject.callback(callback)
        world.subject.call()

    with pytest.raises(ProgramError, match=why):
        work()
    world.close()


def test_the_report_of_a_broken_program_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["run", foreign("half-a-name"), "-p", "generic", "-r", "rotation-replace", "--out", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        main(asked)
    assert ended.value.code not in (0, 1)
    assert "half a character" in capsys.readouterr().err


def test_a_program_whose_clock_cannot_be_set_is_suited_to_no_vendor() -> None:
    about = describe(subject_factory(foreign("late")), GENERIC)
    assert about.unsuited is not None
    assert "shows 0.0 where the command said 1900000000" in about.unsuited


@pytest.mark.parametrize(("flaws", "outcome"), [((), "satisfied"), (("follows",), "violated")])
@pytest.mark.parametrize("requirement", ["security-no-token-redirects", "security-token-audience"])
def test_where_a_redirect_is_followed_to_is_seen(requirement: str, flaws: tuple[str, ...], outcome: str) -> None:
    factory = subject_factory(foreign(*flaws))
    cell = judge(CATALOGUE[requirement], GENERIC, factory, describe(factory, GENERIC).capabilities, shorten=False)
    assert cell.outcome == outcome, cell.why


def test_a_refresh_token_that_goes_along_with_a_redirect_arrives_at_the_foreign_host() -> None:
    elsewhere = {"code": 307, "location": "https://elsewhere.example.net/token"}
    redirects = Fault(fault="redirect_to", parameters=elsewhere)
    story = flow(Until(limit="access_token_expiry", offset=1), redirects, Call())
    followed, stayed = (play(GENERIC, subject_factory(foreign(*flaws)), story) for flaws in (("follows",), ()))
    assert [(one.url, dict(one.parameters)["refresh_token"]) for one in followed.exchanges() if "else" in one.url] == [
        ("https://elsewhere.example.net/token", "RT1")
    ]
    assert [one.url for one in stayed.exchanges() if "elsewhere" in one.url] == []


@pytest.mark.parametrize("memory", [(), ("in-memory",)])
def test_after_its_death_a_program_goes_on_with_what_it_has_stored(memory: tuple[str, ...]) -> None:
    factory = subject_factory(foreign(*memory))
    dies = (Until(limit="access_token_expiry", offset=1), Crash(), Call(), Advance(seconds=5), Call(), Call())
    journal = play(VENDORS["atlassian"], factory, flow(*dies))
    assert [one.kind for one in journal.outcomes("call")] == ["ok", "ok"]
    assert [one.presented for one in journal.exchanges() if one.grant_type == "refresh_token"] == ["RT1", "RT1"]


def test_a_restart_is_a_new_process_on_the_same_store() -> None:
    world = logged_in()
    program = world.subject._program  # type: ignore[attr-defined]
    before = program.pid
    world.subject.restart()
    assert program.pid != before
    assert world.subject.call() == Outcome(kind="ok", status=200)
    world.close()
    again = logged_in()
    assert again.subject._program is program  # type: ignore[attr-defined]
    again.close()


def test_a_session_begins_with_nothing_stored_by_another() -> None:
    logged_in().close()
    world = World(GENERIC, subject_factory(foreign()), Scenario(steps=()))
    assert world.subject.call().kind == "reauthorization_required"
    world.close()


def test_a_crash_between_answer_and_store_accuses_no_innocent_program() -> None:
    factory = subject_factory(foreign())
    requirement = CATALOGUE["rotation-crash-before-save"]
    cell = judge(requirement, GENERIC, factory, describe(factory, GENERIC).capabilities, shorten=False)
    assert cell.outcome == "satisfied", cell.why


PARENT = """
import sys
sys.path[:0] = {path!r}
from refreshproof.harness.subjects.exec.home import Needs
from refreshproof.harness.subjects.exec.program import Program
program = Program({command!r}, Needs())
program.send("hello", 0)
program._open["stdout"].readline()
print(program.pid, flush=True)
input()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
@pytest.mark.parametrize("command", [foreign(), able("child"), f"exec:sh -c '{foreign().removeprefix('exec:')}; true'"])
def test_no_program_outlives_this_process_even_when_that_is_killed(command: str) -> None:
    script = PARENT.format(path=sys.path, command=command.removeprefix("exec:"))
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        members = _members(int(parent.stdout.readline()))
        assert len(members) == (1 if command == foreign() else 2)
        parent.kill()
    for pid in members:
        _wait_for_the_end_of(pid)


def test_what_a_program_has_begun_ends_with_it() -> None:
    program = Program(f"sh -c '{foreign().removeprefix('exec:')}; true'", Needs())
    program.send("hello", 0)
    program._open["stdout"].readline()
    group = program.pid
    program.close()
    for pid in _members(group):
        _wait_for_the_end_of(pid)


def _members(group: int) -> list[int]:
    return [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _group(stat) == group]


def _group(stat: Path) -> int:
    try:
        return int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[2])
    except (OSError, ValueError, IndexError):
        return 0


def _wait_for_the_end_of(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([descriptor], [], [], 10)[0], "the program lives on"
    os.close(descriptor)


@pytest.mark.parametrize("command", ["no-such-program --at-all", "", "'"])
def test_a_command_that_cannot_be_started_is_a_mistake_of_the_user(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", f"exec:{command}", "-p", "generic", "-r", "rotation-replace"])
    assert ended.value.code == ExitCode.USAGE
    assert f"exec:{command}: " in capsys.readouterr().err
