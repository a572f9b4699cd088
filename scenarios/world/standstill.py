"""What is told of a client that does not come to an end: in which step, and how that was noticed."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.scenarios.clocks.actors import MOST_TOUCHES, Endless
from refreshproof.scenarios.clocks.wall_clock import PATIENCE, Overdue


class StandstillError(RuntimeError):
    """The client does not come to an end in a step; that says nothing of any requirement.

    `overdue` tells that finding out cost the patience of the watch, and would again.
    """

    def __init__(self, step: str, met: BaseException) -> None:
        super().__init__(f"{step}: {_NOTICED.get(type(met), str(met))}")
        self.overdue = isinstance(met, Overdue)


_NOTICED: Mapping[type[BaseException], str] = {
    Endless: f"it touched clock, network and store {MOST_TOUCHES} times without an end",
    Overdue: f"it took more than {PATIENCE:g} s of work without an end",
}
