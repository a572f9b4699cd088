"""Every file that `refreshproof new` writes runs by the command that it prints, and is clean Python."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.starters.starters import STARTERS, module_name, written_for
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.steps.subject import CAPABILITIES

RULES = ("rotation-replace", "rotation-keep-when-absent", "refresh-never-empty", "expiry-recomputed")
BLOCK = re.compile(r"^<!-- executed by tests/harness/starters/test_starters.py -->\n```sh\n(.*?)^```$", re.M | re.S)
PYTHON = [kind for kind, starter in STARTERS.items() if starter.subject.endswith(".py")]


def _code(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's own, who stands in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.mark.parametrize("kind", PYTHON)
def test_a_starter_runs_by_the_command_that_is_printed(
    kind: str, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _code(["new", f"our {kind} client", "--kind", kind]) == ExitCode.AS_EXPECTED
    _, *arguments = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert arguments[:2] == ["run", f"./{module_name(f'our {kind} client')}.py"]
    rules = [word for rule in RULES for word in ("-r", rule)]
    more = () if kind == "httpx" else ("-p", "atlassian")  # a login of its own does not know what Atlassian wants
    code = _code([*arguments, *more, *rules, "--examples", "0", "--no-survey", "-j", "1"])
    told = capsys.readouterr()
    assert code == ExitCode.AS_EXPECTED, told
    assert f"our {kind} client" in told.out + told.err


def test_the_examples_of_the_readme_are_all_that_there_are(tree: Path) -> None:
    section = (tree / "README.md").read_text().partition("### Examples\n")[2].partition("\nThe file holds")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    assert dict(rows) == {f"`{kind}`": starter.summary for kind, starter in STARTERS.items()}


def test_the_readme_begins_with_a_starter(tree: Path, written: Path) -> None:
    [block] = BLOCK.findall((tree / "README.md").read_text())
    begin, run = block.splitlines()
    assert begin.partition("# or ")[2].split(", ") == [kind for kind in STARTERS if kind not in shlex.split(begin)[:5]]
    for line in (begin, run):
        name, *arguments = shlex.split(line, comments=True)
        assert name == "refreshproof"
        assert _code(arguments) == ExitCode.AS_EXPECTED, line


@pytest.mark.parametrize("kind", PYTHON)
def test_a_starter_is_clean_python(kind: str, written: Path) -> None:
    _code(["new", "client", "--kind", kind])
    check = [sys.executable, "-m", "ruff", "check", "--select", "E,F,W,I,B,UP,SIM,C4", "--line-length", "120", "."]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", sorted(set(STARTERS) - set(PYTHON)))
def test_a_program_is_written_whole_and_told_with_what_builds_it(
    kind: str, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _code(["new", "mine", "--kind", kind]) == ExitCode.AS_EXPECTED
    assert {path: (written / path).read_text() for path in written_for(kind, "mine")} == written_for(kind, "mine")
    *build, run = capsys.readouterr().out.splitlines()
    assert build == [STARTERS[kind].build.format(name="mine")] * bool(STARTERS[kind].build)
    assert f"'{STARTERS[kind].subject.format(name='mine')}'" in run or " exec:./mine/" in run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["1st"], "NAME is '1st': found '1' at the beginning, where no module's name can have it; allowed: letters"),
        (["Class"], "NAME is 'Class': found 'class', which is a keyword of Python, so that no module class can be"),
        (["../x"], "NAME is '../x': found '.', which no module's name can hold; allowed: letters, digits, blanks"),
        ([" "], "NAME is ' ': found nothing; allowed"),
        (["httpx"], "NAME is 'httpx': found 'httpx', and a file of that name would hide the module httpx; allowed"),
        (["x", "--kind", "cobol"], "'cobol' is not one of 'get-token'"),
    ],
)
def test_a_wrong_name_or_kind_is_told(
    arguments: list[str], told: str, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _code(["new", *arguments]) == ExitCode.USAGE
    assert told in " ".join(capsys.readouterr().err.split())


def test_nothing_is_written_over_unless_it_is_said(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (written / "mine.py").write_text("mine")
    assert _code(["new", "mine"]) == ExitCode.USAGE
    assert "mine.py is there already" in capsys.readouterr().err
    assert (written / "mine.py").read_text() == "mine"
    assert _code(["new", "mine", "--force"]) == ExitCode.AS_EXPECTED


@pytest.mark.parametrize("command", [["new", "--list-capabilities"], ["list", "capabilities"]])
def test_every_capability_is_explained(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _code(command) == ExitCode.AS_EXPECTED
    told = capsys.readouterr().out
    assert all(f"{name} " in told and promise in told for name, promise in CAPABILITIES.items())
