"""What becomes of a token's health: a table from (status, event) to status, and the pauses after failed attempts.

Nothing else changes a status. Time only enters through the events, so a token never turns unrecoverable by waiting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from refreshproof.harness.client.model.clock import DAY, SECOND
from refreshproof.harness.client.model.settings import Settings
from refreshproof.harness.client.model.token import ClientToken, FailureKind, Health, Status

PROBE_PAUSE = DAY
"""Pause between probes of a refused grant: a restored password brings it back (3LO page), a loop helps nobody."""

UNCERTAIN_LIMIT = 5
"""So many undocumented refusals in a row count as one of the grant (err-invalid-request-for-dead-grant)."""

LONGEST_PAUSE = 300 * SECOND
FIRST_PAUSE = 15 * SECOND

UNKNOWN_ANSWERS = 3
"""After so many presentations whose answer is unknown the pause is an hour: a vendor that did commit the first takes
every further one for reuse."""

AMBIGUOUS_FIRST_PAUSE = 30 * SECOND
AMBIGUOUS_PAUSE = 3_600 * SECOND
LONGEST_RETRY_AFTER = 86_400 * SECOND

_ACR_VALUES, _MAX_AGE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e ]{1,1000}"), re.compile(r"[0-9]{1,10}")
STEP_UPS = 2
"""Authorizations for the same scopes, after which their lack is final (MCP 2026-07-28: "no more than a few times")."""
MOST_SCOPES = 100
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")


class Event(Enum):
    """What happened to a token."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    OUTLASTED = "failed for at least the failing period"
    LAPSED = "refused after its own expiry"
    ALARMED = "client refused"
    AUTHORIZED = "authorized again"
    RETIRED = "token endpoint changed"


TRANSITIONS: Mapping[tuple[Status, Event], Status] = {
    **{(status, Event.AUTHORIZED): Status.UNKNOWN for status in Status},
    **{(status, Event.RETIRED): Status.UNRECOVERABLE for status in Status},
    **{(status, Event.SUCCEEDED): Status.VALID for status in Status if status is not Status.UNRECOVERABLE},
    **{(status, Event.ALARMED): status for status in Status if status is not Status.UNRECOVERABLE},
    **{(status, Event.LAPSED): Status.UNRECOVERABLE for status in Status if status is not Status.UNRECOVERABLE},
    (Status.UNKNOWN, Event.FAILED): Status.RECOVERABLE,
    (Status.VALID, Event.FAILED): Status.RECOVERABLE,
    (Status.RECOVERABLE, Event.FAILED): Status.RECOVERABLE,
    (Status.RECOVERABLE, Event.OUTLASTED): Status.UNRECOVERABLE,
}
"""An absent key is a defect of the engine: an unrecoverable token is never attempted again."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A move by the table, as the engine's listeners are told: the token, its status before, and what happened."""

    token_id: str
    status: Status
    event: Event


