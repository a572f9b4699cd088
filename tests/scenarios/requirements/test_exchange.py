"""What code exchanges are judged by, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import REDIRECT, callback, journal, login, outcome, redemption, renewal, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Journal, UserAction
from refreshproof.scenarios.requirements import CATALOGUE

IDS = [one for one in CATALOGUE if one.startswith("exchange-")]


def judged(requirement: str, journal: Journal, vendor: str = "generic") -> str:
    return verdict_on(requirement, journal, vendor).outcome


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_no_code_is_redeemed() -> None:
    assert {judged(one, journal(login())) for one in IDS} == {"not_exercised"}


def form(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"parameters": (("grant_type", "authorization_code"), ("code", "CODE1"), *pairs)}


@pytest.mark.parametrize(
    ("asked", "changes", "expected"),
    [
        ({}, {}, "satisfied"),
        ({}, {"method": "GET"}, "violated"),
        ({}, form(("redirect_uri", f"{REDIRECT}?page=1")), "violated"),
        ({}, form(), "alternative"),
        ({"code_challenge": None}, {**form(), "challenge": None}, "violated"),
        ({"code_challenge": None}, {"challenge": None}, "satisfied"),
        ({"code_challenge": None}, {}, "violated"),
        ({}, {"challenge": None}, "violated"),
        ({}, form(("redirect_uri", REDIRECT), ("redirect_uri", REDIRECT)), "violated"),
        ({}, {"presented": "CODE2"}, "violated"),
        ({}, {"request_headers": (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),)}, "satisfied"),
        ({}, {"request_headers": (("Content-Type", "application/json"),)}, "violated"),
        ({}, {"request_headers": ()}, "violated"),
    ],
)
def test_the_exchange_fits_its_login_and_the_provider_s_format(
    asked: dict[str, Any], changes: dict[str, Any], expected: str
) -> None:
    story = journal(login(**asked), callback(), redemption(**changes))
    assert judged("exchange-request-shape", story) == expected


def test_json_is_right_where_the_provider_takes_it() -> None:
    story = journal(login(), callback(), redemption(request_headers=(("Content-Type", "application/json"),)))
    assert judged("exchange-request-shape", story, "atlassian") == "satisfied"


POST, BASIC = ("client_secret_post",), ("client_secret_basic",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "satisfied"),
        ({"client_authentication": BASIC + POST}, "violated"),
        ({"client_authentication": BASIC}, "violated"),
        ({"parameters": (("refresh_token", "RT1"), ("scope", ""))}, "violated"),
    ],
)
def test_one_authentication_serves_exchange_and_refresh(changes: dict[str, Any], expected: str) -> None:
    story = journal(login(), callback(), redemption(), renewal(**changes))
    assert judged("exchange-client-auth", story) == expected


@pytest.mark.parametrize(("method", "expected"), [(BASIC, "violated"), (POST, "satisfied")])
def test_a_secret_that_basic_garbled_is_a_fault_and_a_wrong_one_is_not(method: tuple[str, ...], expected: str) -> None:
    refused = redemption(client_authentication=method, cause=Cause.WRONG_SECRET, status=401)
    assert judged("exchange-client-auth", journal(login(), callback(), refused)) == expected


def test_a_second_method_tried_with_the_same_code_is_a_fault() -> None:
    story = journal(
        login(), callback(), redemption(status=401), redemption(3, client_authentication=BASIC), outcome("callback")
    )
    assert judged("exchange-client-auth", story) == "violated"


LOST: dict[str, Any] = {"delivered": False, "trouble": "reset", "status": None}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (LOST, None, "satisfied"),
        ({"status": 500}, None, "satisfied"),
        (LOST, {}, "violated"),
        ({"status": 500}, {}, "violated"),
        ({"status": 401}, {}, "violated"),
        ({**LOST, "arrived_at": None, "trouble": "refused"}, {}, "not_exercised"),
        ({**LOST, "arrived_at": None, "trouble": "refused"}, {"status": 500}, "satisfied"),
    ],
)
def test_a_code_arrives_once_and_what_never_arrived_may_be_sent_again(
    first: dict[str, Any], second: dict[str, Any] | None, expected: str
) -> None:
    again = [] if second is None else [redemption(3, **second)]
    story = journal(login(), callback(), redemption(**first), *again, outcome("callback", "transient_error"))
    assert judged("exchange-code-sent-once", story) == expected


def test_a_code_that_a_later_call_sends_is_a_fault() -> None:
    story = journal(
        login(), callback(), redemption(**LOST), outcome("callback", "transient_error"), redemption(3), outcome("call")
    )
    assert judged("exchange-code-sent-once", story) == "violated"


@pytest.mark.parametrize(("headers", "expected"), [((("DPoP-Nonce", "of the server"),), "satisfied"), ((), "violated")])
def test_a_code_is_sent_again_with_the_nonce_that_was_asked_for(
    headers: tuple[tuple[str, str], ...], expected: str
) -> None:
    wants = redemption(2, status=400, members={"error": "use_dpop_nonce"}, response_headers=headers, committed=False)
    failed = redemption(3, status=500, members={})
    story = journal(login(), callback(), wants, failed, outcome("callback", "transient_error", begun=1, ended=3))
    assert judged("exchange-code-sent-once", story) == expected


@pytest.mark.parametrize(("changed", "expected"), [(False, "violated"), (True, "satisfied")])
def test_a_secret_that_was_changed_at_the_provider_is_not_misencoded(changed: bool, expected: str) -> None:
    basic: dict[str, Any] = {"client_authentication": ("client_secret_basic",)}
    wrong = renewal(3, at=9, status=401, cause=Cause.WRONG_SECRET, members={"error": "invalid_client"}, **basic)
    change = UserAction(step=2, at=START + seconds(5), what="change_secret")
    story = journal(login(), callback(), redemption(**basic), *([change] if changed else []), wrong)
    assert judged("exchange-client-auth", story) == expected
