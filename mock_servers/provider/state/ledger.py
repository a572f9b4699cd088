"""What the provider knows: one entry for every request that reached it, with what was presented, issued and refused.

Entries hold aliases, never secrets. Whether the answer arrived is added later by whoever carried it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.wire import Instant

DROPPED = "dropped"
"""The view of the entry that stands for all those before it, which were dropped."""

OPEN = 1000
"""How many of the newest entries are kept as they are, because something may yet be added to them."""

_MOST_KINDS = 1000

Row: TypeAlias = tuple[Any, ...]
"""An entry that is written down for good, in a fifth of its room: its kind, when, what was presented, and what was
issued, one alias without the tuple around it. The kind, which is everything else, is shared by all entries of it; the
number is where the row stands among others, which follow one another without anything that holds each together."""

_WIDTH = 4

_KIND = ("view", "grant_type", "client_id", "account", "cause", "detail", "event", "status", "delivered")
_kind_of = attrgetter(*_KIND)


@dataclass(slots=True, kw_only=True)
class LedgerEntry:
    """One request as the provider saw it.

    `view` names the endpoint; `presented` and `issued` are aliases; `cause` tells why it was refused, None for a
    success; `event` what happened to a presented refresh token; `delivered` is None until the carrier of the answer has
    said.
    """

    number: int
    at: Instant
    view: str
    grant_type: str | None = None
    client_id: str | None = None
    account: str | None = None
    presented: str | None = None
    issued: tuple[str, ...] = ()
    cause: Cause | None = None
    detail: str | None = None
    event: TokenEvent | None = None
    status: int = 0
    delivered: bool | None = None


class Ledger:
    """An append-only list of entries, of which the oldest may be dropped: the first one left then says so."""

    def __init__(self) -> None:
        self._first = 0
        self._rows: list[Any] = []
        self._entries: list[LedgerEntry] = []
        self._kinds: dict[Row, Row] = {}

    def open(self, at: Instant, view: str) -> LedgerEntry:
        """Append an entry for a request that has just arrived."""
        entries = self._entries
        entry = LedgerEntry(number=self._first + self._written + len(entries), at=at, view=view)
        entries.append(entry)
        if len(entries) > 2 * OPEN:
            for old in entries[:OPEN]:
                self._rows += self._row(old)
            del entries[:OPEN]
        return entry

    def delivered(self, number: int, arrived: bool) -> None:
        """Record whether the answer to entry `number` reached the client; what was undone meanwhile is not recorded."""
        index = number - self._first
        if not 0 <= index < self._written + len(self._entries):
            return
        entry = self.entry(number)
        if entry.view == DROPPED:
            return
        entry.delivered = arrived
        if index < self._written:
            self._rows[index * _WIDTH : (index + 1) * _WIDTH] = self._row(entry)

    def entry(self, number: int) -> LedgerEntry:
        """Return one entry by its number."""
        index = number - self._first
        beyond = index - self._written
        return self._entries[beyond] if beyond >= 0 else self._read(index, index + 1)[0]

    def since(self, number: int, limit: int) -> list[LedgerEntry]:
        """Return so many entries from a number on, oldest first; where that was dropped, the first one says so."""
        start = max(number - self._first, 0)
        written = self._read(start, start + limit)
        beyond = max(start - self._written, 0)
        return written + self._entries[beyond : beyond + limit - len(written)]

    def drop(self, keep: int) -> None:
        """Drop all but the newest so many entries, and put one in their place that says so."""
        beyond = self._written + len(self._entries) - keep
        if beyond <= 0:
            return
        last = self.entry(self._first + beyond - 1)
        detail = f"entries 0 to {last.number} were dropped: the newest {keep} are kept"
        mark = LedgerEntry(number=last.number, at=last.at, view=DROPPED, detail=detail)
        if beyond <= self._written:
            self._rows[: beyond * _WIDTH] = self._row(mark)
        else:
            self._entries[: beyond - self._written] = [mark]
            self._rows.clear()
        self._first = last.number

    @property
    def count(self) -> int:
        """How many entries there ever were."""
        return self._first + self._written + len(self._entries)

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, oldest first."""
        return tuple(self.since(self._first, self.count))

    def copied(self) -> tuple[LedgerEntry, ...]:
        """Return copies of all entries."""
        return tuple(copy(entry) for entry in self.entries)

    def return_to(self, entries: tuple[LedgerEntry, ...]) -> None:
        """Hold the entries that there once were."""
        self._first, self._rows = entries[0].number if entries else 0, []
        self._entries = [copy(entry) for entry in entries]

    def presentations(self, alias: str) -> tuple[LedgerEntry, ...]:
        """All entries in which a token or code was presented."""
        return tuple(entry for entry in self.entries if entry.presented == alias)

    def _row(self, entry: LedgerEntry) -> Row:
        kind: Row = _kind_of(entry)
        if entry.detail is None:  # what is told of a refusal is rarely told twice
            if len(self._kinds) > _MOST_KINDS:
                self._kinds.clear()
            kind = self._kinds.setdefault(kind, kind)
        issued = entry.issued
        return (kind, entry.at, entry.presented, issued[0] if len(issued) == 1 else issued)

    @property
    def _written(self) -> int:
        """How many entries are written down."""
        return len(self._rows) // _WIDTH

    def _read(self, start: int, end: int) -> list[LedgerEntry]:
        """Return what is written down from one place to before another."""
        rows = self._rows[start * _WIDTH : end * _WIDTH]
        return [
            _entry(self._first + start + place, rows[place * _WIDTH : (place + 1) * _WIDTH])
            for place in range(len(rows) // _WIDTH)
        ]


def _entry(number: int, row: list[Any]) -> LedgerEntry:
    kind, at, presented, found = row
    issued = (found,) if isinstance(found, str) else found
    told = dict(zip(_KIND, kind, strict=True))
    return LedgerEntry(number=number, at=at, presented=presented, issued=issued, **told)
