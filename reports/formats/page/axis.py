"""The broken axis of a timeline: where an instant stands among events that have a line each."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence


class Axis:
    """Instants as heights, from the events that have one; between two of them time runs evenly.

    `known` are the heights of events by name, since many may share an instant; `bottom` is the height for what comes
    after the last one.
    """

    def __init__(self, knots: Sequence[tuple[int, int]], known: Mapping[tuple[str, int | str], int], *, bottom: int):
        self._known = known
        self._instants = [at for at, _ in knots]
        self._heights = [y for _, y in knots]
        self.bottom = bottom

    @property
    def last(self) -> int:
        """The instant of the last event."""
        return self._instants[-1]

    def of(self, name: tuple[str, int | str], at: int) -> int:
        """Return the height of an event, of its instant if it has none of its own."""
        return self._known.get(name, self.first_at(at))

    def first_at(self, at: int) -> int:
        """Return the height of an instant; where several events share it, that of the first."""
        after = bisect_left(self._instants, at)
        if after == len(self._instants):
            return self.bottom
        if after == 0 or self._instants[after] == at:
            return self._heights[after]
        before = after - 1
        share = (at - self._instants[before]) / (self._instants[after] - self._instants[before])
        return round(self._heights[before] + share * (self._heights[after] - self._heights[before]))
