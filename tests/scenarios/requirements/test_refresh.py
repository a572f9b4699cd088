"""What refreshing is judged by, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import callback, exchange, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.proofs import Proves
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Record, StepRecord, UserAction
from refreshproof.scenarios.requirements import CATALOGUE

IDS = [one for one in CATALOGUE if one.startswith("refresh-")]
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
ELSEWHERE = (("resource", "https://elsewhere.example"),)
SHAPE = "refresh-request-shape"
SURVIVES = "refresh-valid-token-survives"
KEY, NONCE = PROOFS = "refresh-proof-key-kept", "refresh-proof-newest-nonce"


def judged(requirement: str, *records: Record | list[Record], vendor: str = "generic") -> str:
    return verdict_on(requirement, journal(*records), vendor).outcome


def shaped(scope: str | None = None, refresh_token: str = "RT1", number: int = 3, **changes: Any) -> Record:
    pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)]
    pairs += [("scope", scope)] if scope is not None else []
    return renewal(number, **({"at": 3601, "parameters": tuple(pairs), "request_headers": FORM} | changes))


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement, Proves if requirement in PROOFS else TinyClient)


def proving(key: str | None, number: int = 3, **changes: Any) -> Record:
    headers = () if key is None else (("DPoP", key),)
    return renewal(number, **({"at": 3600 * number, "step": number, "request_headers": headers} | changes))


def asked_for_nonce(number: int = 3, **changes: Any) -> Record:
    told = {"status": 400, "committed": False, "cause": Cause.MISSING_NONCE, "members": {"error": "use_dpop_nonce"}}
    return proving("mine", number, response_headers=(("DPoP-Nonce", "n1"),), **(told | changes))


RESTART = StepRecord(number=2, at=START, step={"step": "restart"})


@pytest.mark.parametrize(
    ("login_key", "shown", "restart", "expected"),
    [
        ("mine", "mine", True, "satisfied"),
        ("mine", "other", True, "violated"),
        ("mine", None, True, "violated"),
        ("mine", "mine", False, "not_exercised"),
        (None, "mine", True, "not_exercised"),
        (None, None, True, "not_exercised"),
    ],
)
def test_the_key_of_the_login_is_that_of_its_refreshes(
    login_key: str | None, shown: str | None, restart: bool, expected: str
) -> None:
    headers: dict[str, Any] = {"request_headers": () if login_key is None else (("DPoP", login_key),)}
    story = [login(), callback(), redemption(**headers), *([RESTART] if restart else []), proving(shown)]
    assert judged(KEY, *story) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((asked_for_nonce(3), proving("mine", 4, step=3)), "satisfied"),
        ((asked_for_nonce(3), asked_for_nonce(4, step=3)), "violated"),
        ((asked_for_nonce(3),), "violated"),
        ((asked_for_nonce(3), proving("mine", 4, step=4)), "violated"),
        ((proving("mine", 3),), "not_exercised"),
    ],
    ids=["again-with-it", "again-without-it", "not-again", "only-at-the-next-call", "never-asked"],
)
def test_a_nonce_that_was_told_is_brought_at_once(answers: tuple[Record, ...], expected: str) -> None:
    assert judged(NONCE, login(), callback(), redemption(), *answers) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cause": Cause.INVALID_TARGET, "parameters": ELSEWHERE, "committed": False}, "violated"),
        ({"cause": Cause.INVALID_TARGET, "committed": False}, "not_exercised"),
        ({"cause": Cause.REDIRECT_URI_MISMATCH, "committed": False}, "violated"),
        ({"cause": Cause.MISSING_PARAMETER, "committed": False, "presented": None}, "not_exercised"),
        ({"cause": Cause.REFRESH_TOKEN_REVOKED, "committed": False}, "not_exercised"),
        ({}, "not_exercised"),
        ({"parameters": (("refresh_token", "RT1"), ("scope", "read"))}, "satisfied"),
    ],
    ids=["other-resource", "no-resource", "redirect-uri", "no-token", "dead", "nothing-wanted", "repeated"],
)
def test_a_refresh_is_blamed_for_what_it_was_refused_for(changes: dict[str, Any], expected: str) -> None:
    story = (login(resource="https://api.example.com"), callback(), redemption(), renewal(3, **changes))
    assert judged("refresh-repeats-login", *story, vendor="atlassian-dc") == expected


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nobody_logs_in() -> None:
    assert {judged(one) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "satisfied"),
        ({"method": "GET"}, "violated"),
        ({"refresh_token": ""}, "violated"),
        ({"refresh_token": " "}, "violated"),
        ({"client_authentication": ()}, "violated"),
        ({"request_headers": (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),)}, "satisfied"),
        ({"request_headers": (("Content-Type", "application/json"),)}, "violated"),
        ({"request_headers": (("Content-Type", "text/plain"),)}, "violated"),
        ({"request_headers": ()}, "violated"),
        ({"grant_type": None, "cause": Cause.MISSING_PARAMETER}, "violated"),
    ],
)
def test_a_refresh_is_a_complete_post(changes: dict[str, Any], expected: str) -> None:
    assert judged(SHAPE, redemption(), shaped(**changes)) == expected


def test_a_public_client_names_itself() -> None:
    named = (("grant_type", "refresh_token"), ("refresh_token", "RT1"), ("client_id", "app"))
    assert judged(SHAPE, redemption(), shaped(client_authentication=(), parameters=named)) == "satisfied"


@pytest.mark.parametrize(("vendor", "expected"), [("atlassian", "satisfied"), ("generic", "violated")])
def test_json_is_a_body_where_the_vendor_takes_it(vendor: str, expected: str) -> None:
    as_json = shaped(request_headers=(("Content-Type", "application/json"),))
    assert judged(SHAPE, redemption(), as_json, vendor=vendor) == expected


@pytest.mark.parametrize(
    ("granted", "asked", "expected"),
    [
        ("a b", None, "satisfied"),
        ("a b", "a", "satisfied"),
        ("a b", "b a", "satisfied"),
        ("a b", "a b c", "violated"),
        (None, "a b c", "satisfied"),
        (None, "a b c d", "violated"),
    ],
)
def test_scope_is_left_out_or_within_what_was_granted(granted: str | None, asked: str | None, expected: str) -> None:
    """Where the answer told none, what was asked for at the login was granted (RFC 6749 s5.1)."""
    members = {"access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600, "scope": granted}
    records = (login(scope="a b c"), callback(), redemption(2, members=members), shaped(scope=asked))
    assert judged(SHAPE, *records) == expected


def test_a_later_answer_with_a_narrower_scope_takes_nothing_of_the_consent_away() -> None:
    """RFC 6749 s6 forbids only what was not originally granted."""
    members = {"access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600, "scope": "a b c"}
    narrowed = renewal(3, request_headers=FORM, members={"access_token": "AT2", "scope": "a"})
    again = (login(scope="a b c"), redemption(2, members=members), narrowed)
    assert judged(SHAPE, *again, shaped(scope="a", number=4)) == "satisfied"
    assert judged(SHAPE, *again, shaped(scope="a b c", number=4)) == "satisfied"
    assert judged(SHAPE, *again, shaped(scope="a d", number=4)) == "violated"


def test_a_new_consent_takes_the_place_of_the_one_before() -> None:
    members = {"access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600}
    first, second = (redemption(number, members=members) for number in (2, 4))
    logins = (login(scope="a b"), first, login(3, scope="c"), second)
    assert judged(SHAPE, *logins, shaped(scope="c", number=5)) == "satisfied"
    assert judged(SHAPE, *logins, shaped(scope="a", number=5)) == "violated"


def test_a_login_without_refresh_token_leaves_the_consent_of_the_one_that_is_used() -> None:
    members = {"access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600}
    bare = redemption(4, members={"access_token": "AT2"})
    logins = (login(scope="a b"), redemption(2, members=members), login(3, scope="c"), bare)
    assert judged(SHAPE, *logins, shaped(scope="a b", number=5)) == "satisfied"


def bridged(*kinds: str, refused: bool = False, revoked: bool = False) -> str:
    """Judge calls after the ends of successive lifetimes; each refresh is answered unless it is refused."""
    records: list[Record] = [redemption()]
    records += [UserAction(step=1, at=START, what="revoke", about={"account": "alice"})] if revoked else []
    for index, kind in enumerate(kinds):
        age, cause = 3601 * (index + 1), Cause.REFRESH_TOKEN_REVOKED if refused else None
        members = {"access_token": f"AT{index + 2}", "expires_in": 3600}
        if kind == "ok" or refused:
            records.append(renewal(3 + index, at=age, cause=cause, members={} if refused else members))
        records.append(outcome("call", kind, at=age))  # type: ignore[arg-type]
    return judged("refresh-without-user", *records)


def test_expiry_is_bridged_without_the_user() -> None:
    assert bridged("ok", "ok") == "satisfied"
    assert bridged("ok") == "not_exercised"
    assert bridged("ok", "reauthorization_required") == "violated"


def test_the_user_may_be_asked_once_the_provider_has_refused() -> None:
    assert bridged("reauthorization_required", refused=True) != "violated"
    assert bridged("reauthorization_required", revoked=True) != "violated"


def test_a_client_without_refresh_token_may_ask_at_expiry() -> None:
    lone = redemption(members={"access_token": "AT1", "expires_in": 3600})
    asked = outcome("call", "reauthorization_required", at=3601)
    assert judged("refresh-without-user", lone, asked) == "not_exercised"


@pytest.mark.parametrize(
    ("age", "lifetime", "expected"),
    [(1799, 3600, "violated"), (1800, 3600, "satisfied"), (299, 600, "violated"), (299, 599, "satisfied")],
)
def test_no_refresh_in_the_first_half_of_a_lifetime(age: float, lifetime: int, expected: str) -> None:
    """Short lifetimes are another requirement's matter: a lead may cover half of them."""
    members = {"access_token": "AT1", "refresh_token": "RT1", "expires_in": lifetime}
    assert judged("refresh-only-when-due", redemption(members=members), renewal(3, at=age)) == expected


