"""Whatever is typed: no traceback, an exit code of the table, and never 1, which means a finding."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.fuzzing import inputs
from refreshproof.harness.cli.command import COMMANDS, cli, main
from refreshproof.reports.verdict import ExitCode

SHORT = ("run", "list", "explain", "replay", "profile")
"""Commands that end of themselves, whatever they are given; `run` is given nothing that it could play."""

WORDS = [
    *(name for name in COMMANDS if name in SHORT),
    *("subjects", "providers", "requirements", "check", "show", "schema", "--help", "-h", "--version", "--", "-"),
    *("--provider", "-p", "--profile", "--requirement", "-r", "--examples", "--seed", "--jobs", "-j", "--report"),
    *("--out", "--database", "--strict", "--lenient", "--schema", "--json", "--subject", "--survey", "--no-survey"),
    *("--settings", "--baseline"),
    *("generic", "google", "rotation-replace", "x-*", "[", "*", "--=", "0", "-1", "1", "99999999999999999999", "nan"),
    *("", " ", "\n", "\x00", "\udcff", "ä", "a" * 300, "/dev/null", "/dev/zero", "/proc/self/mem", "/", ".", "file"),
    *("os:getcwd", "os:", ":x", "miniature:none", "miniature:", "json:loads", "./x.py:Y", "exec:", "exec:false"),
]  # fmt: skip
ALLOWED = {int(code) for code in ExitCode} - {int(ExitCode.UNEXPECTED)}


def ended(arguments: list[str]) -> tuple[int, str]:
    """Run the command line in this process; returns the exit code and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0), out.getvalue() + err.getvalue()


@inputs(150)
@given(arguments=st.lists(st.sampled_from(WORDS), max_size=6))
def test_no_arguments_end_in_a_traceback_or_in_a_finding(
    arguments: list[str], monkeypatch_module: pytest.MonkeyPatch
) -> None:
    if "run" in arguments:
        arguments = [*arguments, "-r", "no-such-*"]
    code, told = ended(arguments)
    assert code in ALLOWED, (arguments, told)
    assert "Traceback" not in told


@pytest.fixture(scope="module")
def monkeypatch_module(tmp_path_factory: pytest.TempPathFactory) -> pytest.MonkeyPatch:
    """A folder of its own to be in, in which a file stands."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("arguments")
    (folder / "file").write_text("[")
    patch.chdir(folder)
    return patch


READERS = {
    "replay": lambda file: ["replay", str(file)],
    "profile": lambda file: ["profile", "check", str(file)],
    "own vendor": lambda file: ["run", "tiny", "--profile", str(file), "-r", "no-such-*"],
    "configuration": lambda file: ["client", "--database", "sqlite://", "configure", str(file)],
    "settings of run": lambda file: ["run", "tiny", "--settings", str(file), "-r", "no-such-*"],
    "settings": lambda file: ["client", "--database", "sqlite://", "--settings", str(file), "check"],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text",
    [b"", b"\xff\xfe", b"\x00", b"[" * 50_000, b"{" * 50_000, b"a=1\na=1", b'{"a": Infinity}', b"a = nan", b"[]"],
)
def test_no_file_ends_in_a_traceback_or_in_a_finding(reader: str, text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(text)
    code, told = ended(READERS[reader](file))
    assert code != ExitCode.AS_EXPECTED or reader == "own vendor" or not text, told
    assert code in ALLOWED
    assert "Traceback" not in told


@pytest.mark.parametrize("reader", ["replay", "profile", "own vendor"])
def test_a_device_is_no_file(reader: str) -> None:
    code, told = ended(READERS[reader](Path("/dev/zero")))
    assert code == ExitCode.USAGE
    assert "found a device; expected a file" in " ".join(told.split())


def test_a_kill_matrix_that_is_none_is_told(tmp_path: Path) -> None:
    for text in ("", "[", json.dumps({"schema": 1}), '{"a": NaN}'):
        (tmp_path / "kill-matrix.json").write_text(text)
        code, told = ended(["run", "tiny", "-r", "rotation-replace", "-p", "generic", "--out", str(tmp_path)])
        assert code == ExitCode.USAGE
        assert "kill-matrix.json" in told


def test_strict_and_lenient_exclude_each_other() -> None:
    code, told = ended(["run", "--strict", "--lenient"])
    assert (code, "choose one of them" in told) == (ExitCode.USAGE, True)


def test_every_command_is_a_command() -> None:
    with click.Context(cli) as context:
        assert all(cli.get_command(context, name) is not None for name in COMMANDS)
