"""Which requests a fault of the scenario struck: the vendor misbehaved there, whatever the client made of it.

For what is told of a story; a check that accuses a client may use only what could reach it.
"""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.scenarios.evidence.evidence import Evidence, once
from refreshproof.scenarios.evidence.journal import Exchange, StepRecord
from refreshproof.scenarios.steps.documents import from_document
from refreshproof.scenarios.steps.steps import STEPS
from refreshproof.scenarios.steps.troubles import Fault, Mend

SETTING = frozenset(name for name, kind in STEPS.items() if issubclass(kind, Fault | Mend))
"""The steps by name that change what strikes; there are few of them, and reading a step takes time."""


@dataclass(kw_only=True)
class _InForce:
    """A fault and how many requests it still lets pass, and how many it then strikes (None: all)."""

    fault: Fault
    skip: int
    left: int | None

    def strikes(self, exchange: Exchange) -> bool:
        if self.left == 0 or self.fault.view not in (None, exchange.view):
            return False
        if self.fault.grant_type not in (None, exchange.grant_type):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left = None if self.left is None else self.left - 1
        return True


@once
def struck(evidence: Evidence) -> frozenset[int]:
    """Return the numbers of the requests that a fault struck; of several that are set the first strikes."""
    found: set[int] = set()
    in_force: list[_InForce] = []
    pending = sorted(evidence.exchanges(), key=lambda one: (one.step, one.sent_order))
    for step in evidence.steps:
        in_force = _set(step, in_force)
        for one in (one for one in pending if one.step == step.number):
            if any(fault.strikes(one) for fault in in_force):
                found.add(one.number)
    return frozenset(found)


def _set(step: StepRecord, in_force: list[_InForce]) -> list[_InForce]:
    if step.step["step"] not in SETTING:
        return in_force
    done = from_document(step.step)
    if isinstance(done, Mend):
        return []
    if isinstance(done, Fault):
        return [*in_force, _InForce(fault=done, skip=done.skip, left=done.times)]
    return in_force
