"""Clients with one flaw each as integrations have them, and the requirement that names it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, ClassVar

from kit.innocents import Failed, Minimal
from refreshproof.harness.adapters.tiny.answers import Failure, Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import SECOND, Instant, WireResponse
from refreshproof.scenarios.steps.subject import Capability, Outcome, Surroundings


class WritesThreeTimes(TinyClient):
    """Writes access token, expiry and refresh token one after the other."""

    def save(self, grant: Grant) -> None:
        """Write member by member."""
        before = self.disk.grant or replace(grant, refresh_token=None)
        super().save(replace(before, access_token=grant.access_token))
        super().save(replace(before, access_token=grant.access_token, obtained_at=grant.obtained_at))
        super().save(grant)


class WritesExpiryLast(TinyClient):
    """Writes access token, refresh token and expiry one after the other: D00mch/souz#711 (2026-08-31)."""

    def save(self, grant: Grant) -> None:
        """Write member by member."""
        before = self.disk.grant or replace(grant, refresh_token=None)
        first = replace(before, access_token=grant.access_token)
        super().save(first)
        super().save(replace(first, refresh_token=grant.refresh_token))
        super().save(grant)


class DeletesBeforeItWrites(TinyClient):
    """Deletes its row before it inserts the new one."""

    def save(self, grant: Grant) -> None:
        """Delete, then insert."""
        self.surroundings.touch_store()
        self.disk.grant = None
        super().save(grant)


class SavesAfterTheRepeatedCall(TinyClient):
    """Waits to be refused, and writes the new pair once the call has been repeated."""

    extra_capabilities: ClassVar[frozenset[Capability]] = frozenset({"shared_store"})
    unwritten: Grant | None = None

    def start(self) -> None:
        """Lose what was not written."""
        super().start()
        self.unwritten = None

    def due(self, grant: Grant) -> bool:
        """Wait to be refused."""
        return False

    def load(self) -> Grant | None:
        """Prefer what was not written yet."""
        return self.unwritten or super().load()

    def renewed(self, grant: Grant, refresh_token: str) -> Grant:
        """Keep it back."""
        sent_at = self.now()
        members = self.members(self.present(refresh_token, self.attempts(grant)))
        self.unwritten = self.merged(grant, members, sent_at)
        return self.unwritten

    def attempt(self, work: Any) -> Outcome:
        """Write at the end."""
        outcome = super().attempt(work)
        if self.unwritten is not None:
            self.save(self.unwritten)
            self.unwritten = None
        return outcome


class SavesWhatDiffers(TinyClient):
    """Writes an answer only if its lifetime or type differs from what it has."""

    kept_back: Grant | None = None

    def start(self) -> None:
        """Lose what was not written."""
        super().start()
        self.kept_back = None

    def save(self, grant: Grant) -> None:
        """Compare."""
        before = self.disk.grant
        self.kept_back = grant
        if before is None or grant.dead or (grant.lifetime, grant.token_type) != (before.lifetime, before.token_type):
            super().save(grant)

    def load(self) -> Grant | None:
        """Prefer memory."""
        return self.kept_back or super().load()


