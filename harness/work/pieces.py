"""What a piece of work is, and what a place is that does some: this process, others of this machine, a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

Piece: TypeAlias = Callable[[], Iterable[Any]]
"""Gives its parts when it is called, equal ones wherever and however often that is. What goes to another machine can be
pickled, and so can its parts."""
Doing: TypeAlias = Callable[[Sequence[Piece]], Generator[Any, None, None]]
"""Does some pieces and yields all their parts in the order of the work, whichever is done first."""

Likeness: TypeAlias = Callable[[], Mapping[str, str]]
"""Tells what a process is like on which results depend: by what each thing is called, what it is there."""


class WorkerLostError(RuntimeError):
    """What was to do some work is gone in the midst of it: a process, which the client under test or the system has
    killed, or the scheduler of a cluster."""


class PlaceError(ValueError):
    """No work can be done there; the message names the place, what was found there, and what to do."""


class Place(Protocol):
    """Where work is done."""

    def check(self, likeness: Likeness) -> None:
        """See that work can be done there, with the same results as here, because whoever does it is like this process;
        raises PlaceError."""
        ...

    def opened(self) -> AbstractContextManager[Doing]:
        """Work there for the length of a block; raises WorkerLostError where the place has gone since."""
        ...


def unlike(here: Mapping[str, str], there: Mapping[str, str]) -> str | None:
    """Say of another process in what it is unlike this one first, None where it is not."""
    for name, own in here.items():
        found = there.get(name, "nothing")
        if found != own:
            return f"is unlike this process in {name}: {found} there, {own} here; install or copy there what is here"
    return None
