"""What the use of access tokens around their end is judged by, on both sides of every boundary."""

from dataclasses import replace
from typing import Any

import pytest

from kit.journal import journal, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import ClockMove, Exchange, Journal, Record, StepRecord
from refreshproof.scenarios.evidence.lives import DELAY, SKEW, USUAL_DELAY
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, ClockStep, Delay, Until
from refreshproof.scenarios.steps.subject import Capability, Outcome

IDS = [one for one in CATALOGUE if one.startswith("expiry-")]
PROMISED: frozenset[Capability] = frozenset({"tolerates_a_minute"})
GENERIC = VENDORS["generic"]
LEAD_BOUNDARY = CATALOGUE["expiry-lead-boundary"]


def judged(requirement: str, *records: Record | list[Record], promised: bool = True) -> str:
    written = journal(*records)
    written.claims = PROMISED if promised else frozenset()
    return verdict_on(requirement, written).outcome


def at(offset: float, *, by: float = 0, delay: float = 0, **changes: Any) -> Record:
    """Write down that AT1, which lives from 0 to 3600, was sent so many seconds after its end.

    The client's clock has moved `by` so many seconds, and the request took `delay`.
    """
    sent = START + seconds(3600 + offset)
    arrived = sent + seconds(delay)
    late = offset + delay >= 0
    plain: dict[str, Any] = {
        "sent_at": sent, "client_sent_at": sent + seconds(by), "arrived_at": arrived, "finished_at": arrived,
        "status": 401 if late else 200, "cause": Cause.ACCESS_TOKEN_EXPIRED if late else None,
    }  # fmt: skip
    return use(**({"number": 4} | plain | changes))


def refreshed(
    age: float, *, number: int = 3, by: float = 0, presented: str = "RT1", step: int = 1, **members: Any
) -> Exchange:
    """Write down a refresh so many seconds after the login, by a clock that is wrong by so many."""
    sent = START + seconds(age)
    content = {"access_token": f"AT{number}", "expires_in": 3600} | members
    return renewal(number, at=age, client_sent_at=sent + seconds(by), presented=presented, members=content, step=step)


def moved(by: float, what: str = "step") -> ClockMove:
    return ClockMove(step=1, at=START + seconds(1), what=what, value=by)


LAST = outcome("call", at=3601)


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nobody_logs_in() -> None:
    assert {judged(one) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(-61, "satisfied"), (-1, "satisfied"), (0, "violated"), (1, "violated"), (86_400, "violated")],
)
def test_a_token_is_over_from_its_last_second_on(offset: float, expected: str) -> None:
    assert judged("expiry-never-present-expired", redemption(), at(offset), LAST) == expected


@pytest.mark.parametrize(
    ("vendor", "age", "expected"),
    [
        ("django-oauth-toolkit-grace", 3590, "satisfied"),
        ("django-oauth-toolkit-grace", 3601, "violated"),
        ("better-auth-reuse-interval", 3590, "violated"),
    ],
)
def test_who_was_told_too_long_a_life_could_not_know_its_end(vendor: str, age: float, expected: str) -> None:
    """The answer that brought AT2 was lost; repeated after 20 s it told of an hour, of which 20 s had passed."""
    told = {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600}
    late = use(5, presented="AT2", at=20 + age, status=401, cause=Cause.ACCESS_TOKEN_EXPIRED)
    written = journal(
        redemption(),
        renewal(3, issued=("AT2", "RT2"), delivered=False, trouble="reset", members={}),
        renewal(4, at=20, issued=("AT2", "RT2"), members=told),
        late,
        outcome("call", at=20 + age),
    )
    assert verdict_on("expiry-never-present-expired", written, vendor).outcome == expected


def test_without_a_call_at_the_end_of_a_token_nothing_is_shown() -> None:
    early = outcome("call", at=3599)
    assert judged("expiry-never-present-expired", redemption(), at(-1), early) == "not_exercised"
    assert judged("expiry-never-present-expired", redemption(), at(-1), outcome("call", at=3600)) == "satisfied"


