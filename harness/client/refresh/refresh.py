"""The refresh procedure: one generator that yields effects, so that every interleaving of several actors can be played.

Reading, deciding, refreshing and saving stand between Acquire and Release (REF-07). It does no IO and reads no clock.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.errors import (
    ClientConfigurationAlarm,
    InvalidToken,
    ReauthorizationRequired,
    StorageError,
    TokenError,
    TransientTokenError,
)
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.status import Event, Failure, Move, failed, next_attempt, succeeded
from refreshproof.harness.client.model.token import ClientTokenEntity, FailureKind, Lease, token_fields
from refreshproof.harness.client.refresh.decide import Action, Wish, decide, usable
from refreshproof.harness.client.refresh.effects import (
    Acquire,
    Chance,
    Effect,
    Keep,
    Kept,
    Load,
    Mark,
    Now,
    Release,
    Save,
    SaveAlarm,
    Send,
    Sleep,
    Tell,
)
from refreshproof.harness.client.refresh.issue import token_from
from refreshproof.harness.client.storage.storage import Alarm, Held
from refreshproof.harness.client.token_endpoint.token_request import TokenRequest, refresh_request
from refreshproof.harness.client.token_endpoint.token_response import Failed, Issued, Reply, read
from refreshproof.harness.client.token_endpoint.transport import Answered, Lost, NotSent, Sent

REPLAY_PAUSE = 1.0
"""Seconds before the one replay of a refresh whose answer is unknown: prompt, for replay windows are short (REF-08)."""

CONNECT_PAUSES = (0.5, 1.0)
"""Seconds before the next try of a request that never left."""

SAVE_PAUSES = (0.1, 0.5, 2.0)
"""Seconds before the next try to write a pair that exists nowhere else."""

FIRST_WAIT, LONGEST_WAIT = 0.05, 1.0
"""Seconds between two looks at a token that another node is refreshing."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The settings, and this engine's name in the cluster: `node` outlives a restart, `life` does not."""

    settings: Settings
    node: str
    life: str

    def lease(self, now: int) -> Lease:
        """Return the lease for one request: it lasts as long as an answer may take."""
        return Lease(holder=f"{self.node}#{self.life}", until=now + self.settings.server_delay)

    def orphaned(self, lease: Lease | None, now: int, *, locked: bool) -> bool:
        """Tell whether a lease's holder cannot be at work any more.

        A lease of this node is an earlier life's, or, seen under the process's lock, that of a call that died. Another
        node's has run out when its end plus the clock skew is past, since that node stops at the end by its own clock.
        """
        if lease is None:
            return False
        node, _, life = lease.holder.rpartition("#")
        if node == self.node:
            return locked or life != self.life
        return now > lease.until + self.settings.skew


Outcome = ClientTokenEntity | TokenError | InvalidToken
"""The token to use, or the error to raise."""

Part = Generator[Effect, Any, Outcome | None]
"""A part of the procedure; None says that the stored token has moved on and has to be looked at again."""


def ensure(token_id: str, wish: Wish, policy: Policy) -> Generator[Effect, Any, ClientTokenEntity]:
    """Return a token that fits the wish, refreshed and saved if need be; raise a TokenError, or InvalidToken.

    The first look is taken without the lock: a token that needs nothing costs one read.
    """
    held: Held = yield Load(token_id)
    now: int = yield Now()
    if _action(held, now, wish, policy, locked=False) is Action.USE:
        return held.token
    yield Acquire(token_id)
    outcome = yield from _locked(token_id, held.token.generation, wish, policy)
    yield Release(token_id)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _action(held: Held, now: int, wish: Wish, policy: Policy, *, locked: bool) -> Action:
    orphaned = policy.orphaned(held.token.lease, now, locked=locked)
    alarm_until = held.alarm.retry_at if held.alarm else None
    return decide(held.token, now, policy.settings, wish, orphaned=orphaned, alarm_until=alarm_until)


