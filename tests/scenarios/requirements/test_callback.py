"""What callbacks are judged by, on both sides of every boundary."""

import pytest

from kit.journal import callback, journal, login, outcome, redemption, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.flows import FlowLimits
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.authorization.callback import FORGED, WRONG_ISS
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize, Reload, Tamper
from refreshproof.scenarios.steps.subject import OutcomeKind

LIMITED = ("callback-on-time-accepted", "callback-late-refused")
IDS = [one for one in CATALOGUE if one.startswith("callback-") and "right-issuer" not in one]


def judged(requirement: str, journal: Journal) -> str:
    return verdict_on(requirement, journal).outcome


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement, FlowLimits if requirement in LIMITED else TinyClient)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_a_plain_login_exercises_none_of_them(requirement: str) -> None:
    story = journal(login(), callback(), redemption(), outcome("callback"))
    assert judged(requirement, story) == "not_exercised"


@pytest.mark.parametrize("tamper", FORGED[:3])
def test_a_forged_callback_that_leads_to_a_token_request_is_a_fault(tamper: Tamper) -> None:
    forged = callback(tamper=tamper, changed=True)
    refused = journal(login(), forged, outcome("callback", "permanent_error"))
    assert judged("callback-state-checked", refused) == "satisfied"
    assert judged("callback-state-checked", journal(login(), forged, redemption())) == "violated"


@pytest.mark.parametrize(
    ("cause", "expected"),
    [(Cause.UNEXPECTED_VERIFIER, "alternative"), (Cause.WRONG_VERIFIER, "alternative"), (None, "violated")],
)
def test_without_state_a_foreign_code_may_be_refused_for_its_verifier(cause: Cause | None, expected: str) -> None:
    forged = callback(tamper="state_of_other_user", changed=True)
    story = journal(login(state=None), forged, redemption(cause=cause))
    assert judged("callback-state-checked", story) == expected


def test_forged_callbacks_that_end_the_login_are_safe_and_not_the_best() -> None:
    genuine = callback(tamper="forged_first")
    forged = callback(tamper="forged_first", changed=True)
    assert judged("callback-state-checked", journal(login(), forged, genuine, redemption())) == "satisfied"
    assert judged("callback-state-checked", journal(login(), forged, genuine)) == "alternative"


def test_a_code_is_redeemed_by_one_of_its_callbacks_only() -> None:
    first = (login(), callback(), redemption(), outcome("callback"))
    again = callback(tamper="reload")
    refused = outcome("callback", "permanent_error")
    assert judged("callback-single-use", journal(*first, again, refused)) == "satisfied"
    assert judged("callback-single-use", journal(*first, again, redemption(3), refused)) == "violated"


def test_a_second_try_within_one_callback_is_another_requirement_s_business() -> None:
    story = journal(login(), callback(), redemption(), redemption(3), outcome("callback"), callback(tamper="reload"))
    assert judged("callback-single-use", story) == "satisfied"


@pytest.mark.parametrize(
    ("kind", "error", "detail", "expected"),
    [
        ("permanent_error", "server_error", None, "satisfied"),
        ("permanent_error", None, "The provider said server_error.", "satisfied"),
        ("permanent_error", None, "It failed.", "violated"),
        ("permanent_error", "access_denied", None, "violated"),
        ("ok", "server_error", None, "violated"),
    ],
)
def test_an_error_callback_is_reported_by_its_code(
    kind: OutcomeKind, error: str | None, detail: str | None, expected: str
) -> None:
    story = journal(login(), callback(error="server_error"), outcome("callback", kind, error=error, detail=detail))
    assert judged("callback-error-ends-flow", story) == expected


def test_no_code_is_redeemed_that_comes_with_an_error() -> None:
    told = outcome("callback", "permanent_error", error="server_error")
    story = journal(login(), callback(error="server_error", tamper="error_and_code"), redemption(), told)
    assert judged("callback-error-ends-flow", story) == "violated"


