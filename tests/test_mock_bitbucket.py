"""Bitbucket Cloud as provider; ids name what differs from Atlassian Cloud and from the plain server."""

from __future__ import annotations

import base64

import pytest

from provider_kit import DAY, Bench, granted, query
from refreshproof.mock_servers.profile import Profile
from refreshproof.mock_servers.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.vendors.bitbucket import BITBUCKET_CLOUD, BITBUCKET_CLOUD_PERSISTENT


@pytest.fixture
def bench() -> Bench:
    return Bench(BITBUCKET_CLOUD)


def test_the_addresses_are_the_documented_ones(bench: Bench) -> None:
    assert bench.profile.url("authorization") == "https://bitbucket.org/site/oauth2/authorize"
    assert bench.profile.url("token") == "https://bitbucket.org/site/oauth2/access_token"


@pytest.mark.parametrize("scope", [pytest.param("account", id="one-scope"), pytest.param(None, id="no-scope")])
def test_a_refresh_token_needs_neither_audience_nor_offline_access(bench: Bench, scope: str | None) -> None:
    assert "refresh_token" in bench.login(scope=scope)


def test_an_access_token_lives_two_hours_and_is_called_bearer_in_lower_case(bench: Bench) -> None:
    tokens = bench.login()
    assert (tokens["expires_in"], tokens["token_type"], tokens["scope"]) == (7200, "bearer", "account repository")
    bench.advance(7199)
    assert bench.call(tokens["access_token"]) == 200
    bench.advance(1)
    assert bench.call(tokens["access_token"]) == 401


def test_the_token_endpoint_takes_forms_with_basic_authentication_and_no_redirect_uri(bench: Bench) -> None:
    """The documented curl line: credentials in the header, grant_type and code in a form."""
    code = query(bench.authorize(redirect_uri=None))["code"]
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    response = bench.exchange(
        code, client_id=None, client_secret=None, redirect_uri=None, headers=(("Authorization", f"Basic {basic}"),)
    )
    assert response.status == 200


def test_json_is_refused(bench: Bench) -> None:
    assert bench.token(as_json=True, grant_type="refresh_token", refresh_token="x").status == 400


@pytest.mark.parametrize("grant_type", ["password", "client_credentials"])
def test_other_grants_are_refused(bench: Bench, grant_type: str) -> None:
    """The password grant is no longer supported; client_credentials brings no refresh token and is left out here."""
    assert bench.token(grant_type=grant_type).document["error"] == "unsupported_grant_type"


def test_the_api_reads_the_token_from_the_header_only(bench: Bench) -> None:
    token = bench.login()["access_token"]
    assert bench.send("GET", f"{bench.profile.url('resource')}?access_token={token}").status == 401
    assert bench.call(token) == 200


def test_refresh_tokens_rotate_and_there_is_no_leeway(bench: Bench) -> None:
    """A second use ends the family: an assumption, the announcement names no leeway."""
    first = bench.login()["refresh_token"]
    second = granted(bench.refresh(first))["refresh_token"]
    assert second != first
    assert bench.refresh(first).status == 400
    assert bench.refresh(second).status == 400


@pytest.mark.parametrize(
    ("idle", "status"),
    [pytest.param(90 * DAY - 1, 200, id="used-in-time"), pytest.param(90 * DAY, 400, id="unused-for-3-months")],
)
def test_an_unused_refresh_token_expires_after_three_months(bench: Bench, idle: int, status: int) -> None:
    token = granted(bench.refresh(bench.login()["refresh_token"]))["refresh_token"]
    bench.advance(idle)
    assert bench.refresh(token).status == status


@pytest.mark.parametrize(
    ("profile", "member"),
    [(BITBUCKET_CLOUD, "scope"), (BITBUCKET_CLOUD_PERSISTENT, "scopes")],
    ids=["now", "until-2026"],
)
def test_the_member_scopes_became_scope(profile: Profile, member: str) -> None:
    tokens = Bench(profile).login()
    assert {"scope", "scopes"} & tokens.keys() == {member}
    assert tokens[member] == "account repository"


def test_until_may_2026_one_refresh_token_lasted() -> None:
    bench = Bench(BITBUCKET_CLOUD_PERSISTENT)
    first = bench.login()["refresh_token"]
    bench.advance(400 * DAY)
    assert [granted(bench.refresh(first))["refresh_token"] for _ in range(3)] == [first] * 3
