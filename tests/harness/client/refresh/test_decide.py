"""When a refresh is due: the boundary, the cap, the margin, and the sentence of the page that is not implemented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.client_engine import START, first_token
from refreshproof.harness.client import SECOND, ClientToken, ClientTokenEntity, Settings
from refreshproof.harness.client.refresh.decide import Action, Wish, decide, lead, refresh_due

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
