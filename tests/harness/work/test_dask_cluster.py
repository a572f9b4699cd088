"""A run on a cluster is the run on one machine, though workers are killed; what stands in its way is told before."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from kit.dask_cluster import COMMAND, cluster, environment, journal_and_results, ran
from refreshproof.harness.cli.command import main
from refreshproof.harness.work import dask_cluster
from refreshproof.harness.work.dask_cluster import DaskCluster
from refreshproof.harness.work.pieces import WorkerLostError
from refreshproof.reports.verdict import ExitCode

RULES = ("-r", "rotation-replace", "-r", "concurrency-single-flight")
CHOICE = (*RULES, "-p", "atlassian", "-p", "generic", "--seed", "5")
LIVES = ("--examples", "2")
pytestmark = [pytest.mark.slow, pytest.mark.sockets]


def test_parts_come_in_the_order_of_the_work_and_what_goes_wrong_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer pieces are under way than there are, so that some are sent when others have come."""
    monkeypatch.setattr(dask_cluster, "UNDER_WAY", 3)
    with cluster(tmp_path, 2) as two, DaskCluster(address=two.address).opened() as doing:
        work = [partial(range, number) for number in range(12)]
        assert list(doing(work)) == [part for number in range(12) for part in range(number)]
        with pytest.raises(RuntimeError, match="ValueError: invalid literal"):
            list(doing([*work, partial(int, "x")]))  # type: ignore[list-item]
        with pytest.raises(WorkerLostError, match="a process of the run ended with exit status 3"):
            list(doing([partial(os._exit, 3)]))


def test_four_workers_one_of_them_killed_write_what_one_process_writes(tmp_path: Path) -> None:
    """The client kills the worker that first plays it, in the midst of its work."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    alone = ran(here, *CHOICE, *LIVES, "--jobs", "1")
    with cluster(tmp_path, 4) as four:
        (there / "victim").write_text("")
        shared = ran(there, *CHOICE, *LIVES, "--dask", four.address)
        assert (there / "struck").exists()
    assert (alone.returncode, shared.returncode) == (ExitCode.UNEXPECTED, ExitCode.UNEXPECTED), shared.stderr
    assert journal_and_results(there) == journal_and_results(here)
    assert b'"record": "Exchange"' in journal_and_results(here)[0]


def test_a_client_whose_time_stands_still_is_played_on_a_cluster_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is asked before the run leaves its time standing in this process, where Dask's loop has to go on."""
    few = ("-r", "rotation-replace", "-p", "generic", "--examples", "0")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["new", "my-client"])
    with cluster(tmp_path, 1) as one:
        done = ran(tmp_path, *few, "--dask", one.address, client="./my_client.py")
    assert done.returncode == ExitCode.AS_EXPECTED, done.stderr
    assert journal_and_results(tmp_path)[1]["complete"] is True


def test_miniatures_are_killed_on_a_cluster_as_they_are_here(tmp_path: Path) -> None:
    def clients(*where: str) -> object:
        folder = tmp_path / where[0]
        words = ("kill-matrix", "rotation-replace", *where, "--report", "json", "--out", str(folder))
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *words], env=environment(), capture_output=True, text=True
        )
        assert done.returncode == ExitCode.AS_EXPECTED, done.stderr
        return json.loads((folder / "kill-matrix.json").read_text())["clients"]

    with cluster(tmp_path, 1) as one:
        assert clients("--dask", one.address) == clients("--jobs", "1")


def test_a_scheduler_that_goes_away_leaves_a_partial_report(tmp_path: Path) -> None:
    with cluster(tmp_path, 1) as one:
        (tmp_path / "victim").write_text(str(one.process))
        done = ran(tmp_path, *CHOICE, "--examples", "0", "--dask", one.address)
    assert done.returncode == ExitCode.INCOMPLETE, done.stderr
    assert "the scheduler of the cluster has gone; what it was to judge is missing" in done.stdout
    assert journal_and_results(tmp_path)[1]["complete"] is False
    assert "Traceback" not in done.stderr


def test_a_run_is_broken_off_at_once_though_the_scheduler_says_nothing_any_more(tmp_path: Path) -> None:
    words = ("run", "tiny", "-p", "generic", "--examples", "0", "--no-survey", "--out", str(tmp_path / "report"))
    with cluster(tmp_path, 1) as one:
        command = [sys.executable, "-c", COMMAND, *words, "--dask", one.address]
        with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as run:
            assert run.stderr is not None
            assert any("cells judged" in line for line in run.stderr)
            os.kill(one.process, signal.SIGSTOP)
            try:
                run.send_signal(signal.SIGINT)
                _, said = run.communicate(timeout=60)
            finally:
                os.kill(one.process, signal.SIGCONT)
                run.kill()
    assert run.returncode == ExitCode.INTERRUPTED, said
    assert "Traceback" not in said


def test_a_worker_of_another_refreshproof_is_told_before_the_run(tmp_path: Path) -> None:
    other = tmp_path / "other" / "refreshproof"
    (other / "scenarios").mkdir(parents=True)
    for name in ("harness", "mock_servers", "reports"):
        (other / name).symlink_to(importlib.import_module(f"refreshproof.{name}").__path__[0])
    for module in Path(importlib.import_module("refreshproof.scenarios").__path__[0]).iterdir():
        (other / "scenarios" / module.name).symlink_to(module)
    (other / "scenarios" / "later.py").write_text("")
    with cluster(tmp_path, 1, other.parent) as one:
        done = ran(tmp_path, *CHOICE, *LIVES, "--dask", one.address)
    assert done.returncode == ExitCode.USAGE
    assert " is unlike this process in Refreshproof: " in done.stderr
    assert "install or copy there what is here" in done.stderr
    assert not (tmp_path / "refreshproof-report" / "results.json").exists()
