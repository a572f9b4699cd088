"""When to refresh, as functions of a stored token, the time and the settings; no IO, no clock.

The seed's sentence "will refresh if the expiry + margin is after the current system time" is inverted: read literally
it refreshes every fresh token. Decided: refresh when `now + lead >= expiry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.token import ClientToken, ClientTokenEntity, FailureKind, Status

REJECTION_PAUSE = 60 * SECOND
"""Pause after the first refresh that did not cure a 401; it doubles with each further one."""

LONGEST_REJECTION_PAUSE = 3_600 * SECOND


class Action(Enum):
    """What to do with a stored token now."""

    USE = "use"
    REFRESH = "refresh"
    WAIT = "wait"
    BACK_OFF = "back off"
    REAUTHORIZE = "reauthorize"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a caller asks for: a margin in microseconds, a refresh in any case, or a cure for a refused generation."""

    margin: int = 0
    force: bool = False
    rejected: int | None = None


def lead(token: ClientToken, settings: Settings, margin: int = 0) -> int:
    """Return how long before expiry a refresh is due: skew + client delay, half the lifetime at most, + margin.

    The cap bounds what we add (REF-02); a caller who asks for a margin gets it whole.
    """
    ours = settings.skew + settings.client_delay
    return margin + (ours if token.lifetime is None else min(ours, token.lifetime // 2))


def refresh_due(token: ClientToken, now: int, settings: Settings, margin: int = 0) -> bool:
    """Tell whether a refresh is needed (REF-01); a token of unknown lifetime waits for the resource server's word."""
    expires = token.access_token_expiration
    return expires is not None and now + lead(token, settings, margin) >= expires


def usable(token: ClientToken, now: int) -> bool:
    """Tell whether the access token has not expired by this clock."""
    return token.access_token_expiration is None or now < token.access_token_expiration


def decide(
    token: ClientTokenEntity, now: int, settings: Settings, wish: Wish, *, orphaned: bool, alarm_until: int | None
) -> Action:
    """Return the action for a stored token; `orphaned` says that its lease belongs to nobody any more."""
    health, rejected = token.health, wish.rejected == token.generation
    if health.status is Status.UNRECOVERABLE:
        return Action.REAUTHORIZE
    if health.failure is FailureKind.REFUSED and not wish.force and _waiting(health.retry_at, now):
        return Action.REAUTHORIZE
    due = wish.force or rejected or health.failure is FailureKind.REFUSED
    if token.refresh_token is None:
        return Action.REAUTHORIZE if due or refresh_due(token, now, settings) else Action.USE
    if not (due or (orphaned and token.lease) or refresh_due(token, now, settings, wish.margin)):
        return Action.USE
    if token.lease and not orphaned:
        return Action.WAIT
    return _attempt(token, now, wish, rejected=rejected, alarm_until=alarm_until)


def _attempt(token: ClientTokenEntity, now: int, wish: Wish, *, rejected: bool, alarm_until: int | None) -> Action:
    """Decide between asking the provider and one of the pauses; who insists on a refresh is told of the pause."""
    health = token.health
    paused = health.failure is not FailureKind.REFUSED and _waiting(health.retry_at, now)
    if paused or _waiting(alarm_until, now):
        return Action.USE if usable(token, now) and not (rejected or wish.force) else Action.BACK_OFF
    return Action.REJECTED if rejected and _waiting(_cured_at(token), now) else Action.REFRESH


def _cured_at(token: ClientTokenEntity) -> int | None:
    if not token.health.rejections or token.issued_at is None:
        return None
    return token.issued_at + min(REJECTION_PAUSE << min(token.health.rejections - 1, 10), LONGEST_REJECTION_PAUSE)


def _waiting(until: int | None, now: int) -> bool:
    return until is not None and now < until
