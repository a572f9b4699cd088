"""Finding a moment to the second: questions at many ages beside each other, each on a grant of its own, then again
between the two ages where the answer changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from refreshproof.harness.vendor_check.asking.asks import Branch, Play

Sample: TypeAlias = tuple[bool, float, float]
"""An answer, and the least and the greatest age in seconds that the thing asked about can have had then."""

WIDTH = 6
"""How many ages are asked about at once, where they can be asked about beside each other."""
ROUNDS = 12


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Where the answer changes: after `low`, not later than `high`, both in seconds."""

    low: float
    high: float

    @property
    def whole(self) -> int:
        """The whole number of seconds that lies between."""
        return round((self.low + self.high) / 2)


def narrowed(asked: Callable[[float], Play[Sample]], low: float, high: float, *, beside: bool) -> Play[Bounds | None]:
    """Return where the answer changes from what it is at `low` seconds to what it is at `high`, within a second where
    the server is quick; None where the answers contradict each other.

    Ages are asked about at halves of seconds, for what is looked for is a whole number.
    """
    for _ in range(ROUNDS):
        if high - low <= 1:
            break
        samples: list[Sample] = yield Branch(
            plays=tuple(asked(age) for age in _between(low, high, WIDTH if beside else 1))
        )
        changed = [high, *(late for answer, _, late in samples if answer)]
        unchanged = [low, *(early for answer, early, _ in samples if not answer)]
        if max(unchanged) > min(changed):
            return _whole_seconds(max(unchanged), min(changed))
        if (max(unchanged), min(changed)) == (low, high):
            break
        low, high = max(unchanged), min(changed)
    return Bounds(low=low, high=high)


def _whole_seconds(unchanged: float, changed: float) -> Bounds | None:
    """Return bounds for a server that counts in whole seconds, at which the moment lies up to one second early; None
    where the answers contradict each other by more."""
    return Bounds(low=unchanged, high=changed + 1) if unchanged - changed < 1 else None


def _between(low: float, high: float, width: int) -> list[float]:
    """Return halves of seconds that part a span evenly."""
    first, last = int(low + 0.5), int(high - 0.5 - 1e-9)
    whole = range(first, last + 1)
    if len(whole) <= width:
        return [number + 0.5 for number in whole if low < number + 0.5 < high]
    step = (last - first) / (width + 1)
    return [round(first + step * (number + 1)) + 0.5 for number in range(width)]
