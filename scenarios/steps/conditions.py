"""The weather between client and server: delays and losses on the legs of selected requests, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.provider.http.sighting import Sighting

Leg: TypeAlias = Literal["request", "server", "response"]
Moment: TypeAlias = Literal["leaving", "arrived", "answered", "storing", "stored"]
"""When a process can die: before a request leaves it, when that has arrived, when it was answered, and before and after
the store is touched next."""
LEGS: tuple[Leg, ...] = ("request", "server", "response")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Trouble on one leg: so many seconds of delay, or a loss; for `times` requests (None: until the end), after `skip`
    others.

    `view` and `grant_type` select requests, None for any. A lost request never reaches the server, a lost response is
    cut after the server has acted; the client sees a reset connection, or nothing until its timeout when `silent`. A
    fatal one ends the client's process at a moment of the request; one at the store lets `touches` of it pass first.
    """

    leg: Leg
    seconds: float = 0.0
    lost: bool = False
    silent: bool = False
    fatal: Moment | None = None
    touches: int = 0
    view: str | None = "token"
    grant_type: str | None = None
    times: int | None = 1
    skip: int = 0

    def matches(self, sighting: Sighting) -> bool:
        """Tell whether a request meets the condition."""
        return self.view in (None, sighting.view) and self.grant_type in (None, sighting.grant_type)


@dataclass(kw_only=True)
class _InForce:
    """A condition and how many requests it still lets pass, and how many it then meets (None: all)."""

    condition: Condition
    skip: int
    left: int | None

    def meets(self, sighting: Sighting) -> bool:
        if not self.condition.matches(sighting):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left = None if self.left is None else self.left - 1
        return True


class Weather:
    """Conditions in force, each until it is used up."""

    def __init__(self) -> None:
        self._in_force: list[_InForce] = []

    def add(self, condition: Condition) -> None:
        """Put a condition in force."""
        self._in_force.append(_InForce(condition=condition, skip=condition.skip, left=condition.times))

    def clear(self) -> None:
        """End every condition."""
        self._in_force.clear()

    def meet(self, sighting: Sighting) -> list[Condition]:
        """Return the conditions a request meets, using each of them once."""
        if not self._in_force:
            return []
        met = [one.condition for one in self._in_force if one.meets(sighting)]
        self._in_force = [one for one in self._in_force if one.left != 0]
        return met
