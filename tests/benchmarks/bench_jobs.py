"""Two jobs over one: what they cost together, and how evenly the work is shared out.

Run with `pytest tests/benchmarks/bench_jobs.py --benchmark-only`; processor time counts, for machines are shared. Told
is how many times faster two jobs would be if each had a processor of its own: what one job takes, over what the main
process does by itself and the worker that has most to do. The goal is 1.8. `RUN` chooses what is run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN = ("engine", "-p", "google", "-p", "atlassian")

COUNTED = """
import json, os, sys, time
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from refreshproof.harness.cli.command import main
from refreshproof.harness.work import jobs

folder, serve = Path(sys.argv[1]), jobs._serve

def tell():
    used = getrusage(RUSAGE_SELF)
    (folder / str(os.getpid())).write_text(json.dumps([used.ru_utime, used.ru_maxrss / 1024]))

def counted(one):
    yield from one()
    tell()

jobs._serve = lambda connection, work, held: serve(connection, [partial(counted, one) for one in work], held)
sys.argv = ["refreshproof", "run", *sys.argv[2:]]
try:
    main()
finally:
    tell()
    (folder / "main").write_text(str(os.getpid()))
"""
"""Runs the command, and writes down for each process its seconds of user time and its largest size in MiB."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a run took: seconds of the main process and of each worker, and the largest size of each in MiB."""

    alone: float
    workers: tuple[float, ...]
    largest: float
    largest_worker: float
    results: str

    @property
    def whole(self) -> float:
        """All seconds together."""
        return self.alone + sum(self.workers)

    @property
    def longest(self) -> float:
        """The seconds after which it would be over, if every process had a processor of its own."""
        return self.alone + max(self.workers, default=0)


def spent(folder: Path, jobs: int) -> Spent:
    """Run with so many jobs."""
    counts = folder / f"counts of {jobs}"
    counts.mkdir()
    command = [sys.executable, "-c", COUNTED, str(counts), *RUN, "-j", str(jobs), "--out", "report"]
    place = folder / str(jobs)
    place.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "0"}
    subprocess.run(command, check=True, capture_output=True, cwd=place, env=environment)
    main = (counts / "main").read_text()
    found = {one.name: json.loads(one.read_text()) for one in counts.iterdir() if one.name != "main"}
    alone, largest = found.pop(main)
    results = json.loads((place / "report" / "results.json").read_text())
    return Spent(
        alone=alone,
        workers=tuple(seconds for seconds, _ in found.values()),
        largest=largest,
        largest_worker=max((size for _, size in found.values()), default=0),
        results=json.dumps({**results, "run": None}),
    )


def test_two_jobs_over_one(benchmark: Any, tmp_path: Path) -> None:
    """What two jobs cost over one, how even they are, and how many times faster they are with a processor each."""
    one, two = spent(tmp_path, 1), benchmark.pedantic(spent, args=(tmp_path, 2), rounds=1)
    assert one.results == two.results
    benchmark.extra_info |= {
        "one job, s": round(one.whole, 2),
        "two jobs together, s": round(two.whole, 2),
        "of them the main process, s": round(two.alone, 2),
        "overhead": round(two.whole / one.whole, 2),
        "balance, the longest over the half": round(max(two.workers) / (sum(two.workers) / 2), 2),
        "times faster with a processor each (goal 1.8)": round(one.whole / two.longest, 2),
        "main process of one job, MiB (goal 80)": round(one.largest, 1),
        "worker, MiB (goal 80)": round(two.largest_worker, 1),
    }
