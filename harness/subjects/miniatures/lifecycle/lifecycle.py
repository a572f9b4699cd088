"""Clients that break one requirement of the lifecycle family each; the docstring says the flaw."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import Flow, TinyClient
from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.mock_servers.wire import DAY, Instant, WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Outcome


class GuessesTheEnd(TinyClient):
    """Gives a grant up after thirty days without use, though the vendor keeps it for longer."""

    def known_grant(self) -> Grant:
        """Trust its own calendar."""
        grant = super().known_grant()
        if self.now() - grant.obtained_at > 30 * DAY:
            raise Failure(Outcome(kind="reauthorization_required"))
        return grant


class ReportsAnOutage(TinyClient):
    """Reports a grant that has come to its end as a passing fault."""

    def call(self) -> Outcome:
        """Say that the vendor is down."""
        outcome = super().call()
        return Outcome(kind="transient_error") if outcome.kind == "reauthorization_required" else outcome


class LogsInByItself(TinyClient):
    """Begins a login of its own when a refresh is refused."""

    def call(self) -> Outcome:
        """Ask for authorization at the first refusal."""
        outcome = super().call()
        if outcome.kind == "reauthorization_required" and outcome.status is not None:
            self.surroundings.carrier(WireRequest(method="GET", url=self.authorize()), None)
        return outcome


class UsesAccessTokenToTheEnd(TinyClient):
    """Goes on sending the access token of a grant that was refused, until it expires."""

    def known_grant(self) -> Grant:
        """Look only at the access token while it lives."""
        grant = self.load()
        return grant if grant is not None and not self.expired(grant) else super().known_grant()


class CountsItsCalls(TinyClient):
    """Fails every call after the thirtieth with one access token, by a quota that nobody has set."""

    calls = 0

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Begin to count anew."""
        self.calls = 0
        return super().merged(old, members, sent_at)

    def get(self, grant: Grant) -> WireResponse:
        """Count."""
        self.calls += 1
        if self.calls > 30:
            raise Failure(Outcome(kind="permanent_error", detail="No call is left."))
        return super().get(grant)


class ReplacesByPoorerGrant(TinyClient):
    """Replaces a grant that can be refreshed by one that cannot."""

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Store whatever came last."""
        self.save(grant)


class LateAnswerWins(TinyClient):
    """Lets the late answer of a refresh overwrite the grant of a new login."""

    def exchange(self, code: str, flow: Flow) -> Outcome:
        """Store the new grant without waiting for the refresh."""
        lock, self.lock = self.lock, nullcontext()
        try:
            return super().exchange(code, flow)
        finally:
            self.lock = lock


class LogoutWaitsForNothing(TinyClient):
    """Logs out beside a refresh, whose answer then brings the grant back."""

    def disconnect(self) -> Outcome:
        """Forget the grant without waiting for the refresh."""
        lock, self.lock = self.lock, nullcontext()
        try:
            return super().disconnect()
        finally:
            self.lock = lock


class TrustsWhatHasNoEnd(TinyClient):
    """Takes an access token for which no end was told to be good for ever, and its refusal for a fault of the API."""

    def call(self) -> Outcome:
        """Blame the API."""
        outcome, grant = super().call(), self.load()
        endless = grant is not None and grant.lifetime is None and grant.refresh_token is None
        needed = outcome.kind == "reauthorization_required"
        return Outcome(kind="permanent_error", detail="The API refuses us.") if needed and endless else outcome


class LogsInAtEveryCall(TinyClient):
    """Opens a browser with every call while the user is needed."""

    def call(self) -> Outcome:
        """Ask for authorization when refused."""
        outcome = super().call()
        if outcome.kind == "reauthorization_required":
            self.surroundings.carrier(WireRequest(method="GET", url=self.authorize()), None)
        return outcome


MINIATURES: Mapping[str, Miniature] = {
    "lifecycle-inactivity": Miniature(
        client=GuessesTheEnd,
        also=(
            "accept-rt-lifetime-recorded",
            "lifecycle-absolute",
        ),
    ),
    "lifecycle-absolute": Miniature(
        client=ReportsAnOutage,
        also=(
            "refresh-never-empty",
            "failure-terminal-stops",
            "failure-vendor-forms",
            "concurrency-callers-share-outcome",
            "lifecycle-inactivity",
            "lifecycle-eviction",
            "diagnosis-outcome-classes",
        ),
    ),
    "lifecycle-eviction": Miniature(client=LogsInByItself),
    "lifecycle-revoked-or-password": Miniature(client=UsesAccessTokenToTheEnd),
    "lifecycle-failed-reconsent-keeps": Miniature(client=ReplacesByPoorerGrant),
    "lifecycle-reconsent-replaces": Miniature(client=LateAnswerWins),
    "lifecycle-disconnect-revokes": Miniature(client=LogoutWaitsForNothing),
    "lifecycle-announced-change": Miniature(client=TrustsWhatHasNoEnd),
    "outcome-no-harm": Miniature(client=CountsItsCalls),
    "lifecycle-reauth-not-looped": Miniature(client=LogsInAtEveryCall, also=("lifecycle-eviction",)),
}
"""Every miniature by the requirement it breaks."""