def test_a_refresh_that_was_asked_for_or_follows_a_refusal_is_not_early() -> None:
    told = StepRecord(number=2, at=START, step={"step": "refresh"})
    assert judged("refresh-only-when-due", redemption(), told, renewal(3, at=1, step=2)) == "satisfied"
    refused = use(3, at=1, status=401)
    assert judged("refresh-only-when-due", redemption(), refused, renewal(4, at=1)) == "satisfied"
    assert judged("refresh-only-when-due", redemption(), use(3, at=1), renewal(4, at=1)) == "violated"


def test_age_counts_by_the_client_s_clock() -> None:
    fast = renewal(3, at=1, client_sent_at=START + seconds(1801))
    assert judged("refresh-only-when-due", redemption(), fast) == "satisfied"


LONE = redemption(members={"access_token": "AT1", "expires_in": 3600})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("reauthorization_required", "satisfied"),
        ("permanent_error", "alternative"),
        ("transient_error", "violated"),
        ("crash", "violated"),
    ],
)
def test_without_refresh_token_the_user_is_asked_at_expiry(kind: Any, expected: str) -> None:
    assert judged("refresh-never-empty", LONE, outcome("call", kind, at=3600)) == expected
    assert judged("refresh-never-empty", LONE, outcome("call", kind, at=3599)) == "not_exercised"


