"""The pipeline of the README: red for what is new, green for what is known, and it says so when that is fixed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
CLIENT = """
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness import TinyClient


class MyClient(%s):
    def describe(self):
        from dataclasses import replace
        return replace(super().describe(), name="my client", version="%s")
"""
FLAWED, SOUND = 'MINIATURES["rotation-replace"].client', "TinyClient"
BLOCK = re.compile(r"<!-- executed by tests/harness/cli/reports/test_baseline.py -->\n```sh\n(.*?)^```$", re.M | re.S)


class Pipeline:
    """A project with a client in it, in which the README's lines are pasted into a shell."""

    def __init__(self, folder: Path, tree: Path) -> None:
        self.folder = folder
        self.lines = [line for block in BLOCK.findall((tree / "README.md").read_text()) for line in block.splitlines()]
        program = folder / "bin" / "refreshproof"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{COMMAND}" "$@"\n')
        program.chmod(0o755)
        path = os.pathsep.join((str(program.parent), os.environ["PATH"]))
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def client(self, base: str, version: str) -> None:
        (self.folder / "my_client.py").write_text(CLIENT % (base, version))

    def run(self, line: str) -> tuple[int, str]:
        done = subprocess.run(["sh", "-c", line], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_the_pipeline_of_the_readme_is_red_green_and_says_what_is_fixed(tree: Path, tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, tree)
    gate, update = pipeline.lines
    (tmp_path / "known.toml").write_text("# nothing is known yet\n")

    pipeline.client(FLAWED, "1.0")
    code, told = pipeline.run(gate)
    assert code == 1, told
    assert "baseline new at atlassian" in told
    assert pipeline.run(update)[0] == 0

    code, told = pipeline.run(gate)
    assert code == 0, told
    assert "Nothing new: " in told
    assert "baseline known (" in told

    pipeline.client(SOUND, "1.1")
    code, told = pipeline.run(gate)
    assert code == 6, told
    assert "Baseline drift: " in told
    assert "rotation-replace at atlassian (A1: a spent token or code is presented) is fixed" in told
    assert pipeline.run(update)[0] == 0
    assert (tmp_path / "known.toml").read_text().startswith("# nothing is known yet\n")

    assert pipeline.run(gate)[0] == 0
    pipeline.client(FLAWED, "1.2")
    assert pipeline.run(gate)[0] == 1, "what was fixed and comes back is new"


RUN = ("run", "miniature:rotation-replace", "-p", "atlassian", "-r", "rotation-replace", "--examples", "0", "-j", "1")


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out + printed.err


def test_check_compares_the_last_run_without_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, report = tmp_path / "known.toml", tmp_path / "report"
    assert call(capsys, *RUN, "--out", report)[0] == 1
    file.write_text("")
    code, told = call(capsys, "baseline", "check", file, "--report", report)
    assert (code, told.splitlines()[0]) == (1, "new: rotation-replace at atlassian (A1)")
    assert call(capsys, "baseline", "update", file, "--report", report, "--expires", "2026-01-01")[0] == 0
    code, told = call(capsys, "baseline", "check", file, "--report", report)
    assert (code, told.splitlines()[0]) == (1, "expired: rotation-replace at atlassian (A1)")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "tiny", "--baseline", "none.toml"), "none.toml: No such file or directory; `refreshproof baseline"),
        (("run", "tiny", "--baseline", "bad.toml"), "bad.toml: unknown key 'x'; allowed is [[known]]"),
        (("baseline", "check", "bad.toml"), "bad.toml: unknown key 'x'"),
        (("baseline", "update", "known.toml"), "`refreshproof run` writes such a file"),
        (("baseline", "update", "known.toml", "--expires", "soon"), "'soon' does not match the format '%Y-%m-%d'"),
    ],
)
def test_a_mistake_is_told_before_anything_is_played(
    arguments: tuple[str, ...],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("x = 1\n")
    code, printed = call(capsys, *arguments)
    assert code == 4
    assert told in " ".join(printed.split())
    assert "Traceback" not in printed
