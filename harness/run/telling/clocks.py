"""How wrong the client's clock was in a story, from its own readings and from what moved it."""

from __future__ import annotations

from collections.abc import Iterator

from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.reports import Skew
from refreshproof.scenarios.evidence.journal import ClockMove, Exchange, Journal

LEAST = 0.001
"""Seconds by which two readings must differ to be told apart."""


def skews(journal: Journal) -> tuple[Skew, ...]:
    """Return from when on the clock of the client's first process was how wrong, nothing for one that was right."""
    found: list[Skew] = []
    for at, seconds in sorted(_readings(journal), key=lambda reading: reading[0]):
        if abs(seconds - (found[-1].seconds if found else 0.0)) >= LEAST:
            found.append(Skew(at=at, seconds=round(seconds, 6)))
    return tuple(found)


def _readings(journal: Journal) -> Iterator[tuple[Instant, float]]:
    last = 0.0
    for record in journal.records:
        if isinstance(record, Exchange) and record.node == 1 and record.actor != "browser" and not record.on_behalf:
            last = (record.client_sent_at - record.sent_at) / SECOND
            yield record.sent_at, last
        elif isinstance(record, ClockMove) and record.what in ("skew", "step"):
            last = record.value if record.what == "skew" else last + record.value
            yield record.at, last