def _locked(token_id: str, seen: int, wish: Wish, policy: Policy) -> Generator[Effect, Any, Outcome]:
    """Look, decide and act until there is an outcome; storage is read again under the lock, a winner's pair is used."""
    yield from _write_kept(token_id)
    pause = FIRST_WAIT
    while True:
        held: Held = yield Load(token_id)
        now: int = yield Now()
        wanted = replace(wish, force=wish.force and held.token.generation == seen)
        action = _action(held, now, wanted, policy, locked=True)
        if action is Action.WAIT:
            yield Sleep(pause)
            pause = min(pause * 2, LONGEST_WAIT)
        elif action is Action.USE:
            return held.token
        elif action is not Action.REFRESH:
            return _refusal(action, held, now)
        else:
            outcome = yield from _attempt(held, now, wanted, policy)
            if outcome is not None:
                return outcome


def _attempt(held: Held, now: int, wish: Wish, policy: Policy) -> Part:
    """Refresh once: mark, send, replay once if the answer is unknown, save."""
    stored = held.token
    marked: ClientTokenEntity | None = yield Mark(stored, policy.lease(now))
    if marked is None:
        return None
    request = refresh_request(held.configuration, stored)
    reply, sent_at = yield from _exchange(request, now + policy.settings.server_delay)
    unanswered = int(_unknown(reply))
    # A lease found at the start is a refresh whose answer nobody saw: this request was its replay. A token that is
    # already failing gets no second one either (REF-08).
    if unanswered and stored.lease is None and not stored.health.ambiguous:
        yield Sleep(REPLAY_PAUSE)
        again: int = yield Now()
        marked = yield Mark(marked, policy.lease(again))
        if marked is None:
            return None
        reply, sent_at = yield from _exchange(request, again + policy.settings.server_delay)
        unanswered += int(_unknown(reply))
    if isinstance(reply, Issued):
        return (yield from _success(held, marked, reply, sent_at, wish, policy))
    return (yield from _failure(held, marked, reply, unanswered, wish, policy))


def _unknown(reply: Reply) -> bool:
    return isinstance(reply, Failed) and reply.kind is FailureKind.AMBIGUOUS


def _exchange(request: TokenRequest, deadline: int) -> Generator[Effect, Any, tuple[Reply, int]]:
    """Send until the request has left; what was sent is never sent again here."""
    sent: Sent = yield Send(request, deadline)
    for pause in CONNECT_PAUSES:
        now: int = yield Now()
        if not isinstance(sent, NotSent) or now + pause * SECOND >= deadline:
            break
        yield Sleep(pause)
        sent = yield Send(request, deadline)
    received: int = yield Now()
    return reply_to(sent, request, received), sent.sent_at if isinstance(sent, Answered) else received


def reply_to(sent: Sent, request: TokenRequest, now: int) -> Reply:
    """Read what came back of a request, if anything did."""
    if isinstance(sent, Answered):
        return read(sent.answer, now, request.secrets)
    kind = FailureKind.AMBIGUOUS if isinstance(sent, Lost) else FailureKind.TRANSIENT
    return Failed(kind=kind, error=sent.reason)


def _success(held: Held, marked: ClientTokenEntity, issued: Issued, sent_at: int, wish: Wish, policy: Policy) -> Part:
    """Save the pair before anything else may fail (TOK-05)."""
    token = token_from(issued, sent_at, policy.settings, held.token)
    renewed = replace(
        marked,
        **token_fields(token),
        health=succeeded(marked.health, rejected=wish.rejected == marked.generation),
        lease=None,
        generation=marked.generation + 1,
    )
    saved = yield from _write(renewed)
    if saved is not None:
        if held.alarm is not None:
            yield SaveAlarm(held.token.config_id, None)
        yield Tell(Move(token_id=renewed.id, status=marked.health.status, event=Event.SUCCEEDED))
    return saved


def _write(pair: ClientTokenEntity) -> Part:
    """Write a pair over the generation it came from; a newer generation in the storage wins and the pair is dropped.

    A write that fails is tried again; in the end the pair is kept in memory and written first at the next call.
    """
    for pause in (*SAVE_PAUSES, None):
        try:
            saved = yield from _compare_and_set(pair)
        except StorageError:
            if pause is None:
                yield Keep(pair.id, pair)
                raise
            yield Sleep(pause)
        else:
            return saved
    return None


