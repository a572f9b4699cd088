"""Programs with a name: where one cannot be had, that is told with what is missing and what to install."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.subjects.programs import catalogue, ready_process
from refreshproof.harness.subjects.programs.catalogue import LANGUAGES, PROGRAMS
from refreshproof.harness.subjects.registry import SUBJECTS

FOLDER = catalogue.FOLDER
MARKS = {"node": "npm", "go": "go", "ruby": "ruby", "perl": "perl"}
MARK = "<!-- executed by tests/harness/subjects/programs/test_ready.py -->\n```sh\n"
NEEDING = [pytest.param(name, marks=getattr(pytest.mark, MARKS[one.language])) for name, one in PROGRAMS.items()]

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def _ready_anew() -> Iterator[None]:
    ready_process.command_of.cache_clear()
    yield
    ready_process.command_of.cache_clear()


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_s_file_is_there_and_its_language_has_a_row(name: str) -> None:
    program = PROGRAMS[name]
    assert (FOLDER / program.language / program.file).exists()
    assert all((FOLDER / program.language / "libraries" / f"{one}.mjs").is_file() for one in program.arguments)
    assert name.startswith(f"{program.language}-")
    assert SUBJECTS[name].summary == program.summary


@pytest.mark.parametrize("name", ["node-simple-oauth2", "go-x-oauth2", "ruby-oauth2", "perl-lwp-authen-oauth2"])
def test_a_toolchain_that_is_not_there_is_told_without_a_traceback(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ended("run", name, "-p", "generic", "-r", "rotation-replace", "--out", str(tmp_path)) == 7
    told = capsys.readouterr().err
    language = LANGUAGES[PROGRAMS[name].language]
    assert f"{name} needs {language.toolchain}: there is no program {language.tool!r}" in told
    assert "Traceback" not in told


@pytest.mark.node
def test_a_package_that_is_not_there_is_told_with_the_line_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = dict(PROGRAMS) | {
        "node-simple-oauth2": replace(PROGRAMS["node-simple-oauth2"], package="no-such-package")
    }
    monkeypatch.setattr(ready_process, "PROGRAMS", missing)
    assert ended("run", "node-simple-oauth2", "-p", "generic", "--out", str(tmp_path)) == 7
    told = capsys.readouterr().err
    assert "node-simple-oauth2 needs no-such-package: " in told
    assert f"; npm ci --omit=dev --prefix {catalogue.FOLDER / 'node'}" in told


@pytest.mark.parametrize("name", NEEDING)
def test_a_program_is_ready_for_a_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    vendor = {"node-msal": "microsoft"}.get(name, "atlassian")
    code = ended("adapter", "check", name, "-p", vendor)
    assert (code == 0) == (name != "node-3lo-snippet"), capsys.readouterr().err


@pytest.mark.npm
@pytest.mark.slow
def test_the_commands_of_the_readme_bring_the_libraries_for_node(tmp_path: Path, tree: Path) -> None:
    block = (tree / "README.md").read_text().partition(MARK)[2].partition("```")[0]
    installed = tmp_path / ".venv/lib/python3.13/site-packages/refreshproof/harness/subjects/programs/node"
    installed.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / "node" / name, installed)
    found = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "npm_config_prefer_offline": "true",
    }
    done = subprocess.run(["bash", "-c", block], cwd=tmp_path, env=found, capture_output=True, text=True)
    assert "presented an empty refresh token instead of RT1" in done.stdout, done.stdout + done.stderr
    assert (installed / "node_modules" / "simple-oauth2").is_dir()


def test_the_lock_file_names_no_place_and_pins_each_library() -> None:
    lock = json.loads((FOLDER / "node" / "package-lock.json").read_text())["packages"]
    package = json.loads((FOLDER / "node" / "package.json").read_text())
    wanted = package["dependencies"]
    assert not any("resolved" in one for one in lock.values())
    assert all(one.get("integrity", "").startswith("sha512-") for name, one in lock.items() if name)
    pinned = wanted | package["devDependencies"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in pinned} == pinned
    assert {one.package for one in PROGRAMS.values() if one.language == "node" and one.package} == set(wanted)
