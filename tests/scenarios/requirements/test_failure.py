"""What failures are judged by, on both sides of every boundary."""

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import exchange, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Record, StepRecord, UserAction
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.requirements import CATALOGUE

IDS = [one for one in CATALOGUE if one.startswith("failure-")]
DAY, WEEK = 86_400, 604_800
LOGIN: tuple[Record | list[Record], ...] = (login(), redemption(2))


def judged(requirement: str, *records: Record | list[Record], vendor: str = "generic") -> Verdict:
    return verdict_on(requirement, journal(*LOGIN, *records), vendor)


def refused(number: int, at: float, step: int = 2, error: str = "invalid_grant", **changes: Any) -> Record:
    """Write down a refresh that the provider refused."""
    plain = {"members": {"error": error}, "status": 400, "cause": Cause.REFRESH_TOKEN_REVOKED, "committed": False}
    return renewal(number, at=at, step=step, **(plain | changes))


def down(number: int, at: float, step: int = 2, status: int = 503, **changes: Any) -> Record:
    """Write down a refresh that met a provider in trouble."""
    plain = {"members": {}, "status": status, "committed": False, "response_body": ""}
    return renewal(number, at=at, step=step, **(plain | changes))


def called(kind: Any, at: float, number: int | None = None, step: int = 2) -> Record:
    """Write down how a call ended, in which the refresh of a number was made."""
    made = {} if number is None else {"begun": number - 1, "ended": number}
    return outcome("call", kind, at=at, step=step, **made)


def step(number: int, name: str, at: float) -> Record:
    return StepRecord(number=number, at=START + seconds(at), step={"step": name})


def action(what: str, at: float, number: int = 2) -> Record:
    return UserAction(step=number, at=START + seconds(at), what=what)


