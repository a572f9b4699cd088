"""The ledger as a test reads it: the requests in order, and assertions about a client that was there, whose messages
tell the requests with aliases.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NoReturn, overload
from urllib.parse import urlsplit

from refreshproof.harness.run.story import view_of
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.world.world import World

REFRESH = "refresh_token"
MOST_LINES = 40
"""Requests that a message tells, the last ones."""


class ToldLedger(Sequence[LedgerEntry]):
    """Every request that reached the vendor, oldest first.

    Each assertion raises AssertionError too where nothing reached the vendor that it could be about.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledger = world.provider.ledger
        self._journal = world.journal

    @overload
    def __getitem__(self, index: int) -> LedgerEntry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LedgerEntry]: ...
    def __getitem__(self, index: Any) -> Any:
        return self.entries[index]

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All of them."""
        return self._ledger.entries

    def presentations(self, alias: str) -> tuple[LedgerEntry, ...]:
        """Return those in which a token or code was presented."""
        return self._ledger.presentations(alias)

    def assert_single_flight(self) -> None:
        """Assert that callers who met refreshed once: no refresh of a grant began while another was under way, or at
        the very moment at which another had succeeded."""
        refreshes, roots = self._refreshes(), self._roots()
        for number, later in enumerate(refreshes):
            for earlier in refreshes[:number]:
                same = roots.get(str(earlier.presented)) == roots.get(str(later.presented))
                together = not later.follows(earlier) or (earlier.ok and later.sent_at <= earlier.finished_at)
                if same and together:
                    self._fail("two refreshes of one grant at once", (earlier, later))

    def assert_never_presented_dead_token(self) -> None:
        """Assert that no token was presented after its end: an access token that had expired, a refresh token after an
        answer that replaced or refused it had arrived."""
        exchanges = self._journal.exchanges()
        self._needs(exchanges, "request")
        over: dict[str, Exchange] = {}
        for one in sorted(exchanges, key=lambda exchange: exchange.sent_order):
            if one.cause is Cause.ACCESS_TOKEN_EXPIRED:
                self._fail(f"{one.presented} had expired when it was presented", (one,))
            end = over.get(str(one.presented))
            if one.grant_type == REFRESH and one.cause is not None and end is not None and one.follows(end):
                self._fail(f"{one.presented} was presented again after it was {_end(end)}", (end, one))
            if (
                one.grant_type == REFRESH
                and one.delivered
                and (_renewed(one) or one.members.get("error") == "invalid_grant")
            ):
                over.setdefault(str(one.presented), one)

    def assert_kept(self, stored: str | None = None) -> None:
        """Assert that the client kept what it was given: each refresh presents the newest refresh token that had
        reached the client before. `stored` is what the client has stored now, which must be the newest too; without
        it, the last one that was issued goes unproven."""
        refreshes = self._refreshes() if stored is None else self._journal.exchanges("token", REFRESH)
        issuing = [one for one in self._journal.exchanges() if one.ok and _refresh_tokens(one)]
        for one in refreshes:
            before = [other for other in issuing if one.follows(other)]
            if before and one.presented != _refresh_tokens(before[-1])[-1]:
                newest = _refresh_tokens(before[-1])[-1]
                self._fail(
                    f"{newest} was the newest refresh token, and {one.presented} was presented", (before[-1], one)
                )
        if stored is not None:
            self._needs(issuing, "refresh token")
            newest = _refresh_tokens(issuing[-1])[-1]
            kept = self._world.provider.vault.alias(stored) or "none that the vendor knows"
            if kept != newest:
                self._fail(f"{newest} is the newest refresh token, and what is stored is {kept}", (issuing[-1],))

    def _refreshes(self) -> list[Exchange]:
        refreshes = self._journal.exchanges("token", REFRESH)
        self._needs(refreshes, "refresh")
        return refreshes

    def _roots(self) -> dict[str, str]:
        """Return the first refresh token of its grant for each refresh token."""
        roots: dict[str, str] = {}
        for one in self._journal.exchanges():
            root = roots.get(str(one.presented), str(one.presented)) if one.grant_type == REFRESH else None
            for alias in (*_refresh_tokens(one), *([str(one.presented)] if root else [])):
                roots.setdefault(alias, root or alias)
        return roots

    def _needs(self, found: Collection[Exchange], what: str) -> None:
        if not found:
            raise AssertionError(f"no {what} reached the vendor, so that nothing was shown\n{self._story()}")

    def _fail(self, what: str, witnesses: tuple[Exchange, ...]) -> NoReturn:
        raise AssertionError(f"{what}\n{self._story(witnesses)}")

    def _story(self, witnesses: tuple[Exchange, ...] = ()) -> str:
        """Return the exchanges so far, one line each, those that show what is wrong with a mark."""
        exchanges = self._journal.exchanges()
        lines = [f"{'*' if one in witnesses else ' '} {self._told(one)}" for one in exchanges[-MOST_LINES:]]
        earlier = [f"  {len(exchanges) - MOST_LINES} earlier"] if len(exchanges) > MOST_LINES else []
        return "\n".join((*earlier, *lines)) or "No request was made."

    def _told(self, one: Exchange) -> str:
        return f"+{(one.sent_at - self._world.started_at) / SECOND:.0f} s  {in_a_line(one)}"


def in_a_line(exchange: Exchange) -> str:
    """Return a request, the host that it was for, and what came of it."""
    view = view_of(exchange)
    return f"{view.summary} at {urlsplit(exchange.origin).hostname} -> {view.answer}"


def _refresh_tokens(exchange: Exchange) -> list[str]:
    return [alias for alias in exchange.issued if alias.startswith("RT")]


def _renewed(exchange: Exchange) -> bool:
    return exchange.ok and any(alias != exchange.presented for alias in _refresh_tokens(exchange))


def _end(exchange: Exchange) -> str:
    return "replaced" if _renewed(exchange) else "refused"
