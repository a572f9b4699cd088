"""Doing work here or in several processes; results come in the order of the work, whoever finishes first, and those of
the first piece that is not done yet as they come.

All processes stand in a group of their own, together with whatever programs they start, so that nothing of it outlives
the work: the group is killed when the work is over, by whatever ending, and by its warden when this process is gone.
"""

from __future__ import annotations

import os
import signal
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from refreshproof.harness.work.pieces import Doing, Likeness, WorkerLostError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Processes:
    """This machine: so many processes, or this one alone."""

    jobs: int

    def check(self, likeness: Likeness) -> None:
        """Accept it as it is: a forked process is like this one."""

    @contextmanager
    def opened(self) -> Iterator[Doing]:
        """Work in processes of this machine, which are started for each lot of work."""
        yield partial(streamed, jobs=self.jobs)


def results(work: Sequence[Callable[[], T]], jobs: int) -> Generator[T, None, None]:
    """Yield what each piece of work returns; with one job, or one piece, no process is started.

    Raises WorkerLostError if a process is lost.
    """
    yield from streamed([partial(alone, one) for one in work], jobs)


def alone(work: Callable[[], T]) -> tuple[T]:
    """Do a piece of work that comes to one thing."""
    return (work(),)


def streamed(work: Sequence[Callable[[], Iterable[T]]], jobs: int) -> Generator[T, None, None]:
    """Yield all parts of what each piece of work gives, as `results` does."""
    if jobs <= 1 or len(work) <= 1:
        for one in work:
            yield from one()
        return
    crew = _Crew(work)
    try:
        crew.begin(min(jobs, len(work)))
        yield from crew.parts()
    finally:
        crew.end()


class _Crew:
    """The processes that share some work out among themselves, and their warden."""

    def __init__(self, work: Sequence[Callable[[], Iterable[Any]]]) -> None:
        # A forked child has every module already, and the work, which then needs no pickling.
        self._context = get_context("fork")
        self._work = work
        self._lifeline, self._held = os.pipe()
        self._processes: list[BaseProcess] = []
        self._workers: dict[Connection, BaseProcess] = {}
        self._group = 0

    def begin(self, size: int) -> None:
        """Start the warden and so many processes."""
        self._group = self._start(_keep_watch, self._lifeline, self._held)
        for _ in range(size):
            ours, theirs = self._context.Pipe()
            self._start(_serve, theirs, self._work, self._held)
            theirs.close()
            self._workers[ours] = self._processes[-1]

    def _start(self, target: Callable[..., None], *arguments: Any) -> int:
        process = self._context.Process(target=target, args=arguments)
        self._processes.append(process)
        process.start()
        number = process.pid or 0
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(number, self._group or number)
        return number

    def parts(self) -> Iterator[Any]:
        """Yield the parts of all pieces in the order of the work."""
        left, come, done = iter(range(len(self._work))), defaultdict[int, deque[Any]](deque), set[int]()
        for connection in self._workers:
            connection.send(next(left, None))
        for number in range(len(self._work)):
            while number not in done:
                yield from _drained(come[number])
                ready = wait(list(self._workers))
                for connection in [one for one in self._workers if one in ready]:
                    piece, parts = self._received(connection)
                    come[piece].extend(parts)
                    if not parts:
                        done.add(piece)
                        connection.send(next(left, None))
            yield from _drained(come.pop(number))

    def _received(self, connection: Connection) -> tuple[int, tuple[Any, ...]]:
        """Return a piece and a part of it; none where it is done."""
        try:
            number, parts, error = connection.recv()
        except (EOFError, OSError):
            process = self._workers[connection]
            process.join(1)
            raise WorkerLostError(f"a process of the run ended with exit status {process.exitcode}") from None
        if error is not None:
            raise RuntimeError(error)
        return number, parts

    def end(self) -> None:
        """Kill the whole group, whatever it does, and wait for what was started here."""
        if self._group:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
        for process in self._processes:
            if process.pid is not None:
                process.kill()
                process.join()
        os.close(self._lifeline)
        os.close(self._held)
        for connection in self._workers:
            connection.close()


def _drained(parts: deque[T]) -> Iterator[T]:
    while parts:
        yield parts.popleft()


def _keep_watch(lifeline: int, held: int) -> None:
    """Wait until the process that does the work has gone, and take its group along."""
    with suppress(PermissionError):
        os.setpgid(0, 0)
    hear_no_signals()
    os.close(held)
    os.read(lifeline, 1)  # returns when the other end is closed, by whatever ending
    os.killpg(0, signal.SIGKILL)


def _serve(connection: Connection, work: Sequence[Callable[[], Iterable[Any]]], held: int) -> None:
    """Do pieces of work by their numbers until there are no more."""
    hear_no_signals()
    os.close(held)
    with suppress(EOFError):
        while (number := connection.recv()) is not None:
            try:
                for part in work[number]():
                    connection.send((number, (part,), None))
                connection.send((number, (), None))
            except Exception as error:
                connection.send((number, (), f"{type(error).__name__}: {error}"))
        connection.recv()  # until the end, lest a reader takes the closed pipe for a lost process


def hear_no_signals() -> None:
    """Leave it to the process that does the work to decide what a signal means."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