@pytest.mark.parametrize(
    ("skew", "delay", "promised", "unpromised"),
    [
        (SKEW, DELAY, "violated", "satisfied"),
        (-SKEW, DELAY, "violated", "satisfied"),
        (-SKEW - 1, DELAY, "satisfied", "satisfied"),
        (-SKEW, DELAY + 1, "satisfied", "satisfied"),
        (0, USUAL_DELAY, "violated", "alternative"),
        (0, USUAL_DELAY + 1, "violated", "satisfied"),
        (1, 0, "violated", "satisfied"),
        (0, 0, "violated", "alternative"),
    ],
)
def test_what_lies_outside_the_bounds_is_recorded_and_not_judged(
    skew: float, delay: float, promised: str, unpromised: str
) -> None:
    """Inside them the promise counts; without one only a right clock and usual delays do."""
    records = (redemption(), at(-delay, by=skew, delay=delay), LAST)
    assert judged("expiry-never-present-expired", *records) == promised
    assert judged("expiry-never-present-expired", *records, promised=False) == unpromised


def test_a_client_that_waits_to_be_refused_is_told_what_that_costs_and_not_that_calls_fail() -> None:
    """RFC 6750 s3.1. One that goes by lifetimes, or whose call failed for it, has missed an end."""
    never = "expiry-never-present-expired"
    mended, failed = outcome("call", at=3601, begun=3, ended=4), outcome("call", "permanent_error", begun=3, ended=4)
    told = verdict_on(never, journal(redemption(), at(1), mended, LAST))
    assert told.outcome == "alternative"
    assert "No call failed" in told.why
    assert judged(never, redemption(), at(1), failed, LAST, promised=False) == "violated"
    fresh = refreshed(3601, number=5, expires_in=3600)
    late = refreshed(3601 + 3700, number=8, presented="RT1")
    assert judged(never, redemption(), at(1), mended, fresh, late, LAST, promised=False) == "violated"


def test_what_a_waiting_client_could_not_help_is_not_its_fault() -> None:
    """A refresh that failed, a refusal that never arrived, and a retry that went wrong."""
    failed, lost = renewal(5, at=3601, status=503, members={}), at(1, delivered=False, status=None, trouble="reset")
    renewed, retried = refreshed(3601, number=5), use(6, at=3601, presented="AT5", status=503)
    call = outcome("call", "transient_error", at=3602, begun=3, ended=6)
    for records in ((at(1), failed), (lost,), (at(1), renewed, retried)):
        found = judged("expiry-never-present-expired", redemption(), *records, call, LAST, promised=False)
        assert found == "alternative"


def test_a_token_may_be_used_to_its_believed_end_where_the_refresh_has_failed() -> None:
    failed = renewal(3, at=3590, status=503, members={})
    assert judged("expiry-never-present-expired", redemption(), failed, at(1, by=-60), LAST) == "satisfied"
    assert judged("expiry-never-present-expired", redemption(), failed, at(1), LAST) == "violated"


def test_a_token_whose_lifetime_was_not_told_is_not_judged_by_it() -> None:
    silent = redemption(members={"access_token": "AT1", "refresh_token": "RT1"})
    assert judged("expiry-never-present-expired", silent, at(1), LAST) == "not_exercised"


@pytest.mark.parametrize(("age", "expected"), [(1799, "violated"), (1800, "satisfied"), (3480, "satisfied")])
def test_a_wrong_clock_leads_to_no_refresh_in_the_first_half(age: float, expected: str) -> None:
    wrong = moved(-3600, "skew")
    by = {"client_sent_at": START - seconds(3600)}
    assert judged("expiry-constant-skew", wrong, redemption(**by), refreshed(age, by=-3600), LAST) == expected


def test_what_happens_by_a_right_clock_too_is_no_matter_of_the_clock() -> None:
    wrong, by = moved(-3600, "skew"), {"client_sent_at": START - seconds(3600)}
    right = refreshed(1, number=5)
    assert judged("expiry-constant-skew", wrong, redemption(**by), refreshed(1, by=-3600), LAST) == "violated"
    assert judged("expiry-constant-skew", redemption(), right, wrong, refreshed(2, number=6, by=0), LAST) != "violated"


def test_an_expired_token_under_a_constantly_wrong_clock_is_a_fault() -> None:
    wrong, by = moved(-3600, "skew"), {"client_sent_at": START - seconds(3600)}
    assert judged("expiry-constant-skew", wrong, redemption(**by), at(1, by=-3600), LAST) == "satisfied"
    first = redemption(**by), refreshed(3500, number=3, by=-3600)
    unasked = refreshed(7090, number=8, by=-3600, presented="RT1")
    late = at(3600, by=-3600, presented="AT3", number=5)
    assert judged("expiry-constant-skew", wrong, *first, late, unasked, LAST) == "violated"
    assert judged("expiry-constant-skew", wrong, redemption(**by), at(-1, by=-3600), LAST) == "satisfied"


