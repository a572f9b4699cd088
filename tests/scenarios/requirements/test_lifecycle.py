"""What the ends of grants are judged by, on both sides of every boundary."""

from typing import Any

import pytest

from kit.journal import AUTHORIZE, TOKEN, exchange, journal, login, outcome, redemption, renewal, use, verdict_on
from kit.requirement import caught, outcomes
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Record, UserAction
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, OtherLogins, Step, Until

IDS = [one for one in CATALOGUE if one.startswith("lifecycle-")]
DAY = 86_400
ENDS = {
    "lifecycle-inactivity": Cause.REFRESH_TOKEN_IDLE,
    "lifecycle-absolute": Cause.REFRESH_TOKEN_AGED,
    "lifecycle-eviction": Cause.REFRESH_TOKEN_EVICTED,
}
ASKED: Any = "reauthorization_required"
LOGIN: tuple[Record | list[Record], ...] = (login(), redemption(2))


def judged(requirement: str, *records: Record | list[Record], vendor: str = "generic") -> str:
    return verdict_on(requirement, journal(*LOGIN, *records), vendor).outcome


def refused(number: int, at: float, cause: Cause = Cause.REFRESH_TOKEN_REVOKED, step: int = 2) -> Record:
    """Write down a refresh of a grant that is over."""
    return renewal(
        number, at=at, step=step, status=400, cause=cause, committed=False, members={"error": "invalid_grant"}
    )  # fmt: skip


def called(kind: Any, at: float, number: int | None = None, step: int = 2) -> Record:
    made = {} if number is None else {"begun": number - 1, "ended": number}
    return outcome("call", kind, at=at, step=step, **made)


def second_login(number: int = 10, step: int = 3, at: float = 1800, **members: Any) -> list[Record]:
    brought = {"access_token": "AT9", "refresh_token": "RT9", "expires_in": 3600} | members
    wanted = {name: value for name, value in brought.items() if value is not None}
    issued = tuple(value for value in (members.get("refresh_token", "RT9"), "AT9") if value is not None)
    return [*login(number, step=step, at=at), redemption(number + 1, step=step, at=at, members=wanted, issued=issued)]


@pytest.mark.parametrize("requirement", IDS)
def test_a_correct_client_satisfies_it_wherever_it_applies(requirement: str) -> None:
    gone = {"hubspot-v1": "alternative"} if requirement == "lifecycle-announced-change" else {}  # with its address
    found = outcomes(requirement)
    assert found == dict.fromkeys(found, "satisfied") | gone


@pytest.mark.parametrize("requirement", IDS)
def test_its_miniature_is_caught(requirement: str) -> None:
    assert caught(requirement)


def test_nothing_is_exercised_where_nothing_ends() -> None:
    assert {judged(one, renewal(3, at=3600), called("ok", 3600, 3)) for one in IDS} == {"not_exercised"}


@pytest.mark.parametrize(("requirement", "cause"), ENDS.items())
@pytest.mark.parametrize(
    ("told", "again", "expected"),
    [
        (ASKED, None, "satisfied"),
        ("transient_error", None, "violated"),
        (ASKED, DAY - 1, "violated"),
        (ASKED, DAY, "satisfied"),
    ],
)
def test_an_end_is_one_refusal_and_a_request_for_the_user(
    requirement: str, cause: Cause, told: Any, again: float | None, expected: str
) -> None:
    probe = [] if again is None else [refused(4, 1000 + again, cause), called(ASKED, 1000 + again, 4)]
    assert judged(requirement, refused(3, 1000, cause), called(told, 1000, 3), *probe) == expected


@pytest.mark.parametrize(("requirement", "cause"), ENDS.items())
def test_an_end_of_another_kind_is_another_requirement_s(requirement: str, cause: Cause) -> None:
    other = next(one for one in ENDS.values() if one is not cause)
    assert judged(requirement, refused(3, 1000, other), called(ASKED, 1000, 3)) == "not_exercised"


@pytest.mark.parametrize("requirement", ENDS)
def test_a_grant_is_not_given_up_by_a_guess(requirement: str) -> None:
    assert judged(requirement, called(ASKED, 8_000_000)) == "violated"


@pytest.mark.parametrize(("kind", "expected"), [("ok", "satisfied"), ("permanent_error", "violated")])
def test_after_the_end_a_new_login_works(kind: Any, expected: str) -> None:
    end = (refused(3, 1000, Cause.REFRESH_TOKEN_AGED), called(ASKED, 1000, 3))
    assert judged("lifecycle-absolute", *end, second_login(), called(kind, 1801, step=4)) == expected