class KeepsFirstLifetime(Minimal):
    """Goes by the lifetime of the first answer."""

    first: Instant | None = None

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Read expires_in once."""
        super().keep(members, sent_at)
        self.first = self.first or self.store.lifetime
        self.store.lifetime = self.first
        self.store.ends_at = None if self.first is None else sent_at + self.first


class GivesUpAtOneFailure(TinyClient):
    """Forgets the grant when a refresh fails, by whatever."""

    def note_failure(self, grant: Grant, failure: Failure) -> Failure:
        """Forget it."""
        self.save(replace(grant, dead=True))
        return Failure(replace(failure.outcome, kind="reauthorization_required"))


class NeverAsksAgain(Minimal):
    """Waits as long as Retry-After says, and never tries again after that."""

    stopped = False

    def heed(self, retry_after: str) -> None:
        """Stop."""
        super().heed(retry_after)
        self.stopped = self.stopped or bool(retry_after)

    def is_resting(self) -> bool:
        """Rest for ever."""
        return self.stopped or super().is_resting()


class CachesByApplication(Minimal):
    """Keeps access tokens by application: a login that comes later finds the old one until it ends."""

    cached: tuple[str, Instant | None] = ("", None)

    def fresh(self) -> str:
        """Look into the cache first."""
        token, end = self.cached
        if not token or end is None or self.now() >= end - 60 * SECOND:
            self.cached = (super().fresh(), self.store.ends_at)
        return self.cached[0]

    def renew(self, seen: str) -> None:
        """Fill the cache."""
        super().renew(seen if seen == self.store.access_token else self.store.access_token)
        self.cached = (self.store.access_token, self.store.ends_at)


class ReleasesBeforeItSaves(TinyClient):
    """Holds the lock for the request only, and saves when it has let go of it."""

    def renew(self, seen: Grant) -> Grant:
        """Save outside."""
        with self.lock:
            grant = self.known_grant()
            if grant.access_token != seen.access_token:
                return grant
            if grant.refresh_token is None:
                raise Failure(Outcome(kind="reauthorization_required"))
            if self.now() < self.not_before:
                raise Failure(Outcome(kind="transient_error"))
            sent_at = self.now()
            try:
                members = self.members(self.present(grant.refresh_token, self.attempts(grant)))
            except Failure as failure:
                raise self.note_failure(grant, failure) from None
        new = self.merged(grant, members, sent_at)
        self.save(new)
        self.failures, self.not_before = 0, 0
        return new


class RepeatsFromMemory(TinyClient):
    """Repeats a refresh whose answer was lost with what it held, whatever another process has stored meanwhile."""

    mine: Grant | None = None

    def start(self) -> None:
        """Know nothing."""
        super().start()
        self.mine = None

    def note_failure(self, grant: Grant, failure: Failure) -> Failure:
        """Remember what was sent."""
        told = super().note_failure(grant, failure)
        self.mine = grant if failure.unknown else None
        return told

    def renew(self, seen: Grant) -> Grant:
        """Send it again first."""
        if self.mine is None or self.now() < self.not_before:
            return super().renew(seen)
        with self.lock:
            grant, self.mine = self.mine, None
            return self.renewed(grant, grant.refresh_token or "")


class CountsInMilliseconds(Minimal):
    """Takes expires_in for milliseconds."""

    def keep(self, members: Mapping[str, Any], sent_at: Instant) -> None:
        """Divide."""
        super().keep(members, sent_at)
        if self.store.lifetime is not None:
            self.store.lifetime //= 1000
            self.store.ends_at = sent_at + self.store.lifetime


class BackgroundJobDies(Minimal):
    """Refreshes in a background job that ends at the first error; callers use what it has left behind."""

    died = False

    def renew(self, seen: str) -> None:
        """Run the job, if it is still there."""
        if self.died:
            raise Failed("transient_error")
        try:
            super().renew(seen)
        except (Failed, Trouble):
            self.died = True
            raise

    def start(self) -> None:
        """Begin the job."""
        super().start()
        self.died = False


class LogsOutWhenRefused(Minimal):
    """Takes any 401 of the API for a logout."""

    def use(self) -> Outcome:
        """Forget everything at a 401."""
        if self.store.lost:
            raise Failed("reauthorization_required")
        response = self.get(self.fresh())
        if response.status == 401:
            self.store.lost, self.store.refresh_token = True, ""
            raise Failed("reauthorization_required", response.status)
        return Outcome(kind="ok" if response.status == 200 else "transient_error", status=response.status)


class ReadsTheClockOnce(Minimal):
    """Reads the clock when its module is loaded, and trusts expires_in to know when to refresh."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.loaded = surroundings.clock.now()
        super().__init__(surroundings)

    def now(self) -> Instant:
        """Return the time of the import."""
        return self.loaded

    def is_refusal(self, response: WireResponse) -> bool:
        """Need no refusal: lifetimes are known."""
        return False


