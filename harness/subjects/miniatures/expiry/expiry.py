"""Clients that break one requirement of the expiry family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from refreshproof.harness.adapters.paged import page_by_page
from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import LEAD, TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.steps.subject import Outcome


class AddsSkewToExpiry(TinyClient):
    """Adds the 60 s of skew to the expiry instead of taking them off."""

    def lead(self, grant: Grant) -> float:
        """Use the token for a minute longer."""
        return -60


class TrustsServerTimestamp(TinyClient):
    """Computes the expiry from the server's created_at against its own clock."""

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Count from the server's time."""
        created = members.get("created_at")
        return super().merged(old, members, sent_at if created is None else created * SECOND)


class BelievesItsClock(TinyClient):
    """Answers a 401 with a refresh only if by its clock the token is a minute old."""

    def call_with_newest(self) -> Outcome:
        """Take a 401 for final where the token seems to be young."""
        grant = self.newest()
        if self.now() >= grant.obtained_at + 60 * SECOND:
            return super().call_with_newest()
        return self.outcome_of(self.get(grant))


class CountsFromReceipt(TinyClient):
    """Counts the lifetime from the receipt of the answer and has no lead."""

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Count from now."""
        return super().merged(old, members, self.now())

    def lead(self, grant: Grant) -> float:
        """Use the token to its last moment."""
        return 0


class FixedLead(TinyClient):
    """Takes the whole lead off whatever the lifetime is."""

    def lead(self, grant: Grant) -> float:
        """Refresh two minutes before expiry, also of tokens that live for one."""
        return LEAD + self.margin


class RefreshesTooSoon(TinyClient):
    """Refreshes half a minute before the lead that its promise needs."""

    def lead(self, grant: Grant) -> float:
        """Add a margin that nobody asked for."""
        return min(LEAD + self.margin + 30, (grant.lifetime or 0) / 2)


class TrustsOnlyItsOwnTokens(TinyClient):
    """Refreshes an access token that another node has brought, so that the nodes refresh in turns."""

    mine = ""

    def save(self, grant: Grant) -> None:
        """Remember what this process has stored."""
        self.mine = grant.access_token
        super().save(grant)

    def due(self, grant: Grant) -> bool:
        """Take a foreign token for an old one."""
        return grant.access_token != self.mine or super().due(grant)


class KeepsOldExpiry(TinyClient):
    """Keeps the old expiry instant when a refresh answer lacks expires_in."""

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Leave the instant as it was."""
        new = super().merged(old, members, sent_at)
        return replace(new, obtained_at=old.obtained_at) if old is not None and "expires_in" not in members else new


class ReadsTokenOnce(TinyClient):
    """Takes the access token when an operation begins and reads every page with it."""

    def call_pages(self, pages: int, pause: Callable[[], None]) -> Outcome:
        """Look for a token once."""

        def read() -> Outcome:
            grant = self.newest()
            return page_by_page(lambda: self.outcome_of(self.get(grant)), pages, pause)

        return self.attempt(read)


MINIATURES: Mapping[str, Miniature] = {
    "expiry-never-present-expired": Miniature(
        client=AddsSkewToExpiry,
        also=(
            "expiry-cluster-skew",
            "expiry-clock-step",
            "expiry-leg-delays",
            "expiry-lead-boundary",
        ),
    ),
    "expiry-constant-skew": Miniature(client=TrustsServerTimestamp),
    "expiry-clock-step": Miniature(client=BelievesItsClock),
    "expiry-leg-delays": Miniature(
        client=CountsFromReceipt,
        also=(
            "expiry-cluster-skew",
            "expiry-never-present-expired",
            "expiry-clock-step",
            "expiry-lead-boundary",
        ),
    ),
    "expiry-lead-capped": Miniature(client=FixedLead),
    "expiry-lead-boundary": Miniature(client=RefreshesTooSoon),
    "expiry-cluster-skew": Miniature(client=TrustsOnlyItsOwnTokens, also=("concurrency-no-ping-pong",)),
    "expiry-mid-operation": Miniature(client=ReadsTokenOnce),
    "expiry-recomputed": Miniature(client=KeepsOldExpiry),
}
"""Every miniature by the requirement it breaks."""
