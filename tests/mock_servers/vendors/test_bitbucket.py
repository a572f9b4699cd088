"""Bitbucket Cloud as provider; ids name what differs from Atlassian Cloud and from the plain server."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from kit.provider import DAY, START, Bench, granted, location, query
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.vendors.atlassian.bitbucket import BITBUCKET_CLOUD, BITBUCKET_CLOUD_PERSISTENT
from refreshproof.mock_servers.vendors.generic import GENERIC
from refreshproof.mock_servers.wire import SECOND


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


def test_the_password_grant_is_no_longer_supported(bench: Bench) -> None:
    assert bench.token(grant_type="password").document["error"] == "unsupported_grant_type"


def test_a_client_gets_a_token_of_its_own_without_a_refresh_token(bench: Bench) -> None:
    tokens = granted(bench.token(grant_type="client_credentials"))
    assert set(tokens) == {"access_token", "expires_in", "token_type", "scope"}
    assert (tokens["scope"], tokens["expires_in"]) == ("account repository", 7200)
    assert bench.call(tokens["access_token"]) == 200
    bench.provider.revoke_user("alice")
    assert bench.call(tokens["access_token"]) == 200, "no user gave what it stands for"


def test_a_client_asks_for_no_more_than_it_may_and_proves_who_it_is(bench: Bench) -> None:
    narrow = granted(bench.token(grant_type="client_credentials", scope="repository"))
    assert (narrow["scope"], bench.call(narrow["access_token"])) == ("repository", 403)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"scope": "admin"}, "invalid_scope"),
        ({"client_secret": "other"}, "invalid_client"),
    ]
    for parameters, error in wrong:
        assert bench.token(grant_type="client_credentials", **parameters).document["error"] == error
    public = Application(client_id="public", client_secret=None, redirect_uris=())
    bench.provider.register(public)
    response = bench.token(grant_type="client_credentials", client_id="public", client_secret=None)
    assert response.document["error"] == "invalid_client"


def test_the_implicit_grant_brings_an_access_token_in_the_fragment_and_nothing_to_refresh(bench: Bench) -> None:
    address = urlsplit(location(bench.authorize(response_type="token")))
    members = dict(parse_qsl(address.fragment))
    assert (address.query, set(members)) == ("", {"access_token", "token_type", "expires_in", "scope", "state"})
    assert (members["token_type"], members["state"]) == ("bearer", "kept-by-the-client")
    assert bench.call(members["access_token"]) == 200
    assert bench.provider.ledger.entries[0].issued == ("AT1",)
    bench.provider.revoke_user("alice")
    assert bench.call(members["access_token"]) == 401


def test_an_implicit_request_that_the_user_denies_is_told_in_the_fragment(bench: Bench) -> None:
    """RFC 6749 s4.2.2.1"""
    bench.provider.user.will(Decision(answer="deny"))
    address = urlsplit(location(bench.authorize(response_type="token")))
    assert (address.query, dict(parse_qsl(address.fragment))["error"]) == ("", "access_denied")


def test_other_vendors_and_other_response_types_are_told_in_the_query(bench: Bench) -> None:
    plain = Bench(GENERIC)
    for one, kind in ((plain, "token"), (bench, "id_token")):
        assert query(one.authorize(response_type=kind))["error"] == "unsupported_response_type"


CONNECT = "urn:bitbucket:oauth2:jwt"


def connect(
    bench: Bench, scheme: str = "JWT", key: str = CLIENT_SECRET, scope: str | None = None, **claims: Any
) -> Any:
    """Exchange the token of a Connect app: its key is the issuer, the installation's client key the subject."""
    content = {"iss": "our-app", "sub": CLIENT_ID, "iat": START // SECOND, "exp": START // SECOND + 180} | claims
    token = jwt.encode({"alg": "HS256"}, content, OctKey.import_key(key))
    return bench.token(
        grant_type=CONNECT, client_id=None, client_secret=None, scope=scope,
        headers=(("Authorization", f"{scheme} {token}"),),
    )  # fmt: skip


def test_the_token_of_a_connect_app_is_swapped_for_an_access_token(bench: Bench) -> None:
    tokens = granted(connect(bench))
    assert (tokens["scope"], "refresh_token" in tokens, bench.call(tokens["access_token"])) == (
        "account repository", False, 200,
    )  # fmt: skip
    assert granted(connect(bench, scope="repository"))["scope"] == "repository"


@pytest.mark.parametrize(
    "wrong",
    [
        {"scheme": "jwt"}, {"scheme": "Bearer"}, {"key": "another-key-0123456789"}, {"sub": "nobody"},
        {"exp": START // SECOND}, {"exp": "soon"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_of_a_connect_app_that_proves_nothing_is_refused(bench: Bench, wrong: dict[str, Any]) -> None:
    assert connect(bench, **wrong).document["error"] == "invalid_client"


def test_a_secret_is_no_token_of_a_connect_app_and_the_other_way_round(bench: Bench) -> None:
    assert bench.token(grant_type=CONNECT).document["error"] == "invalid_client"
    token = jwt.encode({"alg": "HS256"}, {"sub": CLIENT_ID, "exp": START}, OctKey.import_key(CLIENT_SECRET))
    response = bench.token(
        grant_type="client_credentials", client_id=None, client_secret=None,
        headers=(("Authorization", f"JWT {token}"),),
    )  # fmt: skip
    assert response.document["error"] == "invalid_client"
    garbage = bench.token(grant_type=CONNECT, client_id=None, headers=(("Authorization", "JWT a.b.c"),))
    assert garbage.document["error"] == "invalid_client"


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