@pytest.mark.parametrize(("actor", "expected"), [("main", "violated"), ("browser", "satisfied")])
def test_an_evicted_client_begins_no_login(actor: str, expected: str) -> None:
    end = (refused(3, 1000, Cause.REFRESH_TOKEN_EVICTED), called(ASKED, 1000, 3))
    asked = exchange(4, "authorization", AUTHORIZE, at=1001, step=3, actor=actor, status=302)
    assert judged("lifecycle-eviction", *end, asked) == expected


@pytest.mark.parametrize(("logins", "cause"), [(99, None), (100, Cause.REFRESH_TOKEN_EVICTED)])
def test_the_hundredth_further_login_evicts_the_first(logins: int, cause: Cause | None) -> None:
    steps: tuple[Step, ...] = (OtherLogins(times=logins), Until(limit="access_token_expiry", offset=1), Call())
    played = play(VENDORS["google"], TinyClient, flow(*steps))
    assert played.exchanges("token", "refresh_token")[0].cause is cause


@pytest.mark.parametrize(
    ("token", "at", "expected"), [("AT1", 1001, "violated"), ("AT1", 999, "satisfied"), ("AT9", 1001, "satisfied")]
)
def test_no_access_token_outlives_a_refused_refresh(token: str, at: float, expected: str) -> None:
    grant = redemption(2, issued=("RT1", "AT1"))
    used = use(4 if at > 1000 else 3, at=at, step=2, presented=token)
    end = refused(3 if at > 1000 else 4, 1000)
    records = (login(), grant, *sorted((used, end), key=lambda one: one.number))  # type: ignore[union-attr]
    written = journal(*records, called(ASKED, 1002))
    assert verdict_on("lifecycle-revoked-or-password", written).outcome == expected


@pytest.mark.parametrize(("again", "expected"), [(DAY - 1, "violated"), (DAY, "satisfied")])
def test_a_revoked_grant_is_refused_once(again: float, expected: str) -> None:
    records = (refused(3, 1000), called(ASKED, 1000, 3), called(ASKED, 1001), refused(4, 1000 + again))
    assert judged("lifecycle-revoked-or-password", *records) == expected


@pytest.mark.parametrize(("presented", "expected"), [("RT1", "satisfied"), ("RT9", "violated"), (None, "violated")])
def test_a_second_login_without_refresh_token_leaves_the_first_one_in_use(presented: str | None, expected: str) -> None:
    poor = second_login(refresh_token=None)
    next_ = renewal(12, at=5401, step=4, presented=presented)
    assert judged("lifecycle-failed-reconsent-keeps", poor, next_, called("ok", 5401, 12, 4)) == expected


def test_after_a_denied_login_nobody_is_asked() -> None:
    denied = login(10, step=3, at=1800)
    assert judged("lifecycle-failed-reconsent-keeps", denied, called(ASKED, 3601, step=4)) == "violated"
    assert judged("lifecycle-failed-reconsent-keeps", denied, renewal(12, at=3601, step=4)) == "satisfied"


def test_a_second_login_that_works_is_no_failed_one() -> None:
    next_ = renewal(12, at=5401, step=4, presented="RT9")
    assert judged("lifecycle-failed-reconsent-keeps", second_login(), next_) == "not_exercised"


@pytest.mark.parametrize(
    ("token", "expected"), [("AT9", "satisfied"), ("RT9", "satisfied"), ("AT1", "violated"), ("RT1", "violated")]
)
def test_after_a_new_consent_only_its_tokens_are_used(token: str, expected: str) -> None:
    used = (
        use(12, at=1900, step=4, presented=token)
        if token.startswith("AT")
        else renewal(12, at=1900, step=4, presented=token)
    )
    assert judged("lifecycle-reconsent-replaces", second_login(), used) == expected


def test_tokens_that_descend_from_the_new_consent_are_its_own() -> None:
    renewed = renewal(12, at=5401, step=4, presented="RT9", issued=("RT10", "AT10"), members={"access_token": "AT10"})
    later = use(13, at=5402, step=4, presented="AT10")
    assert judged("lifecycle-reconsent-replaces", second_login(), renewed, later) == "satisfied"


def logout(begun: int, ended: int, at: float = 1800) -> Record:
    return outcome("disconnect", at=at, step=3, begun=begun, ended=ended)


def revocation(number: int = 3, at: float = 1800, token: str = "RT1", **changes: Any) -> Record:
    return exchange(number, "revocation", f"{TOKEN}/revoke", at=at, step=3, presented=token, **changes)


