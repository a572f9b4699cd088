"""Atlassian Cloud's rotating refresh tokens in time; ids name rows of the seed checklist and decisions (K)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kit.provider import DAY, Bench, granted
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN
from refreshproof.mock_servers.vendors.atlassian.variants import VARIANTS

LEEWAY = 600
DEAD = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}


@pytest.fixture
def bench() -> Bench:
    return Bench(ATLASSIAN)


def rotate(bench: Bench, refresh_token: str) -> str:
    token: str = granted(bench.refresh(refresh_token))["refresh_token"]
    return token


def test_a_chain_of_twenty_refreshes_never_repeats_a_token(bench: Bench) -> None:
    """D-44, D-63."""
    chain = [bench.login()["refresh_token"]]
    for _ in range(20):
        bench.advance(DAY)
        chain.append(rotate(bench, chain[-1]))
    assert len(set(chain)) == 21


@pytest.mark.parametrize(
    ("idle", "status"),
    [
        pytest.param(90 * DAY - 3600, 200, id="D-45-D-63-89-days-23-hours"),
        pytest.param(90 * DAY + 1, 403, id="D-45-D-55-90-days-1-second"),
    ],
)
@pytest.mark.parametrize("rotations", [pytest.param(0, id="first"), pytest.param(1, id="reset-by-rotation")])
def test_a_refresh_token_idles_out_after_90_days(bench: Bench, rotations: int, idle: int, status: int) -> None:
    token = bench.login()["refresh_token"]
    for _ in range(rotations):
        bench.advance(80 * DAY)
        token = rotate(bench, token)
    bench.advance(idle)
    assert bench.refresh(token).status == status


def test_a_family_ages_out_after_365_days_and_only_a_new_flow_restarts_the_clock(bench: Bench) -> None:
    """D-46, D-55, D-65."""
    token = bench.login()["refresh_token"]
    for _ in range(12):
        bench.advance(30 * DAY)
        token = rotate(bench, token)
    bench.advance(5 * DAY - 1)
    token = rotate(bench, token)
    bench.advance(1)
    assert bench.refresh(token).document == DEAD
    token = bench.login()["refresh_token"]
    bench.advance(30 * DAY)
    rotate(bench, token)


@pytest.mark.parametrize(
    ("later", "status"),
    [
        pytest.param(0, 200, id="D-47-R-01-at-once"),
        pytest.param(LEEWAY - 1, 200, id="D-47-R-01-inside"),
        pytest.param(LEEWAY + 1, 403, id="D-47-D-51-outside"),
    ],
)
def test_the_predecessor_may_be_reused_inside_the_leeway(bench: Bench, later: int, status: int) -> None:
    """And outside it ends the family, with the access tokens that go with it (K-19)."""
    first = bench.login()
    second = granted(bench.refresh(first["refresh_token"]))
    bench.advance(later)
    again = bench.refresh(first["refresh_token"])
    assert again.status == status
    assert again.status == 200 or again.document == DEAD
    assert bench.call(second["access_token"]) == (200 if status == 200 else 401)
    assert bench.refresh(second["refresh_token"]).status == status


def test_parallel_refreshes_of_one_token_all_succeed_inside_the_leeway(bench: Bench) -> None:
    """D-47, K-17: every pair that was handed out lives on."""
    first = bench.login()["refresh_token"]
    forks = [granted(bench.refresh(first)) for _ in range(5)]
    assert [bench.call(fork["access_token"]) for fork in forks] == [200] * 5
    assert [bench.refresh(fork["refresh_token"]).status for fork in forks] == [200] * 5


def test_the_predecessors_predecessor_ends_the_family_even_inside_the_leeway(bench: Bench) -> None:
    """D-48, R-02."""
    first = bench.login()["refresh_token"]
    second = rotate(bench, first)
    third = rotate(bench, second)
    assert bench.refresh(first).document == DEAD
    assert bench.refresh(third).document == DEAD


@pytest.mark.parametrize(
    ("after_refresh", "status"),
    [
        pytest.param(LEEWAY - 1, 200, id="R-03-R-05-9-minutes-59"),
        pytest.param(LEEWAY + 1, 401, id="R-03-R-05-R-15-10-minutes-1"),
    ],
)
def test_the_old_access_token_dies_with_the_leeway(bench: Bench, after_refresh: int, status: int) -> None:
    first = bench.login()
    second = granted(bench.refresh(first["refresh_token"]))
    bench.advance(after_refresh)
    assert bench.call(first["access_token"]) == status
    assert bench.call(second["access_token"]) == 200


def test_needless_refreshes_start_the_clock_of_every_token_in_flight(bench: Bench) -> None:
    """R-14: of six tokens taken a minute apart all still work, ten minutes later only the last."""
    tokens = [bench.login()]
    for _ in range(5):
        bench.advance(60)
        tokens.append(granted(bench.refresh(tokens[-1]["refresh_token"])))
    assert [bench.call(one["access_token"]) for one in tokens] == [200] * 6
    bench.advance(LEEWAY + 1)
    assert [bench.call(one["access_token"]) for one in tokens] == [401] * 5 + [200]


def test_a_client_that_keeps_its_first_refresh_token_succeeds_once_and_then_fails(bench: Bench) -> None:
    """D-56, B-16, D-64: inside the leeway nothing shows; an hour later the family is gone."""
    kept = bench.login()["refresh_token"]
    assert bench.refresh(kept).status == 200
    bench.advance(LEEWAY)
    assert bench.refresh(kept).status == 200
    bench.advance(3600)
    assert bench.refresh(kept).document == DEAD


def unknown(bench: Bench, token: str) -> str:
    return f"{token}x"


def idle(bench: Bench, token: str) -> str:
    bench.advance(91 * DAY)
    return token


def replaced(bench: Bench, token: str) -> str:
    rotate(bench, token)
    bench.advance(LEEWAY + 1)
    return token


def revoked(bench: Bench, token: str) -> str:
    bench.provider.revoke_user("alice")
    return token


def suspended(bench: Bench, token: str) -> str:
    bench.provider.change_password("alice")
    return token


DEATHS = [
    pytest.param(unknown, Cause.UNKNOWN_REFRESH_TOKEN, id="D-53-unknown"),
    pytest.param(idle, Cause.REFRESH_TOKEN_IDLE, id="D-53-D-55-expired"),
    pytest.param(replaced, Cause.REFRESH_TOKEN_REUSED, id="D-53-D-56-not-replaced"),
    pytest.param(revoked, Cause.REFRESH_TOKEN_REVOKED, id="D-53-D-26-revoked"),
    pytest.param(suspended, Cause.PASSWORD_CHANGED, id="D-53-D-54-password"),
]


@pytest.mark.parametrize(("death", "cause"), DEATHS)
def test_every_dead_refresh_token_has_the_documented_body_and_the_ledger_its_cause(
    bench: Bench, death: Callable[[Bench, str], str], cause: Cause
) -> None:
    response = bench.refresh(death(bench, bench.login()["refresh_token"]))
    assert (response.status, response.header("content-type")) == (403, "application/json; charset=utf-8")
    assert response.body == b'{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}'
    assert bench.provider.ledger.entries[-1].cause is cause


def test_a_refused_refresh_token_stays_refused(bench: Bench) -> None:
    """R-18."""
    token = bench.login()["refresh_token"]
    bench.advance(91 * DAY)
    assert [bench.refresh(token).document for _ in range(3)] == [DEAD] * 3


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        pytest.param(None, 200, id="K-29-no-scope"),
        pytest.param(" ".join(ATLASSIAN.scopes), 200, id="K-29-same-scope"),
        pytest.param("read:me", 400, id="K-29-other-scope"),
    ],
)
def test_a_retry_inside_the_leeway_must_repeat_the_scope(bench: Bench, scope: str | None, status: int) -> None:
    first = bench.login()["refresh_token"]
    rotate(bench, first)
    assert bench.refresh(first, scope=scope).status == status


def test_a_policy_may_let_a_retry_narrow_the_scope() -> None:
    """K-29 is Atlassian's reading, not everybody's."""
    bench = Bench(replace(ATLASSIAN, refresh=replace(ATLASSIAN.refresh, same_scope_on_replay=False)))
    first = bench.login()["refresh_token"]
    rotate(bench, first)
    assert granted(bench.refresh(first, scope="read:me"))["scope"] == "read:me"


CHANGE, BACK = "change_password", "restore_password"


@pytest.mark.parametrize(
    ("moves", "status"),
    [
        pytest.param([CHANGE], 403, id="D-54-K-24-changed"),
        pytest.param([CHANGE, BACK], 200, id="D-54-K-24-changed-back"),
        pytest.param([CHANGE, CHANGE, BACK], 403, id="D-54-K-24-changed-twice-back-once"),
        pytest.param([CHANGE, CHANGE, BACK, BACK], 200, id="D-54-K-24-changed-twice-back-twice"),
    ],
)
def test_a_changed_password_suspends_tokens_until_it_is_changed_back(
    bench: Bench, moves: list[str], status: int
) -> None:
    tokens = bench.login()
    for move in moves:
        getattr(bench.provider, move)("alice")
    response = bench.refresh(tokens["refresh_token"])
    assert response.status == status
    assert status == 200 or response.document == DEAD
    assert bench.call(tokens["access_token"]) == (200 if status == 200 else 401)


def test_a_new_flow_after_a_password_change_does_not_revive_the_old_tokens(bench: Bench) -> None:
    """D-54, K-24."""
    old = bench.login()["refresh_token"]
    bench.provider.change_password("alice")
    new = bench.login()["refresh_token"]
    assert bench.refresh(old).document == DEAD
    assert bench.refresh(new).status == 200


def test_a_password_that_never_changed_cannot_be_changed_back(bench: Bench) -> None:
    with pytest.raises(ValueError, match="never changed"):
        bench.provider.restore_password("alice")


def test_another_password_after_changing_back_is_a_third_one(bench: Bench) -> None:
    """K-24: tokens of the second password stay suspended under the third."""
    bench.provider.change_password("alice")
    second = bench.login()["refresh_token"]
    bench.provider.restore_password("alice")
    bench.provider.change_password("alice")
    assert bench.refresh(second).document == DEAD


def test_two_flows_rotate_independently_and_share_revocation(bench: Bench) -> None:
    """K-23."""
    one, other = bench.login()["refresh_token"], bench.login()["refresh_token"]
    newest = rotate(bench, one)
    bench.advance(LEEWAY + 1)
    assert bench.refresh(one).document == DEAD
    assert bench.refresh(newest).document == DEAD
    other = rotate(bench, other)
    bench.provider.revoke_user("alice")
    assert bench.refresh(other).document == DEAD


@pytest.mark.parametrize(
    ("variant", "first_works", "same"),
    [
        pytest.param("atlassian", True, False, id="K-17-fork"),
        pytest.param("atlassian-replay-replaces", False, False, id="K-17-replace"),
        pytest.param("atlassian-replay-repeats", True, True, id="K-17-idempotent"),
    ],
)
def test_the_pair_issued_first_inside_the_leeway_has_three_fates(variant: str, first_works: bool, same: bool) -> None:
    bench = Bench({**VARIANTS, "atlassian": ATLASSIAN}[variant])
    start = bench.login()["refresh_token"]
    first, again = granted(bench.refresh(start)), granted(bench.refresh(start))
    assert (first["refresh_token"] == again["refresh_token"]) is same
    assert (first["access_token"] == again["access_token"]) is same
    assert bench.call(again["access_token"]) == 200
    assert bench.call(first["access_token"]) == (200 if first_works else 401)
    assert (bench.refresh(first["refresh_token"]).status == 200) is first_works


def test_two_accounts_do_not_share_a_fate(bench: Bench) -> None:
    """K-23: one grant per application and account."""
    alice = bench.login()["refresh_token"]
    bench.provider.user.will(Decision(account="bob"))
    bob = bench.login()["refresh_token"]
    bench.provider.revoke_user("bob")
    assert bench.refresh(bob).document == DEAD
    assert bench.refresh(alice).status == 200
