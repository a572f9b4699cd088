"""Microsoft's consent, codes, success bodies and token lives, one row per fact; the ids begin with the fact's key in
`MICROSOFT.sources`."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from kit.provider import DAY, START, Bench, granted, location, query
from kit.vendor import post, unsourced
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.provider.provider import CLIENT_ID, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.vendors.microsoft.cloud import GRAPH, LOGIN, TENANT
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT
from refreshproof.mock_servers.wire import SECOND

OFFLINE = "offline_access User.Read"
EVERYTHING = "openid profile email offline_access User.Read"
OUTLOOK = "https://outlook.office.com/IMAP.AccessAsUser.All"
CAPABLE = json.dumps({"access_token": {"xms_cc": {"values": ["cp1"]}}})
ORIGIN = ("Origin", "https://app.example.com")
SPA = Application(client_id=CLIENT_ID, client_secret=None, redirect_uris=(REDIRECT_URI,), kind="spa")
VERIFIER = "v" * 43


@pytest.fixture
def bench() -> Bench:
    return Bench(MICROSOFT)


def test_every_field_that_microsoft_sets_names_its_source() -> None:
    assert unsourced(MICROSOFT) == []
    assert "refresh.rotation" in unsourced(replace(MICROSOFT, sources={}, refresh=RefreshPolicy(rotation="always")))


# --- issuance ---------------------------------------------------------------------------------------------------------

ISSUANCE = [
    pytest.param({"scope": OFFLINE}, True, id="issuance.scope-A-15-offline_access"),
    pytest.param({"scope": "User.Read"}, False, id="issuance.scope-A-16-no-offline_access"),
    pytest.param({"scope": OFFLINE, "prompt": "consent"}, True, id="issuance.scope-prompt-does-not-matter"),
    pytest.param({"scope": "User.Read", "access_type": "offline"}, False, id="issuance.scope-not-googles-parameter"),
]


@pytest.mark.parametrize(("changes", "expected"), ISSUANCE)
def test_every_login_with_offline_access_brings_a_refresh_token(
    bench: Bench, changes: dict[str, str], expected: bool
) -> None:
    """Unlike Google's, the second login is as good as the first."""
    assert ["refresh_token" in bench.login(**changes) for _ in range(2)] == [expected, expected]


def test_offline_access_at_the_token_request_alone_brings_none(bench: Bench) -> None:
    """issuance.scope, A-15"""
    tokens = granted(bench.exchange(bench.code(scope="User.Read"), scope=OFFLINE))
    assert "refresh_token" not in tokens


# --- the success body -------------------------------------------------------------------------------------------------


def test_a_code_exchange_has_the_documented_members(bench: Bench) -> None:
    """response.members and response.headers"""
    response = bench.exchange(bench.code(scope=EVERYTHING), client_info="1")
    tokens = granted(response)
    assert list(tokens) == [
        "token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token",
        "client_info",
    ]  # fmt: skip
    assert tokens["token_type"] == "Bearer"
    assert set(tokens["scope"].split()) == {"openid", "profile", "email", "User.Read"}
    assert (response.header("cache-control"), response.header("expires")) == ("no-store, no-cache", "-1")
    assert response.header("x-content-type-options") == "nosniff"


def test_lifetimes_are_drawn_between_sixty_and_ninety_minutes(bench: Bench) -> None:
    """lifetimes.access_token: a client may not assume 3600."""
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    bodies = [granted(bench.refresh(refresh_token)) for _ in range(30)]
    lifetimes = {body["expires_in"] for body in bodies}
    assert all(3599 <= lifetime <= 5399 and isinstance(lifetime, int) for lifetime in lifetimes)
    assert len(lifetimes) > 20
    assert all(body["ext_expires_in"] == body["expires_in"] for body in bodies)


def test_equal_seeds_draw_equal_lifetimes() -> None:
    assert Bench(MICROSOFT).login(scope=OFFLINE) == Bench(MICROSOFT).login(scope=OFFLINE)


def test_client_info_names_the_account_in_base64url_without_padding(bench: Bench) -> None:
    """response.members: only when client_info=1 was sent."""
    tokens = granted(bench.exchange(bench.code(scope=EVERYTHING), client_info="1"))
    assert "=" not in tokens["client_info"]
    info = json.loads(base64.urlsafe_b64decode(tokens["client_info"] + "=="))
    claims = signing.read(tokens["id_token"]) or {}
    assert info == {"uid": claims["oid"], "utid": TENANT}
    assert "client_info" not in granted(bench.refresh(tokens["refresh_token"]))