@pytest.mark.parametrize(
    ("by", "expected"), [(-59, "violated"), (-60, "violated"), (-61, "satisfied"), (-3600, "satisfied")]
)
def test_a_step_beyond_the_bounds_may_cost_one_refused_call(by: float, expected: str) -> None:
    assert judged("expiry-clock-step", redemption(), moved(by), at(1, by=by), LAST) == expected


def test_a_step_costs_no_second_refused_call() -> None:
    twice = (at(1, by=-3600), at(60, by=-3600, number=5))
    assert judged("expiry-clock-step", redemption(), moved(-3600), *twice, LAST) == "violated"


def test_without_a_promise_a_step_may_cost_one_refused_call_whatever_its_size() -> None:
    records = (redemption(), moved(-1), at(0, by=-1), LAST)
    assert judged("expiry-clock-step", *records, promised=False) == "satisfied"


@pytest.mark.parametrize(
    ("delay", "promised", "unpromised"),
    [
        (5, "violated", "alternative"),
        (6, "violated", "satisfied"),
        (60, "violated", "satisfied"),
        (61, "satisfied", "satisfied"),
    ],
)
def test_a_slow_request_carries_a_token_that_lives_long_enough(delay: float, promised: str, unpromised: str) -> None:
    records = (redemption(), at(-delay, delay=delay), LAST)
    assert judged("expiry-leg-delays", *records) == promised
    assert judged("expiry-leg-delays", *records, promised=False) == unpromised
    assert judged("expiry-leg-delays", redemption(), at(-delay - 1, delay=delay), LAST) == "satisfied"


@pytest.mark.parametrize(("refreshes", "expected"), [(5, "satisfied"), (6, "violated")])
def test_two_refreshes_in_a_short_lifetime_are_enough(refreshes: int, expected: str) -> None:
    """Two lifetimes of 60 s: two each and the first one."""
    first = redemption(members={"access_token": "AT1", "refresh_token": "RT1", "expires_in": 60})
    renewed = [refreshed(number, number=number, expires_in=60) for number in range(3, 3 + refreshes)]
    assert judged("expiry-lead-capped", first, *renewed, use(50, at=120)) == expected


def test_a_lead_is_not_judged_by_less_than_two_lifetimes() -> None:
    first = redemption(members={"access_token": "AT1", "refresh_token": "RT1", "expires_in": 60})
    assert judged("expiry-lead-capped", first, use(50, at=119)) == "not_exercised"
    assert judged("expiry-lead-capped", redemption(), use(50, at=7200)) == "not_exercised"


@pytest.mark.parametrize(
    ("left", "expected"), [(121, "violated"), (120.5, "violated"), (120, "satisfied"), (119, "satisfied")]
)
def test_with_more_than_the_lead_left_no_refresh_is_sent(left: float, expected: str) -> None:
    called = at(-200, number=9)
    assert judged("expiry-lead-boundary", redemption(), called, refreshed(3600 - left, number=10)) == expected


@pytest.mark.parametrize(("left", "expected"), [(121, "satisfied"), (120, "satisfied"), (119, "violated")])
def test_with_less_than_the_lead_left_no_call_goes_out_before_a_refresh(left: float, expected: str) -> None:
    """Equality is not judged."""
    called, renewed = at(-200), refreshed(3599, number=9)
    assert judged("expiry-lead-boundary", redemption(), called, at(-left, number=5), renewed) == expected


@pytest.mark.parametrize(
    ("left", "margin", "expected"), [(180, 60, "satisfied"), (181, 60, "violated"), (180, 0, "violated")]
)
def test_a_margin_that_the_caller_asks_for_makes_a_refresh_due_earlier(
    left: float, margin: float, expected: str
) -> None:
    asked = StepRecord(number=2, at=START, step={"step": "call", "margin": margin})
    records = (redemption(), asked, at(-200, number=9), refreshed(3600 - left, number=10, step=2))
    assert judged("expiry-lead-boundary", *records) == expected


