"""When a refresh is due: the boundary, the cap, the margin, and the sentence of the page that is not implemented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.client_engine import START, first_token
from refreshproof.harness.client import SECOND, ClientToken, ClientTokenEntity, FailureKind, Settings, Status
from refreshproof.harness.client.model.token import Health, Lease
from refreshproof.harness.client.refresh.decide import Action, Wish, decide, lead, refresh_due, usable

SETTINGS = Settings()


@pytest.mark.parametrize("margin", [0, 60, 86_400])
def test_the_decision_flips_exactly_at_skew_plus_client_delay_plus_margin(margin: int) -> None:
    token = first_token(lifetime=259_200)
    boundary = START + (259_200 - 120 - margin) * SECOND
    assert not refresh_due(token, boundary - 1, SETTINGS, margin * SECOND)
    assert refresh_due(token, boundary, SETTINGS, margin * SECOND)


def test_the_page_s_sentence_is_not_read_literally() -> None:
    """K-09: "refresh if the expiry + margin is after the current system time" would refresh every fresh token."""
    token = first_token(lifetime=259_200)
    assert token.access_token_expiration is not None
    assert token.access_token_expiration + 86_400 * SECOND > START
    assert not refresh_due(token, START, SETTINGS, 86_400 * SECOND)


@given(
    lifetime=st.integers(1, 10**7), margin=st.integers(0, 10**7), skew=st.integers(0, 600), delay=st.integers(0, 600)
)
def test_our_part_of_the_lead_never_exceeds_half_the_issued_lifetime_and_a_caller_s_margin_comes_on_top(
    lifetime: int, margin: int, skew: int, delay: int
) -> None:
    settings = Settings(max_clock_skew_seconds=skew, max_client_delay_seconds=delay)
    token = first_token(lifetime=lifetime)
    assert lead(token, settings) == min((skew + delay) * SECOND, lifetime * SECOND // 2)
    assert lead(token, settings, margin * SECOND) == lead(token, settings) + margin * SECOND
    assert not refresh_due(token, START + (lifetime * SECOND // 2) - 1, settings)


@given(now=st.integers(START, START + 10**15))
def test_a_token_of_unknown_lifetime_is_never_due_by_the_clock(now: int) -> None:
    assert not refresh_due(first_token(lifetime=None), now, SETTINGS)


@given(
    lifetime=st.integers(241, 10**6),
    skew=st.integers(-60, 60),
    delay=st.integers(0, 60),
    asked=st.integers(0, 10**6),
)
def test_no_expired_token_arrives_for_any_skew_and_delay_within_the_bounds(
    lifetime: int, skew: int, delay: int, asked: int
) -> None:
    """REF-04: a token judged usable at a client whose clock is off, then delayed, arrives before its true expiry.

    A constant skew shifts the recorded expiry along with the clock; one that sets in after issue is the hard case.
    """
    token = first_token(lifetime=lifetime)
    if not refresh_due(token, START + (asked + skew) * SECOND, SETTINGS):
        assert asked + delay < lifetime


def entity(token: ClientToken) -> ClientTokenEntity:
    return ClientTokenEntity.of(token, config_id="c", id="t")


@pytest.mark.parametrize(
    ("token", "now", "wish", "action"),
    [
        (first_token(), START, Wish(), Action.USE),
        (first_token(), START + 3480 * SECOND, Wish(), Action.REFRESH),
        (first_token(), START, Wish(force=True), Action.REFRESH),
        (first_token(), START, Wish(rejected=0), Action.REFRESH),
        (first_token(), START, Wish(rejected=7), Action.USE),
        (first_token(refresh_token=None, refresh_token_expiration=None), START, Wish(), Action.USE),
        (first_token(refresh_token=None, refresh_token_expiration=None), START, Wish(rejected=0), Action.REAUTHORIZE),
        (
            first_token(refresh_token=None, refresh_token_expiration=None),
            START + 3480 * SECOND,
            Wish(),
            Action.REAUTHORIZE,
        ),
    ],
)
def test_what_is_done_with_a_healthy_token(token: ClientToken, now: int, wish: Wish, action: Action) -> None:
    assert decide(entity(token), now, SETTINGS, wish, orphaned=False, alarm_until=None) is action


@pytest.mark.parametrize(("wish", "action"), [(Wish(), Action.USE), (Wish(force=True), Action.BACK_OFF)])
def test_in_a_pause_a_token_is_used_and_who_insists_on_a_refresh_is_told_of_the_pause(
    wish: Wish, action: Action
) -> None:
    """A refresh that was not made is not called a success; seen in generated lives, after a crash and an alarm."""
    found = decide(entity(first_token()), START, SETTINGS, wish, orphaned=False, alarm_until=START + SECOND)
    assert found is action


DUE = START + 3480 * SECOND
LEASE = Lease(holder="node-b", until=START)
NEITHER: dict[str, Any] = {"orphaned": False, "alarm_until": None}


def stored(**changes: Any) -> ClientTokenEntity:
    """A token with whatever health; `refreshable` tells whether it has a refresh token."""
    plain = first_token(refresh_token=None, refresh_token_expiration=None)
    token = entity(first_token() if changes.pop("refreshable", True) else plain)
    marks = {name: changes.pop(name) for name in ("lease", "generation") if name in changes}
    return replace(token, health=Health(**({"status": Status.VALID} | changes)), **marks)


@pytest.mark.parametrize(
    ("token", "now", "orphaned", "action"),
    [
        (stored(lease=LEASE), START, False, Action.USE),
        (stored(lease=LEASE), DUE, False, Action.WAIT),
        (stored(lease=LEASE), START, True, Action.REFRESH),
        (stored(lease=LEASE), DUE, True, Action.REFRESH),
        (stored(), START, True, Action.USE),
        (stored(), DUE, True, Action.REFRESH),
    ],
)
def test_whoever_finds_a_refresh_under_way_waits_for_it_only_if_due_and_takes_up_what_nobody_owns(
    token: ClientTokenEntity, now: int, orphaned: bool, action: Action
) -> None:
    assert decide(token, now, SETTINGS, Wish(), orphaned=orphaned, alarm_until=None) is action


@pytest.mark.parametrize(
    ("wish", "now", "action"),
    [
        (Wish(), START, Action.REAUTHORIZE),
        (Wish(), START + 60 * SECOND - 1, Action.REAUTHORIZE),
        (Wish(), START + 60 * SECOND, Action.REFRESH),
        (Wish(force=True), START, Action.REFRESH),
        (Wish(rejected=0), START, Action.REAUTHORIZE),
    ],
)
def test_a_refused_grant_rests_until_its_probe_is_due_or_a_person_asks(wish: Wish, now: int, action: Action) -> None:
    token = stored(status=Status.RECOVERABLE, failure=FailureKind.REFUSED, retry_at=START + 60 * SECOND)
    assert decide(token, now, SETTINGS, wish, **NEITHER) is action


def test_an_unrecoverable_token_is_not_even_tried_when_a_person_asks() -> None:
    token = stored(status=Status.UNRECOVERABLE)
    assert {decide(token, now, SETTINGS, Wish(force=True), **NEITHER) for now in (START, DUE)} == {Action.REAUTHORIZE}


@pytest.mark.parametrize(
    ("now", "wish", "action"),
    [
        (DUE, Wish(), Action.USE),
        (START + 3600 * SECOND - 1, Wish(), Action.USE),
        (START + 3600 * SECOND, Wish(), Action.BACK_OFF),
        (DUE, Wish(rejected=0), Action.BACK_OFF),
        (DUE, Wish(rejected=1), Action.USE),
        (DUE, Wish(force=True), Action.BACK_OFF),
    ],
)
@pytest.mark.parametrize("alarmed", [True, False])
def test_in_a_pause_a_token_is_used_while_it_lives_and_not_refused(
    now: int, wish: Wish, action: Action, alarmed: bool
) -> None:
    end = START + 4000 * SECOND
    token = stored() if alarmed else stored(failure=FailureKind.TRANSIENT, retry_at=end)
    assert decide(token, now, SETTINGS, wish, orphaned=False, alarm_until=end if alarmed else None) is action
    assert decide(token, end, SETTINGS, wish, orphaned=False, alarm_until=end if alarmed else None) is Action.REFRESH


@pytest.mark.parametrize(
    ("rejections", "pause"), [(1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (11, 3600), (12, 3600), (10**6, 3600)]
)
def test_a_refresh_that_did_not_cure_a_refusal_is_repeated_after_a_pause_that_doubles_to_an_hour(
    rejections: int, pause: int
) -> None:
    token, wish = stored(rejections=rejections, generation=7), Wish(rejected=7)
    end = START + pause * SECOND
    assert decide(token, end - 1, SETTINGS, wish, **NEITHER) is Action.REJECTED
    assert decide(token, end, SETTINGS, wish, **NEITHER) is Action.REFRESH
    assert decide(token, START, SETTINGS, Wish(force=True), **NEITHER) is Action.REFRESH


def test_the_first_refusal_by_the_resource_is_cured_at_once() -> None:
    assert decide(stored(generation=7), START, SETTINGS, Wish(rejected=7), **NEITHER) is Action.REFRESH


def test_a_margin_makes_a_refresh_due_earlier_by_just_that() -> None:
    for margin in (0, 1, 600):
        due, wish = DUE - margin * SECOND, Wish(margin=margin * SECOND)
        assert decide(stored(), due - 1, SETTINGS, wish, **NEITHER) is Action.USE
        assert decide(stored(), due, SETTINGS, wish, **NEITHER) is Action.REFRESH


@pytest.mark.parametrize(("now", "alive"), [(-1, True), (0, False), (1, False)])
def test_a_token_lives_until_its_expiry_and_one_of_unknown_lifetime_for_ever(now: int, alive: bool) -> None:
    assert usable(first_token(), START + 3600 * SECOND + now) is alive
    assert usable(first_token(lifetime=None), START + 3600 * SECOND + now)