def test_an_id_token_has_the_recorded_claims(bench: Bench) -> None:
    """id_token"""
    claims = signing.read(bench.login(scope=EVERYTHING, nonce="once")["id_token"]) or {}
    assert set(claims) == {
        "aud", "iss", "iat", "nbf", "exp", "aio", "idp", "name", "oid", "preferred_username", "rh", "sub", "tid",
        "uti", "ver", "nonce", "email",
    }  # fmt: skip
    assert (claims["iss"], claims["tid"], claims["ver"]) == (f"{LOGIN}/{TENANT}/v2.0", TENANT, "2.0")
    assert claims["exp"] - claims["iat"] == 3900
    assert (claims["aud"], claims["nonce"]) == (CLIENT_ID, "once")


ID_TOKENS = [
    pytest.param(EVERYTHING, {}, True, id="id_token-openid"),
    pytest.param(OFFLINE, {}, False, id="id_token-not-without-openid"),
]


@pytest.mark.parametrize(("scope", "extra", "expected"), ID_TOKENS)
def test_an_id_token_comes_with_openid_only(bench: Bench, scope: str, extra: dict[str, str], expected: bool) -> None:
    assert ("id_token" in bench.login(scope=scope, **extra)) is expected


def test_an_id_token_has_a_nonce_only_when_one_was_sent_with_this_login(bench: Bench) -> None:
    without = signing.read(bench.login(scope=EVERYTHING)["id_token"]) or {}
    tokens = bench.login(scope=EVERYTHING, nonce="once")
    refreshed = signing.read(granted(bench.refresh(tokens["refresh_token"]))["id_token"]) or {}
    assert ("nonce" in without, "nonce" in refreshed) == (False, False)


def test_userinfo_stands_at_graph(bench: Bench) -> None:
    tokens = bench.login(scope=EVERYTHING)
    document = granted(bench.get(f"{GRAPH}/oidc/userinfo", tokens["access_token"]))
    assert document["sub"] == (signing.read(tokens["id_token"]) or {})["sub"]
    assert document["email"] == "alice@example.com"


# --- scopes and resources ---------------------------------------------------------------------------------------------

NAMES = [
    pytest.param(f"{GRAPH}/User.Read", "User.Read", id="authorization.home_resource-full-name"),
    pytest.param(f"{GRAPH}/.default", "User.Read", id="authorization.home_resource-default"),
    pytest.param(f"User.Read {OUTLOOK}", "User.Read", id="authorization.home_resource-first-resource-wins"),
    pytest.param(f"{OUTLOOK} User.Read", OUTLOOK, id="authorization.home_resource-other-resource-first"),
    pytest.param(f"offline_access {OUTLOOK}", OUTLOOK, id="authorization.home_resource-mail-handler"),
]


@pytest.mark.parametrize(("asked", "told"), NAMES)
def test_an_access_token_is_for_one_resource(bench: Bench, asked: str, told: str) -> None:
    tokens = bench.login(scope=asked)
    assert tokens["scope"] == told
    assert bench.call(tokens["access_token"]) == (200 if told == "User.Read" else 403)


def test_the_scope_of_the_exchange_picks_the_resource(bench: Bench) -> None:
    """authorization.home_resource: MSAL sends the scopes again with the code."""
    code = bench.code(scope=f"User.Read {OUTLOOK}")
    assert granted(bench.exchange(code, scope=OUTLOOK))["scope"] == OUTLOOK


def test_a_refresh_token_serves_every_resource_that_was_consented(bench: Bench) -> None:
    """token_request.scopes_within: bound to user and client, not to resource or tenant."""
    bench.login(scope=f"offline_access {OUTLOOK}")
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    assert granted(bench.refresh(refresh_token, scope=OUTLOOK))["scope"] == OUTLOOK
    url = f"{LOGIN}/{TENANT}/oauth2/v2.0/token"
    secret = DEFAULT_APPLICATION.client_secret or ""
    fields = {"client_id": CLIENT_ID, "client_secret": secret, "refresh_token": refresh_token}
    assert post(bench, url, grant_type="refresh_token", **fields).status == 200


