"""Where an answer changes along a line of whole numbers, found with few questions; it knows nothing of clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise


def flips(holds: Callable[[int], bool], points: Iterable[int]) -> list[tuple[int, int]]:
    """Return every pair of neighbours between which the answer changes, one in each gap of the points that differs.

    The points are asked first, in ascending order; put the usual values among them, for the number next to a point is
    the first that is asked in a gap.
    """
    answers = [(point, holds(point)) for point in sorted(set(points))]
    return [_narrowed(holds, low, high) for low, high in pairwise(answers) if low[1] != high[1]]


def _narrowed(holds: Callable[[int], bool], low: tuple[int, bool], high: tuple[int, bool]) -> tuple[int, int]:
    (left, answer), (right, _) = low, high
    middle = left + 1
    while right - left > 1:
        if holds(middle) == answer:
            left = middle
        else:
            right = middle
        middle = (left + right) // 2
    return left, right


def listed(numbers: Sequence[float]) -> float | str:
    """Return one number as it is, and several, as a result that is not monotonic has them, as a list."""
    return numbers[0] if len(numbers) == 1 else ", ".join(f"{number:g}" for number in numbers)
