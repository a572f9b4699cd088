"""A process beside a worker of a cluster, in which pieces of work are done, one after the other.

A worker is full of threads and has clocks of its own to keep; a client under test is shown another time, is watched in
the main thread, and may end its process. So both are apart: here are the two ends of the pipe between them.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from refreshproof.harness.work.jobs import hear_no_signals
from refreshproof.harness.work.pieces import WorkerLostError

IDLE = 60.0
"""Seconds after which a process ends that is given no work: whoever began the run has gone."""
SERVING = f"import sys; from {__name__} import serve; serve(*map(int, sys.argv[1:]))"


class Beside:
    """A process beside this one, in the folder where the run was begun if there is one of that name here."""

    def __init__(self, folder: str) -> None:
        ours, theirs = Pipe()
        lifeline, self._held = os.pipe()
        self._connection = ours
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter
            [sys.executable, "-P", "-c", SERVING, str(theirs.fileno()), str(lifeline)],
            cwd=folder if os.path.isdir(folder) else None,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(theirs.fileno(), lifeline),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        os.close(lifeline)

    def done(self, piece: bytes) -> bytes:
        """Return the outcome of a piece; raises WorkerLostError if the process is lost over it."""
        try:
            self._connection.send_bytes(piece)
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            status = self._process.wait()
            raise WorkerLostError(f"a process of the run ended with exit status {status}") from None

    def end(self) -> None:
        """Kill it, with whatever programs it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def release(self) -> None:
        """Close this end of what leads to it."""
        self._connection.close()
        os.close(self._held)


_all: defaultdict[str, list[Beside]] = defaultdict(list)
_idle: defaultdict[str, list[Beside]] = defaultdict(list)
"""The processes beside this one, by run; those that have nothing to do."""


def done_beside(run: str, folder: str, piece: bytes) -> bytes:
    """Do a piece of a run in a process beside this one, and return its outcome as `outcome` reads it; raises
    WorkerLostError."""
    try:
        beside = _idle[run].pop()
    except IndexError:
        beside = Beside(folder)
        _all[run].append(beside)
    try:
        told = beside.done(piece)
    except WorkerLostError:
        beside.end()
        beside.release()
        with suppress(ValueError):
            _all[run].remove(beside)
        raise
    _idle[run].append(beside)
    return told


def end_run(run: str) -> None:
    """End all that was begun beside this process for a run, whatever it is doing."""
    idle = _idle.pop(run, [])
    for beside in _all.pop(run, []):
        beside.end()
        if beside in idle:
            beside.release()  # that of another is done by whoever waits for it


def outcome(told: bytes) -> Iterable[Any]:
    """Return the parts of a piece; raises RuntimeError with what went wrong in it."""
    parts, error = pickle.loads(told)  # noqa: S301 - a worker is trusted with all that the run may do
    if error is not None:
        raise RuntimeError(error)
    return parts  # type: ignore[no-any-return]


def serve(speaking: int, lifeline: int) -> None:
    """Do pieces as they come, until no more do; end at once, with all that was started, when the worker has gone."""
    hear_no_signals()
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    connection = Connection(speaking)
    with suppress(EOFError, OSError):
        while connection.poll(IDLE):
            connection.send_bytes(_outcome_of(connection.recv_bytes()))


def _outcome_of(piece: bytes) -> bytes:
    try:
        return pickle.dumps((tuple(pickle.loads(piece)()), None))  # noqa: S301 - as a worker trusts the scheduler
    except Exception as error:
        return pickle.dumps(((), f"{type(error).__name__}: {error}"))


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns when the other end is closed, by whatever ending
    os.killpg(0, signal.SIGKILL)
