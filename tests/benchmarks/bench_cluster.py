"""What many lives cost on many machines, and what is full first: pieces are measured, a simulation shares them out.

Run with `pytest tests/benchmarks/bench_cluster.py --benchmark-only`; processor time counts, for machines are shared.

On paper: a run of v vendors, r requirements and n lives a vendor costs v * (r * c + n * l) for each subject, where a
cell c takes some 20 ms and a life l 15 to 43 ms (measured on two busy cores: 4.3 to 12 core hours per million lives),
of a client that breaks rules hardly more, for each finding is shortened once a share. Nothing grows faster than its
product. What is full first is not the network: a piece is tens of kilobytes there and a few back for seconds of work,
so that a scheduler that takes 100 pieces a second keeps hundreds of workers busy. For few lives it is the longest
piece, the requirements of one family at all vendors: 47 s of the engine's default run end after 4 s at best, with 16
workers 6.6 times faster than with one, with more than 64 no faster. Lives have no such end: a thousand times as many
are 60 times faster by 64 workers, 200 times by 256. Then it is the beginning of each worker's process, 1.7 s, and the
plain flow at each vendor, which comes before everything, in one process.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from heapq import heapreplace
from pathlib import Path
from typing import Any

import pytest

from kit.dask_cluster import cluster, environment
from refreshproof.harness.run import runner
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.stopwatch import Stopwatch
from refreshproof.harness.work.pieces import Doing, Likeness, Piece
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.exploration.machine import SHARE, shares
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.survey import SURVEY

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
BEGINNING = 1.7
"""Seconds of a worker's process until it can play: what `test_a_run_here_and_there` shows of four of them."""
SENDING = 0.01
"""Seconds that scheduler and network take for a piece; those of Dask's own documentation are a tenth of it."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A piece: seconds of processor time, bytes that go and come."""

    seconds: float
    sent: int
    came: int


class Measuring:
    """This process, as a place that measures what it does, each piece as if it came alone."""

    def __init__(self) -> None:
        self.measured: list[Measured] = []

    def check(self, likeness: Likeness) -> None:
        """Accept it."""

    @contextmanager
    def opened(self) -> Iterator[Doing]:
        """Work here."""
        yield self._parts

    def _parts(self, work: Sequence[Piece]) -> Generator[Any, None, None]:
        for one in work:
            sent = pickle.dumps(one)
            began = time.process_time()
            parts = tuple(pickle.loads(sent)())  # noqa: S301 - our own
            seconds = time.process_time() - began
            self.measured.append(Measured(seconds=seconds, sent=len(sent), came=len(pickle.dumps(parts))))
            yield from parts


def measured(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Measured], float]:
    """Return the pieces of a plan, and the seconds that are spent before and between them."""
    place = Measuring()
    monkeypatch.setattr(runner, "place", lambda *_: place)
    began = time.process_time()
    for _ in runner.run(plan):
        pass
    return place.measured, time.process_time() - began - sum(one.seconds for one in place.measured)


def makespan(pieces: Sequence[float], workers: int) -> float:
    """Return when the last piece is done, if each goes to who is free first."""
    free = [BEGINNING] * workers
    for seconds in pieces:
        heapreplace(free, free[0] + SENDING + seconds)
    return max(free)


def test_a_million_lives(benchmark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Core hours by subject and vendor, and how long so many workers take over those of the engine at one vendor."""

    def lived(subject: str, vendor: str) -> float:
        plan = Plan(subject=subject, vendors=(VENDORS[vendor],), requirements=tuple(CATALOGUE), examples=SHARE)
        return measured(plan, monkeypatch)[0][0].seconds

    for subject in ("tiny", "engine", "miniature:rotation-replace"):
        for vendor in ("google", "atlassian"):
            hours = lived(subject, vendor) / SHARE * 1_000_000 / 3600
            benchmark.extra_info[f"{subject} at {vendor}, core hours per million"] = round(hours, 1)
    seconds = benchmark.pedantic(lived, args=("engine", "generic"), rounds=1)
    pieces = [seconds] * len(shares(0, 1_000_000))
    for workers in (1, 16, 256, 4096):
        benchmark.extra_info[f"engine at generic by {workers}, hours"] = round(makespan(pieces, workers) / 3600, 2)


def test_growth(benchmark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds by vendors and requirements, of one subject: each further subject is a run like it."""
    rules = tuple(CATALOGUE)

    def judged(vendors: int, requirements: Sequence[str]) -> float:
        plan = Plan(subject="tiny", vendors=tuple(VENDORS.values())[:vendors], requirements=tuple(requirements))
        pieces, before = measured(replace(plan, examples=0), monkeypatch)
        return before + sum(one.seconds for one in pieces)

    for vendors in (1, 3, 9):
        for part in (4, 2, 1):
            seconds = judged(vendors, rules[::part])
            benchmark.extra_info[f"{vendors} x {len(rules[::part])}, ms a cell"] = round(
                1000 * seconds / vendors / len(rules[::part]), 2
            )
    benchmark.pedantic(judged, args=(1, rules[:4]), rounds=1)


def test_what_is_full_first(benchmark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default run of the engine, with ten times and a thousand times the lives, by so many workers."""
    plan = Plan(subject="engine", vendors=CORE, requirements=tuple(CATALOGUE), survey=tuple(SURVEY))
    pieces, alone = benchmark.pedantic(measured, args=(plan, monkeypatch), rounds=1)
    seconds = [one.seconds for one in pieces]
    lives, others = seconds[: len(CORE)], seconds[len(CORE) :]
    benchmark.extra_info |= {
        "pieces": len(pieces),
        "of them the longest, s": round(max(seconds), 2),
        "all of them, s": round(sum(seconds), 1),
        "before and between them, s": round(alone, 2),
        "sent, KB a piece": round(sum(one.sent for one in pieces) / len(pieces) / 1000, 1),
        "come, KB a piece": round(sum(one.came for one in pieces) / len(pieces) / 1000, 1),
    }
    for times in (1, 10, 1000):
        more = [one * min(10, times) for one in lives for _ in range(max(1, times // 10))]
        whole = sum(more) + sum(others)
        for workers in (2, 4, 16, 64, 256):
            speed = (whole + alone) / (makespan([*more, *others], workers) + alone)
            benchmark.extra_info[f"{25 * times} lives, {workers} workers, times faster"] = round(speed, 1)


def test_a_run_here_and_there(benchmark: Any, tmp_path: Path) -> None:
    """Wall and processor seconds of one job, two, and four workers of a cluster on this machine."""

    def run(*where: str) -> None:
        command = [sys.executable, "-c", COMMAND, "run", *where, "--out", str(tmp_path / "report")]
        subprocess.run(command, check=True, capture_output=True, env=environment())

    def spent(work: Callable[[], None]) -> str:
        watch, before = Stopwatch(), os.times().children_user
        work()
        return f"{watch.seconds:.1f} wall, {os.times().children_user - before:.1f} user"

    benchmark.extra_info["one job, s"] = spent(lambda: run("-j", "1"))
    benchmark.extra_info["two jobs, s"] = spent(lambda: run("-j", "2"))

    def on_cluster() -> None:
        with cluster(tmp_path, 4) as four:
            run("--dask", four.address)

    benchmark.extra_info["four workers with their cluster, s"] = spent(on_cluster)
    benchmark.pedantic(lambda: None, rounds=1)
