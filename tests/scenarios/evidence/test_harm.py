"""The harm of a story is what its journal shows, and nothing that user, vendor or network had brought about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import journal, login, outcome, redemption, renewal, use
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.grants import OWN_DOING
from refreshproof.scenarios.evidence.harm import Harm, harm_of, severe_harm
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, StepRecord, UserAction
from refreshproof.scenarios.steps.subject import OutcomeKind

PAIR = {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}
ASKED: OutcomeKind = "reauthorization_required"


def harm(*records: Record | list[Record], vendor: str = "generic", **policy: Any) -> Harm:
    profile = VENDORS[vendor].profile
    profile = replace(profile, refresh=replace(profile.refresh, **policy))
    written = journal(login(), redemption(2), outcome("callback", begun=1, ended=2), *records)
    return harm_of(Evidence(journal=written, profile=profile))


def call(kind: OutcomeKind, begun: int, ended: int, at: float) -> OutcomeRecord:
    return outcome("call", kind, begun=begun, ended=ended, at=at)


def refused(number: int, at: float, cause: Cause, presented: str = "RT1") -> Exchange:
    members = {"error": "invalid_grant"}
    return renewal(number, at=at, status=400, cause=cause, committed=False, members=members, presented=presented)


def rotated(number: int, at: float, **changes: Any) -> Exchange:
    return renewal(number, at=at, **({"members": PAIR, "issued": ("AT2", "RT2")} | changes))


def lost(number: int, at: float) -> Exchange:
    return rotated(number, at, delivered=False, status=None, members={}, trouble="reset")


def outage(number: int, at: float) -> Exchange:
    return renewal(number, at=at, status=503, committed=False, members={})


def action(what: str, at: float) -> UserAction:
    return UserAction(step=2, at=START + seconds(at), what=what, about={"account": "alice"})


def expired(number: int, at: float, presented: str = "AT1") -> Exchange:
    cause = Cause.ACCESS_TOKEN_EXPIRED
    return use(number, at=at, presented=presented, status=401, cause=cause, committed=False, members={})


SPENT = refused(4, 7300, Cause.REFRESH_TOKEN_REUSED)
REVOKED = refused(3, 3700, Cause.REFRESH_TOKEN_REVOKED)


def test_a_life_in_which_all_goes_well_shows_no_harm() -> None:
    assert harm(use(3), call("ok", 2, 3, 1), rotated(4, 3601), use(5, at=3602, presented="AT2")) is Harm.NONE_YET


@pytest.mark.parametrize("cause", OWN_DOING)
def test_a_spent_token_that_is_presented_until_it_is_refused_has_lost_the_grant(cause: Cause) -> None:
    spent = refused(4, 7300, cause)
    assert harm(rotated(3, 3601), spent, call(ASKED, 3, 4, 7300), on_breach="revoke_family") is Harm.GRANT_LOST


def test_a_breach_that_ends_the_family_has_lost_the_grant_whatever_the_caller_was_told() -> None:
    assert harm(rotated(3, 3601), SPENT, on_breach="revoke_family") is Harm.GRANT_LOST


def test_a_client_that_presents_nothing_in_place_of_its_refresh_token_has_lost_the_grant() -> None:
    empty = refused(3, 3700, Cause.MISSING_REFRESH_TOKEN, "")
    assert harm(empty, call("transient_error", 2, 3, 3700)) is Harm.GRANT_LOST


def test_a_spent_token_that_ends_nothing_and_is_made_up_for_has_not_lost_the_grant() -> None:
    newest = rotated(5, 7301, presented="RT2", members=PAIR | {"refresh_token": "RT3"})
    told = call("ok", 3, 5, 7301)
    assert harm(rotated(3, 3601), SPENT, newest, told, on_breach="nothing") is not Harm.GRANT_LOST


def test_a_grant_whose_rotation_was_lost_on_its_way_was_not_lost_by_the_client() -> None:
    records = (lost(3, 3601), SPENT, call(ASKED, 2, 4, 7300))
    assert harm(*records, on_breach="revoke_family") is Harm.NONE_YET


@pytest.mark.parametrize("what", ["revoke", "change_password"])
def test_a_grant_that_its_user_ended_is_no_harm(what: str) -> None:
    assert harm(action(what, 100), REVOKED, call(ASKED, 2, 3, 3700)) is Harm.NONE_YET


@pytest.mark.parametrize("cause", [Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED, Cause.REFRESH_TOKEN_EVICTED])
def test_a_grant_that_its_vendor_ended_is_no_harm(cause: Cause) -> None:
    assert harm(refused(3, 3700, cause), call(ASKED, 2, 3, 3700)) is Harm.NONE_YET


def test_a_logout_ends_the_grant_without_harm() -> None:
    assert harm(outcome("disconnect", at=10, begun=2, ended=2), call(ASKED, 2, 2, 20)) is Harm.NONE_YET


def test_a_client_that_throws_a_good_refresh_token_away_has_lost_the_grant() -> None:
    assert harm(call("ok", 2, 2, 1), call(ASKED, 2, 2, 3700)) is Harm.GRANT_LOST


def test_what_a_fault_of_the_scenario_struck_was_not_well() -> None:
    set_up = StepRecord(number=2, at=START, step={"step": "fault", "fault": "restyle", "times": 2})
    odd = rotated(3, 3700, step=3)
    second = StepRecord(number=3, at=START + seconds(3700), step={"step": "call"})
    assert harm(second, odd, call("crash", 2, 3, 3700)) is Harm.CALL_FAILED
    assert harm(set_up, second, odd, call("crash", 2, 3, 3700)) is Harm.NONE_YET


def test_a_success_that_brings_no_token_is_no_vendor_that_is_well() -> None:
    assert harm(renewal(3, at=3700, members={}), call("transient_error", 2, 3, 3700)) is Harm.NONE_YET


def test_a_vendor_that_refuses_the_scope_which_it_told_is_not_well() -> None:
    def odd(scope: str) -> Exchange:
        named = (("refresh_token", "RT2"), ("scope", scope))
        return renewal(
            4, at=7400, presented="RT2", status=400, cause=Cause.INVALID_SCOPE, members={"error": "invalid_scope"},
            parameters=named,
        )  # fmt: skip

    told = rotated(3, 3700, members=PAIR | {"scope": "less"})
    assert harm(told, odd("less"), call("transient_error", 3, 4, 7400)) is Harm.NONE_YET
    assert harm(told, odd("more"), call("transient_error", 3, 4, 7400)) is Harm.CALL_FAILED


def test_a_failure_after_the_repair_explains_what_fails_after_it() -> None:
    calls = (call("transient_error", 2, 3, 3700), call("transient_error", 3, 3, 5000))
    mended = StepRecord(number=2, at=START + seconds(3700), step={"step": "mend"})
    assert harm(mended, replace(outage(3, 3700), step=3), *calls) is Harm.NONE_YET
    down = StepRecord(number=1, at=START, step={"step": "fault", "fault": "status", "parameters": {"code": 503}})
    before = replace(outage(3, 3700), step=1)
    assert harm(down, before, mended, *calls) is Harm.CALL_FAILED
    assert harm(before, mended, *calls) is Harm.NONE_YET


def test_a_grant_that_a_lost_answer_has_ended_explains_what_fails_after_it() -> None:
    unread = rotated(3, 3700, members={})
    spent = refused(4, 3701, Cause.REFRESH_TOKEN_REUSED)
    revoked = use(5, at=3702, status=401, cause=Cause.ACCESS_TOKEN_REVOKED, committed=False, members={})
    told = call("transient_error", 2, 4, 3701), call("transient_error", 4, 5, 3702)
    assert harm(unread, replace(spent, members={}), told[0], revoked, told[1]) is Harm.NONE_YET


def test_a_client_that_does_not_know_what_became_of_its_refresh_may_rest_for_an_hour() -> None:
    mended = StepRecord(number=2, at=START + seconds(3700), step={"step": "mend"})
    first = (lost(3, 3700), mended, call("transient_error", 2, 3, 3700))
    assert harm(*first, call("transient_error", 3, 3, 7299)) is Harm.NONE_YET
    assert harm(*first, call("transient_error", 3, 3, 7300)) is Harm.CALL_FAILED


def test_what_another_caller_got_meanwhile_came_too_late() -> None:
    """Both were refused; one met a failure and was sent away, and the other one tried again."""
    good = rotated(5, 3700, actor="actor 2")
    met = (expired(3, 3700), outage(4, 3700), good)
    away = call("transient_error", 2, 5, 3700)
    assert harm(*met, away) is Harm.NONE_YET
    assert harm(*met, replace(away, begun=5), use(6, at=3700), replace(away, begun=5, ended=6)) is Harm.CALL_FAILED


def test_what_another_server_gave_is_no_grant_of_this_one() -> None:
    elsewhere = replace(redemption(2), url="https://login.elsewhere.example.net/token")
    written = journal(login(), elsewhere, outcome("callback", begun=1, ended=2), call(ASKED, 2, 2, 10))
    assert harm_of(Evidence(journal=written, profile=VENDORS["generic"].profile)) is Harm.NONE_YET


def test_a_login_without_a_refresh_token_leaves_the_grant_that_has_one() -> None:
    bare = redemption(3, at=100, presented="CODE2", members={"access_token": "AT2", "expires_in": 3600})
    told = outcome("callback", begun=2, ended=3, at=100)
    assert harm(bare, told, call(ASKED, 3, 3, 3800)) is Harm.GRANT_LOST
    full = redemption(3, at=100, presented="CODE2", members=PAIR)
    assert harm(full, told, call(ASKED, 3, 3, 3800)) is Harm.GRANT_LOST
    assert harm(full, told, action("revoke", 200), call(ASKED, 3, 3, 3800)) is Harm.NONE_YET
    assert harm(bare, told, action("revoke", 200), call(ASKED, 3, 3, 3800)) is Harm.NONE_YET


def test_what_a_vendor_refuses_at_a_login_ends_the_use_of_the_grant_before_it() -> None:
    refusal = redemption(
        3, at=100, presented="CODE2", status=401, cause=Cause.SECRET_EXPIRED, members={"error": "invalid_client"}
    )
    told = outcome("callback", "permanent_error", begun=2, ended=3, at=100)
    assert harm(refusal, told, call(ASKED, 3, 3, 3800)) is Harm.NONE_YET


def test_a_client_without_a_refresh_token_asks_rightly() -> None:
    bare = redemption(2, members={"access_token": "AT1", "expires_in": 3600})
    written = journal(login(), bare, outcome("callback", begun=1, ended=2), call(ASKED, 2, 2, 3700))
    assert harm_of(Evidence(journal=written, profile=VENDORS["generic"].profile)) is Harm.NONE_YET


def test_a_login_that_the_client_turned_down_is_no_grant() -> None:
    told = outcome("callback", "permanent_error", begun=1, ended=2)
    written = journal(login(), redemption(2), told, call(ASKED, 2, 2, 10))
    assert harm_of(Evidence(journal=written, profile=VENDORS["generic"].profile)) is Harm.NONE_YET


def test_a_user_who_is_asked_because_of_an_outage_is_asked_in_vain() -> None:
    assert harm(outage(3, 3700), call(ASKED, 2, 3, 3700)) is Harm.USER_ASKED_IN_VAIN


def test_a_grant_that_is_given_up_after_one_failure_is_lost_once_the_trouble_is_long_over() -> None:
    asked = call(ASKED, 2, 3, 3700)
    assert harm(outage(3, 3700), asked, call(ASKED, 3, 3, 3700 + 3600)) is Harm.GRANT_LOST
    assert harm(outage(3, 3700), asked, call(ASKED, 3, 3, 3700 + 3599)) is Harm.USER_ASKED_IN_VAIN
    tried = (outage(4, 7300), call("transient_error", 3, 4, 7300))
    assert harm(outage(3, 3700), asked, call(ASKED, 3, 3, 7299), *tried) is Harm.USER_ASKED_IN_VAIN


def test_a_grant_that_rests_as_long_as_it_was_told_is_not_lost() -> None:
    told = replace(outage(3, 3700), response_headers=(("Retry-After", "9000"),))
    asked = call(ASKED, 2, 3, 3700)
    assert harm(told, asked, call(ASKED, 3, 3, 3700 + 7200)) is Harm.USER_ASKED_IN_VAIN
    assert harm(told, asked, call(ASKED, 3, 3, 3700 + 86_400)) is Harm.GRANT_LOST


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_words_that_come_with_a_passing_status_are_no_reason(status: int) -> None:
    busy = replace(outage(3, 3700), status=status, members={"error": "rate_limited"})
    assert harm(busy, call(ASKED, 2, 3, 3700)) is Harm.USER_ASKED_IN_VAIN


def test_a_user_who_is_asked_and_then_not_needed_was_asked_in_vain() -> None:
    records = (call(ASKED, 2, 2, 3700), rotated(3, 3800), use(4, at=3800, presented="AT2"), call("ok", 2, 4, 3800))
    assert harm(*records) is Harm.USER_ASKED_IN_VAIN


def test_a_user_who_is_asked_after_seven_days_of_failing_is_not_asked_in_vain() -> None:
    failing = [outage(3 + day, 3700 + 86_400 * day) for day in range(9)]
    assert harm(*failing, call(ASKED, 11, 11, 3700 + 86_400 * 8)) is Harm.NONE_YET


def test_a_caller_that_gets_an_error_during_an_outage_has_no_harm_from_the_client() -> None:
    assert harm(outage(3, 3700), call("transient_error", 2, 3, 3700)) is Harm.NONE_YET
    assert harm(outage(3, 3700), call("transient_error", 2, 3, 3700), call("crash", 3, 3, 3710)) is Harm.NONE_YET


@pytest.mark.parametrize("kind", ["transient_error", "permanent_error", "crash"])
def test_a_call_that_fails_while_all_is_well_has_failed_in_vain(kind: OutcomeKind) -> None:
    assert harm(expired(3, 3700), call(kind, 2, 3, 3700)) is Harm.CALL_FAILED
    assert harm(use(3), call("ok", 2, 3, 1), call(kind, 3, 3, 20)) is Harm.CALL_FAILED


def test_a_refused_access_token_that_is_not_repaired_is_a_failed_call_whatever_the_client_says() -> None:
    assert harm(expired(3, 3700), call("ok", 2, 3, 3700)) is Harm.CALL_FAILED


def test_a_refused_access_token_that_is_repaired_is_no_harm() -> None:
    records = (expired(3, 3700), rotated(4, 3700), use(5, at=3700, presented="AT2"), call("ok", 2, 5, 3700))
    assert harm(*records) is Harm.NONE_YET


def test_a_resource_that_refuses_a_fresh_token_too_is_not_the_clients_failure() -> None:
    again = use(5, at=3700, presented="AT2", status=401, cause=Cause.UNKNOWN_ACCESS_TOKEN, members={})
    records = (expired(3, 3700), rotated(4, 3700), again, call("permanent_error", 2, 5, 3700))
    assert harm(*records) is Harm.NONE_YET


@pytest.mark.parametrize(
    ("status", "cause"), [(403, Cause.INSUFFICIENT_SCOPE), (401, Cause.INSUFFICIENT_AUTHENTICATION)]
)
def test_a_call_that_fails_for_want_of_permission_or_of_another_login_has_not_failed_in_vain(
    status: int, cause: Cause
) -> None:
    denied = use(3, status=status, cause=cause, members={})
    assert harm(denied, call("permanent_error", 2, 3, 1)) is Harm.NONE_YET


def test_a_caller_who_is_not_told_that_another_login_is_wanted_has_a_failed_call() -> None:
    denied = use(3, status=401, cause=Cause.INSUFFICIENT_AUTHENTICATION, members={})
    assert harm(denied, call("ok", 2, 3, 1)) is Harm.CALL_FAILED
    written = journal(login(), redemption(2), outcome("callback", begun=1, ended=2), denied, call("ok", 2, 3, 1))
    found = severe_harm(Evidence(journal=written, profile=VENDORS["generic"].profile))
    assert found is not None
    assert found.told == "A call ended with ok, although its access token was refused."


def test_a_refresh_that_was_refused_for_its_form_is_a_failed_call() -> None:
    odd = renewal(3, at=3700, status=400, cause=Cause.INVALID_SCOPE, members={"error": "invalid_scope"})
    assert harm(odd, call("permanent_error", 2, 3, 3700)) is Harm.CALL_FAILED


def test_a_login_that_crashes_the_client_is_a_failed_call() -> None:
    written = journal(login(), redemption(2), outcome("callback", "crash", begun=1, ended=2))
    assert harm_of(Evidence(journal=written, profile=VENDORS["generic"].profile)) is Harm.CALL_FAILED


def test_a_refresh_in_the_first_half_of_a_lifetime_is_needless() -> None:
    assert harm(rotated(3, 60), call("ok", 2, 3, 60)) is Harm.NEEDLESS_REQUESTS


def test_a_refresh_that_a_person_asked_for_is_not() -> None:
    asked = StepRecord(number=5, at=START + seconds(60), step={"step": "refresh"})
    assert harm(asked, rotated(3, 60, step=5)) is Harm.NONE_YET


def test_two_refreshes_of_one_token_at_once_are_one_too_many() -> None:
    first = rotated(3, 3700, settled_order=9)
    second = rotated(4, 3700, settled_order=10, members=PAIR | {"access_token": "AT3"})
    assert harm(first, second, call("ok", 2, 4, 3700)) is Harm.NEEDLESS_REQUESTS


def test_a_lost_answer_may_be_asked_for_again() -> None:
    assert harm(lost(3, 3700), rotated(4, 3701), call("ok", 2, 4, 3701)) is Harm.NONE_YET


def test_six_failing_refreshes_within_a_minute_are_needless() -> None:
    patient = [outage(3 + number, 3700 + 15 * number) for number in range(6)]
    hasty = [outage(3 + number, 3700 + 5 * number) for number in range(6)]
    assert harm(*patient) is Harm.NONE_YET
    assert harm(*hasty) is Harm.NEEDLESS_REQUESTS


@pytest.mark.parametrize("lifetime", [{"expires_in": 300}, {}])
def test_six_refreshes_within_a_minute_that_nothing_called_for_are_needless(lifetime: dict[str, int]) -> None:
    """Whether a short lifetime was told, or none."""

    def pairs(apart: int) -> list[Record]:
        return [
            rotated(
                3 + number, 3590 + apart * number, presented=f"RT{number + 1}",
                members={"access_token": f"AT{number + 2}", "refresh_token": f"RT{number + 2}", **lifetime},
            )
            for number in range(7)
        ]  # fmt: skip

    assert harm(*pairs(9)) is Harm.NEEDLESS_REQUESTS
    assert harm(*pairs(150)) is Harm.NONE_YET


def test_a_refused_refresh_token_that_is_sent_again_is_needless() -> None:
    again = refused(4, 3800, Cause.REFRESH_TOKEN_IDLE)
    assert harm(refused(3, 3700, Cause.REFRESH_TOKEN_IDLE), again) is Harm.NEEDLESS_REQUESTS


def test_the_worst_harm_counts() -> None:
    early = (rotated(3, 60), call("ok", 2, 3, 60))
    assert harm(*early, SPENT, call(ASKED, 3, 4, 7300), on_breach="revoke_family") is Harm.GRANT_LOST
