"""Every command that a failing run prints plays the same client again and finds the same, pasted as it stands."""

from __future__ import annotations

import html
import json
import os
import re
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
RAISING = """
from refreshproof.harness import Adapter, TinyClient


class Raising(Adapter):
    name = "raising"

    def __init__(self, surroundings):
        super().__init__(surroundings)
        self.client = TinyClient(surroundings)

    def authorize(self):
        return self.client.authorize()

    def callback(self, url):
        return self.client.callback(url)

    def call(self):
        outcome = self.client.call()
        if outcome.status == 503:
            raise KeyError("retry-after")
        return outcome
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
    """The folder of a failing run's report, and what the run printed to stdout."""
    folder, environment = shell
    command = (
        "refreshproof run my_client:flawed -p generic --profile 'my vendor.toml' -r rotation-replace --examples 0 -j 1"
        " --out 'the report'"
    )
    done = pasted(command, folder, environment)
    assert done.returncode == 1, done.stderr
    return folder / "the report", done.stdout


def test_every_format_shows_every_command_whole(failing: tuple[Path, str]) -> None:
    report, printed = failing
    results = json.loads((report / "results.json").read_text())["results"]
    lines = [one["replay"] for one in results if one["outcome"] == "violated"]
    assert len(lines) == 2
    junit = html.unescape((report / "junit.xml").read_text())
    for line in lines:
        assert line in html.unescape((report / "index.html").read_text())
        assert line in junit
    told = [line.strip() for line in printed.splitlines() if line.strip().startswith("refreshproof replay")]
    assert told == lines, "the terminal is 40 columns wide"
    summary = html.unescape((report / "summary.md").read_text())
    assert all(line in summary for line in lines)


def test_every_command_of_a_failing_run_ends_in_the_same_violation(
    failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = shell
    for result in json.loads((failing[0] / "results.json").read_text())["results"]:
        done = pasted(result["replay"], folder, environment)
        assert done.returncode == 1, (result["replay"], done.stderr)
        told = f"rotation-replace at {result['provider']}: violated ({result['anomaly']}: a spent token or code is"
        assert told in done.stdout
        assert "played on my_client:flawed" in done.stdout


def test_a_reader_that_goes_before_the_end_changes_no_verdict(
    failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = shell
    line = "refreshproof replay 'the report/scenarios/rotation-replace--generic.json' --subject tiny"
    done = pasted(f"{{ {line}; echo $? >&2; }} | true", folder, environment)
    assert done.stderr == "0\n"


def test_another_client_can_be_named(failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]) -> None:
    folder, environment = shell
    line = "refreshproof replay 'the report/scenarios/rotation-replace--generic.json' --subject tiny"
    done = pasted(line, folder, environment)
    assert done.returncode == 0, done.stderr
    assert "played on tiny" in done.stdout


def test_a_command_of_the_page_works_wherever_it_is_pasted(
    failing: tuple[Path, str], shell: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """The page is opened elsewhere than where the run was: client, vendor and file are found all the same."""
    folder, environment = shell
    page = html.unescape((failing[0] / "index.html").read_text())
    lines = {line for line in re.findall(r"<code>(.*?)</code>", page) if " replay " in line}
    assert len(lines) == 2, "one a story, wherever the page repeats it"
    for line in lines:
        assert line.startswith(f"cd {shlex.quote(str(folder))} && refreshproof replay ")
        done = pasted(line, tmp_path, environment)
        assert done.returncode == 1, (line, done.stderr)


def test_a_saved_scenario_finds_client_and_vendor_from_any_folder(
    failing: tuple[Path, str], shell: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    _, environment = shell
    (tmp_path / "other_client.py").write_text(CLIENT.replace("flawed", "other"))
    line = f"refreshproof replay {shlex.quote(str(failing[0] / 'scenarios' / 'rotation-replace--our-gateway.json'))}"
    for more, client in (("", "my_client:flawed"), (" --subject other_client:other", "other_client:other")):
        done = pasted(line + more, tmp_path, environment)
        assert (done.returncode, done.stderr) == (1, "")
        assert f"played on {client}" in done.stdout


def test_the_story_of_an_exception_is_played_again_by_the_command_that_every_format_has(
    shell: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = shell
    (folder / "raising_client.py").write_text(RAISING)
    command = (
        "refreshproof run raising_client:Raising -p generic -p atlassian -r failure-transient-keeps-grant --examples 0"
        " -j 1 --out raising"
    )
    done = pasted(command, folder, environment)
    report = folder / "raising"
    [trouble] = json.loads((report / "results.json").read_text())["run"]["troubles"]
    assert (trouble["provider"], trouble["also"], trouble["stops"]) == ("atlassian", ["generic"], False)
    assert "meets the fault status (code 503)" in trouble["fault"]
    assert done.stdout.count(trouble["replay"]) == 1
    for name in ("index.html", "junit.xml", "summary.md"):
        assert trouble["replay"] in html.unescape((report / name).read_text()), name
    again = pasted(trouble["replay"], folder, environment)
    assert again.returncode == 1, again.stderr
    assert "KeyError: 'retry-after' left the client at raising_client.py:" in again.stdout
    assert "the client at atlassian: trouble. KeyError left the client in call" in again.stdout
    well = pasted(f"{trouble['replay']} --subject tiny", folder, environment)
    assert (well.returncode, "no trouble" in well.stdout) == (0, True), well.stderr


def test_the_story_as_a_test_holds_what_it_takes(failing: tuple[Path, str], shell: tuple[Path, dict[str, str]]) -> None:
    folder, environment = shell
    results = json.loads((failing[0] / "results.json").read_text())["results"]
    own = next(one for one in results if one["provider"] == "our-gateway")
    (folder / "test_story.py").write_text(own["story"]["pytest"])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_story.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert "rotation-replace at our-gateway" in done.stdout
