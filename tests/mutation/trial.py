"""Trying mutants: in a copy of the tree, with a limit of time and memory, by the tests of the module."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mutation.modules import Module
from mutation.mutants import Mutant

PASSED, FAILED, INTERRUPTED, BROKE = range(4)
"""Exit codes of pytest; the others say that the tests were not found or could not be begun."""

TIMES, LEAST = 4, 20
"""A mutant may take so many times the processor time of the module as it is, and so many seconds more."""

BUSY = 5
"""Real seconds for each of those, after which tests that wait for ever are ended; a machine may be busy."""

MEMORY = 4 * 2**30
"""Bytes that the tests of a mutant that collects without end may take."""


class NoTrialError(Exception):
    """The tests of a module could not be run, or fail without a mutant."""


class Workshop:
    """A copy of the tree in which modules are mutated."""

    def __init__(self, tree: Path, copy: Path) -> None:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(tree), "ls-files", "-z"],
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (tree / name).exists():
                shutil.copy2(tree / name, target, follow_symlinks=False)
        self.root = copy

    def source(self, module: Module) -> str:
        """Return a module as it is."""
        return (self.root / module.path).read_text()

    def limit_for(self, module: Module) -> int:
        """See the tests of a module pass without a mutant; returns the seconds of processor time for those with one.

        Raises `NoTrialError` with what they print if they do not pass.
        """
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        code, said = self._tested(module, limit=None)
        if code != PASSED:
            raise NoTrialError(f"{module.path}: its tests do not pass as it is.\n{said}")
        return LEAST + round(TIMES * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before))

    def kills(self, mutant: Mutant, limit: int) -> bool:
        """Tell whether the tests of a module notice a mutant, by failing or by coming to no end within the limit."""
        with self._put_in_place(mutant):
            code, said = self._tested(mutant.module, limit=limit)
        if code > BROKE:
            raise NoTrialError(f"{mutant.module.path}: {said}")
        return code != PASSED

    @contextmanager
    def _put_in_place(self, mutant: Mutant) -> Iterator[None]:
        place = self.root / mutant.module.path
        try:
            place.write_text(mutant.code)
            yield
        finally:
            place.write_text(mutant.before)

    def _tested(self, module: Module, limit: int | None) -> tuple[int, str]:
        """Run the tests; returns pytest's exit code, negative where it was killed, and what it printed.

        Compiled files are written by the run without a mutant only, so that none is ever taken for the mutant's.
        """
        durations = self.root / f"{module.path.replace('/', '-')}.durations.json"
        environment = os.environ | {
            "PYTHONPATH": f"{self.root / '.typing'}:{self.root / 'tests'}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "MUTATION_DURATIONS": str(durations),
        }
        if limit is not None:
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "mutation.quickest_first"]
        running = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *module.tests],
            cwd=self.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, preexec_fn=partial(_bound, limit),
        )  # fmt: skip
        try:
            said, _ = running.communicate(timeout=None if limit is None else BUSY * limit)
        except subprocess.TimeoutExpired:
            said = "came to no end"
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.communicate()
        return running.returncode, said[-3000:]


def _bound(limit: int | None) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
