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
"""An entry that is written down for good, in a third of its room: its kind, when, what was presented and issued. The
kind, which is everything else, is shared by all entries of it; the number is where the row stands."""

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
        self._rows: list[Row] = []
        self._entries: list[LedgerEntry] = []
        self._kinds: dict[Row, Row] = {}

    def open(self, at: Instant, view: str) -> LedgerEntry:
        """Append an entry for a request that has just arrived."""
        entries = self._entries
        entry = LedgerEntry(number=self._first + len(self._rows) + len(entries), at=at, view=view)
        entries.append(entry)
        if len(entries) > 2 * OPEN:
            self._rows += map(self._row, entries[:OPEN])
            del entries[:OPEN]
        return entry

    def delivered(self, number: int, arrived: bool) -> None:
        """Record whether the answer to entry `number` reached the client; what was undone meanwhile is not recorded."""
        index = number - self._first
        if not 0 <= index < len(self._rows) + len(self._entries):
            return
        entry = self.entry(number)
        if entry.view == DROPPED:
            return
        entry.delivered = arrived
        if index < len(self._rows):
            self._rows[index] = self._row(entry)

    def entry(self, number: int) -> LedgerEntry:
        """Return one entry by its number."""
        index = number - self._first
        beyond = index - len(self._rows)
        return self._entries[beyond] if beyond >= 0 else _entry(number, self._rows[index])

    def since(self, number: int, limit: int) -> list[LedgerEntry]:
        """Return so many entries from a number on, oldest first; where that was dropped, the first one says so."""
        start = max(number - self._first, 0)
        rows = self._rows[start : start + limit]
        beyond = max(start - len(self._rows), 0)
        written = [_entry(self._first + start + place, row) for place, row in enumerate(rows)]
        return written + self._entries[beyond : beyond + limit - len(rows)]

    def drop(self, keep: int) -> None:
        """Drop all but the newest so many entries, and put one in their place that says so."""
        beyond = len(self._rows) + len(self._entries) - keep
        if beyond <= 0:
            return
        last = self.entry(self._first + beyond - 1)
        detail = f"entries 0 to {last.number} were dropped: the newest {keep} are kept"
        mark = LedgerEntry(number=last.number, at=last.at, view=DROPPED, detail=detail)
        if beyond <= len(self._rows):
            self._rows[:beyond] = [self._row(mark)]
        else:
            self._entries[: beyond - len(self._rows)] = [mark]
            self._rows.clear()
        self._first = last.number

    @property
    def count(self) -> int:
        """How many entries there ever were."""
        return self._first + len(self._rows) + len(self._entries)

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
        return (kind, entry.at, entry.presented, *entry.issued)


def _entry(number: int, row: Row) -> LedgerEntry:
    kind, at, presented, *issued = row
    told = dict(zip(_KIND, kind, strict=True))
    return LedgerEntry(number=number, at=at, presented=presented, issued=tuple(issued), **told)
