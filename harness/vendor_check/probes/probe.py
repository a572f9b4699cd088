"""One probe: what it asks, what it costs, what it settles, and the generator that asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from refreshproof.harness.vendor_check.asking.asks import Play
from refreshproof.harness.vendor_check.asking.target import Target
from refreshproof.mock_servers.wire import Instant

Value: TypeAlias = Any
"""JSON data."""
Values: TypeAlias = Mapping[str, Value]
"""What a probe found, by name: a field of a profile, or a fact in the probe's own words."""


@dataclass(kw_only=True)
class Bench:
    """What a probe may look at: the target, the time, what the probes before it found, how long it may wait.

    `scopes` and `parameters` are those with which a login brings a refresh token. `waits` are seconds after which a
    superseded token is presented again; `lives` is the longest that a refresh token is left alone to see it end, 0 for
    not at all. `start` is a refresh token that was given in the place of logins.
    `refused_login` tells of the first login that brought no code.
    """

    target: Target
    now: Callable[[], Instant]
    waits: tuple[float, ...]
    lives: float
    rounds: int
    at_once: int
    scopes: tuple[str, ...]
    parameters: Mapping[str, str]
    start: str | None = field(default=None, repr=False)
    found: dict[str, Value] = field(default_factory=dict)
    fresh_users: bool = True
    users: int = 0
    refused_login: str = ""

    def new_user(self) -> str:
        """Return a name that no probe has used."""
        self.users += 1
        return f"user{self.users}"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A question to the server.

    `requests` and `logins` are about what it costs. A `destructive` one ends grants, or may end them. `settles` are the
    fields of a profile that it can find. One that is fit `for_start_token` needs no login where a refresh token is
    given. `play` raises `NeedlessError` where there is nothing to ask.
    """

    id: str
    asks: str
    requests: int
    logins: int
    play: Callable[[Bench], Play[Values]]
    settles: tuple[str, ...] = ()
    destructive: bool = False
    for_start_token: bool = False
