"""Steps in which time passes, or a clock goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.scenarios.steps.wording import span

Limit: TypeAlias = Literal[
    "access_token_expiry", "inactivity_expiry", "absolute_expiry", "end_of_window", "rotation_due", "announced_change",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Advance:
    """Time passes for everyone."""

    seconds: float

    def prose(self) -> str:
        """Say what happens."""
        return f"{span(self.seconds).capitalize()} pass."


@dataclass(frozen=True, kw_only=True)
class Until:
    """Time passes until so many seconds after (negative: before) a limit of the newest tokens.

    The limits are the access token's expiry, the refresh token's inactivity and absolute expiry, the end of the window
    in which the token before the newest may be replayed, and when the next refresh brings a new refresh token at a
    vendor that does not rotate every time; and the day of the vendor's next announced change. Where a vendor has no
    such limit nothing happens.
    """

    limit: Limit
    offset: float = 0.0

    def prose(self) -> str:
        """Say what happens."""
        name = self.limit.replace("_", " ")
        if self.offset == 0:
            return f"Time passes until the {name}."
        side = "after" if self.offset > 0 else "before"
        return f"Time passes until {span(abs(self.offset))} {side} the {name}."


@dataclass(frozen=True, kw_only=True)
class Skew:
    """The client's clock is set ahead of (positive) or behind true time."""

    seconds: float

    def prose(self) -> str:
        """Say what happens."""
        if self.seconds == 0:
            return "The client's clock is set right."
        side = "ahead" if self.seconds > 0 else "behind"
        return f"The client's clock is set {span(abs(self.seconds))} {side}."


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The client's clock runs fast (positive) or slow, in parts per million."""

    parts_per_million: float

    def prose(self) -> str:
        """Say what happens."""
        return f"The client's clock drifts by {self.parts_per_million:g} parts per million from now on."


@dataclass(frozen=True, kw_only=True)
class ClockStep:
    """A time service moves the client's clock, now or in the middle of what happens so many seconds later."""

    seconds: float
    after: float = 0.0

    def prose(self) -> str:
        """Say what happens."""
        when = f"{span(self.after).capitalize()} later a" if self.after else "A"
        return f"{when} time service moves the client's clock by {self.seconds:+g} s."