def test_where_no_request_was_sent_none_is_called_malformed() -> None:
    rule = CATALOGUE["refresh-never-empty"]
    verdict = verdict_on(rule.id, journal(login(), LONE, outcome("call", "crash", at=3600)))
    assert rule.anomaly_of(verdict) == "A14"
    assert rule.anomaly_of(verdict_on(rule.id, journal(login(), LONE, renewal(3, at=3600)))) == "A15"


def test_without_refresh_token_no_refresh_is_sent() -> None:
    asked = outcome("call", "reauthorization_required", at=3600)
    assert judged("refresh-never-empty", LONE, renewal(3, at=3600), asked) == "violated"
    empty = shaped(refresh_token="")
    assert judged("refresh-never-empty", redemption(), empty, asked) == "violated"
    assert judged("refresh-never-empty", redemption(), shaped(), asked) == "not_exercised"


def failing(*ages: float) -> list[Record]:
    """Write down refreshes that failed with 503."""
    return [renewal(3 + index, at=age, status=503, members={}) for index, age in enumerate(ages)]


@pytest.mark.parametrize(
    ("kind", "at", "expected"),
    [
        ("ok", 3599, "satisfied"),
        ("transient_error", 3599, "violated"),
        ("reauthorization_required", 3599, "violated"),
        ("transient_error", 3600, "not_exercised"),
    ],
)
def test_a_valid_token_is_used_while_refreshing_fails(kind: Any, at: float, expected: str) -> None:
    assert judged(SURVIVES, redemption(), *failing(3500), outcome("call", kind, at=at)) == expected


@pytest.mark.parametrize(
    ("pauses", "expected"), [((1, 2, 4, 8, 16, 32, 35), "satisfied"), ((1,) * 7, "violated"), ((14,) * 7, "violated")]
)
def test_attempts_that_grow_rare_are_no_loop(pauses: tuple[int, ...], expected: str) -> None:
    ages = [3490 + sum(pauses[:n]) for n in range(len(pauses) + 1)]
    assert judged(SURVIVES, redemption(), *failing(*ages), outcome("call", at=3599)) == expected


def test_what_the_resource_refuses_is_not_the_refresh_s_fault() -> None:
    failed = outcome("call", "transient_error", at=3599, begun=3, ended=4)
    assert judged(SURVIVES, redemption(), *failing(3500), use(4, at=3599, status=503), failed) == "satisfied"
    assert judged(SURVIVES, redemption(), *failing(3500), use(4, at=3599), failed) == "violated"


def test_after_a_refusal_of_the_grant_calls_may_fail() -> None:
    dead = renewal(3, at=3500, status=400, members={}, cause=Cause.REFRESH_TOKEN_REVOKED)
    asked = outcome("call", "reauthorization_required", at=3599)
    assert judged(SURVIVES, redemption(), dead, asked) == "not_exercised"


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        (range(3500, 3506), "satisfied"),
        (range(3500, 3507), "violated"),
        (range(3300, 3600, 30), "satisfied"),
        (range(3300, 3600, 25), "violated"),
    ],
)
def test_a_failing_refresh_is_repeated_after_pauses(ages: range, expected: str) -> None:
    """Six in a short time, one in 30 s over a longer one."""
    assert judged(SURVIVES, redemption(), *failing(*ages), outcome("call", at=3599)) == expected


def test_a_request_to_the_token_endpoint_without_any_shape_is_a_fault() -> None:
    stray = exchange(3, "token", "https://auth.example.com/token", method="GET", cause=Cause.METHOD_NOT_ALLOWED)
    assert judged(SHAPE, redemption(), stray) == "violated"
