"""Takes down what served vendors see, with what their ledgers know of it: the witness that a server is given."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse, seconds
from refreshproof.scenarios.evidence.sights import Sight
from refreshproof.scenarios.recording.recording import Recorded, Recording
from refreshproof.scenarios.recording.taking import Passage, taken

KEEPS = 100_000
"""Exchanges of one vendor that are kept; of more the newest."""
NOT_SERVED: frozenset[Sight] = frozenset({"elsewhere"})
_LOST: Mapping[str, Sight] = {"finished_at": "ending", "trouble": "ending"}
"""What a server does not know of an answer that it could not bring to its client."""


@dataclass(kw_only=True)
class _Open:
    """An exchange whose answer is under way."""

    number: int
    sent_order: int
    provider: Provider
    request: WireRequest
    inward: WireResponse
    response: WireResponse
    at: Instant
    entry: LedgerEntry | None
    segment: int


@dataclass(kw_only=True)
class _Desk:
    """What is known of one vendor."""

    taken: list[Recorded] = field(default_factory=list)
    open: dict[int, _Open] = field(default_factory=dict)
    segment: int = 0
    dropped: int = 0


class Recorder:
    """The exchanges of each vendor; `recordings` returns them at any time."""

    def __init__(self, vendors: tuple[Vendor, ...], keeps: int = KEEPS) -> None:
        self._vendors = vendors
        self._desks = {vendor.name: _Desk() for vendor in vendors}
        self._keeps = keeps
        self._order = itertools.count()
        self._numbers = itertools.count(1)

    def answered(
        self,
        name: str,
        provider: Provider,
        request: WireRequest,
        inward: WireResponse,
        response: WireResponse,
        now: Instant,
    ) -> None:
        """Note an answer that is about to leave; `inward` is what the vendor itself would have said."""
        desk = self._desks[name]
        entry = None if inward.entry is None else copy(provider.ledger.entry(inward.entry))
        desk.open[id(response)] = _Open(
            number=next(self._numbers),
            sent_order=next(self._order),
            provider=provider,
            request=request,
            inward=inward,
            response=response,
            at=now,
            entry=entry,
            segment=desk.segment,
        )

    def delivered(self, name: str, response: WireResponse, arrived: bool) -> None:
        """Take down an exchange whose answer has left, or could not."""
        desk = self._desks[name]
        found = desk.open.pop(id(response), None)
        if found is None:
            return
        answer = found.inward
        passage = Passage(
            number=found.number,
            sent_at=found.at,
            finished_at=found.at + seconds(answer.delay + answer.drip * len(answer.body)),
            sent_order=found.sent_order,
            settled_order=next(self._order),
            answered=arrived,
        )
        exchange = taken(found.provider, found.request, answer, passage, found.entry)
        if exchange.view is not None or exchange.leaks:
            unseen = {} if arrived else _LOST
            desk.taken.append(Recorded(exchange=exchange, unseen=unseen, segment=found.segment))
        if len(desk.taken) > self._keeps:
            del desk.taken[0]
            desk.dropped += 1

    def cut(self, name: str) -> None:
        """Begin anew: the vendor has forgotten, or gone back to what it was."""
        desk = self._desks[name]
        desk.open.clear()
        desk.segment += 1

    def recordings(self) -> tuple[Recording, ...]:
        """Return what each vendor has seen up to now."""
        return tuple(
            Recording(
                vendor=vendor,
                exchanges=tuple(sorted(self._desks[vendor.name].taken, key=lambda one: one.exchange.number)),
                missing=NOT_SERVED,
                notes=_dropped(self._desks[vendor.name].dropped, self._keeps),
            )
            for vendor in self._vendors
        )


def _dropped(number: int, keeps: int) -> tuple[str, ...]:
    if not number:
        return ()
    return (f"the oldest {number} requests were dropped: the newest {keeps} are kept",)
