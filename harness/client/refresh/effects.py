"""The effects a refresh asks for. The procedure yields them, a driver performs them and sends the result back.

Every effect is a point at which another actor may run, an answer may be lost or the process may die.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from refreshproof.harness.client.model.status import Move
from refreshproof.harness.client.model.token import ClientTokenEntity, Lease
from refreshproof.harness.client.storage.storage import Alarm
from refreshproof.harness.client.token_endpoint.token_request import TokenRequest


@dataclass(frozen=True)
class Now:
    """The clock's instant."""


@dataclass(frozen=True)
class Chance:
    """A random number in [0, 1)."""


@dataclass(frozen=True)
class Sleep:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Acquire:
    """Take the process's lock for this token."""

    token_id: str


@dataclass(frozen=True)
class Release:
    """Give the process's lock back."""

    token_id: str


@dataclass(frozen=True)
class Load:
    """Read the token: Held, or NotFoundError is thrown in."""

    token_id: str


@dataclass(frozen=True)
class Mark:
    """Write the in-flight marker, which is also the lease: the marked record, or None if the stored version differs."""

    token: ClientTokenEntity
    lease: Lease


@dataclass(frozen=True)
class Send:
    """Send a token request and wait for its answer until the deadline: NotSent, Lost or Answered."""

    request: TokenRequest
    deadline: int


@dataclass(frozen=True)
class Save:
    """Write the record if the stored version is its version: the record, or None. StorageError may be thrown in."""

    token: ClientTokenEntity


@dataclass(frozen=True)
class Delete:
    """Delete the record if the stored version is its version: whether it was."""

    token: ClientTokenEntity


@dataclass(frozen=True)
class Keep:
    """Keep a pair in memory that could not be written; None forgets it."""

    token_id: str
    token: ClientTokenEntity | None


@dataclass(frozen=True)
class Kept:
    """Return the pair kept for this token, or None."""

    token_id: str


@dataclass(frozen=True)
class SaveAlarm:
    """Set or clear the alarm of a configuration."""

    config_id: str
    alarm: Alarm | None


@dataclass(frozen=True)
class Tell:
    """Tell the engine's listeners of a saved move of a token's status."""

    move: Move


Effect = Now | Chance | Sleep | Acquire | Release | Load | Mark | Send | Save | Delete | Keep | Kept | SaveAlarm | Tell

Steps = Generator[Effect, Any, Any]
"""A procedure: yields effects, receives their results, returns its own. Results are checked by the driver's table."""