def _compare_and_set(pair: ClientTokenEntity) -> Part:
    saved: ClientTokenEntity | None = yield Save(pair)
    while saved is None:
        held: Held = yield Load(pair.id)
        if held.token.generation >= pair.generation:
            return None
        saved = yield Save(replace(pair, version=held.token.version))
    return saved


def _write_kept(token_id: str) -> Generator[Effect, Any, None]:
    kept: ClientTokenEntity | None = yield Kept(token_id)
    if kept is not None:
        yield from _compare_and_set(kept)
        yield Keep(token_id, None)


def _failure(held: Held, marked: ClientTokenEntity, reply: Failed, unanswered: int, wish: Wish, policy: Policy) -> Part:
    """Record what the failure means; a storage that has moved on decides, before a grant is called dead."""
    now: int = yield Now()
    chance: float = yield Chance()
    failure = Failure(kind=reply.kind, error=reply.error, retry_at=reply.retry_at, unanswered=unanswered)
    event, health = failed(marked, marked.health, failure, now=now, chance=chance, settings=policy.settings)
    saved: ClientTokenEntity | None = yield Save(replace(marked, health=health, lease=None))
    if saved is None:
        return None
    alarm = held.alarm
    if reply.kind is FailureKind.ALARM:
        alarm = _alarm(held.alarm, reply, now, chance)
        yield SaveAlarm(held.token.config_id, alarm)
    yield Tell(Move(token_id=saved.id, status=marked.health.status, event=event))
    if health.failure is not FailureKind.REFUSED and not wish.force:
        rejected = wish.rejected == saved.generation
        if usable(saved, now) and not rejected:
            return saved
    told = reply.kind if reply.kind in PASSING else saved.health.failure or reply.kind
    return failure_error(reply, told, _next(saved, alarm, now))


def _alarm(known: Alarm | None, reply: Failed, now: int, chance: float) -> Alarm:
    failures = known.failures + 1 if known else 1
    since = known.since if known else now
    retry_at = next_attempt(now, failures, reply.retry_at, chance)
    return Alarm(since=since, failures=failures, retry_at=retry_at, error=reply.error)


def _next(token: ClientTokenEntity, alarm: Alarm | None, now: int) -> int:
    return max(token.health.retry_at or now, alarm.retry_at if alarm else now)


def failure_error(reply: Failed, kind: FailureKind, retry_at: int) -> TokenError:
    """Return the error a failed token request is reported with."""
    facts: dict[str, Any] = {"error": reply.error, "status": reply.status, "correlation_id": reply.correlation_id}
    if reply.kind is FailureKind.ALARM:
        return ClientConfigurationAlarm(reason="the provider refuses the client, its grants are kept", **facts)
    if kind is FailureKind.REFUSED:
        return ReauthorizationRequired(reason="the provider refused the grant, authorize again", **facts)
    return TransientTokenError(reason=TRANSIENT_REASONS[reply.kind], retry_at=retry_at, **facts)


def _refusal(action: Action, held: Held, now: int) -> TokenError | InvalidToken:
    """Return the error for a token that is not asked for now; no request was made."""
    health = held.token.health
    if action is Action.REJECTED:
        return InvalidToken("the resource server refused the access token, and refreshing it has not helped so far")
    if action is Action.REAUTHORIZE:
        missing = held.token.refresh_token is None
        reason = "there is no refresh token, authorize again" if missing else "the grant was refused, authorize again"
        return ReauthorizationRequired(reason=reason, error=health.error)
    if held.alarm is not None and now < held.alarm.retry_at:
        reason = "the provider refuses the client, its grants are kept"
        return ClientConfigurationAlarm(reason=reason, error=held.alarm.error)
    reason = "refreshing failed and is not tried again yet"
    return TransientTokenError(reason=reason, error=health.error, retry_at=_next(held.token, held.alarm, now))


PASSING = (FailureKind.TRANSIENT, FailureKind.AMBIGUOUS)
"""Failures that say nothing of the grant: of an attempt they are told even where the grant had been refused before."""

TRANSIENT_REASONS = {
    FailureKind.TRANSIENT: "the provider could not answer, the grant is kept",
    FailureKind.UNCERTAIN: "the provider refused without saying why, the grant is kept for now",
    FailureKind.AMBIGUOUS: "the answer to the refresh is unknown, the grant is kept",
}
