"""Every command that a failing run prints plays the same client again and finds the same, pasted as it stands."""

from __future__ import annotations

import html
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
CLIENT = """
from refreshproof.harness.subjects.miniatures import MINIATURES


def flawed(surroundings):
    return MINIATURES["rotation-replace"].client(surroundings)
"""
VENDOR = """
extends = "generic"
name = "our-gateway"
title = "Our gateway"
"""


def pasted(line: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line as a shell does that it is pasted into."""
    return subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with a client and a vendor of one's own, and an environment whose PATH has the command."""
    folder = tmp_path_factory.mktemp("a project's folder")
    (folder / "my_client.py").write_text(CLIENT)
    (folder / "my vendor.toml").write_text(VENDOR)
    program = folder / "bin" / "refreshproof"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{COMMAND}" "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join((str(program.parent), os.environ["PATH"]))
    environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "40"}
    return folder, environment


@pytest.fixture(scope="module")
def failing(shell: tuple[Path, dict[str, str]]) -> tuple[Path, str]:
    """The folder of a failing run's report, and what the run printed."""
    folder, environment = shell
    command = (
        "refreshproof run my_client:flawed -p generic --profile 'my vendor.toml' -r rotation-replace --examples 0 -j 1"
        " --out 'the report'"
    )
    done = pasted(command, folder, environment)
    assert done.returncode == 1, done.stderr
    return folder / "the report", done.stderr


def test_every_format_shows_every_command_whole(failing: tuple[Path, str]) -> None:
    report, printed = failing
    results = json.loads((report / "results.json").read_text())["results"]
    lines = [one["replay"] for one in results if one["outcome"] == "violated"]
    assert len(lines) == 2
    junit = html.unescape((report / "junit.xml").read_text())
    for line in lines:
        assert line in html.unescape((report / "index.html").read_text())
        assert line in junit
    assert lines[0] in [line.strip() for line in printed.splitlines()], "the terminal is 40 columns wide"
    assert lines[0] in html.unescape((report / "summary.md").read_text())


def test_every_command_of_a_failing_run_ends_in_the_same_violation(
    failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = shell
    for result in json.loads((failing[0] / "results.json").read_text())["results"]:
        done = pasted(result["replay"], folder, environment)
        assert done.returncode == 1, (result["replay"], done.stderr)
        told = f"rotation-replace at {result['provider']}: violated ({result['anomaly']})"
        assert told in done.stdout
        assert "played on my_client:flawed" in done.stderr


def test_another_client_can_be_named(failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]) -> None:
    folder, environment = shell
    line = "refreshproof replay 'the report/scenarios/rotation-replace--generic.json' --subject tiny"
    done = pasted(line, folder, environment)
    assert done.returncode == 0, done.stderr
    assert "played on tiny" in done.stderr


def test_the_story_as_a_test_holds_what_it_takes(failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]) -> None:
    folder, environment = shell
    results = json.loads((failing[0] / "results.json").read_text())["results"]
    own = next(one for one in results if one["provider"] == "our-gateway")
    (folder / "test_story.py").write_text(own["story"]["pytest"])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_story.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert "rotation-replace at our-gateway" in done.stdout
