"""What becomes of a token's health: the table, pauses after failures and their bounds, and what a failure keeps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.client_engine import START, first_token
from refreshproof.harness.client import SECOND, FailureKind, Settings, Status
from refreshproof.harness.client.model.status import (
    TRANSITIONS,
    Event,
    Failure,
    authorized,
    failed,
    failure_event,
    next_attempt,
    retired,
    succeeded,
)
from refreshproof.harness.client.model.token import Health

SETTINGS = Settings()
DAY, WEEK = 86_400 * SECOND, 604_800 * SECOND
TRANSIENT, REFUSED, UNCERTAIN = FailureKind.TRANSIENT, FailureKind.REFUSED, FailureKind.UNCERTAIN
AMBIGUOUS, ALARM = FailureKind.AMBIGUOUS, FailureKind.ALARM


def after(health: Health, kind: FailureKind, *, now: int = START, chance: float = 0.5, **told: Any) -> Health:
    return failed(
        first_token(), health, Failure(kind=kind, error="no", **told), now=now, chance=chance, settings=SETTINGS
    )[1]


def pause(health: Health, kind: FailureKind, chance: float = 0.5, **told: Any) -> float:
    """How many seconds a failure is to be waited out."""
    retry_at = after(health, kind, chance=chance, **told).retry_at
    assert retry_at is not None
    return (retry_at - START) / SECOND


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 15), (2, 30), (3, 60), (4, 120), (5, 240), (6, 300), (7, 300), (11, 300), (12, 300), (10**9, 300)],
)
def test_pauses_double_from_fifteen_seconds_to_five_minutes(failures: int, seconds: int) -> None:
    assert next_attempt(START, failures, None, 0.5) == START + seconds * SECOND


@pytest.mark.parametrize(("chance", "seconds"), [(0, 12), (0.25, 13.5), (0.5, 15), (0.75, 16.5), (1, 18)])
def test_a_fifth_of_a_pause_either_way_is_left_to_chance(chance: float, seconds: float) -> None:
    assert next_attempt(START, 1, None, chance) == START + int(seconds * SECOND)


@given(failures=st.integers(1, 10**6), chance=st.floats(0, 1, exclude_max=True), least=st.integers(0, 3600))
def test_no_pause_leaves_its_bounds(failures: int, chance: float, least: int) -> None:
    found = next_attempt(START, failures, None, chance, least * SECOND) - START
    shortest, longest = max(12, 0.8 * least) * SECOND, max(360, 1.2 * least) * SECOND
    assert shortest - 1 <= found <= longest  # a microsecond, for the product of floats is cut


@pytest.mark.parametrize(
    ("wish", "wait"),
    [(1, 1), (86_400 * SECOND, DAY), (86_400 * SECOND + 1, DAY), (0, 15 * SECOND), (-1, 15 * SECOND)],
)
def test_a_wish_is_heard_within_a_day_and_one_that_is_over_is_none(wish: int, wait: int) -> None:
    assert next_attempt(START, 1, START + wish, 0.5) == START + wait


@pytest.mark.parametrize(
    ("kind", "before", "unanswered", "seconds"),
    [
        (TRANSIENT, 0, 0, 15),
        (AMBIGUOUS, 0, 1, 30),
        (AMBIGUOUS, 1, 1, 30),
        (AMBIGUOUS, 2, 0, 30),
        (AMBIGUOUS, 2, 1, 3600),
        (AMBIGUOUS, 3, 0, 3600),
        (TRANSIENT, 9, 0, 15),
        (REFUSED, 0, 0, 86_400),
    ],
)
def test_an_unknown_answer_is_waited_out_longer_and_from_the_third_on_for_an_hour(
    kind: FailureKind, before: int, unanswered: int, seconds: int
) -> None:
    health = Health(status=Status.VALID, ambiguous=before)
    assert pause(health, kind, unanswered=unanswered) == seconds
    assert after(health, kind, unanswered=unanswered).ambiguous == before + unanswered


def test_a_refused_grant_is_probed_a_day_later_whatever_chance_and_vendor_say() -> None:
    assert pause(Health(status=Status.VALID), REFUSED, chance=0.9, retry_at=START + SECOND) == 86_400


@pytest.mark.parametrize(("before", "kind"), [(3, UNCERTAIN), (4, REFUSED), (5, REFUSED)])
def test_the_fifth_undocumented_refusal_counts_as_one_of_the_grant(before: int, kind: FailureKind) -> None:
    assert after(Health(status=Status.RECOVERABLE, failures=before), UNCERTAIN).failure is kind


def test_failures_of_another_kind_never_turn_into_a_refusal() -> None:
    assert after(Health(status=Status.RECOVERABLE, failures=99), TRANSIENT).failure is TRANSIENT


def test_a_probe_that_fails_in_another_way_leaves_the_grant_refused_in_the_words_of_the_refusal() -> None:
    dead = Health(status=Status.RECOVERABLE, failure=REFUSED, error="invalid_grant", failures=1)
    assert (after(dead, TRANSIENT).failure, after(dead, TRANSIENT).error) == (REFUSED, "invalid_grant")
    assert (after(dead, REFUSED).failure, after(dead, REFUSED).error) == (REFUSED, "no")


def test_the_first_failure_begins_the_failing_period_and_later_ones_leave_it() -> None:
    first = after(Health(status=Status.VALID), TRANSIENT)
    second = after(first, TRANSIENT, now=START + SECOND)
    assert (first.failures, first.failing_since, first.status) == (1, START, Status.RECOVERABLE)
    assert (second.failures, second.failing_since, second.unrecoverable_since) == (2, START, None)


@pytest.mark.parametrize(
    ("passed", "event", "status"),
    [
        (WEEK - 1, Event.FAILED, Status.RECOVERABLE),
        (WEEK, Event.OUTLASTED, Status.UNRECOVERABLE),
        (WEEK + 1, Event.OUTLASTED, Status.UNRECOVERABLE),
    ],
)
def test_a_failure_at_the_very_end_of_the_failing_period_is_the_last(passed: int, event: Event, status: Status) -> None:
    health = Health(status=Status.RECOVERABLE, failing_since=START, failures=1)
    failure, now = Failure(kind=TRANSIENT, error="no"), START + passed
    met, found = failed(first_token(), health, failure, now=now, chance=0.5, settings=SETTINGS)
    assert (met, found.status) == (event, status)
    assert found.unrecoverable_since == (now if status is Status.UNRECOVERABLE else None)


@pytest.mark.parametrize(
    ("kind", "expires", "event"),
    [
        (REFUSED, START, Event.LAPSED),
        (REFUSED, START - 1, Event.LAPSED),
        (REFUSED, START + 1, Event.FAILED),
        (TRANSIENT, START - 1, Event.FAILED),
        (ALARM, START - 1, Event.ALARMED),
    ],
)
def test_a_refusal_at_or_after_the_refresh_tokens_own_expiry_is_final(
    kind: FailureKind, expires: int, event: Event
) -> None:
    token = first_token(refresh_token_expiration=expires)
    assert failure_event(token, Health(status=Status.VALID), kind, START, SETTINGS) is event


def test_a_refused_client_leaves_the_grant_as_it_is_and_is_told() -> None:
    health = Health(status=Status.RECOVERABLE, failure=TRANSIENT, error="before", failures=2, failing_since=START - 1)
    found = after(health, ALARM)
    assert found.error == "no"
    assert (found.status, found.failures, found.failing_since) == (Status.RECOVERABLE, 2, START - 1)


def test_a_refresh_that_cures_a_refusal_of_the_resource_is_counted_and_any_other_ends_the_count() -> None:
    health = Health(status=Status.VALID, rejections=1, failures=3, error="no")
    assert succeeded(health, rejected=True) == Health(status=Status.VALID, rejections=2)
    assert succeeded(health, rejected=False) == Health(status=Status.VALID)


def test_a_new_authorization_forgets_the_old_grant_and_a_changed_endpoint_gives_it_up() -> None:
    health = Health(status=Status.RECOVERABLE, failure=REFUSED, error="invalid_grant", failures=3, retry_at=START)
    assert authorized(health) == Health(status=Status.UNKNOWN)
    given_up = retired(health, START)
    assert (given_up.status, given_up.failure) == (Status.UNRECOVERABLE, REFUSED)
    assert given_up.unrecoverable_since == START
    assert "token endpoint" in (given_up.error or "")


@pytest.mark.parametrize("event", [Event.SUCCEEDED, Event.FAILED, Event.OUTLASTED, Event.LAPSED, Event.ALARMED])
def test_an_unrecoverable_token_is_never_attempted_again(event: Event) -> None:
    assert (Status.UNRECOVERABLE, event) not in TRANSITIONS
