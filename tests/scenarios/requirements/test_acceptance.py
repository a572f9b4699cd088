"""What the acceptance of token answers is judged by, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import callback, exchange, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, satisfied
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.miniatures.able.able import MinimumLifetime
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.scenarios.evidence.journal import Record
from refreshproof.scenarios.requirements import CATALOGUE

IDS = [one for one in CATALOGUE if one.startswith("accept-")]
DAY = 86_400
MINIMUM = 2_592_000  # 30 days, as seed 000 and 003 have it


def judged(requirement: str, *records: Record | list[Record], vendor: str = "generic") -> str:
    return verdict_on(requirement, journal(*records), vendor).outcome


def answer(**members: Any) -> dict[str, Any]:
    return {"access_token": "AT2", "refresh_token": "RT2", "expires_in": 3600, **members}


def bad(number: int = 3, **changes: Any) -> Record:
    return renewal(number, **({"members": {"error": "server_error"}, "at": 3601} | changes))


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    able = "minimum_lifetime" in CATALOGUE[requirement].needs
    assert satisfied(requirement, MinimumLifetime if able else TinyClient)


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nobody_logs_in() -> None:
    assert {judged(one) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(
    ("lifetime", "refresh_token", "kind", "short", "sufficient"),
    [
        (MINIMUM - 1, None, "permanent_error", "satisfied", "not_exercised"),
        (MINIMUM - 1, None, "ok", "violated", "not_exercised"),
        (MINIMUM, None, "ok", "not_exercised", "satisfied"),
        (MINIMUM, None, "permanent_error", "not_exercised", "violated"),
        (MINIMUM + 1, None, "ok", "not_exercised", "satisfied"),
        (MINIMUM + 1, None, "permanent_error", "not_exercised", "violated"),
        (1, "RT1", "ok", "not_exercised", "satisfied"),
        (1, "RT1", "permanent_error", "not_exercised", "violated"),
        (None, None, "ok", "violated", "not_exercised"),
    ],
)
def test_without_refresh_token_thirty_days_are_enough_and_a_second_less_is_not(
    lifetime: int | None, refresh_token: str | None, kind: Any, short: str, sufficient: str
) -> None:
    members = {"access_token": "AT1", "refresh_token": refresh_token, "expires_in": lifetime}
    records: list[Record] = [redemption(2, members=members), outcome("callback", kind)]
    records += [use(3), outcome("call")] if kind == "ok" else []
    assert judged("accept-short-without-rt", *records) == short
    assert judged("accept-long-or-refreshable", *records) == sufficient


def test_a_refused_token_that_is_used_all_the_same_is_a_fault() -> None:
    """What the client says at the callback does not count where the wire shows the opposite."""
    members = {"access_token": "AT1", "expires_in": 3600}
    records = (redemption(2, members=members), outcome("callback", "permanent_error"), use(3), outcome("call"))
    assert judged("accept-short-without-rt", *records) == "violated"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (renewal(4, at=3700), "satisfied"),
        (renewal(4, at=3700, presented="RT9"), "violated"),
        (renewal(4, at=3700, presented=None), "violated"),
        (use(4, presented="AT9", cause=Cause.UNKNOWN_ACCESS_TOKEN), "violated"),
        (use(4, presented=None, cause=Cause.NO_ACCESS_TOKEN), "violated"),
        (use(4), "not_exercised"),
    ],
)
def test_an_answer_that_is_no_success_stores_nothing(later: Record, expected: str) -> None:
    assert judged("accept-success-definition", redemption(), bad(), later) == expected


@pytest.mark.parametrize(
    "members",
    [{}, {"ok": False}, {"access_token": None}, {"access_token": ""}, {"access_token": {}}, {"access_token": 7}],
)
def test_a_2xx_without_a_usable_access_token_is_no_success(members: dict[str, Any]) -> None:
    wrong = (redemption(), bad(members=members), renewal(4, at=3700, presented="RT9"))
    assert judged("accept-success-definition", *wrong) == "violated"


@pytest.mark.parametrize("status", [400, 503])
def test_tokens_in_an_error_answer_do_not_count(status: int) -> None:
    wrong = (redemption(), bad(members=answer(), status=status), renewal(4, at=3700, presented="RT2"))
    assert judged("accept-success-definition", *wrong) == "violated"


@pytest.mark.parametrize(
    ("presented", "changes", "expected"),
    [
        ("RT2", {}, "satisfied"),
        ("RT1", {}, "satisfied"),
        ("RT9", {}, "violated"),
        ("RT2", {"committed": False}, "violated"),
        ("RT2", {"status": 500}, "violated"),
    ],
)
def test_a_pair_in_a_body_that_only_some_parsers_read_may_be_used(
    presented: str, changes: dict[str, Any], expected: str
) -> None:
    odd = bad(**({"members": {}, "issued": ("AT2", "RT2")} | changes))
    later = renewal(4, at=3700, presented=presented)
    assert judged("accept-success-definition", redemption(), odd, later) == expected


@pytest.mark.parametrize(("presented", "expected"), [("RT2", "satisfied"), ("RT1", "violated")])
def test_201_with_a_pair_is_a_success(presented: str, expected: str) -> None:
    records = (redemption(), bad(3), renewal(4, status=201, members=answer()), renewal(5, presented=presented))
    assert judged("accept-success-definition", *records) == expected


@pytest.mark.parametrize(
    ("age", "kind", "tried", "expected"),
    [
        (30 * DAY - 1, "reauthorization_required", False, "not_exercised"),
        (30 * DAY, "reauthorization_required", False, "violated"),
        (30 * DAY + 1, "reauthorization_required", False, "violated"),
        (30 * DAY + 1, "reauthorization_required", True, "satisfied"),
        (30 * DAY + 1, "ok", True, "satisfied"),
    ],
)
def test_the_assumed_end_of_a_refresh_token_is_only_a_hint(age: int, kind: Any, tried: bool, expected: str) -> None:
    renewals = [renewal(3, at=age)] if tried else []
    assert judged("accept-rt-lifetime-recorded", redemption(), *renewals, outcome("call", kind, at=age)) == expected


@pytest.mark.parametrize(
    ("body", "presented", "expected"),
    [("{}", "RT2", "satisfied"), ("{}", "RT1", "violated"), ("\ufeff{}", "RT1", "alternative")],
)
def test_an_odd_answer_keeps_its_pair(body: str, presented: str, expected: str) -> None:
    """A body behind a byte order mark may be taken for unreadable, and the refresh repeated."""
    odd = renewal(3, members=answer(scope=[]), response_body=body, at=3601)
    assert judged("accept-oddity-keeps-pair", redemption(), odd, renewal(4, presented=presented)) == expected


def test_a_client_that_crashes_after_a_success_has_lost_the_pair() -> None:
    odd = renewal(3, members=answer(scope=[]), at=3601)
    assert (
        judged("accept-oddity-keeps-pair", redemption(), odd, outcome("call", "crash", at=3601, ended=3)) == "violated"
    )
    assert judged("accept-oddity-keeps-pair", outcome("call", "crash"), redemption(), odd) != "violated"


SILENT = {"access_token": "AT1", "refresh_token": "RT1"}


def refusal(number: int, at: float, presented: str = "AT1") -> Record:
    return use(number, at=at, status=401, cause=Cause.ACCESS_TOKEN_EXPIRED, presented=presented)


def test_a_token_of_unknown_lifetime_is_refused_once_and_then_refreshed() -> None:
    start = [redemption(members=SILENT), use(3), refusal(4, 3601)]
    renewed = renewal(5, at=3601, members={"access_token": "AT2"})
    assert judged("accept-expires-missing", *start, renewed, use(6, at=3601, presented="AT2")) == "satisfied"
    assert judged("accept-expires-missing", *start, refusal(5, 3700), renewed) == "violated"


def test_a_refusal_may_repeat_itself_where_the_refresh_between_has_failed() -> None:
    failed = renewal(5, at=3601, status=503, members={})
    renewed = renewal(7, at=3700, members={"access_token": "AT2"})
    records = (redemption(members=SILENT), use(3), refusal(4, 3601), failed, refusal(6, 3700), renewed)
    assert judged("accept-expires-missing", *records) == "satisfied"


@pytest.mark.parametrize(("times", "expected"), [(3, "satisfied"), (4, "violated")])
def test_a_token_of_unknown_lifetime_is_not_refreshed_for_every_call(times: int, expected: str) -> None:
    """In an hour two refreshes and the first one are allowed."""
    renewed = [renewal(3 + index, at=3600, members={"access_token": f"AT{index + 2}"}) for index in range(times)]
    assert judged("accept-expires-missing", redemption(members=SILENT), *renewed, use(9, at=3600)) == expected


@pytest.mark.parametrize(
    ("status", "renewals", "expected"),
    [(200, 1, "satisfied"), (200, 2, "violated"), (401, 2, "satisfied"), (401, 3, "violated")],
)
def test_zero_leads_to_few_token_requests(status: int, renewals: int, expected: str) -> None:
    """One refresh where the token works, two where it is refused on arrival."""
    zero = redemption(members={**SILENT, "expires_in": 0})
    asked = [renewal(3 + index, at=index) for index in range(renewals)]
    calls = [outcome("call", "ok" if status == 200 else "permanent_error", at=index) for index in range(12)]
    assert judged("accept-expires-zero", zero, *asked, use(9, status=status), *calls) == expected


def test_a_token_that_works_goes_on_being_used_after_zero() -> None:
    zero = redemption(members={**SILENT, "expires_in": 0})
    calls = [outcome("call", "reauthorization_required", at=index) for index in range(12)]
    assert judged("accept-expires-zero", zero, use(3), *calls) == "violated"


@pytest.mark.parametrize(
    ("early", "late", "renewed_at", "expected"),
    [
        ("ok", "ok", (3601,), "satisfied"),
        ("crash", "ok", (3601,), "violated"),
        ("ok", "permanent_error", (3601,), "violated"),
        ("ok", "ok", (1, 3601), "satisfied"),
        ("ok", "ok", (1, 60), "violated"),
        ("ok", "ok", (1, 61), "satisfied"),
        ("ok", "ok", (), "not_exercised"),
    ],
)
def test_an_odd_lifetime_makes_no_token_born_expired_or_immortal(
    early: Any, late: Any, renewed_at: tuple[float, ...], expected: str
) -> None:
    odd = redemption(members={**SILENT, "expires_in": 2**31})
    renewals = [renewal(3 + index, at=at) for index, at in enumerate(renewed_at)]
    calls = [outcome("call", early, begun=2, ended=2), outcome("call", late, at=3601, begun=2, ended=6)]
    assert judged("accept-expires-odd", odd, *renewals, *calls) == expected


BEARER = redemption(members=answer(access_token="AT1", refresh_token="RT1", token_type="Bearer"))


@pytest.mark.parametrize("token_type", ["mac", "User Access Token", 7])
def test_a_token_of_another_type_is_kept_and_not_sent(token_type: object) -> None:
    foreign = renewal(3, at=3601, members=answer(token_type=token_type))
    sent = use(4, presented="AT2", at=3601)
    kept, lost = renewal(5, presented="RT2", at=7202), renewal(5, presented="RT1", at=7202)
    assert judged("accept-token-type", BEARER, foreign, kept) == "satisfied"
    assert judged("accept-token-type", BEARER, foreign, sent, kept) == "violated"
    assert judged("accept-token-type", BEARER, foreign, lost) == "violated"


@pytest.mark.parametrize("token_type", ["bearer", "BEARER", "Bearer", None])
def test_a_bearer_token_is_sent_as_bearer_however_it_is_written(token_type: str | None) -> None:
    ours = renewal(3, at=3601, members=answer(token_type=token_type))
    foreign = renewal(9, at=7300, members=answer(access_token="AT3", token_type="mac"), presented="RT2")
    right = use(4, presented="AT2", at=3602, request_headers=(("authorization", "Bearer AT2"),))
    echoed = use(4, presented="AT2", at=3602, request_headers=(("authorization", f"{token_type or 'bearer'} AT2"),))
    failed = outcome("call", "permanent_error", at=3602, begun=3, ended=4)
    assert judged("accept-token-type", BEARER, ours, right, foreign) == "satisfied"
    assert judged("accept-token-type", BEARER, ours, failed, foreign) == "violated"
    if token_type != "Bearer":
        assert judged("accept-token-type", BEARER, ours, echoed, foreign) == "violated"


def granted(scope: object, kind: Any = "ok", presented: str = "RT1", call: Any = "ok") -> str:
    """Judge a login that asked for `read write` and was told another scope."""
    members = answer(access_token="AT1", refresh_token="RT1", scope=scope)
    return judged(
        "accept-scope-as-set", login(scope="read write"), callback(), redemption(2, members=members),
        outcome("callback", kind, begun=1, ended=2), renewal(3, presented=presented, at=3601),
        outcome("call", call, at=3601, begun=2, ended=4),
    )  # fmt: skip


@pytest.mark.parametrize("scope", ["write read", "read write more", None])
def test_scope_in_another_order_wider_or_untold_is_no_failure(scope: str | None) -> None:
    assert granted(scope) == "satisfied"
    assert granted(scope, kind="permanent_error") == "violated"


def test_less_scope_may_be_reported_but_the_pair_is_kept() -> None:
    assert granted("read", kind="permanent_error") == "satisfied"
    assert granted("read", kind="crash") == "violated"
    assert granted("read", presented="RT0") == "violated"
    assert granted("read", call="reauthorization_required") == "violated"


def test_scope_told_as_requested_exercises_nothing() -> None:
    assert granted("read write") == "not_exercised"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (use(4), "satisfied"),
        (use(4, cause=Cause.UNKNOWN_ACCESS_TOKEN), "violated"),
        (renewal(4, cause=Cause.UNKNOWN_REFRESH_TOKEN), "violated"),
        (exchange(4, "token", "https://auth.example.com/token", cause=Cause.UNKNOWN_CODE), "violated"),
        (outcome("call", "crash", begun=5, ended=5), "violated"),
        (outcome("callback", "permanent_error", begun=1, ended=2), "violated"),
        (outcome("callback", "permanent_error"), "satisfied"),
        (outcome("call", "permanent_error"), "satisfied"),
        (outcome("call", "transient_error"), "satisfied"),
    ],
)
def test_values_come_back_as_they_were_issued(record: Record, expected: str) -> None:
    """What fails before anybody has logged in, and a callback that brings no code, are no matter of what came."""
    begun = (redemption(), outcome("callback", begun=1, ended=2), renewal(3, at=3601), use(5, at=3601))
    assert judged("accept-tolerates-unknown", *begun, record) == expected


def test_a_client_that_asks_the_way_without_a_token_presents_nothing_of_its_own() -> None:
    bare = {"request_headers": (), "presented": None, "status": 401, "cause": Cause.NO_ACCESS_TOKEN}
    odd = bad()
    assert judged("accept-success-definition", redemption(), use(2, **bare), odd, use(4, **bare)) != "violated"
    assert judged("accept-success-definition", redemption(), odd, use(4, **bare)) != "violated"
    assert judged("accept-success-definition", redemption(), use(2), odd, use(4, **bare)) == "violated"
