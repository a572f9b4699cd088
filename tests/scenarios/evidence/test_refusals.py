"""What a refusal means: over, terminal, doubtful, or of the client itself, on both sides of every line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import journal, login, outcome, redemption, renewal
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange, Record, StepRecord
from refreshproof.scenarios.evidence.refusals import (
    ENOUGH_DOUBTS,
    FAILING_PERIOD,
    access_tokens_of,
    error_of,
    held,
    is_about_client,
    is_doubtful,
    is_over,
    is_terminal,
    knew,
    presented_again,
    step_numbers,
    terminal_refusals,
    told,
)

TERMINAL = ["invalid_grant", "interaction_required", "consent_required", "login_required"]
PASSING = ["temporarily_unavailable", "server_error", "slow_down"]
OTHER = ["invalid_request", "invalid_scope", "unsupported_grant_type"]
CONFIGURATION = ["invalid_client", "access_denied"]
DEAD = {
    Cause.UNKNOWN_REFRESH_TOKEN, Cause.REFRESH_TOKEN_REVOKED, Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED,
    Cause.REFRESH_TOKEN_EVICTED, Cause.REFRESH_TOKEN_REUSED, Cause.PASSWORD_CHANGED, Cause.CONSENT_REQUIRED,
    Cause.REAUTHENTICATION_REQUIRED, Cause.REAUTHENTICATION_UNPROVEN, Cause.MULTI_FACTOR_REQUIRED,
    Cause.MULTI_FACTOR_ENROLMENT, Cause.SIGN_IN_FREQUENCY, Cause.ADMIN_POLICY, Cause.ACCOUNT_DELETED,
    Cause.REFRESH_TOKEN_SPENT,
}  # fmt: skip


def refused(error: Any = "invalid_grant", number: int = 3, **changes: Any) -> Exchange:
    plain: dict[str, Any] = {"at": 3601, "step": 2, "status": 400, "members": {"error": error}, "committed": False}
    return renewal(number, **(plain | changes))


def evidence(*records: Record | list[Record]) -> Evidence:
    return Evidence(journal=journal(login(), redemption(2), *records), profile=VENDORS["generic"].profile)


def test_a_week_of_failing_and_five_doubts_are_enough() -> None:
    limits = {"failing": FAILING_PERIOD, "doubts": ENOUGH_DOUBTS}
    assert limits == {"failing": seconds(604_800), "doubts": 5}


@pytest.mark.parametrize("cause", Cause)
def test_a_grant_is_over_by_what_ended_it_whatever_the_provider_says(cause: Cause) -> None:
    assert is_over(refused("something", cause=cause)) is (cause in DEAD)


@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_a_grant_is_over_by_its_error_code_under_any_status(status: int) -> None:
    for error in TERMINAL:
        assert is_over(refused(error, status=status))
    others: list[Any] = [*PASSING, *OTHER, *CONFIGURATION, "something", None, {"error": "invalid_grant"}]
    assert not any(is_over(refused(error, status=status)) for error in others)


@pytest.mark.parametrize(
    ("status", "terminal"),
    [(399, False), (400, True), (408, False), (425, False), (429, False), (499, True), (500, False), (None, False)],
)
def test_a_refusal_has_a_status_of_the_clients_doing_that_does_not_say_to_come_back(
    status: int | None, terminal: bool
) -> None:
    assert is_terminal(refused(status=status)) is terminal
    assert is_about_client(refused("invalid_client", status=status)) is terminal


@pytest.mark.parametrize("error", TERMINAL)
def test_a_terminal_refusal_names_an_error_that_has_reached_the_client(error: str) -> None:
    assert is_terminal(refused(error))
    assert not is_terminal(refused(error, delivered=False))
    locked = {"error": error, "error_description": "token request is already being processed"}
    assert not is_terminal(refused(members=locked))


@pytest.mark.parametrize("error", [*PASSING, *OTHER, *CONFIGURATION, None])
def test_an_error_that_means_something_else_is_not_terminal_even_where_the_grant_is_dead(error: str | None) -> None:
    assert not is_terminal(refused(error, cause=Cause.REFRESH_TOKEN_REVOKED))
    assert is_terminal(refused("bad_refresh_token", cause=Cause.REFRESH_TOKEN_REVOKED))


@pytest.mark.parametrize(
    ("status", "doubtful"),
    [(199, False), (200, True), (299, True), (300, False), (400, True), (429, False), (500, False), (None, False)],
)
def test_a_doubtful_refusal_may_come_as_a_success(status: int | None, doubtful: bool) -> None:
    assert is_doubtful(refused("something", status=status)) is doubtful


@pytest.mark.parametrize("member", ["error", "errors", "status", "error_type", "message"])
def test_a_doubtful_refusal_speaks_of_an_error(member: str) -> None:
    assert is_doubtful(refused(members={member: "BAD"})) is (member != "message")


def test_what_is_known_to_mean_something_else_or_has_not_come_is_not_doubtful() -> None:
    assert not any(is_doubtful(refused(error)) for error in (*PASSING, *CONFIGURATION, *TERMINAL))
    assert all(is_doubtful(refused(error)) for error in OTHER)
    assert not is_doubtful(refused("something", delivered=False))
    assert not is_doubtful(refused(members={}))


def test_a_refusal_of_the_client_is_told_by_its_code_once_it_has_come() -> None:
    assert all(is_about_client(refused(error)) for error in CONFIGURATION)
    assert not any(is_about_client(refused(error)) for error in (*TERMINAL, *PASSING, *OTHER, "something"))
    assert not is_about_client(refused("invalid_client", delivered=False))


def test_an_error_code_is_a_text() -> None:
    assert error_of(refused("x")) == "x"
    assert [error_of(refused(error)) for error in (None, 7, {"error": "x"})] == [None] * 3


@pytest.mark.parametrize(("times", "found"), [(4, []), (5, [7]), (6, [7, 8])])
def test_doubts_count_for_one_refresh_token_from_the_fifth_on(times: int, found: list[int]) -> None:
    doubts = [
        refused("something", 3 + n, at=3601 + n, cause=Cause.REFRESH_TOKEN_REVOKED, members={"status": "BAD"})
        for n in range(times)
    ]
    assert [one.number for one in terminal_refusals(evidence(*doubts))] == found


def test_a_doubt_counts_at_once_where_a_caller_was_sent_for_the_user_because_of_it() -> None:
    doubt = refused(members={"status": "BAD"}, cause=Cause.REFRESH_TOKEN_REVOKED)
    asked = outcome("call", "reauthorization_required", step=2, at=3601, begun=2, ended=3)
    assert [one.number for one in terminal_refusals(evidence(doubt, asked))] == [3]
    assert not terminal_refusals(evidence(doubt, outcome("call", "transient_error", step=2, at=3601, begun=2, ended=3)))
    harmless = refused(members={"status": "BAD"})
    assert not terminal_refusals(evidence(harmless, asked))


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        ((2, 3), (3, 4), True),
        ((2, 3), (2, 4), False),
        ((2, 4), (2, 4), True),
        (None, (2, 4), True),
        ((2, 3), None, True),
    ],
)
def test_an_operation_knows_of_a_refusal_that_it_met_or_that_was_told_before_it_began(
    first: tuple[int, int] | None, second: tuple[int, int] | None, known: bool
) -> None:
    one, other = refused(), refused(number=4, at=3700, actor="main" if first == second else "other")
    ends: list[Record] = []
    if first is not None:
        ends.append(outcome("call", step=2, at=3601, begun=first[0], ended=first[1]))
    if second is not None and second != first:
        made = outcome("call", step=2, at=3700, begun=second[0], ended=second[1])
        ends.append(replace(made, actor="other"))
    found = evidence(one, other, *ends)
    assert knew(found, one, other) is known
    assert not knew(found, other, one)


def test_a_token_is_presented_again_by_whoever_was_not_asked_to() -> None:
    forced = StepRecord(number=9, at=START + seconds(3800), step={"step": "refresh"})
    restart = StepRecord(number=8, at=START + seconds(3700), step={"step": "restart"})
    first, again, by_hand = refused(), refused(number=4, at=3700, step=8), refused(number=5, at=3800, step=9)
    other = refused(number=6, at=3900, step=10, presented="RT9")
    found = evidence(first, restart, again, forced, by_hand, other)
    assert [one.number for one in presented_again(found, first)] == [4]
    assert found.forced == {9}
    assert (step_numbers(found, "restart"), step_numbers(found, "mend")) == ([8], [])


def test_what_a_caller_was_told_is_how_the_operation_ended_that_made_the_request() -> None:
    ended = outcome("call", "transient_error", step=2, at=3601, begun=2, ended=3)
    later = outcome("call", "ok", step=2, at=3700, begun=3, ended=4)
    found = evidence(refused(), ended, later)
    assert told(found, refused()) == ended
    assert told(found, refused(number=5)) is None


def test_the_newest_refresh_token_is_that_of_the_last_answer_before_a_request() -> None:
    pair = {"access_token": "AT2", "refresh_token": "RT2"}
    first, second, third = renewal(3, at=10, members=pair), renewal(4, at=20), renewal(5, at=30)
    found = evidence(first, second, third)
    assert [held(found, one) for one in (first, second, third)] == ["RT1", "RT2", "RT2"]
    assert held(found, redemption(2)) is None


@pytest.mark.parametrize(
    ("login_step", "logout_step", "at_step", "out"),
    [
        (1, 2, 3, True),
        (5, 2, 3, True),
        (3, 2, 4, False),
        (1, 3, 3, False),
        (1, 2, 2, False),
        (2, 2, 3, False),
        (None, 2, 3, True),
    ],
)
def test_a_user_has_logged_out_until_the_next_login(
    login_step: int | None, logout_step: int, at_step: int, out: bool
) -> None:
    ended = outcome("disconnect", step=logout_step)
    begun: list[Record] = [] if login_step is None else [outcome("callback", step=login_step)]
    failed = outcome("callback", "permanent_error", step=at_step - 1)
    found = evidence(ended, *begun, failed)
    assert found.logged_out(outcome("call", step=at_step)) is out
    assert not evidence(*begun).logged_out(outcome("call", step=at_step))


def test_the_access_tokens_of_a_refresh_token_are_what_came_with_it_or_from_it_alone() -> None:
    alone = renewal(3, at=10, members={"access_token": "AT2"})
    pair = renewal(4, at=20, members={"access_token": "AT3", "refresh_token": "RT2"})
    spent = refused(number=5, at=30, presented="RT1")
    found = evidence(alone, pair, spent)
    assert access_tokens_of(found, spent) == {"AT1", "AT2"}
    assert access_tokens_of(found, refused(number=5, at=30, presented="RT2")) == {"AT1", "AT2", "AT3"}
    assert access_tokens_of(found, refused(number=5, at=30, presented="RT9")) == set()
