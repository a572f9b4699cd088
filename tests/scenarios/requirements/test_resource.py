"""What requests to the resource are judged by, on both sides of every boundary."""

import json
from dataclasses import replace
from typing import Any

import pytest

from kit.journal import AUTHORIZE, RESOURCE, exchange, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.login_anew import LogsInAnew
from refreshproof.harness.subjects.miniatures.able.step_up import StepsUp
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireResponse
from refreshproof.scenarios.evidence.journal import Exchange, Record
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Refresh

IDS = [one for one in CATALOGUE if one.startswith("resource-")]
RETRY, STOPS = "resource-401-one-retry", "resource-401-persistent-stops"
METADATA = "https://auth.example.com/.well-known/oauth-authorization-server"
SCOPE, NEWEST = "resource-403-scope", "resource-newest-token"


def judged(requirement: str, *records: Record | list[Record], vendor: str = "generic") -> str:
    return verdict_on(requirement, journal(*records), vendor).outcome


def refused(number: int, *, at: float = 600, presented: str = "AT1", **changes: Any) -> Record:
    return use(number, at=at, status=401, presented=presented, **changes)


def renewed(number: int, *, at: float = 600, **changes: Any) -> Record:
    return renewal(number, at=at, members={"access_token": f"AT{number}", "refresh_token": f"RT{number}"}, **changes)


ABLE = {
    "resource-step-up-union": StepsUp,
    "resource-step-up-bounded": StepsUp,
    "resource-login-as-wanted": LogsInAnew,
    "resource-login-not-refresh": LogsInAnew,
}


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    assert satisfied(requirement, ABLE.get(requirement, TinyClient))


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nobody_logs_in() -> None:
    assert {judged(one) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "satisfied"),
        ({"request_headers": (("authorization", "Bearer AT1"),)}, "satisfied"),
        ({"request_headers": (("Authorization", "Bearer AT1"),) * 2}, "violated"),
        ({"request_headers": (("Authorization", "token AT1"),), "presented": None}, "violated"),
        ({"parameters": (("access_token", "AT1"),)}, "violated"),
        ({"parameters": (("access_token", "AT1"),), "request_headers": (), "presented": None}, "violated"),
        ({"request_headers": (), "presented": None}, "not_exercised"),
    ],
)
def test_the_token_travels_once_in_the_header(changes: dict[str, Any], expected: str) -> None:
    assert judged("resource-bearer-header-once", redemption(), use(3, **changes)) == expected


def test_a_token_in_the_address_of_a_post_is_a_fault_too() -> None:
    posted = replace(use(3), url=f"{RESOURCE}?access_token=AT1", method="POST")
    assert judged("resource-bearer-header-once", redemption(), posted) == "violated"


GOOD = (redemption(), use(3))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((renewed(5), use(6, at=600, presented="AT5")), "satisfied"),
        ((), "violated"),
        ((refused(5, at=700),), "violated"),
        ((use(5, at=600, presented="AT2"),), "satisfied"),
        ((renewed(5),), "violated"),
        ((renewed(5), use(6, at=602, presented="AT5")), "satisfied"),
        ((renewed(5), use(6, at=600)), "violated"),
        ((exchange(5, None, METADATA, at=600),), "violated"),
        ((exchange(5, "authorization", AUTHORIZE, at=600),), "violated"),
        ((exchange(5, None, METADATA, at=600), renewed(6), use(7, at=600, presented="AT6")), "satisfied"),
        ((renewed(5), use(6, at=600, step=2, presented="AT5")), "violated"),
        ((renewed(5), renewed(6), use(7, at=600, presented="AT6")), "violated"),
        ((renewal(5, at=600, status=503, members={}),), "not_exercised"),
        (
            (renewal(5, at=600, status=None, members={}, delivered=False), renewed(6), use(7, at=600, presented="AT6")),
            "satisfied",
        ),
    ],
)
def test_a_refusal_leads_to_one_refresh_and_one_retry(after: tuple[Record, ...], expected: str) -> None:
    """A token that another caller has brought may serve; a refresh that failed, or was lost and repeated, is no
    fault. What follows in another operation is no answer to the refusal."""
    ended = max([4, *(one.number for one in after if isinstance(one, Exchange) and one.step == 1)])
    call = outcome("call", "permanent_error", at=600, begun=3, ended=ended)
    assert judged(RETRY, *GOOD, refused(4), *after, call) == expected


def test_a_client_that_rests_after_a_failed_refresh_is_not_judged_by_a_refusal_meanwhile() -> None:
    failed = renewal(4, at=500, status=503, members={})
    call = outcome("call", "transient_error", at=600, begun=4, ended=5)
    assert judged(RETRY, *GOOD, failed, refused(5), call) == "not_exercised"


@pytest.mark.parametrize("cause", [Cause.ACCESS_TOKEN_EXPIRED, Cause.INSUFFICIENT_SCOPE, Cause.NO_ACCESS_TOKEN])
def test_only_a_token_believed_valid_is_judged(cause: Cause) -> None:
    assert judged(RETRY, *GOOD, refused(4, cause=cause)) == "not_exercised"


