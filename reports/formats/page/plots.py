"""Values of a survey as small pictures: a schedule as ticks, a curve as points. What is no list of numbers has none."""

import re
from dataclasses import dataclass
from math import log1p
from typing import Literal

WIDTH, HEIGHT = 180, 30
"""Of a picture, in its own units."""
LEAST, MOST = 3, 60
"""Numbers that make a picture: fewer are read faster than seen."""

_NUMBER = r"\d{1,12}(?:\.\d{1,6})?"
_SCHEDULE = re.compile(rf"(?:^|: |, )({_NUMBER}(?:, {_NUMBER}){{{LEAST - 1},{MOST}}})")
_PAIR = re.compile(rf"({_NUMBER}) (?:of|for) ({_NUMBER})")


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A small picture: points from left to right, on axes that tell small numbers apart from large ones."""

    kind: Literal["ticks", "curve"]
    points: tuple[tuple[float, float], ...]


def plot_of(text: str) -> Plot | None:
    """Return the picture of a value, None for one that is no list of numbers."""
    pairs = [(float(x), float(y)) for y, x in _PAIR.findall(text)][:MOST]
    if len(pairs) >= LEAST:
        return Plot(kind="curve", points=_scaled(pairs, max(y for _, y in pairs)))
    found = _SCHEDULE.search(text)
    if found is None:
        return None
    numbers = [float(number) for number in found[1].split(", ")]
    return Plot(kind="ticks", points=_scaled([(number, 1.0) for number in numbers], 2.0))


def _scaled(points: list[tuple[float, float]], highest: float) -> tuple[tuple[float, float], ...]:
    wide, high = log1p(max(x for x, _ in points)) or 1.0, log1p(highest) or 1.0
    return tuple(
        (round(4 + (WIDTH - 8) * log1p(x) / wide, 1), round(HEIGHT - 4 - (HEIGHT - 10) * log1p(y) / high, 1))
        for x, y in points
    )
