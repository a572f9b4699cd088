"""How much of the server one client can hold: connections at a port, seconds for a request, seconds of rest.

Also how many descriptors the process has left for connections, and how to ask for more.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Phase: TypeAlias = Literal["idle", "request", "answer", "ours", "over"]
"""What a connection is about: nothing, a request that has begun to come, an answer that the client has yet to take, a
wait that a fault asked for, or the end of it."""

RESERVE = 128
"""Descriptors that vendors' ports leave to the control port, to files, and to what else the process opens."""


LONGEST_SILENCE = 3600.0
"""Seconds for which a connection without an answer is kept for a client that does not give up by itself."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one port's clients may hold: so many `connections` at once, `request_seconds` from the first byte of a
    request to its last, and `idle_seconds` between requests or without taking a byte of an answer."""

    connections: int = 500
    request_seconds: float = 20.0
    idle_seconds: float = 75.0

    def __post_init__(self) -> None:
        for name, least in (("connections", 1), ("request_seconds", 0.01), ("idle_seconds", 0.01)):
            if not getattr(self, name) >= least:  # nor a number that is none
                raise ValueError(f"{name} is {getattr(self, name)}; expected at least {least}")

    @property
    def patience(self) -> Mapping[Phase, float]:
        """For how many seconds a connection may stay in a phase; one that is not here is the server's own matter."""
        return {
            "idle": self.idle_seconds,
            "request": self.request_seconds,
            "answer": self.idle_seconds,
            "over": LONGEST_SILENCE,
        }

    @property
    def tick(self) -> float:
        """How many seconds may pass until somebody's patience is seen to have ended."""
        return min(1.0, self.request_seconds / 4, self.idle_seconds / 4)


USUAL = Limits()
"""What is in force unless somebody says otherwise."""


def most_at_control(limits: Limits) -> int:
    """Return how many may be connected to the control port: as many as to any other, for many test processes may share
    a server, but where descriptors are few no more than half of the reserve."""
    return max(RESERVE // 2, min(limits.connections, descriptors_left() // 4))


def descriptors_left() -> int:
    """Return how many more files and sockets the process may open."""
    return max(_limit() - _in_use(), 0)


def ask_for_descriptors(wanted: int) -> None:
    """Raise the process's own limit, as far as the system lets it, so that so many more can be opened."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on every system

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = _in_use() + wanted
        if soft < needed:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


def _limit() -> int:
    try:
        import resource
    except ImportError:
        return 512
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000_000 if soft == resource.RLIM_INFINITY else soft


def _in_use() -> int:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 64
