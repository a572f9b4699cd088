"""What a probe can ask for: a login, one request, several at once, time to pass, branches; data only.

A probe is a generator that yields these and is sent what came of them.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from refreshproof.mock_servers.wire import Instant, WireRequest

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Authorize:
    """Open an authorization request in the user's browser; brings the parameters of the callback.

    `user` names who should log in, for those who can choose.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    user: str


@dataclass(frozen=True, kw_only=True)
class Send:
    """Send one request; brings a `Reply`."""

    request: WireRequest


@dataclass(frozen=True, kw_only=True)
class Together:
    """Send requests at the same time; brings a tuple of `Reply`."""

    requests: tuple[WireRequest, ...]


@dataclass(frozen=True, kw_only=True)
class Until:
    """Let time pass until an instant; brings nothing."""

    instant: Instant


@dataclass(frozen=True, kw_only=True)
class Branch:
    """Play generators beside each other, or one after the other where all share one user; brings their results."""

    plays: tuple[Play[Any], ...] = field(repr=False)


Ask: TypeAlias = Authorize | Send | Together | Until | Branch
Play: TypeAlias = Generator[Ask, Any, T]
Callback: TypeAlias = Mapping[str, str]
"""The parameters with which the browser came back."""
