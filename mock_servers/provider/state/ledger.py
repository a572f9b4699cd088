"""What the provider knows: one entry for every request that reached it, with what was presented, issued and refused.

Entries hold aliases, never secrets. Whether the answer arrived is added later by whoever carried it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.wire import Instant

DROPPED = "dropped"
"""The view of the entry that stands for all those before it, which were dropped."""


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
        self._entries: list[LedgerEntry] = []

    def open(self, at: Instant, view: str) -> LedgerEntry:
        """Append an entry for a request that has just arrived."""
        entry = LedgerEntry(number=self.count, at=at, view=view)
        self._entries.append(entry)
        return entry

    def delivered(self, number: int, arrived: bool) -> None:
        """Record whether the answer to entry `number` reached the client; what was undone meanwhile is not recorded."""
        index = number - self._first
        if 0 <= index < len(self._entries) and self._entries[index].view != DROPPED:
            self._entries[index].delivered = arrived

    def entry(self, number: int) -> LedgerEntry:
        """Return one entry by its number."""
        return self._entries[number - self._first]

    def since(self, number: int, limit: int) -> list[LedgerEntry]:
        """Return so many entries from a number on, oldest first; where that was dropped, the first one says so."""
        start = max(number - self._first, 0)
        return self._entries[start : start + limit]

    def drop(self, keep: int) -> None:
        """Drop all but the newest so many entries, and put one in their place that says so."""
        beyond = len(self._entries) - keep
        if beyond <= 0:
            return
        last = self._entries[beyond - 1]
        detail = f"entries 0 to {last.number} were dropped: the newest {keep} are kept"
        self._entries[:beyond] = [LedgerEntry(number=last.number, at=last.at, view=DROPPED, detail=detail)]

    @property
    def count(self) -> int:
        """How many entries there ever were."""
        return self._first + len(self._entries)

    @property
    def _first(self) -> int:
        return self._entries[0].number if self._entries else 0

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, oldest first."""
        return tuple(self._entries)

    def copied(self) -> tuple[LedgerEntry, ...]:
        """Return copies of all entries."""
        return tuple(copy(entry) for entry in self._entries)

    def return_to(self, entries: tuple[LedgerEntry, ...]) -> None:
        """Hold the entries that there once were."""
        self._entries = [copy(entry) for entry in entries]

    def presentations(self, alias: str) -> tuple[LedgerEntry, ...]:
        """All entries in which a token or code was presented."""
        return tuple(entry for entry in self._entries if entry.presented == alias)
