"""The requests of one operation of the client: what it sent between the beginning of the operation and its end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from refreshproof.scenarios.evidence.evidence import Evidence, once
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord


@dataclass(frozen=True, kw_only=True)
class Operation:
    """How an operation ended, and the requests that its caller sent for it, in order."""

    outcome: OutcomeRecord
    exchanges: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange | None:
        """The last request."""
        return self.exchanges[-1] if self.exchanges else None


def operations(evidence: Evidence, *names: str) -> tuple[Operation, ...]:
    """Return the operations of some names (all if none are given), in the order in which they ended."""
    return tuple(one for one in _operations(evidence) if not names or one.outcome.operation in names)


@once
def _operations(evidence: Evidence) -> tuple[Operation, ...]:
    found: list[Operation] = []
    sent: defaultdict[str, list[Exchange]] = defaultdict(list)
    for record in evidence.journal.records:
        if isinstance(record, Exchange):
            sent[record.actor].append(record)
        elif isinstance(record, OutcomeRecord):
            # What an operation sent in which the process died belongs to none that ended.
            own = tuple(one for one in sent.pop(record.actor, ()) if one.number > record.begun)
            found.append(Operation(outcome=record, exchanges=own))
    return tuple(found)
