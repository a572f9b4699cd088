"""What a client costs that breaks many rules, by this build and by an earlier one, side by side.

    REFRESHPROOF_EARLIER=<commit> pytest tests/benchmarks/bench_failing.py --benchmark-only

The earlier build is checked out beside this one and runs on the same packages. The two take turns; what counts is the
processor time of each run, and of that the ratio. `REFRESHPROOF_FAILING` names other clients and vendors than those
below: "authlib atlassian, msal microsoft". `extra_info` also tells in how many cells the two came to another verdict,
and how many stories became longer or shorter.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parents[2]
EARLIER = os.environ.get("REFRESHPROOF_EARLIER", "")
FAILING = os.environ.get("REFRESHPROOF_FAILING", "google-auth google, miniature:rotation-replace atlassian")
ROUNDS = int(os.environ.get("REFRESHPROOF_ROUNDS", "3"))
COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
TOLD = (0, 1)
"""How a run ends that came to its end, with or without a broken rule that binds."""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not EARLIER:
        pytest.skip("REFRESHPROOF_EARLIER names no commit to compare with")
    place = tmp_path_factory.mktemp("earlier") / "build"
    git = ("git", "-C", str(HERE), "worktree")
    subprocess.run([*git, "add", "--detach", str(place), EARLIER], check=True, capture_output=True)
    yield place
    subprocess.run([*git, "remove", "--force", str(place)], check=True, capture_output=True)


def spent(build: Path, subject: str, vendor: str, out: Path) -> float:
    """Run a client by a build and return the processor seconds that went into it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "run", subject, "-p", vendor, "--jobs", "1", "--report", "json", "--out", out],
        env={**os.environ, "PYTHONPATH": str(build / ".typing")},
        cwd=out.parent,
        check=False,
        capture_output=True,
    )
    assert done.returncode in TOLD, done.stderr.decode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


def cells(out: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what a run came to, by requirement and vendor."""
    results = json.loads((out / "results.json").read_text())["results"]
    return {(one["requirement"], one["provider"]): one for one in results}


def verdict(cell: dict[str, Any]) -> tuple[Any, ...]:
    return cell["outcome"], cell["anomaly"], cell["harm"]


def steps(cell: dict[str, Any]) -> int:
    return len(cell["story"]["scenario"]["steps"]) if cell["outcome"] == "violated" else 0


@pytest.mark.parametrize("failing", [one.strip() for one in FAILING.split(",")])
def test_a_failing_client(benchmark: Any, earlier: Path, tmp_path: Path, failing: str) -> None:
    """Goal: a quarter of what it was at 069bd9e."""
    subject, vendor = failing.split()
    then, now = tmp_path / "then", tmp_path / "now"
    pairs: list[tuple[float, float]] = []

    def turn() -> None:
        pairs.append((spent(earlier, subject, vendor, then), spent(HERE, subject, vendor, now)))

    benchmark.pedantic(turn, rounds=ROUNDS)
    old, new = cells(then), cells(now)
    shared = old.keys() & new.keys()
    other = sorted(name for name, _ in shared if verdict(old[name, vendor]) != verdict(new[name, vendor]))
    longer = [steps(new[one]) - steps(old[one]) for one in shared if steps(old[one]) and steps(new[one])]
    benchmark.extra_info.update({
        "earlier, processor seconds": round(statistics.median(one for one, _ in pairs), 1),
        "this build, processor seconds": round(statistics.median(one for _, one in pairs), 1),
        "this build over the earlier one": round(statistics.median(one / other for other, one in pairs), 3),
        "other verdicts": other,
        "stories longer": sum(one > 0 for one in longer),
        "stories shorter": sum(one < 0 for one in longer),
    })  # fmt: skip
