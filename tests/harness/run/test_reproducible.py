"""The same seed gives the same journal and the same results, byte for byte, whatever machine and however many jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
SELECTION = ("-r", "rotation-replace", "-r", "concurrency-single-flight", "-p", "google", "-p", "atlassian")
CLIENT = "miniature:rotation-replace"
WALL_CLOCK = ("started", "duration_seconds", "command", "folder")


def surroundings(folder: Path, **variables: str) -> dict[str, str]:
    """An environment with a home of its own, as on another machine."""
    folder.mkdir()
    return {**os.environ, "HOME": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **variables}


def journal_and_results(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[bytes, dict[str, Any]]:
    """Run the client in a folder and return the journal's bytes, and the results without what the wall clock tells."""
    command = [sys.executable, "-c", COMMAND, "run", CLIENT, *SELECTION, "--examples", "3", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr  # the client has a flaw, so that there is a journal to compare
    report = folder / "refreshproof-report"
    results = json.loads((report / "results.json").read_bytes())
    run = {name: value for name, value in results["run"].items() if name not in WALL_CLOCK}
    return (report / "journal.jsonl").read_bytes(), {**results, "run": run}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("machines") / "here"
    one = surroundings(folder, PYTHONHASHSEED="1", TZ="UTC", LANG="C", LC_ALL="C")
    return journal_and_results(folder, one, "--jobs", "1")


def test_another_machine_with_two_jobs_writes_the_same_journal(
    here: tuple[bytes, dict[str, Any]], tmp_path: Path
) -> None:
    """Hash seed, time zone, locale, home, folder and number of processes all differ."""
    folder = tmp_path / "there, in another folder"
    other = surroundings(
        folder, PYTHONHASHSEED="4711", TZ="Pacific/Chatham", LANG="de_DE.UTF-8", LC_ALL="C.UTF-8", PYTHONUTF8="0"
    )
    assert journal_and_results(folder, other, "--jobs", "2") == here
    assert b'"record": "Exchange"' in here[0]


def test_another_seed_writes_another_journal(here: tuple[bytes, dict[str, Any]], tmp_path: Path) -> None:
    folder = tmp_path / "seed"
    assert journal_and_results(folder, surroundings(folder, PYTHONHASHSEED="1"), "--seed", "1")[0] != here[0]