def test_a_foreign_error_needs_no_report_and_must_leave_the_login_alone() -> None:
    tamper = "error_of_other_flow_first"
    foreign = callback(tamper=tamper, changed=True, error="access_denied")
    quiet = outcome("callback", "permanent_error")
    genuine = callback(tamper=tamper)
    assert judged("callback-error-ends-flow", journal(login(), foreign, quiet, genuine, redemption())) == "satisfied"
    assert judged("callback-error-ends-flow", journal(login(), foreign, quiet, genuine, quiet)) == "violated"


def test_an_error_that_comes_again_or_under_a_wrong_iss_needs_no_report() -> None:
    told = outcome("callback", "permanent_error", error="access_denied")
    again = callback(error="access_denied", tamper="twice")
    spent = outcome("callback", "permanent_error")
    first = (login(), again, told)
    assert judged("callback-error-ends-flow", journal(*first, again, spent)) == "satisfied"
    assert judged("callback-error-ends-flow", journal(login(), again, spent, again, spent)) == "violated"
    foreign = callback(error="access_denied", tamper="iss_wrong", changed=True)
    assert judged("callback-error-ends-flow", journal(login(), foreign, spent)) == "satisfied"


@pytest.mark.parametrize("tamper", WRONG_ISS)
def test_a_wrong_iss_leads_to_no_token_request(tamper: Tamper) -> None:
    wrong = callback(tamper=tamper, changed=True)
    assert judged("callback-iss-checked", journal(login(), wrong, outcome("callback"))) == "satisfied"
    assert judged("callback-iss-checked", journal(login(), wrong, redemption())) == "violated"


@pytest.mark.parametrize(
    ("seconds", "redeemed", "on_time", "late"),
    [
        (119, True, "satisfied", "not_exercised"),
        (120, True, "satisfied", "not_exercised"),
        (120, False, "violated", "not_exercised"),
        (121, False, "not_exercised", "satisfied"),
        (121, True, "not_exercised", "violated"),
    ],
)
def test_the_server_delay_is_the_boundary(seconds: int, redeemed: bool, on_time: str, late: str) -> None:
    sent = [redemption(at=seconds)] if redeemed else []
    told = outcome("callback", "ok" if redeemed else "permanent_error", detail=None if redeemed else "Too late.")
    story = journal(login(), callback(at=seconds), *sent, told)
    assert judged("callback-on-time-accepted", story) == on_time
    assert judged("callback-late-refused", story) == late


def test_a_late_callback_is_refused_with_a_reason() -> None:
    story = journal(login(), callback(at=121), outcome("callback", "permanent_error"))
    assert judged("callback-late-refused", story) == "violated"


def story_of(*steps: Authorize | Reload) -> Journal:
    return play(VENDORS["generic"], TinyClient, Scenario(steps=steps))


@pytest.mark.parametrize(
    ("tamper", "brought"),
    [
        ("none", [False]), ("twice", [False, False]), ("state_missing", [True]), ("state_unknown", [True]),
        ("state_of_other_user", [True]), ("forged_first", [True, True, True, False]), ("iss_missing", [True]),
        ("iss_with_slash", [True]), ("iss_in_upper_case", [True]), ("iss_twice", [True]), ("iss_wrong", [True]),
        ("error_and_code", [True]), ("error_unheard_of", [True]), ("error_of_other_flow_first", [True, False]),
    ],
)  # fmt: skip
def test_each_way_to_change_a_callback_brings_what_it_says(tamper: Tamper, brought: list[bool]) -> None:
    actions = story_of(Authorize(tamper=tamper)).actions("callback")
    assert [action.about["changed"] for action in actions] == brought


def test_a_foreign_callback_carries_a_foreign_code() -> None:
    actions = story_of(Authorize(tamper="forged_first")).actions("callback")
    assert [action.about["code"] for action in actions] == ["CODE1", "CODE1", "CODE2", "CODE1"]


def test_a_reload_brings_the_last_callback_again() -> None:
    actions = story_of(Authorize(), Reload()).actions("callback")
    assert [(action.about["tamper"], action.about["code"]) for action in actions] == [
        ("none", "CODE1"), ("reload", "CODE1"),
    ]  # fmt: skip
    assert story_of(Reload()).actions("callback") == []