# --- the lives of refresh tokens --------------------------------------------------------------------------------------


def test_each_refresh_brings_a_new_token_and_the_old_ones_live_on(bench: Bench) -> None:
    """refresh.rotation and refresh.on_replay: reuse revokes nothing."""
    tokens = [bench.login(scope=OFFLINE)["refresh_token"]]
    for _ in range(4):
        tokens.append(granted(bench.refresh(tokens[-1]))["refresh_token"])
    assert len(set(tokens)) == 5
    assert [bench.refresh(token).status for token in tokens * 3] == [200] * 15


def test_each_token_lives_for_ninety_days_of_its_own(bench: Bench) -> None:
    """refresh.inactivity_ttl: from the issue of each token; use of an old one does not lengthen it."""
    first = bench.login(scope=OFFLINE)["refresh_token"]
    bench.advance(89 * DAY)
    second = granted(bench.refresh(first))["refresh_token"]
    bench.advance(DAY - 1)
    assert bench.refresh(first).status == 200
    bench.advance(1)
    assert [bench.refresh(token).status for token in (first, second)] == [400, 200]
    bench.advance(89 * DAY)
    assert bench.refresh(second).document["error_codes"] == [700082]


def spa_login(bench: Bench) -> str:
    code = bench.code(scope=OFFLINE, code_challenge=VERIFIER)
    response = bench.exchange(code, code_verifier=VERIFIER, client_secret=None, headers=(ORIGIN,))
    assert response.header("access-control-allow-origin") == ORIGIN[1]
    return str(granted(response)["refresh_token"])


def test_a_single_page_application_has_one_day_however_often_it_refreshes() -> None:
    """lifetime_rules.spa: rotated tokens inherit what is left."""
    bench = Bench(MICROSOFT, application=SPA)
    token = spa_login(bench)
    for hours in (10, 10):
        bench.advance(hours * 3600)
        token = granted(bench.refresh(token, client_secret=None, headers=(ORIGIN,)))["refresh_token"]
    bench.advance(4 * 3600 - 1)
    assert bench.refresh(token, client_secret=None, headers=(ORIGIN,)).status == 200
    bench.advance(1)
    document = bench.refresh(token, client_secret=None, headers=(ORIGIN,)).document
    assert (document["error_codes"], document["suberror"]) == ([700084], "bad_token")


def test_a_single_page_application_needs_an_origin_and_a_challenge() -> None:
    """token_request.origin_kinds and authorization.pkce_kinds"""
    bench = Bench(MICROSOFT, application=SPA)
    assert query(bench.authorize(scope=OFFLINE))["error"] == "invalid_request"
    token = spa_login(bench)
    document = bench.refresh(token, client_secret=None).document
    assert (document["error"], document["error_codes"]) == ("invalid_request", [9002327])


PASSWORDS = [
    pytest.param(DEFAULT_APPLICATION, True, id="accounts.password_public_only-confidential-client-keeps"),
    pytest.param(replace(DEFAULT_APPLICATION, client_secret=None), False, id="accounts.password_change-public-client"),
]


@pytest.mark.parametrize(("application", "lives"), PASSWORDS)
def test_a_new_password_ends_the_tokens_of_public_clients(application: Application, lives: bool) -> None:
    bench = Bench(MICROSOFT, application=application)
    secret = application.client_secret
    tokens = granted(bench.exchange(bench.code(scope=OFFLINE), client_secret=secret))
    bench.provider.change_password("alice")
    response = bench.refresh(tokens["refresh_token"], client_secret=secret)
    assert (response.status == 200) is lives
    assert lives or response.document["error_codes"] == [50173]


# --- revocation and continuous access ---------------------------------------------------------------------------------


def test_revoke_all_ends_refresh_tokens_but_access_tokens_live_until_they_expire(bench: Bench) -> None:
    """accounts.revocation_ends_access_tokens, errors.refresh_token_revoked"""
    tokens = bench.login(scope=OFFLINE)
    bench.provider.revoke_user("alice")
    assert bench.refresh(tokens["refresh_token"]).document["error_codes"] == [50173]
    assert bench.call(tokens["access_token"]) == 200
    bench.advance(tokens["expires_in"])
    assert bench.call(tokens["access_token"]) == 401