ASKED: Any = "reauthorization_required"


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nothing_fails() -> None:
    quiet = (renewal(3, at=3600), called("ok", 3600, 3), called("ok", 9000))
    assert {judged(one, *quiet).outcome for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(
    ("second", "expected"), [(DAY - 1, "violated"), (DAY, "alternative"), (DAY + 1, "alternative"), (None, "satisfied")]
)
def test_a_refused_token_rests_for_a_day_at_least(second: float | None, expected: str) -> None:
    probe = [] if second is None else [refused(4, 3601 + second), called(ASKED, 3601 + second, 4)]
    records = (refused(3, 3601), called(ASKED, 3601, 3), called(ASKED, 3700), *probe)
    assert judged("failure-terminal-stops", *records).outcome == expected


def test_calls_before_a_refusal_do_not_show_what_comes_after_it() -> None:
    records = (called("ok", 10), refused(3, 3601), called(ASKED, 3601, 3))
    assert judged("failure-terminal-stops", *records).outcome == "not_exercised"
    assert judged("failure-terminal-stops", *records, called(ASKED, 3602)).outcome == "satisfied"


def test_what_a_person_asks_for_is_no_loop() -> None:
    records = (refused(3, 3601), called(ASKED, 3601, 3), step(9, "refresh", 3700), refused(4, 3700, 9))
    assert judged("failure-terminal-stops", *records, called(ASKED, 3701)).outcome == "satisfied"


@pytest.mark.parametrize("kind", ["transient_error", "permanent_error", "crash"])
def test_every_caller_hears_that_the_user_is_needed(kind: Any) -> None:
    assert judged("failure-terminal-stops", refused(3, 3601), called(kind, 3601, 3)).outcome == "violated"
    later = (refused(3, 3601), called(ASKED, 3601, 3), called(kind, 3700))
    assert judged("failure-terminal-stops", *later).outcome == "violated"


def test_a_call_that_found_a_living_access_token_may_end_as_that_says() -> None:
    late = (
        refused(3, 3500),
        use(4, at=3500, status=503, step=2),
        outcome("call", "transient_error", at=3500, step=2, begun=2, ended=4),
    )
    assert judged("failure-terminal-stops", *late, called(ASKED, 3700)).outcome == "satisfied"


@pytest.mark.parametrize(
    ("vendor", "status", "error", "documented"),
    [
        ("generic", 400, "invalid_grant", True),
        ("generic", 401, "invalid_grant", True),
        ("atlassian", 403, "unauthorized_client", True),
        ("atlassian", 400, "unauthorized_client", False),
        ("generic", 403, "unauthorized_client", False),
        ("microsoft", 400, "interaction_required", True),
        ("microsoft", 400, "consent_required", True),
        ("generic", 400, "consent_required", False),
        ("generic", 200, "bad_refresh_token", False),
        ("generic", 200, "invalid_grant", False),
        ("generic", 400, "invalid_request", False),
    ],
)
def test_documented_words_count_at_once_and_others_at_the_fifth_time(
    vendor: str, status: int, error: str, documented: bool
) -> None:
    def refusals(times: int, last: str) -> tuple[Record, ...]:
        numbers = range(3, 3 + times)
        made = [refused(n, 3601 + 400 * n, error=error, status=status, cause=None) for n in numbers]
        told = [called(last if n == numbers[-1] else "transient_error", 3601 + 400 * n, n) for n in numbers]
        return (action("revoke", 3600, 1), *(one for pair in zip(made, told, strict=True) for one in pair))

    def outcome_of(times: int, last: str) -> str:
        return judged("failure-vendor-forms", *refusals(times, last), vendor=vendor).outcome

    assert outcome_of(1, ASKED) == "satisfied"
    assert outcome_of(1, "transient_error") == ("violated" if documented else "not_exercised")
    if not documented:
        assert outcome_of(4, "transient_error") == "not_exercised"
        assert outcome_of(5, "transient_error") == "alternative"
        assert outcome_of(5, ASKED) == "satisfied"
        told = outcome_of(5, "permanent_error")
        assert told == ("not_exercised" if error == "unauthorized_client" else "alternative")


@pytest.mark.parametrize(("good_at", "expected"), [(4600, "satisfied"), (4601, "violated"), (None, "violated")])
def test_work_goes_on_within_ten_minutes(good_at: float | None, expected: str) -> None:
    good = [called("ok", good_at, step=4)] if good_at is not None else []
    records = (down(3, 3601), called("transient_error", 3601, 3), step(3, "mend", 4000))
    assert judged("failure-transient-keeps-grant", *records, *good, called("ok", 4700, step=4)).outcome == expected


def test_a_call_that_succeeded_before_the_provider_was_well_again_is_no_recovery() -> None:
    records = (down(3, 3601), called("ok", 3650), step(3, "mend", 4000), called("transient_error", 4700, step=4))
    assert judged("failure-transient-keeps-grant", *records).outcome == "violated"


def test_a_recovery_that_nobody_waited_for_is_not_judged() -> None:
    records = (down(3, 3601), step(3, "mend", 4000), called("transient_error", 4600, step=4))
    assert judged("failure-transient-keeps-grant", *records).outcome == "not_exercised"
    assert judged("failure-transient-keeps-grant", *records[:1], called("ok", 9000)).outcome == "not_exercised"


@pytest.mark.parametrize("status", [429, 500, 503, 403])
def test_trouble_that_passes_asks_for_nobody(status: int) -> None:
    records = (down(3, 3601, status=status), called(ASKED, 3601, 3))
    assert judged("failure-transient-keeps-grant", *records).outcome == "violated"


def test_after_a_lost_answer_asking_is_allowed_but_not_best() -> None:
    lost = renewal(3, at=3601, step=2, delivered=False, trouble="reset", status=None, members={})
    records = (lost, called(ASKED, 3601, 3), step(3, "mend", 3602), called("ok", 3700, step=4))
    assert judged("failure-transient-keeps-grant", *records).outcome == "alternative"


@pytest.mark.parametrize(
    ("asked_at", "expected"), [(WEEK - 1, "violated"), (WEEK, "not_exercised"), (WEEK + 1, "not_exercised")]
)
def test_a_failing_grant_is_not_given_up_before_seven_days(asked_at: float, expected: str) -> None:
    records = (down(3, 3601), called("transient_error", 3601, 3), called(ASKED, 3601 + asked_at))
    assert judged("failure-unrecoverable-after", *records).outcome == expected


@pytest.mark.parametrize(("last", "expected"), [(WEEK - 1, "satisfied"), (WEEK, "satisfied"), (WEEK + 1, "violated")])
def test_a_try_that_fails_after_seven_days_is_the_last(last: float, expected: str) -> None:
    tries = (down(3, 3601), called("transient_error", 3601, 3), down(4, 3601 + last), called("transient_error", 1, 4))
    assert judged("failure-unrecoverable-after", *tries, renewal(5, at=3601 + last + 400)).outcome == expected


def test_what_is_expected_of_a_failing_grant_names_seven_days() -> None:
    early = (down(3, 3601), called("transient_error", 3601, 3), called(ASKED, 3601 + WEEK - 1))
    assert "after 7 days" in judged("failure-unrecoverable-after", *early).expected
    late = (down(3, 3601), down(4, 3602 + WEEK), renewal(5, at=3601 + WEEK + 400))
    found = judged("failure-unrecoverable-after", *late)
    assert "After 7 days" in found.expected
    assert found.why == f"The grant had failed for {WEEK + 1} s, and was tried again."


def test_a_refused_client_ends_a_row_of_failures_of_the_grant() -> None:
    wrong = refused(4, 3601 + WEEK // 2, error="invalid_client", status=401, cause=Cause.WRONG_SECRET)
    records = (down(3, 3601), wrong, down(5, 3602 + WEEK), renewal(6, at=3700 + WEEK))
    assert judged("failure-unrecoverable-after", *records).outcome != "violated"


def test_a_success_begins_the_seven_days_anew() -> None:
    good = renewal(4, at=3601 + WEEK // 2)
    records = (down(3, 3601), good, down(5, 3601 + WEEK // 2 + 7200), down(6, 3602 + WEEK), renewal(7, at=3700 + WEEK))
    assert judged("failure-unrecoverable-after", *records).outcome == "satisfied"


@pytest.mark.parametrize(
    ("header", "again", "skew", "expected"),
    [
        ("120", 119, 0, "violated"),
        ("120", 120, 0, "satisfied"),
        ("0", 0.001, 0, "satisfied"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 119, 0, "violated"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 120, 0, "satisfied"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 59, 60, "violated"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 60, 60, "satisfied"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 120, -60, "satisfied"),
        ("1000000000", 299, 0, "violated"),
        ("1000000000", 300, 0, "satisfied"),
    ],
)
def test_a_retry_after_is_waited_for_by_the_client_s_clock(header: str, again: float, skew: int, expected: str) -> None:
    told = down(
        3, 3601, 2, 429, response_headers=(("Retry-After", header),), client_sent_at=START + seconds(3601 + skew)
    )
    next_ = renewal(4, at=3601 + again, step=2, client_sent_at=START + seconds(3601 + again + skew))
    assert judged("failure-retry-after", told, next_, called("ok", 5000)).outcome == expected


@pytest.mark.parametrize(("away_at", "expected"), [(DAY + 3600, "satisfied"), (DAY + 3601, "violated")])
def test_no_wait_is_longer_than_a_day(away_at: float, expected: str) -> None:
    told = down(3, 3601, 2, 429, response_headers=(("Retry-After", "1000000000"),))
    records = (told, called("transient_error", 3601, 3), called("transient_error", 3601 + away_at))
    assert judged("failure-retry-after", *records).outcome == expected


def test_a_call_does_not_repeat_a_resource_request_that_it_was_told_to_wait_for() -> None:
    def twice(*ended: Record) -> str:
        told = use(3, at=10, step=2, status=429, response_headers=(("Retry-After", "120"),))
        return judged("failure-retry-after", told, *ended, called("ok", 200)).outcome

    again = use(4, at=11, step=2)
    assert twice(again, outcome("call", at=11, step=2, begun=2, ended=4)) == "violated"
    assert twice(called("transient_error", 10, 3), again, called("ok", 11, 4)) == "satisfied"


@pytest.mark.parametrize(("times", "expected"), [(10, "satisfied"), (11, "violated")])
def test_without_a_header_ten_requests_in_ten_minutes_are_enough(times: int, expected: str) -> None:
    told = down(3, 3601, 2, 429, response_headers=(("Retry-After", "0"),))
    records = [down(10 + n, 4000 + 599 / 10 * n, 2, 429) for n in range(times)]
    assert judged("failure-retry-after", told, called("transient_error", 3602), *records).outcome == expected


DOUBLING = [2**n - 1 for n in range(7)] + [63 + 60 * n for n in range(1, 60)]


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        (DOUBLING, "satisfied"),
        ([age / 2 for age in DOUBLING], "satisfied"),
        (range(70), "violated"),
        ([0] * 70, "violated"),
        ([0] * 61 + [60, 120], "violated"),
    ],
)
def test_an_exponential_backoff_to_a_minute_is_pause_enough(ages: list[float], expected: str) -> None:
    told = (down(3, 3601, 2, 429, response_headers=(("Retry-After", "0"),)), called("transient_error", 3602))
    busy = [down(10 + n, 4000 + age, 2, 429) for n, age in enumerate(ages)]
    calls = [called("transient_error", 7900 + n) for n in range(6)]
    for requirement in ("failure-retry-after", "failure-no-loop"):
        assert judged(requirement, *told, redemption(9), *busy, *calls).outcome == expected


@pytest.mark.parametrize(
    ("most", "kind"), [(60, down), (2, refused), (5, lambda n, at: refused(n, at, error="invalid_request", cause=None))]
)
def test_the_number_of_requests_in_an_hour_is_bounded(most: int, kind: Any) -> None:
    calls = [called("transient_error", 7300 + n) for n in range(6)]
    for times, expected in ((most, "satisfied"), (most + 1, "violated")):
        requests = [kind(3 + n, 3601 + 50 * n) for n in range(times)]
        assert judged("failure-no-loop", *requests, *calls).outcome == expected
    spread = [kind(3 + n, 3601 + 3600 / most * n) for n in range(most + 1)]
    assert judged("failure-no-loop", *spread, *calls).outcome == "satisfied"


@pytest.mark.parametrize(
    ("kind", "presented", "expected"),
    [
        ("transient_error", "RT1", "satisfied"),
        ("crash", "RT1", "violated"),
        (ASKED, "RT1", "violated"),
        ("transient_error", "RT2", "violated"),
    ],
)
def test_an_answer_that_is_none_changes_nothing(kind: Any, presented: str, expected: str) -> None:
    page = renewal(3, at=3601, step=2, members={}, response_body="<html>", committed=False)
    good = renewal(4, at=3700, step=2, presented=presented)
    assert judged("failure-not-json", page, called(kind, 3601, 3), good, called("ok", 3700, 4)).outcome == expected


def test_after_an_answer_that_is_none_work_goes_on() -> None:
    page = renewal(3, at=3601, step=2, members={}, response_body="<html>", committed=False)
    assert judged("failure-not-json", page, called("transient_error", 3700, 3)).outcome == "violated"


@pytest.mark.parametrize(
    ("times", "during", "after", "expected"),
    [
        (60, "permanent_error", "ok", "satisfied"),
        (61, "permanent_error", "ok", "violated"),
        (1, ASKED, "ok", "violated"),
        (1, "permanent_error", "permanent_error", "violated"),
    ],
)
def test_a_refused_client_keeps_its_grants(times: int, during: Any, after: Any, expected: str) -> None:
    wrong = {"cause": Cause.WRONG_SECRET, "status": 401}
    refusals = [refused(3 + n, 3602 + 100 * n, 3, "invalid_client", **wrong) for n in range(times)]
    told = [called(during, 3602 + 100 * n, 3 + n, 3) for n in range(times)]
    records = (action("change_secret", 3601), *refusals, *told, action("restore_secret", 10_801, 4))
    assert judged("failure-invalid-client-is-config", *records, called(after, 10_900, step=5)).outcome == expected


@pytest.mark.parametrize(
    ("waited", "kind", "expected"), [(121, "ok", "satisfied"), (122, "ok", "violated"), (30, "crash", "violated")]
)
def test_a_token_request_is_given_up_after_two_minutes(waited: float, kind: Any, expected: str) -> None:
    lost = renewal(
        3, at=3601, step=2, finished_at=START + seconds(3601 + waited), delivered=False, trouble="timeout", status=None,
        members={},
    )  # fmt: skip
    assert judged("failure-total-deadline", lost, called(kind, 3601, 3)).outcome == expected


def test_an_error_page_of_another_endpoint_says_nothing() -> None:
    page = exchange(3, None, "https://auth.example.com/", status=404, step=2)
    assert judged("failure-transient-keeps-grant", page).outcome == "not_exercised"


@pytest.mark.parametrize(("node", "expected"), [(1, "violated"), (2, "satisfied")])
def test_a_process_waits_for_what_it_was_told_itself(node: int, expected: str) -> None:
    told = down(3, 3601, 2, 429, response_headers=(("Retry-After", "120"),))
    again = renewal(4, at=3602, step=2, node=node)
    assert judged("failure-retry-after", told, again, called("ok", 5000)).outcome == expected


@pytest.mark.parametrize(
    ("header", "later", "expected"),
    [
        ("86401", 2 * DAY, "violated"),
        ("Tue, 19 Mar 2030 18:48:41 GMT", 2 * DAY, "violated"),
        ("30", 3630, "satisfied"),
        ("30", 3631, "violated"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 3720, "satisfied"),
        ("Sun, 17 Mar 2030 18:48:41 GMT", 3721, "violated"),
        ("soon", 2 * DAY, "satisfied"),
    ],
)
def test_a_wait_is_over_an_hour_after_what_was_asked_for_and_an_hour_after_a_day(
    header: str, later: int, expected: str
) -> None:
    told = down(3, 3601, 2, 429, response_headers=(("Retry-After", header),))
    records = (told, called("transient_error", 3601, 3), called("transient_error", 3601 + later))
    assert judged("failure-retry-after", *records).outcome == expected


def test_a_call_that_the_resource_fails_tells_nothing_of_a_wait() -> None:
    told = down(3, 3601, 2, 429, response_headers=(("Retry-After", "30"),))
    broken = use(4, at=90_000, step=3, presented="AT1", status=500, members={})
    story = (told, called("transient_error", 3601, 3), broken, called("transient_error", 90_000, 4))
    assert judged("failure-retry-after", *story).outcome == "satisfied"


def test_a_refused_client_is_no_failing_grant() -> None:
    ours = [refused(n, 3601 + (WEEK + 9) * n, error="invalid_client", status=401, cause=None) for n in (3, 4, 5)]
    assert judged("failure-unrecoverable-after", *ours).outcome == "not_exercised"
    assert judged("failure-unrecoverable-after", down(3, 3601), *ours[1:]).outcome != "violated"


def test_the_refusal_that_was_one_too_many_is_counted_in_words() -> None:
    refusals = [refused(n, 3601 + 400 * n, error="invalid_request", cause=None) for n in range(3, 12)]
    told = [called("transient_error", 3601 + 400 * n, n) for n in range(3, 12)]
    story = (action("revoke", 3600, 1), *(one for pair in zip(refusals, told, strict=True) for one in pair))
    assert "for the 5th time" in judged("failure-vendor-forms", *story).why


def test_a_refusal_that_a_gateway_kept_back_is_no_refusal_to_the_client() -> None:
    gateway = down(3, 3601, 2, 502, cause=Cause.REFRESH_TOKEN_REVOKED)
    replay = (refused(4, 3601), outcome("call", ASKED, at=3601, step=2, begun=2, ended=4))
    assert judged("failure-terminal-stops", gateway, *replay, called(ASKED, 3700)).outcome == "satisfied"


@pytest.mark.parametrize(("kind", "expected"), [(ASKED, "satisfied"), ("crash", "satisfied")])
def test_a_page_before_a_refusal_is_not_what_the_user_was_asked_for_nor_what_the_client_crashed_over(
    kind: Any, expected: str
) -> None:
    page = renewal(3, at=3601, step=2, members={}, response_body="<html>", committed=False)
    story = (page, refused(4, 3601), outcome("call", kind, at=3601, step=2, begun=2, ended=4), called(ASKED, 3700))
    assert judged("failure-not-json", *story).outcome == expected


def test_an_answer_that_is_none_is_followed_by_the_newest_refresh_token_whoever_brought_it() -> None:
    page = renewal(3, at=3601, step=2, members={}, response_body="<html>", committed=False)
    other = renewal(4, at=3602, step=2, members={"access_token": "AT2", "refresh_token": "RT2"})
    later = (renewal(5, at=7300, step=3, presented="RT2"), called("ok", 7300, 5, 3))
    assert judged("failure-not-json", page, other, *later).outcome == "satisfied"


def test_who_tells_callers_that_it_waits_is_accused_of_nothing() -> None:
    assert satisfied("failure-pause-is-told")
    assert satisfied("failure-pause-is-told", EngineSubject)
    assert caught("failure-pause-is-told")


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        ("HTTP Error: 503", "HTTP Error: 503", "violated"),
        ("503 Service Unavailable", "503 Service Unavailable", "violated"),
        ("HTTP Error: 503", "Waiting after a failure.", "satisfied"),
        ("HTTP Error: 503, asking again at 11:40:05", "HTTP Error: 503, asking again at 11:40:05", "satisfied"),
        ("HTTPError", "HTTPError", "satisfied"),
        ("HTTP Error: 502", "HTTP Error: 502", "satisfied"),
        (None, None, "satisfied"),
    ],
)
def test_who_has_no_words_but_those_of_an_outage_does_not_tell_of_a_pause(
    first: str | None, later: str | None, expected: str
) -> None:
    made = outcome("call", "transient_error", at=3601, step=2, detail=first, begun=2, ended=3)
    waiting = outcome("call", "transient_error", at=3604, step=3, detail=later, begun=3, ended=3)
    verdict = judged("failure-outage-pause-is-told", down(3, 3601), made, waiting)
    assert verdict.outcome == expected
    if expected == "violated":
        assert verdict.why == (
            f"3 s after the provider had answered with status 503 a call ended with the same words, {later!r}, and "
            "nothing was sent."
        )


@pytest.mark.parametrize(("sent", "expected"), [(3603, "satisfied"), (3605, "violated")])
@pytest.mark.parametrize("error", [None, "server_error"])
def test_who_waits_for_what_another_caller_asks_tells_how_that_ended(
    error: str | None, sent: float, expected: str
) -> None:
    """Another caller's refresh is under way while an operation is, or is sent afterwards."""
    requirement = "failure-pause-is-told" if error else "failure-outage-pause-is-told"
    kind: Any = "permanent_error" if error else "transient_error"
    answer: dict[str, Any] = {"members": {"error": error}} if error else {}
    said: dict[str, Any] = {"error": error, "detail": None if error else "status 503"}
    first = outcome("call", kind, at=3601, step=2, begun=2, ended=3, **said)
    waited = outcome("call", kind, at=3604, step=3, begun=3, ended=3, **said)
    waited = replace(waited, began_at=START + seconds(3602))
    other = down(4, sent, 3, actor="other", **answer)
    assert judged(requirement, down(3, 3601, **answer), first, other, waited).outcome == expected


@pytest.mark.parametrize(("again", "expected"), [(None, "violated"), (3650, "satisfied")])
def test_what_was_said_before_a_success_is_not_what_is_told_after_it(again: float | None, expected: str) -> None:
    refusal = refused(3, 3601, error="invalid_scope", cause=Cause.INVALID_SCOPE)
    success = (renewal(4, at=again, step=3), called("ok", again, 4, 3)) if again else ()
    told = outcome("call", "permanent_error", at=3700, step=4, error="invalid_scope")
    assert judged("failure-pause-is-told", refusal, called(ASKED, 3601, 3), *success, told).outcome == expected
