"""Doing work here or in several processes; results come in the order of the work, whoever finishes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")


def results(work: Sequence[Callable[[], T]], jobs: int) -> Iterator[T]:
    """Yield what each piece of work returns; with one job, or one piece, no process is started."""
    if jobs <= 1 or len(work) <= 1:
        for one in work:
            yield one()
        return
    # A forked child has every module already; the pool is made before any thread of ours is started.
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("fork")) as pool:
        yield from pool.map(_call, work)


def _call(work: Callable[[], T]) -> T:
    return work()
