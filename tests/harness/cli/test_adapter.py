"""`refreshproof adapter`: what is wrong with an adapter is named before a run, with what to do next."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.subjects.exec.page import page

KIT = Path(__file__).parents[2] / "kit"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; returns exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as end:
        main(["adapter", *arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def program(*flaws: str, client: str = "foreign_client.py") -> str:
    return " ".join((f"exec:{sys.executable}", str(KIT / client), *flaws))


def test_the_protocol_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "protocol") == (0, page(), "")


@pytest.mark.parametrize("subject", ["tiny", "engine"])
def test_a_class_that_works_is_ready(subject: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = call(capsys, "check", subject)
    assert (code, "wrong" in told) == (0, False), told
    for scene in ("login", "first call", "expiry", "restart", "two callers", "another process", "disconnect"):
        assert scene in told
    assert f"Ready: refreshproof run {subject}" in told


def test_a_client_without_a_lock_is_ready_for_a_run_to_judge(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = call(capsys, "check", "miniature:concurrency-single-flight")
    assert (code, "wrong" in told) == (0, False), told
    assert "well   two callers at once after the expiry" in told


@pytest.mark.sockets
def test_a_program_that_works_is_ready_and_its_circumstances_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = call(capsys, "check", program("callers", "shares", client="able_clock_client.py"))
    assert code == 0, told
    assert "vendors at http on loopback" in told
    assert "time: `now` of each command, or the file REFRESHPROOF_CLOCK" in told
    assert "not virtual: timers, sleeps, timeouts" in told
    assert "claims: refresh, restart, parallel, shared_store" in told


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("flaw", "expected"),
    [
        ("babbles", ["no JSON object, one to a line: hello", "next  print nothing but answers to stdout"]),
        ("deaf", ["answers a command that it does not know", 'next  answer {"unsupported": true} to every']),
        ("brags", ['capabilities: "pages"; a program can claim', "line  {", "next  claim what stands in the list"]),
        ("late", ["shows 0.0 where the command said 1900000000", "next  take the time from `now`"]),
        ("no-url", ["url is 7; expected a text", 'line  {"id": 6, "ok": true, "url": 7}', "next  write the answer"]),
        ("no-status", ['status is "200"; expected an HTTP status, a number from 100 to 999', "well   refresh, forced"]),
        ("dies", ["ended with exit status 9", "stderr  I am unwell, and my token is ***", "next  read on until"]),
        ("keeps-first", []),
    ],
)
def test_each_mistake_of_a_program_is_named(flaw: str, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = call(capsys, "check", program(flaw))
    assert code == (7 if expected else 0), told
    for words in expected:
        assert words in told


def test_everything_that_is_wrong_with_one_answer_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hello = '{"id": 1, "ok": true, "protocol": 9, "https": "yes"}'
    (tmp_path / "client.py").write_text(f"input(); print('''{hello}''', flush=True); input()\n")
    code, _, told = call(capsys, "check", f"exec:{sys.executable} {tmp_path}/client.py")
    assert code == 7
    assert "protocol is 9; expected a number from 1 to 2" in told
    assert 'https is "yes"; expected true or false' in told
    assert "2 mistakes" in told


ADAPTERS = """
from refreshproof.harness import Adapter, TinyClient
from refreshproof.scenarios.steps.subject import OK, Outcome

class Raises(TinyClient):
    def call(self):
        raise KeyError("access_token")

class Returns(TinyClient):
    def call(self):
        return 200

class Forgets(TinyClient):
    def restart(self):
        self.disk.grant = None

class Unready(TinyClient):
    def __init__(self, surroundings):
        raise ValueError("no settings")
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Raises",
            ["call ended in KeyError: 'access_token' (", "adapters_of_a_user.py:7", "next  send the access token"],
        ),
        ("Returns", ["call returned int 200; allowed: an Outcome", "adapters_of_a_user.py"]),
        ("Forgets", ["call ended in reauthorization_required", "next  write the tokens to the store"]),
        ("Unready", ["the client could not be made", "ValueError: no settings"]),
    ],
)
def test_each_mistake_of_a_class_is_named(
    name: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "adapters_of_a_user.py").write_text(ADAPTERS)
    monkeypatch.syspath_prepend(tmp_path)
    code, _, told = call(capsys, "check", f"adapters_of_a_user:{name}")
    assert code == 7, told
    for words in expected:
        assert words in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "exec:no-such-program"], "there is no program 'no-such-program'"),
        (["check", "engin"], "did you mean engine"),
        (["check", "no_such_module:Client"], "no_such_module"),
        (["check", "tiny", "-p", "gogle"], "'gogle'; there are"),
        (["check"], "Missing argument"),
    ],
)
def test_what_cannot_be_tried_is_a_mistake_of_usage(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, told = call(capsys, *arguments)
    assert code == 4
    assert words in told