def test_a_token_that_never_worked_is_not_judged_by_its_first_refusal() -> None:
    assert judged(RETRY, redemption(), refused(4)) == "not_exercised"


def refused_call(number: int, at: float, tries: int, refreshes: int) -> list[Record]:
    """Write down a call whose requests are all refused, with refreshes in between."""
    records: list[Record] = [refused(number, at=at)]
    for index in range(max(tries - 1, refreshes)):
        place = number + 1 + 2 * index
        records += [renewed(place, at=at)] if index < refreshes else []
        records += [refused(place + 1, at=at, presented=f"AT{place}")] if index < tries - 1 else []
    return [*records, outcome("call", "permanent_error", at=at, begun=number - 1, ended=number + 9)]


@pytest.mark.parametrize(
    ("tries", "refreshes", "expected"),
    [(2, 1, "satisfied"), (3, 1, "violated"), (2, 2, "violated"), (1, 0, "not_exercised")],
)
def test_one_call_is_refreshed_and_tried_again_once(tries: int, refreshes: int, expected: str) -> None:
    assert judged(STOPS, redemption(), refused_call(3, 10, tries, refreshes)) == expected


@pytest.mark.parametrize(("renewals", "expected"), [(5, "satisfied"), (6, "violated")])
def test_many_refused_calls_cost_few_refreshes(renewals: int, expected: str) -> None:
    records = [record for index in range(renewals) for record in refused_call(3 + 10 * index, 10 * index, 2, 1)]
    assert judged(STOPS, redemption(), records) == expected


def test_a_call_that_ends_well_is_no_refusal_that_persists() -> None:
    call = outcome("call", at=10, begun=2, ended=9)
    assert judged(STOPS, redemption(), refused(3, at=10), renewed(4, at=10), use(5, at=10), call) == "not_exercised"


def forbidden(*after: Record, ended: int) -> str:
    call = outcome("call", "permanent_error", at=600, begun=3, ended=ended)
    return judged(SCOPE, *GOOD, use(4, at=600, status=403), *after, call)


def test_a_403_leads_to_no_refresh_in_the_same_call() -> None:
    assert forbidden(ended=4) == "satisfied"
    assert forbidden(renewed(5), ended=5) == "violated"
    assert forbidden(renewed(5), ended=4) == "satisfied"


@pytest.mark.parametrize(
    ("refreshes", "vendor", "message", "expected"),
    [
        (0, "atlassian", "Unauthorized; scope does not match", "satisfied"),
        (1, "atlassian", "Unauthorized; scope does not match", "satisfied"),
        (2, "atlassian", "Unauthorized; scope does not match", "violated"),
        (2, "google", "Unauthorized; scope does not match", "not_exercised"),
        (2, "google", "insufficient_scope", "violated"),
    ],
)
def test_a_401_that_tells_of_a_scope_in_words_that_a_client_can_know_leads_to_one_refresh_at_most(
    refreshes: int, vendor: str, message: str, expected: str
) -> None:
    records: list[Record] = []
    for index in range(3):
        number = 4 + 10 * index
        body = json.dumps({"code": 401, "message": message})
        records.append(refused(number, at=600 + index, response_body=body))
        records += [renewed(number + 1, at=600 + index)] if index < refreshes else []
        records.append(outcome("call", "permanent_error", at=600 + index, begun=number - 1, ended=number + 5))
    assert judged(SCOPE, *GOOD, records, vendor=vendor) == expected


@pytest.mark.parametrize(
    ("presented", "expected"), [("AT3", "satisfied"), ("AT1", "violated"), ("AT9", "not_exercised")]
)
def test_after_a_refresh_the_newest_token_is_sent(presented: str, expected: str) -> None:
    """A token that no answer brought is another requirement's matter."""
    assert judged(NEWEST, redemption(), renewed(3, at=3500), use(4, at=3500, presented=presented)) == expected


def test_a_request_begun_before_the_answer_came_may_carry_the_older_token() -> None:
    meanwhile = use(4, at=3500, presented="AT1", sent_order=6)
    late = renewed(3, at=3500, settled_order=7)
    assert judged(NEWEST, redemption(), late, meanwhile, use(5, at=3501, presented="AT3")) == "satisfied"


def test_the_same_access_token_again_is_the_newest() -> None:
    same = renewal(3, at=60, members={"access_token": "AT1", "refresh_token": "RT3"})
    assert judged(NEWEST, redemption(), same, use(4, at=61)) == "not_exercised"


