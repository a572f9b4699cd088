"""A recording of one vendor's traffic as values: exchanges by aliases, and what of each the recorder could not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.sights import Sight

NEVER_SEEN: Mapping[str, Sight] = {
    "client_sent_at": "clock",
    "step": "wish",
    "node": "process",
    "actor": "caller",
}
"""What no recording shows of an exchange, by the field that would hold it."""

UNTOLD: Mapping[str, Sight] = {"cause": "server", "event": "server"}
"""What only the server knows of a request that it did not carry out."""

UNANSWERED: Mapping[str, Sight] = {
    **UNTOLD,
    "committed": "server",
    "issued": "server",
    "arrived_at": "server",
    "finished_at": "ending",
    "trouble": "ending",
}
"""What nobody but the server and the client know of a request without a whole answer."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One exchange, and what of it cannot be seen besides `NEVER_SEEN`, by field.

    Exchanges of different segments have nothing in common: between them the server began anew.
    """

    exchange: Exchange
    unseen: Mapping[str, Sight] = field(default_factory=dict)
    segment: int = 0


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What one vendor saw, in the order in which it was sent; `missing` is what none of it can show, `notes` are what a
    reader has to know of it."""

    vendor: Vendor
    exchanges: tuple[Recorded, ...]
    missing: frozenset[Sight] = frozenset()
    notes: tuple[str, ...] = ()
