"""Steps in which the client is used: one call, several at once, many pages, a refresh, a logout."""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.scenarios.steps.wording import span


@dataclass(frozen=True, kw_only=True)
class Call:
    """The client uses the protected resource, `times` times, `every` seconds apart.

    With a `margin` (seconds) the caller asks for an access token that is good for that much longer.
    """

    times: int = 1
    every: float = 0.0
    margin: float = 0.0

    def prose(self) -> str:
        """Say what happens."""
        between = f"{span(self.every)} apart" if self.every else "with no time between"
        often = "" if self.times == 1 else f" {self.times} times, {between}"
        asked = f", with a token that is good for {span(self.margin)} more" if self.margin else ""
        return f"The client calls the API{often}{asked}."


@dataclass(frozen=True, kw_only=True)
class Pages:
    """One operation of the client that reads so many pages of the protected resource, `every` seconds apart."""

    pages: int = 5
    every: float = 900.0

    def prose(self) -> str:
        """Say what happens."""
        between = f"{span(self.every)} apart" if self.every else "with no time between"
        return f"The client reads {self.pages} pages of the API in one operation, {between}."


@dataclass(frozen=True, kw_only=True)
class Parallel:
    """So many callers use the protected resource at the same moment, spread over so many processes of the client.

    `schedule` holds a digit for every moment at which more than one of them could go on: which of them does, counted in
    the order in which they came to wait; where it ends, the first. With `every_touch` each touch of clock, network,
    store or lock is such a moment, and who went on last is counted before the others.
    """

    callers: int = 4
    nodes: int = 1
    schedule: str = ""
    every_touch: bool = False

    def prose(self) -> str:
        """Say what happens."""
        where = f" in {self.nodes} processes" if self.nodes > 1 else ""
        return f"{self.callers} callers of the client{where} call the API at once{self._order()}."

    def _order(self) -> str:
        if not self.every_touch:
            return f", taking turns in the order {self.schedule}" if self.schedule.strip("0") else ""
        turns = [str(number) for number, digit in enumerate(self.schedule, 1) if digit != "0"]
        return f", another one going on at touch {' and '.join(turns)}" if turns else ", one after the other"


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """The client is told to refresh now."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client is told to refresh."


@dataclass(frozen=True, kw_only=True)
class Disconnect:
    """The user logs out of the client."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client is told to log out."


@dataclass(frozen=True, kw_only=True)
class LogEverything:
    """The client's log is set to its most talkative level."""

    def prose(self) -> str:
        """Say what happens."""
        return "The client's log is set to its most talkative level."