@pytest.mark.parametrize("margin", [60, 86_400])
def test_a_client_that_forgets_the_margin_breaks_its_promise(margin: int) -> None:
    chosen = next(one for one in LEAD_BOUNDARY.scenarios if f"a margin of {margin} s" in one.name)
    played = play(GENERIC, ForgetsTheMargin, chosen)
    assert verdict_on(LEAD_BOUNDARY.id, played).outcome == "violated"


class ForgetsTheMargin(TinyClient):
    """Takes the caller's wish and does nothing about it."""

    def call_with_margin(self, margin: float) -> Outcome:
        """Call as ever."""
        return self.call()


@pytest.mark.parametrize(("age", "expected"), [(1799, "violated"), (1800, "satisfied")])
def test_an_answer_without_lifetime_begins_the_previous_lifetime_anew(age: float, expected: str) -> None:
    silent = renewal(3, at=3601, members={"access_token": "AT2"})
    assert judged("expiry-recomputed", redemption(), silent, refreshed(3601 + age, number=4)) == expected


@pytest.mark.parametrize(("by", "expected"), [(-60, "violated"), (60, "violated"), (-61, "satisfied")])
def test_nodes_whose_clocks_differ_within_the_bounds_present_no_expired_token(by: float, expected: str) -> None:
    assert judged("expiry-cluster-skew", redemption(), at(1, by=by, node=2), LAST) == expected
    assert judged("expiry-cluster-skew", redemption(), at(-1, by=by, node=2), LAST) == "satisfied"
    assert judged("expiry-cluster-skew", redemption(), at(1, by=by), LAST) == "not_exercised"


@pytest.mark.parametrize(
    ("age", "node", "expected"), [(1799, 2, "violated"), (1800, 2, "satisfied"), (1799, 1, "satisfied")]
)
def test_nodes_do_not_refresh_in_turns(age: float, node: int, expected: str) -> None:
    """What a node does to its own token is another requirement's matter."""
    used = at(-3600, node=2, number=3)
    renewed = refreshed(age, number=4)
    assert judged("expiry-cluster-skew", redemption(), used, replace(renewed, node=node), LAST) == expected


@pytest.mark.parametrize(
    ("offset", "token", "expected"),
    [(-1, "AT1", "not_exercised"), (0, "AT1", "violated"), (0, "AT3", "satisfied"), (900, "AT1", "violated")],
)
def test_an_operation_that_outlives_a_token_goes_on_with_another(offset: float, token: str, expected: str) -> None:
    first, renewed = at(-900, number=3), refreshed(3600 + offset - 1, number=4, access_token="AT3")
    late = use(5, at=3600 + offset, presented=token, status=401 if token == "AT1" else 200)
    whole = replace(
        outcome("pages", "permanent_error", at=3600 + offset, begun=2, ended=5), began_at=START + seconds(2700)
    )
    assert judged("expiry-mid-operation", redemption(), first, renewed, late, whole) == expected
    assert judged("expiry-mid-operation", redemption(), first, renewed, late, LAST) == "not_exercised"
    if expected == "violated":
        mended = replace(whole, kind="ok")
        assert judged("expiry-mid-operation", redemption(), first, renewed, late, mended) == "alternative"


@pytest.mark.parametrize(("skew", "delay"), [(-60, 0), (-60, 60), (60, 60), (0, 60)])
def test_a_client_with_half_the_lead_breaks_its_promise_and_no_usual_rule(skew: float, delay: float) -> None:
    """The same client is right where it promises nothing: the check depends on the promise, not on one lead."""
    last = Until(limit="access_token_expiry", offset=-delay), Call()
    slow = Delay(leg="request", seconds=delay, view="resource", times=None)
    played: Journal = play(GENERIC, HalfTheLead, flow(Call(), ClockStep(seconds=skew), slow, *last, Call()))
    promised = verdict_on("expiry-never-present-expired", played).outcome
    played.claims = frozenset()
    assert (promised == "violated") == (skew < 0 < delay)
    assert verdict_on("expiry-never-present-expired", played).outcome != "violated"


class HalfTheLead(TinyClient):
    """Refreshes one minute before the end."""

    def lead(self, grant: Grant) -> float:
        """Take a minute."""
        return min(60, (grant.lifetime or 0) / 2)