Listener = Callable[[Move], None]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failed attempt: its kind, a safe error text, the provider's wish for the next attempt (microseconds), and how
    many requests of it went out without an answer."""

    kind: FailureKind
    error: str
    retry_at: int | None = None
    unanswered: int = 0


def failure_event(token: ClientToken, health: Health, kind: FailureKind, now: int, settings: Settings) -> Event:
    """Return the event a failed attempt amounts to (ST-05)."""
    if kind is FailureKind.ALARM:
        return Event.ALARMED
    expires = token.refresh_token_expiration
    if kind is FailureKind.REFUSED and expires is not None and now >= expires:
        return Event.LAPSED
    since = health.failing_since
    return Event.OUTLASTED if since is not None and now - since >= settings.failing_period else Event.FAILED


def authorized(health: Health) -> Health:
    """Return the health after a new authorization: nothing of the old grant counts any more (ST-06), but what the
    resource server wants."""
    return Health(
        status=TRANSITIONS[health.status, Event.AUTHORIZED],
        **{**_wants(health), "step_ups": health.step_ups + 1 if any(_wants(health).values()) else 0},
    )


def _wants(health: Health) -> dict[str, Any]:
    """Return what the resource server wants that no refresh brings."""
    return {"wanted": health.wanted, "acr_values": health.acr_values, "max_age": health.max_age}


def demanding(health: Health, acr_values: str, max_age: str) -> Health:
    """Return the health of a token whose resource server asks for another login; what is no value of a parameter is
    passed over."""
    values = acr_values if _ACR_VALUES.fullmatch(acr_values) else ""
    oldest = max_age if _MAX_AGE.fullmatch(max_age) else ""
    known = (values, oldest) == (health.acr_values, health.max_age)
    return health if known else replace(health, acr_values=values, max_age=oldest, step_ups=0)


def content(health: Health) -> Health:
    """Return the health of a token that the resource server has taken: a login that it had asked for was not in vain,
    and may be wanted again when that is too long ago."""
    return replace(health, step_ups=0) if health.acr_values or health.max_age else health


def wanting(health: Health, scopes: Iterable[str]) -> Health:
    """Return the health of a token whose resource server asks for scopes; what is no scope (RFC 6749 3.3) is passed
    over, and so is what comes after the first hundred."""
    named = [scope for scope in scopes if SCOPE.fullmatch(scope)]
    wanted = tuple(dict.fromkeys((*health.wanted, *named)))[:MOST_SCOPES]
    return health if wanted == health.wanted else replace(health, wanted=wanted, step_ups=0)


def hopeless(health: Health) -> bool:
    """Tell whether authorizations enough have not brought the scopes that the resource server wants."""
    return health.step_ups >= STEP_UPS


def retired(health: Health, now: int) -> Health:
    """Return the health of a token whose configuration leads to another server: it is given up, never sent there."""
    return Health(
        status=TRANSITIONS[health.status, Event.RETIRED],
        failure=FailureKind.REFUSED,
        error="the token endpoint of the configuration was changed",
        unrecoverable_since=now,
    )


def succeeded(health: Health, *, rejected: bool) -> Health:
    """Return the health after a refresh; one that cures a 401 is counted until the resource server is content."""
    rejections = health.rejections + 1 if rejected else 0
    return Health(
        status=TRANSITIONS[health.status, Event.SUCCEEDED],
        rejections=rejections,
        step_ups=health.step_ups,
        **_wants(health),
    )


def failed(
    token: ClientToken, health: Health, failure: Failure, *, now: int, chance: float, settings: Settings
) -> tuple[Event, Health]:
    """Return what a failed attempt amounts to and the health after it; `chance` in [0, 1) is the jitter."""
    kind = failure.kind
    if kind is FailureKind.UNCERTAIN and health.failures + 1 >= UNCERTAIN_LIMIT:
        kind = FailureKind.REFUSED
    event = failure_event(token, health, kind, now, settings)
    status = TRANSITIONS[health.status, event]
    if event is Event.ALARMED:
        return event, replace(health, error=failure.error)
    if health.failure is FailureKind.REFUSED:  # a probe that fails in another way cures nothing
        failure = failure if kind is FailureKind.REFUSED else replace(failure, error=health.error or failure.error)
        kind = FailureKind.REFUSED
    failures = health.failures + 1
    ambiguous = health.ambiguous + failure.unanswered
    return event, replace(
        health,
        status=status,
        failure=kind,
        error=failure.error,
        failing_since=now if health.failing_since is None else health.failing_since,
        failures=failures,
        ambiguous=ambiguous,
        retry_at=_retry_at(kind, now, failures, ambiguous, failure.retry_at, chance),
        unrecoverable_since=now if status is Status.UNRECOVERABLE else None,
    )


def next_attempt(now: int, failures: int, wish: int | None, chance: float, least: int = 0) -> int:
    """Return when to try again: the provider's wish within a day, else growing pauses with a fifth of jitter."""
    pause = max(min(FIRST_PAUSE << min(failures - 1, 10), LONGEST_PAUSE), least)
    own = now + int(pause * (0.8 + 0.4 * chance))
    return own if wish is None or wish <= now else min(wish, now + LONGEST_RETRY_AFTER)


def _retry_at(kind: FailureKind, now: int, failures: int, ambiguous: int, wish: int | None, chance: float) -> int:
    if kind is FailureKind.REFUSED:
        return now + PROBE_PAUSE
    least = AMBIGUOUS_FIRST_PAUSE if ambiguous < UNKNOWN_ANSWERS else AMBIGUOUS_PAUSE
    return next_attempt(now, failures, wish, chance, least if kind is FailureKind.AMBIGUOUS else 0)