@pytest.mark.parametrize(("token", "expected"), [("RT1", "satisfied"), ("AT1", "violated"), ("RT0", "violated")])
def test_a_logout_revokes_the_newest_refresh_token(token: str, expected: str) -> None:
    records = (revocation(token=token), logout(2, 3), called(ASKED, 1900, step=4))
    assert judged("lifecycle-disconnect-revokes", *records) == expected


@pytest.mark.parametrize(("vendor", "expected"), [("generic", "violated"), ("atlassian", "satisfied")])
def test_a_logout_without_revocation_is_right_only_without_an_endpoint(vendor: str, expected: str) -> None:
    records = (logout(2, 2), called(ASKED, 1900, step=4))
    assert judged("lifecycle-disconnect-revokes", *records, vendor=vendor) == expected


@pytest.mark.parametrize("used", [use(4, at=1900, step=4), renewal(4, at=1900, step=4)])
def test_nothing_is_used_after_a_logout_but_by_a_new_login(used: Record) -> None:
    over = (revocation(), logout(2, 3))
    assert judged("lifecycle-disconnect-revokes", *over, used) == "violated"
    anew = second_login(step=4, at=1850)
    assert judged(
        "lifecycle-disconnect-revokes", *over, anew, use(12, at=1900, step=5), called("ok", 1900, step=5)
    ) == ("satisfied")


@pytest.mark.parametrize(("again", "expected"), [(119, "violated"), (120, "satisfied")])
def test_a_revocation_that_is_put_off_is_not_repeated_too_soon(again: float, expected: str) -> None:
    busy = revocation(status=503, response_headers=(("Retry-After", "120"),))
    records = (busy, logout(2, 3), revocation(4, at=1800 + again), called(ASKED, 2000, step=4))
    assert judged("lifecycle-disconnect-revokes", *records) == expected


@pytest.mark.parametrize(
    ("times", "denials", "expected"), [(1, 0, "satisfied"), (2, 0, "violated"), (2, 1, "satisfied")]
)
def test_a_client_begins_one_login_for_an_action_of_the_user_at_most(times: int, denials: int, expected: str) -> None:
    end = (refused(3, 1000), called(ASKED, 1000, 3), called(ASKED, 1001), called(ASKED, 1002))
    denied = [UserAction(step=3, at=START + seconds(1001), what="authorize") for _ in range(denials)]
    own = [exchange(4 + n, "authorization", AUTHORIZE, at=1002 + n, step=3, status=302) for n in range(times)]
    assert judged("lifecycle-reauth-not-looped", *end, *denied, *own) == expected


def test_a_logout_may_revoke_the_access_token_besides() -> None:
    both = (revocation(token="AT1"), revocation(4, token="RT1"), logout(2, 4), called(ASKED, 1900, step=4))
    assert judged("lifecycle-disconnect-revokes", *both) == "satisfied"


@pytest.mark.parametrize(("token", "expected"), [("RT1", "satisfied"), ("RT0", "violated")])
def test_what_the_provider_has_refused_needs_no_revocation(token: str, expected: str) -> None:
    end = renewal(3, at=1700, step=2, presented=token, status=400, members={"error": "invalid_grant"})
    assert judged("lifecycle-disconnect-revokes", end, logout(3, 3), called(ASKED, 1900, step=4)) == expected


@pytest.mark.parametrize(("kind", "expected"), [("ok", "violated"), ("permanent_error", "not_exercised")])
def test_a_login_that_the_client_called_failed_is_no_new_consent(kind: Any, expected: str) -> None:
    told = outcome("callback", kind, at=1800, step=3, begun=10, ended=11)
    later = use(12, at=1900, step=4, presented="AT1")
    assert judged("lifecycle-reconsent-replaces", second_login(), told, later) == expected


def test_a_502_in_the_place_of_a_refusal_may_be_followed_by_the_one_prompt_replay() -> None:
    gateway = renewal(3, at=1000, step=2, status=502, cause=Cause.REFRESH_TOKEN_REVOKED, committed=False, members={})
    story = (gateway, refused(4, 1001), outcome("call", ASKED, at=1001, step=2, begun=2, ended=4), called(ASKED, 1100))
    assert judged("lifecycle-revoked-or-password", *story) == "satisfied"


@pytest.mark.parametrize(("token", "expected"), [("AT9", "satisfied"), ("AT1", "violated")])
def test_the_access_token_of_another_grant_is_used_with_right(token: str, expected: str) -> None:
    late = renewal(12, at=1801, step=4, presented="RT1", status=400, members={"error": "invalid_grant"})
    used = (use(13, at=1900, step=5, presented=token), called("ok", 1900, 13, 5))
    assert judged("lifecycle-revoked-or-password", second_login(), late, *used) == expected