@pytest.mark.parametrize(("wait", "works"), [(599, True), (601, False)])
def test_at_atlassian_the_old_access_token_dies_ten_minutes_after_the_refresh(wait: int, works: bool) -> None:
    """9 min 59 s later a client that kept it is served all the same, and judged; 10 min 1 s later it is refused."""
    atlassian = VENDORS["atlassian"]
    steps = (Call(), Advance(seconds=60), Refresh(), Advance(seconds=wait), Call())
    played = play(atlassian, KeepsFirstAccessToken, flow(*steps))
    assert [one.ok for one in played.exchanges("resource")][:2] == [True, works]
    assert verdict_on(NEWEST, played, "atlassian").outcome == "violated"


class KeepsFirstAccessToken(TinyClient):
    """Keeps the access token of the login in a variable of its own."""

    first = ""

    def get(self, grant: Grant) -> WireResponse:
        """Send the first one."""
        self.first = self.first or grant.access_token
        return super().get(replace(grant, access_token=self.first))


def wanting(**parameters: str) -> Record:
    """Write down that the resource wanted another login."""
    named = "".join(f', {name}="{value}"' for name, value in parameters.items())
    challenge = (("WWW-Authenticate", f'Bearer error="insufficient_user_authentication"{named}'),)
    cause = Cause.INSUFFICIENT_AUTHENTICATION
    return refused(4, response_headers=challenge, cause=cause, members={"error": "insufficient_user_authentication"})


@pytest.mark.parametrize(
    ("wanted", "asked", "expected"),
    [
        ({"acr_values": "mfa hwk"}, {"acr_values": "mfa hwk"}, "satisfied"),
        ({"acr_values": "mfa hwk"}, {"acr_values": "hwk"}, "satisfied"),
        ({"acr_values": "mfa hwk"}, {"acr_values": "pwd"}, "violated"),
        ({"acr_values": "mfa hwk"}, {"claims": '{"id_token": {"acr": {"values": ["phr", "hwk"]}}}'}, "satisfied"),
        ({"acr_values": "mfa hwk"}, {"claims": '{"id_token": {"acr": {"value": "mfa"}}}'}, "satisfied"),
        ({"acr_values": "mfa hwk"}, {"claims": '{"id_token": {"acr": null}}'}, "violated"),
        ({"acr_values": "mfa hwk"}, {"claims": "mfa"}, "violated"),
        ({"acr_values": "mfa"}, {}, "violated"),
        ({"max_age": "60"}, {"max_age": "60"}, "satisfied"),
        ({"max_age": "60"}, {"max_age": "0"}, "satisfied"),
        ({"max_age": "60"}, {"prompt": "login consent"}, "satisfied"),
        ({"max_age": "60"}, {"max_age": "61"}, "violated"),
        ({"max_age": "60"}, {"max_age": "soon"}, "violated"),
        ({"acr_values": "mfa", "max_age": "60"}, {"acr_values": "mfa"}, "violated"),
        ({"acr_values": "mfa", "max_age": "60"}, {"acr_values": "mfa", "max_age": "60"}, "satisfied"),
        ({"scope": "write"}, {}, "not_exercised"),
    ],
)
def test_the_next_login_asks_for_the_one_that_was_wanted(
    wanted: dict[str, str], asked: dict[str, str], expected: str
) -> None:
    again = login(6, step=2, at=700, **asked)
    assert judged("resource-login-as-wanted", login(), *GOOD, wanting(**wanted), again, vendor="mcp") == expected


def test_a_login_that_nobody_wanted_is_not_judged() -> None:
    assert judged("resource-login-as-wanted", login(), *GOOD, refused(4), login(6, at=700)) == "not_exercised"


@pytest.mark.parametrize(
    ("ended", "expected"), [(5, "violated"), (4, "satisfied")], ids=["in the same call", "in a later one"]
)
def test_no_refresh_is_sent_for_another_login(ended: int, expected: str) -> None:
    call = outcome("call", "reauthorization_required", at=600, begun=3, ended=ended)
    story = (*GOOD, wanting(max_age="60"), renewed(5), call)
    assert judged("resource-login-not-refresh", *story, vendor="mcp") == expected


@pytest.mark.parametrize(
    ("at", "ended", "expected"), [(1799, 5, "violated"), (1800, 5, "satisfied"), (1800, 6, "violated")]
)
def test_a_refresh_that_was_due_anyway_is_not_for_the_login(at: int, ended: int, expected: str) -> None:
    """Past half of the hour that the token is good for, unless the resource is asked again at once."""
    call = outcome("call", "reauthorization_required", at=at, begun=3, ended=ended)
    again = (use(6, at=at, presented="AT5"),) if ended > 5 else ()
    story = (*GOOD, wanting(max_age="60"), renewed(5, at=at), *again, call)
    assert judged("resource-login-not-refresh", *story, vendor="mcp") == expected


def test_a_refresh_for_any_other_401_is_what_another_rule_asks_for() -> None:
    call = outcome("call", at=600, begun=3, ended=6)
    story = (*GOOD, refused(4), renewed(5), use(6, at=600, presented="AT5"), call)
    assert judged("resource-login-not-refresh", *story) == "not_exercised"
    assert judged(RETRY, *story) == "satisfied"
