"""What is judged of results and messages, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import callback, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, outcomes, satisfied
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.able import MinimumLifetime
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.authorization.diagnosis import LOGGED, TOO_SHORT
from refreshproof.scenarios.steps.subject import OutcomeKind

MESSAGE = "diagnosis-short-lifetime-message"
IDS = [one for one in CATALOGUE if one.startswith("diagnosis-")]


def judged(requirement: str, journal: Journal) -> str:
    return verdict_on(requirement, journal).outcome


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement, MinimumLifetime if requirement == MESSAGE else TinyClient)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_the_message_is_asked_only_of_a_client_that_claims_the_rule() -> None:
    assert set(outcomes(MESSAGE).values()) == {"unsupported"}


@pytest.mark.parametrize("requirement", IDS)
def test_a_login_and_a_call_that_go_well_exercise_none_of_them(requirement: str) -> None:
    story = journal(login(), callback(), redemption(), outcome("callback"), use(), outcome("call"))
    assert judged(requirement, story) == "not_exercised"


def bare(kind: OutcomeKind = "permanent_error", lifetime: object = 3600, **said: Any) -> Journal:
    brought = redemption(members={"access_token": "AT1", "expires_in": lifetime})
    return journal(login(), callback(), brought, outcome("callback", kind, **said))


def test_the_sentence_is_the_seed_s_word_for_word() -> None:
    assert LOGGED == (
        "Error occurred while authorizing an integration. The error message is: Refresh token is not present and "
        "access token lifetime is too short."
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"detail": TOO_SHORT, "log": (LOGGED,)}, "satisfied"),
        ({"detail": f"{TOO_SHORT} Add offline_access.", "log": ("other", LOGGED)}, "satisfied"),
        ({"detail": LOGGED}, "satisfied"),
        ({"detail": TOO_SHORT}, "violated"),
        ({"detail": TOO_SHORT, "log": (LOGGED.rstrip("."),)}, "violated"),
        ({"detail": TOO_SHORT.lower(), "log": (LOGGED,)}, "violated"),
        ({"log": (LOGGED,)}, "violated"),
        ({"kind": "ok", "detail": TOO_SHORT, "log": (LOGGED,)}, "violated"),
    ],
)
def test_log_and_result_carry_the_sentence(said: dict[str, Any], expected: str) -> None:
    assert judged(MESSAGE, bare(**said)) == expected


@pytest.mark.parametrize(
    ("lifetime", "expected"),
    [(2_591_999, "violated"), ("2591999", "violated"), (2_592_000, "not_exercised")],
)
def test_thirty_days_are_the_boundary(lifetime: object, expected: str) -> None:
    assert judged(MESSAGE, bare("ok", lifetime)) == expected


@pytest.mark.parametrize(
    ("kind", "refreshable", "expected"),
    [
        ("ok", False, "satisfied"),
        ("permanent_error", None, "satisfied"),
        ("ok", True, "violated"),
        ("ok", None, "not_exercised"),
    ],
)
def test_a_login_without_refresh_token_is_not_called_refreshable(
    kind: OutcomeKind, refreshable: bool | None, expected: str
) -> None:
    assert judged("diagnosis-missing-rt-advice", bare(kind, refreshable=refreshable)) == expected


def test_a_later_login_without_refresh_token_may_keep_the_earlier_one() -> None:
    second = (
        login(3, step=2), callback(step=2, code="CODE3"),
        redemption(4, step=2, presented="CODE3", members={"access_token": "AT2"}),
        outcome("callback", step=2, refreshable=True),
    )  # fmt: skip
    story = journal(login(), callback(), redemption(), outcome("callback"), *second)
    assert judged("diagnosis-missing-rt-advice", story) == "not_exercised"


LOST: dict[str, Any] = {"delivered": False, "status": None}
DEAD: dict[str, Any] = {"status": 400, "cause": Cause.REFRESH_TOKEN_REVOKED, "members": {"error": "invalid_grant"}}
NO_CLIENT: dict[str, Any] = {"status": 401, "committed": False, "members": {"error": "invalid_client"}}


@pytest.mark.parametrize(
    ("last", "kind", "said", "expected"),
    [
        (renewal(**DEAD), "reauthorization_required", {"error": "invalid_grant"}, "satisfied"),
        (renewal(**DEAD), "transient_error", {"error": "invalid_grant"}, "violated"),
        (renewal(**DEAD), "reauthorization_required", {}, "violated"),
        (renewal(**NO_CLIENT), "permanent_error", {"error": "invalid_client"}, "satisfied"),
        (renewal(**NO_CLIENT), "reauthorization_required", {"error": "invalid_client"}, "violated"),
        (renewal(status=503, members={}), "transient_error", {"status": 503}, "satisfied"),
        (renewal(status=503, members={}), "permanent_error", {"status": 503}, "violated"),
        (renewal(status=503, members={}), "transient_error", {"detail": "status 503"}, "satisfied"),
        (renewal(status=503, members={}), "transient_error", {}, "violated"),
        (renewal(status=200, members={}), "transient_error", {}, "satisfied"),
        (renewal(**LOST, trouble="refused"), "transient_error", {}, "satisfied"),
        (renewal(**LOST, trouble="refused"), "reauthorization_required", {}, "violated"),
        (renewal(**LOST, trouble="reset"), "reauthorization_required", {}, "not_exercised"),
        (renewal(**LOST, trouble="reset"), "transient_error", {}, "satisfied"),
        (use(status=403), "permanent_error", {"status": 403}, "satisfied"),
        (use(status=403), "reauthorization_required", {"status": 403}, "violated"),
        (use(status=429), "transient_error", {"status": 429}, "satisfied"),
        (use(status=401), "permanent_error", {"status": 401}, "not_exercised"),
    ],
)
def test_the_cause_of_a_failure_is_told(last: Any, kind: OutcomeKind, said: dict[str, Any], expected: str) -> None:
    committed = {"committed": last.trouble == "reset"} if last.trouble else {}
    story = journal(redemption(), type(last)(**{**vars_of(last), **committed}), outcome("call", kind, **said))
    assert judged("diagnosis-outcome-classes", story) == expected


def vars_of(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


@pytest.mark.parametrize(
    ("operation", "last", "kind", "expected"),
    [
        ("call", use(status=503), "transient_error", "satisfied"),
        ("call", use(status=503), "ok", "violated"),
        ("call", use(members={"me": 1}), "permanent_error", "violated"),
        ("call", use(response_body="<html>"), "permanent_error", "not_exercised"),
        ("call", use(), "crash", "violated"),
        ("call", renewal(status=503, members={}), "ok", "violated"),
        ("refresh", renewal(status=503, members={}), "transient_error", "satisfied"),
        ("refresh", renewal(status=503, members={}), "ok", "violated"),
        ("refresh", renewal(members={}), "ok", "violated"),
        ("refresh", renewal(), "transient_error", "violated"),
        ("callback", redemption(status=500, members={}), "ok", "violated"),
        ("callback", redemption(status=500, members={}), "permanent_error", "satisfied"),
    ],
)
def test_a_result_is_what_the_last_request_brought(operation: str, last: Any, kind: OutcomeKind, expected: str) -> None:
    assert judged("diagnosis-truthful-result", journal(last, outcome(operation, kind))) == expected


def test_a_call_without_any_request_to_the_resource_is_no_success() -> None:
    assert judged("diagnosis-truthful-result", journal(outcome("call"))) == "violated"
    assert judged("diagnosis-truthful-result", journal(outcome("call", "transient_error"))) == "not_exercised"


def test_results_are_matched_with_their_own_caller_s_requests() -> None:
    other = outcome("call", "transient_error")
    mine = type(other)(**{**vars_of(other), "actor": "actor 1", "kind": "ok"})
    story = journal(use(4, actor="actor 1"), use(5, status=503), other, mine)
    assert judged("diagnosis-truthful-result", story) == "satisfied"


@pytest.mark.parametrize(("kind", "expected"), [("bearer", "violated"), ("mac", "not_exercised")])
def test_a_refresh_that_brought_a_token_of_another_type_may_be_called_a_failure(kind: str, expected: str) -> None:
    brought = renewal(members={"access_token": "AT2", "token_type": kind})
    assert judged("diagnosis-truthful-result", journal(brought, outcome("refresh", "permanent_error"))) == expected


def test_a_redirect_of_the_token_endpoint_is_put_down_to_whatever_the_client_thinks() -> None:
    moved = renewal(status=307, members={}, committed=False)
    for kind in ("permanent_error", "transient_error"):
        story = journal(redemption(), moved, outcome("call", kind, status=307))
        assert judged("diagnosis-outcome-classes", story) == "not_exercised"
