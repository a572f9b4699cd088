"""The pipelines that people copy: the action for GitHub and the README's job for GitLab, read, and their lines run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.ci_readers import commands

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
BLOCK = re.compile(
    r"<!-- executed by tests/harness/cli/reports/test_pipelines.py -->\n```yaml\n(.*?)^```$", re.M | re.S
)
ACTION = ".github/actions/refreshproof"
CLIENT = """
from refreshproof.harness.subjects.miniatures import MINIATURES


class MyClient(MINIATURES["rotation-replace"].client):
    pass
"""
SETTINGS = 'providers = ["atlassian"]\nrequirements = ["rotation-replace"]\nexamples = 0\n'
KNOWN = """
[[known]]
subject = "tiny client"
requirement = "rotation-replace"
provider = "atlassian"
anomaly = "A1"
"""


class Project:
    """A fresh folder with a client, its settings and an empty baseline, and programs to be found by a shell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("my_client.py", CLIENT), ("refreshproof.toml", SETTINGS), ("known.toml", "")):
            (folder / name).write_text(text)
        python = shlex.quote(sys.executable)
        programs = folder / "bin"
        programs.mkdir()
        for name, line in (("refreshproof", f'{python} -c "{COMMAND}" "$@"'), ("python", f'{python} "$@"')):
            (programs / name).write_text(f"#!/bin/sh\nexec {line}\n")
            (programs / name).chmod(0o755)
        path = os.pathsep.join((str(programs), os.environ["PATH"]))
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def run(self, line: str, **variables: str) -> tuple[int, str]:
        environment = self.environment | variables
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", line], cwd=self.folder, env=environment,
                              capture_output=True, text=True)  # fmt: skip
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def action(tree: Path) -> Mapping[str, Any]:
    document: dict[str, Any] = yaml.safe_load((tree / ACTION / "action.yml").read_text())
    return document


@pytest.fixture(scope="module")
def snippets(tree: Path) -> list[Any]:
    return [yaml.safe_load(block) for block in BLOCK.findall((tree / "README.md").read_text())]


@pytest.fixture(scope="module")
def checkout(copy_tree: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh checkout, to be installed from."""
    folder = tmp_path_factory.mktemp("checkout")
    copy_tree(folder)
    return folder


# The lines are run as they stand; what pip would do to this environment it only says.
DRY = {"PIP_DRY_RUN": "1", "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "false", "PIP_QUIET": "0"}


def test_the_action_is_one_that_github_takes(action: Mapping[str, Any], snippets: list[Any]) -> None:
    assert action["runs"]["using"] == "composite"
    assert all({"shell", "run", "name"} <= set(step) for step in action["runs"]["steps"])
    used = snippets[0]["steps"][-1]
    assert used["uses"].endswith(ACTION)
    assert set(used["with"]) == set(action["inputs"]) == {"subject", "baseline"}
    # what a user types reaches a shell as a variable, never as a part of its line
    assert not any("${{" in step["run"] for step in action["runs"]["steps"])


def test_the_action_installs_the_checkout_that_it_stands_in(
    action: Mapping[str, Any], project: Project, checkout: Path
) -> None:
    line = action["runs"]["steps"][0]["run"].replace(" -q ", " ")
    code, told = project.run(line, GITHUB_ACTION_PATH=str(checkout / ACTION), **DRY)
    assert code == 0, told
    assert "Would install refreshproof-" in told


def test_the_action_is_red_for_what_is_new_and_green_for_what_is_known(
    action: Mapping[str, Any], snippets: list[Any], project: Project
) -> None:
    step = action["runs"]["steps"][1]
    given = snippets[0]["steps"][-1]["with"]
    inputs = {name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], value)
              for name, value in step["env"].items()}  # fmt: skip
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(project.folder / "step.md")}
    code, told = project.run(step["run"], **inputs, **github)
    assert code == 1, told
    found = commands("\n".join(line for line in told.splitlines() if line.startswith("::")))
    assert [kind for kind, _, _ in found] == ["error", "error"]
    assert (project.folder / "step.md").read_text().startswith("# ❌ tiny client 1: Not conformant\n")

    (project.folder / "known.toml").write_text(KNOWN)
    with (project.folder / "refreshproof.toml").open("a") as settings:
        settings.write('subject = "my_client:MyClient"\nbaseline = "known.toml"\n')
    assert project.run(step["run"], SUBJECT="", BASELINE="")[0] == 0, "the settings say which"


def test_the_job_for_gitlab_writes_what_it_promises(snippets: list[Any], project: Project, checkout: Path) -> None:
    job = snippets[1]["oauth"]
    install, line = job["script"]
    code, told = project.run(install.replace(" -q ", " "), REFRESHPROOF=str(checkout), **DRY)
    assert (code, "Would install refreshproof-" in told) == (0, True), told
    assert project.run(line)[0] == 1
    assert all((project.folder / file).is_file() for file in job["artifacts"]["reports"].values())
    assert all((project.folder / folder).is_dir() for folder in job["artifacts"]["paths"])
