"""The weather between client and server: delays and losses on the legs of selected requests, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.sighting import Sighting

Leg: TypeAlias = Literal["request", "server", "response"]
LEGS: tuple[Leg, ...] = ("request", "server", "response")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Trouble on one leg: so many seconds of delay, or a loss; for `times` requests (None: until the end).

    `view` and `grant_type` select requests, None for any. A lost request never reaches the server, a lost response
    is cut
    after the server has acted; the client sees a reset connection, or nothing until its timeout when `silent`.
    A fatal one ends the client's process when the request has arrived, or was answered.
    """

    leg: Leg
    seconds: float = 0.0
    lost: bool = False
    silent: bool = False
    fatal: Literal["arrived", "answered"] | None = None
    view: str | None = "token"
    grant_type: str | None = None
    times: int | None = 1

    def matches(self, sighting: Sighting) -> bool:
        """Tell whether a request meets the condition."""
        return self.view in (None, sighting.view) and self.grant_type in (None, sighting.grant_type)


class Weather:
    """Conditions in force, each until it is used up."""

    def __init__(self) -> None:
        self._left: list[tuple[Condition, int | None]] = []

    def add(self, condition: Condition) -> None:
        """Put a condition in force."""
        self._left.append((condition, condition.times))

    def clear(self) -> None:
        """End every condition."""
        self._left.clear()

    def meet(self, sighting: Sighting) -> list[Condition]:
        """Return the conditions a request meets, using each of them once."""
        met = [condition for condition, _ in self._left if condition.matches(sighting)]
        counted = ((one, times if one not in met or times is None else times - 1) for one, times in self._left)
        self._left = [(one, times) for one, times in counted if times != 0]
        return met
