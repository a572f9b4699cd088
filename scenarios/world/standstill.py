"""What is told of a client that does not come to an end: in which step, and how that was noticed."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.scenarios.clocks.actors import MOST_TOUCHES, Endless
from refreshproof.scenarios.clocks.watchdog import LONGEST, Overdue, Stuck, Unended


class StandstillError(RuntimeError):
    """The client does not come to an end in a step; that says nothing of any requirement.

    `overdue` tells that finding out cost the patience of the watch, and would again.
    """

    def __init__(self, step: str, met: BaseException, patience: float) -> None:
        noticed = _NOTICED.get(type(met), "{met}").format(
            met=met, patience=patience, longest=LONGEST * patience, touches=MOST_TOUCHES
        )
        super().__init__(f"{step}: {noticed}")
        self.overdue = isinstance(met, Overdue)


_NOTICED: Mapping[type[BaseException], str] = {
    Endless: "it touched clock, network and store {touches} times without an end",
    Overdue: "it took more than {patience:g} s of work without an end",
    Unended: "it did not end in {longest:g} s of real time",
    Stuck: "nothing in it moved for {patience:g} s: it waits for what never comes",
}