class NeverForgetsFailures(Minimal):
    """Counts every failure since the login, and gives up at the eighth, whatever went well between them."""

    sum = 0

    def note_failure(self, told: Outcome) -> None:
        """Add up."""
        super().note_failure(told)
        self.sum += 1
        self.store.lost = self.store.lost or self.sum >= 8

    def start_over(self) -> None:
        """Begin anew with a login."""
        super().start_over()
        self.sum = 0


class ReadsTheStoreSeldom(TinyClient):
    """Reads the store every five minutes; what another process has stored meanwhile it does not see."""

    seen: tuple[Grant | None, Instant] = (None, -(10**18))

    def start(self) -> None:
        """Have read nothing."""
        super().start()
        self.seen = (None, -(10**18))

    def load(self) -> Grant | None:
        """Read now and then."""
        grant, at = self.seen
        if grant is None or self.now() - at >= 300 * SECOND:
            self.seen = (super().load(), self.now())
        return self.seen[0]

    def save(self, grant: Grant) -> None:
        """Write, and have read it."""
        super().save(grant)
        self.seen = (grant, self.now())


class RepeatsByItsLibrary(Minimal):
    """Has an HTTP library that repeats a POST three times at once for 429, 500, 502, 503 and 504."""

    def tokens(self, form: dict[str, str]) -> Mapping[str, Any]:
        """Repeat."""
        for _ in range(3):
            try:
                return super().tokens(form)
            except Failed as failed:
                if failed.outcome.status not in (429, 500, 502, 503, 504):
                    raise
        return super().tokens(form)


class LocksEachCaller(TinyClient):
    """Makes a lock for each caller."""

    def renew(self, seen: Grant) -> Grant:
        """Lock nobody out."""
        self.lock = nullcontext()
        return super().renew(seen)


class UsesTheExpiredToken(Minimal):
    """Goes on with the old access token when a refresh fails, expired or not, and tells what the API says of it."""

    def fresh(self) -> str:
        """Hope."""
        try:
            return super().fresh()
        except (Failed, Trouble):
            return self.store.access_token

    def is_worth_a_refresh(self) -> bool:
        """Refresh by lifetime only."""
        return False


class ForgetsGrantOnRestart(TinyClient):
    """Keeps the refresh token in the session of the browser: a new process has the access token only."""

    def start(self) -> None:
        """Lose it."""
        super().start()
        if self.disk.grant is not None:
            self.disk.grant = replace(self.disk.grant, refresh_token=None)


FLAWED: Mapping[type[Minimal] | type[TinyClient], str] = {
    WritesThreeTimes: "rotation-one-write",
    WritesExpiryLast: "rotation-one-write",
    DeletesBeforeItWrites: "rotation-one-write",
    SavesAfterTheRepeatedCall: "rotation-persist-before-use",
    SavesWhatDiffers: "rotation-persist-before-use",
    KeepsFirstLifetime: "expiry-recomputed",
    GivesUpAtOneFailure: "failure-transient-keeps-grant",
    NeverAsksAgain: "failure-retry-after",
    CachesByApplication: "lifecycle-reconsent-replaces",
    ReleasesBeforeItSaves: "concurrency-callers-share-outcome",
    RepeatsFromMemory: "concurrency-stale-snapshot",
    CountsInMilliseconds: "refresh-only-when-due",
    BackgroundJobDies: "failure-transient-keeps-grant",
    LogsOutWhenRefused: "resource-401-one-retry",
    ReadsTheClockOnce: "expiry-never-present-expired",
    NeverForgetsFailures: "failure-transient-keeps-grant",
    ReadsTheStoreSeldom: "concurrency-processes",
    RepeatsByItsLibrary: "failure-retry-after",
    LocksEachCaller: "concurrency-single-flight",
    UsesTheExpiredToken: "resource-401-one-retry",
    ForgetsGrantOnRestart: "refresh-without-user",
}
"""The requirement that each flawed client breaks."""
