"""Steps about the client's processes: one that dies, another one on the same store, and things that happen
meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from refreshproof.scenarios.steps.conditions import Moment
from refreshproof.scenarios.steps.wording import span, which


@dataclass(frozen=True, kw_only=True)
class Crash:
    """The client's process dies at a moment of its next request of a kind, after `skip` others.

    A death at the store lets `touches` of it pass first, so that it can come between two writes of one save. What the
    process held in memory is gone. It begins anew with the next Restart, at the latest when it is next used. A
    client that does not tell when it touches its store cannot be crashed there.
    """

    moment: Moment = "answered"
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    skip: int = 0
    touches: int = 0

    def prose(self) -> str:
        """Say what happens."""
        what = which(self.view, self.grant_type, 1, self.skip)
        more = f" after {self.touches} more" if self.touches else ""
        when = {
            "leaving": "is to leave",
            "arrived": "arrives",
            "answered": "is answered",
            "storing": f"has been answered and the store is to be touched{more}",
            "stored": f"has been answered and the store has been touched{more}",
        }[self.moment]
        return f"The client's process will die at the moment at which {what[0].lower()}{what[1:]} {when}."


@dataclass(frozen=True, kw_only=True)
class Restart:
    """The client's process ends and a new one begins on the same store."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client restarts."


@dataclass(frozen=True, kw_only=True)
class Node:
    """What follows happens at this process of the client; a new one begins on the same store. The first is 1."""

    number: int

    def prose(self) -> str:
        """Say what happens."""
        return f"What follows happens at process {self.number} of the client."


@dataclass(frozen=True, kw_only=True)
class Zone:
    """The computers that the client runs on keep the local time of a zone, by the rules of POSIX (TZ)."""

    rules: str = "CET-1CEST,M3.5.0,M10.5.0/3"

    def prose(self) -> str:
        """Say what happens."""
        return f"The client's computer keeps the local time {self.rules}."


@dataclass(frozen=True, kw_only=True)
class During:
    """The client calls the API; so many seconds later, while that may be under way, something else happens."""

    happens: Literal["authorize", "disconnect", "call"]
    after: float = 1.0

    def prose(self) -> str:
        """Say what happens."""
        what = {
            "authorize": "Alice logs in and consents again",
            "disconnect": "the client is told to log out",
            "call": "another caller calls the API",
        }[self.happens]
        return f"The client calls the API; {span(self.after)} later {what}."
