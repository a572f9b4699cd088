"""A cluster on this machine, in a process of its own, and runs on it that begin in a folder of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
CLIENT = """
import os
import signal
from pathlib import Path

from refreshproof.harness.subjects.miniatures import MINIATURES


class Strikes(MINIATURES["rotation-replace"].client):
    '''Kills a process, once, in the midst of what it is first judged by; its parent where the file names none.'''

    def call(self):
        if self.surroundings.seed > 1_000_003:  # not in the plain flow, whose seed is 0
            try:
                os.rename("victim", "struck")  # which of two succeeds in
            except FileNotFoundError:
                pass
            else:
                os.kill(int(Path("struck").read_text() or os.getppid()), signal.SIGKILL)
        return super().call()
"""
WALL_CLOCK = ("started", "duration_seconds", "command", "folder")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where its scheduler is, and the process of that."""

    address: str
    process: int


@contextmanager
def cluster(folder: Path, workers: int, *path: Path) -> Iterator[Cluster]:
    """Have a cluster of so many workers, each a process with a nanny; they look for modules in `path` first."""
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    with subprocess.Popen(
        [sys.executable, script, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(*path),
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        yield Cluster(address=process.stdout.readline().strip(), process=process.pid)
        process.communicate()


def environment(*path: Path) -> dict[str, str]:
    """Return an environment in which what can be imported here can be imported too, but for what is in `path`."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [*map(str, path), *sys.path]))}


def ran(folder: Path, *arguments: str, client: str = "./client.py:Strikes") -> subprocess.CompletedProcess[str]:
    """Run a client in a folder, which is that of this file if no other is named."""
    (folder / "client.py").write_text(CLIENT)
    words = [sys.executable, "-c", COMMAND, "run", client, *arguments]
    return subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True)


def journal_and_results(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """Return what a run has written, without what the wall clock tells."""
    report = folder / "refreshproof-report"
    results = json.loads((report / "results.json").read_bytes())
    results["run"] = {name: value for name, value in results["run"].items() if name not in WALL_CLOCK}
    return (report / "journal.jsonl").read_bytes(), results