def test_a_capable_client_gets_a_long_access_token_and_a_claims_challenge(bench: Bench) -> None:
    """continuous_access, errors.claims_challenge"""
    tokens = granted(bench.exchange(bench.code(scope=OFFLINE), claims=CAPABLE))
    assert 71_999 <= tokens["expires_in"] <= 100_799
    assert bench.call(tokens["access_token"]) == 200
    bench.advance(600)
    bench.call(tokens["access_token"])
    bench.provider.revoke_user("alice")
    response = bench.get(MICROSOFT.url("resource"), tokens["access_token"])
    challenge = response.header("www-authenticate") or ""
    assert (response.status, 'error="insufficient_claims"' in challenge) == (401, True)
    claims = base64.b64decode(challenge.partition('claims="')[2].rstrip('"'))
    nbf = {"essential": True, "value": str(START // SECOND + 600)}
    assert json.loads(claims) == {"access_token": {"nbf": nbf}}
    merged = json.dumps(json.loads(claims) | json.loads(CAPABLE))
    assert bench.refresh(tokens["refresh_token"], claims=merged).document["error_codes"] == [50173]


CLAIMS = [
    pytest.param("{}", id="continuous_access-no-capability"),
    pytest.param("not json", id="continuous_access-not-json"),
    pytest.param("[1]", id="continuous_access-no-object"),
    pytest.param(CAPABLE.replace("cp1", "cp2"), id="continuous_access-another-capability"),
]


@pytest.mark.parametrize("claims", CLAIMS)
def test_other_claims_are_tolerated_without_effect(bench: Bench, claims: str) -> None:
    assert granted(bench.exchange(bench.code(scope=OFFLINE), claims=claims))["expires_in"] <= 5399


def test_there_is_no_revocation_endpoint(bench: Bench) -> None:
    assert MICROSOFT.url("revocation") is None
    assert not {"revocation_endpoint", "introspection_endpoint"} & set(MICROSOFT.metadata)
    assert bench.send("POST", f"{LOGIN}/common/oauth2/v2.0/revoke").status == 404


def test_the_logout_page_leaves_tokens_alone(bench: Bench) -> None:
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    assert bench.send("GET", f"{LOGIN}/common/oauth2/v2.0/logout").status == 200
    assert bench.refresh(refresh_token).status == 200


# --- the authorization endpoint ---------------------------------------------------------------------------------------


def test_the_callback_has_code_state_and_session_state(bench: Bench) -> None:
    """authorization.extra_callback_parameters"""
    assert list(query(bench.authorize())) == ["code", "state", "session_state"]


MODES = [
    pytest.param("query", "?code=", id="authorization.response_modes-query"),
    pytest.param("fragment", "#code=", id="authorization.response_modes-fragment"),
]


@pytest.mark.parametrize(("mode", "start"), MODES)
def test_the_response_mode_says_where_the_callback_stands(bench: Bench, mode: str, start: str) -> None:
    assert location(bench.authorize(response_mode=mode)).startswith(f"{REDIRECT_URI}{start}")


def test_form_post_answers_a_page_that_posts_itself(bench: Bench) -> None:
    """authorization.response_modes"""
    text = bench.authorize(response_mode="form_post", state='"><script>').body.decode()
    assert f'action="{REDIRECT_URI}"' in text
    assert "<script>" not in text


def test_a_wrong_redirect_uri_meets_a_page_with_its_code(bench: Bench) -> None:
    """errors.redirect_uri_mismatch"""
    response = bench.authorize(redirect_uri=f"{REDIRECT_URI}/")
    assert response.header("content-type") == "text/html; charset=utf-8"
    assert "AADSTS50011" in response.body.decode()


LOOPBACK = [
    pytest.param("http://localhost:4711/cb", True, id="authorization.loopback_port_free-any-port"),
    pytest.param("http://localhost:4711/other", False, id="authorization.loopback_port_free-other-path"),
]


@pytest.mark.parametrize(("given", "accepted"), LOOPBACK)
def test_on_localhost_the_port_is_ignored(given: str, accepted: bool) -> None:
    application = replace(DEFAULT_APPLICATION, redirect_uris=("http://localhost/cb",))
    response: Any = Bench(MICROSOFT, application=application).authorize(redirect_uri=given)
    assert (response.status == 302) is accepted
