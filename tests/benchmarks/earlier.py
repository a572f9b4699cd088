"""This build against an earlier one: what a library's call, an exchange in process, a line of the kill matrix and a
run of the engine cost.

    PYTHONPATH=.typing python tests/benchmarks/earlier.py COMMIT [--turns 3] [--vendor atlassian]... [--without-run]

The earlier build stands in a git worktree of its own for as long as this lasts. Both do the same work in turns, each
time in a new process; told is the quickest turn of each, in seconds of the processor's user time, and their ratio.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from refreshproof.scenarios.requirements import CATALOGUE

TREE = Path(__file__).resolve().parents[2]
CALLS = 100
MINIATURE = "rotation-replace"
LIBRARY, LIBRARY_VENDOR = "requests-oauthlib", "atlassian"

PLAYED = """
import sys
from resource import RUSAGE_SELF, getrusage
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.calls import Call
from refreshproof.scenarios.steps.logins import Authorize
from refreshproof.scenarios.steps.scenario import Scenario
subject, vendor, calls = sys.argv[1], VENDORS[sys.argv[2]], int(sys.argv[3])
def lived(times):
    play(vendor, subject_factory(subject), Scenario(steps=(Authorize(), Call(times=times, every=4_000))))
lived(2)
began = getrusage(RUSAGE_SELF).ru_utime
lived(calls)
print(getrusage(RUSAGE_SELF).ru_utime - began)
"""
"""Plays a life of calls, each of which needs a refresh; prints what it cost without the start."""

KILLS = """
import sys
from resource import RUSAGE_SELF, getrusage
from refreshproof.harness.run.kill_matrix import UNLIKE, kills
from refreshproof.scenarios.requirements import CATALOGUE
rules = [name for name in CATALOGUE if name in sys.argv[2].split()]
kills(sys.argv[1], UNLIKE, (sys.argv[1],))
began = getrusage(RUSAGE_SELF).ru_utime
kills(sys.argv[1], UNLIKE, rules)
print((getrusage(RUSAGE_SELF).ru_utime - began) * int(sys.argv[3]) / len(rules))
"""
"""Judges a client with one flaw by those of some rules that a build has; prints what so many cost without the start."""

RUN = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"


def played(subject: str, vendor: str, tree: Path) -> float:
    """Return the seconds that a life of calls costs a build."""
    command = [sys.executable, "-c", PLAYED, subject, vendor, str(CALLS)]
    return float(subprocess.run(command, env=_of(tree), check=True, capture_output=True, text=True).stdout)


def killed(miniature: str, tree: Path) -> float:
    """Return the seconds that a line of the kill matrix costs a build, by the rules of this one."""
    command = [sys.executable, "-c", KILLS, miniature, " ".join(CATALOGUE), str(len(CATALOGUE))]
    return float(subprocess.run(command, env=_of(tree), check=True, capture_output=True, text=True).stdout)


def run(vendors: Sequence[str], tree: Path) -> float:
    """Return the seconds that a run of the engine costs a build, its start and its report included."""
    with tempfile.TemporaryDirectory() as out:
        chosen = [word for vendor in vendors for word in ("-p", vendor)]
        command = [sys.executable, "-c", RUN, "run", "engine", "--jobs", "1", "--out", out, *chosen]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(command, env=_of(tree), check=True, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _of(tree: Path) -> dict[str, str]:
    """Return an environment in which a build is what is imported, and equal runs hash alike."""
    return {**os.environ, "PYTHONPATH": str(tree / ".typing"), "PYTHONHASHSEED": "0"}


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Give the tree of a commit, for the length of a block."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "earlier")
        git = ["git", "-C", str(TREE), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def main() -> None:
    """Measure and print a line for each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier build, as git names it")
    parser.add_argument("--turns", type=int, default=3, help="how often each build does each work (default 3)")
    parser.add_argument("--vendor", action="append", default=[], help="a vendor of the run (default: core nine)")
    parser.add_argument("--without-run", action="store_true", help="leave the engine's run out, which takes minutes")
    wanted = parser.parse_args()
    works: dict[str, Callable[[Path], float]] = {
        f"library call ({LIBRARY})": partial(played, LIBRARY, LIBRARY_VENDOR),
        "exchange in process (tiny)": partial(played, "tiny", "atlassian"),
        "exchange in process (engine)": partial(played, "engine", "atlassian"),
        f"kill matrix ({MINIATURE})": partial(killed, MINIATURE),
    }
    if not wanted.without_run:
        works["engine run"] = partial(run, wanted.vendor)
    with checked_out(wanted.commit) as earlier:
        builds: Mapping[str, Path] = {"earlier": earlier, "this": TREE}
        print(f"{'':32}{'earlier, s':>12}{'this, s':>12}{'this/earlier':>14}")
        for name, work in works.items():
            spent = [{build: work(tree) for build, tree in builds.items()} for _ in range(wanted.turns)]
            before, after = (min(turn[build] for turn in spent) for build in builds)
            print(f"{name:32}{before:12.2f}{after:12.2f}{after / before:14.2f}", flush=True)


if __name__ == "__main__":
    main()
