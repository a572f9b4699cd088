"""What unmodified clients of the vendors send and want, and what the vendors refuse them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from kit.dumb_client import play
from kit.provider import Bench, Pairs, granted, location
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.identity import at_hash
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account
from refreshproof.mock_servers.vendors import VENDORS

OWN_API = f"api://{CLIENT_ID}/access_as_user"
MCP = "https://mcp.example.com/mcp"
FROM_A_PAGE: Pairs = (("Origin", "https://app.example"), ("Access-Control-Request-Method", "POST"))


def bench_of(name: str) -> Bench:
    return Bench(VENDORS[name].profile, accounts=(Account(name="alice"), Account(name="bob")))


def fragment(bench: Bench, **changes: str) -> dict[str, str]:
    """What comes back in the fragment."""
    return dict(parse_qsl(urlsplit(location(bench.authorize(**changes))).fragment))


def test_microsoft_refuses_a_resource_that_the_scopes_are_not_of() -> None:
    bench = bench_of("microsoft")
    token = bench.login(scope="User.Read offline_access")["refresh_token"]
    refused = bench.refresh(token, scope="User.Read offline_access", resource=MCP)
    assert (refused.status, refused.document["error"]) == (400, "invalid_target")
    assert refused.document["error_codes"] == [9010010]
    assert refused.document["error_description"].startswith("AADSTS9010010: The resource parameter provided")
    assert bench.refresh(token, resource="https://graph.microsoft.com/").status == 200
    assert bench.refresh(token).status == 200
    assert bench.authorize(resource=MCP).status == 400


def test_microsofts_older_endpoint_takes_a_resource_instead_of_scopes() -> None:
    bench = bench_of("microsoft")
    url = bench.authorization_url(resource="https://graph.microsoft.com").replace("/v2.0/", "/")
    assert "code=" in location(bench.send("GET", url))


@pytest.mark.parametrize(
    ("scope", "status"), [(None, 400), ("openid offline_access", 400), (f"{OWN_API} offline_access", 200)]
)
def test_microsoft_wants_the_scope_again_of_a_client_that_is_its_own_api(scope: str | None, status: int) -> None:
    bench = bench_of("microsoft")
    token = bench.login(scope=f"openid {OWN_API} offline_access")["refresh_token"]
    answer = bench.refresh(token, scope=scope)
    assert answer.status == status
    if status == 400:
        assert (answer.document["error"], answer.document["error_codes"]) == ("invalid_request", [90009])


def test_microsoft_signs_out_and_goes_back_to_the_application() -> None:
    bench = bench_of("microsoft")
    bench.login()
    end = bench.profile.metadata["end_session_endpoint"]
    onward = bench.send("GET", f"{end}?post_logout_redirect_uri=https://app.example.com/callback")
    assert location(onward) == "https://app.example.com/callback"
    assert "error=login_required" in location(bench.authorize(prompt="none"))


@pytest.mark.parametrize(
    ("name", "response_type", "members"),
    [
        ("microsoft", "code id_token", {"code", "id_token"}),
        ("microsoft", "token id_token", {"access_token", "token_type", "expires_in", "id_token"}),
        ("google", "id_token", {"id_token"}),
        ("google", "code token", {"code", "access_token", "token_type", "expires_in"}),
        ("google", "none", set()),
    ],
)
def test_every_response_type_that_is_told_brings_its_parts(name: str, response_type: str, members: set[str]) -> None:
    bench = bench_of(name)
    scopes = " ".join(("openid", *bench.profile.scopes))
    asked = {"response_type": response_type, "nonce": "once", "scope": scopes, "response_mode": "fragment"}
    brought = fragment(bench, **asked)
    possible = {"code", "access_token", "id_token", "token_type", "expires_in", "refresh_token"}
    assert set(brought) & possible == members
    assert brought["state"] == "kept-by-the-client"
    claims = signing.read(brought["id_token"]) if "id_token" in members else None
    if claims is not None:
        assert claims["nonce"] == "once"
        assert claims.get("c_hash") == (at_hash(brought["code"]) if "code" in members else None)
        assert claims.get("at_hash") == (at_hash(brought["access_token"]) if "access_token" in members else None)
    if "code" in members:
        assert bench.exchange(brought["code"]).status == 200


def test_a_token_by_the_browser_is_never_in_the_query_and_bound_to_the_request() -> None:
    bench = bench_of("microsoft")
    asked: dict[str, str] = {"response_type": "id_token", "scope": "openid", "response_mode": "query"}
    assert fragment(bench, **asked, nonce="once")["error"] == "invalid_request"
    assert fragment(bench, **{**asked, "response_mode": "fragment"})["error"] == "invalid_request"
    posted = bench.authorize(**{**asked, "response_mode": "form_post"}, nonce="once")
    assert posted.status == 200
    assert b'name="id_token"' in posted.body


def told(bench: Bench, url: str, scope: str) -> dict[str, Any]:
    """What userinfo says to a token in the query."""
    token = bench.login(scope=scope)["access_token"]
    return granted(bench.send("GET", f"{url}?access_token={token}"))


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_google_takes_the_access_token_in_the_query_at_every_userinfo(version: str) -> None:
    bench = bench_of("google")
    found = told(bench, f"https://www.googleapis.com/oauth2/{version}/userinfo", "profile email")
    subject, verified = ("sub", "email_verified") if version == "v3" else ("id", "verified_email")
    assert found[subject].isdecimal()
    assert (found[verified], found["email"], found["name"]) == (True, "alice@example.com", "Alice Example")


def test_google_takes_the_access_token_in_the_query_of_its_apis_and_others_do_not() -> None:
    for name, status in (("google", 200), ("microsoft", 401)):
        bench = bench_of(name)
        token = bench.login()["access_token"]
        assert bench.send("GET", f"{bench.profile.url('resource')}?access_token={token}").status == status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_googles_older_revocation_ends_the_grant(method: str) -> None:
    bench = bench_of("google")
    tokens = bench.login()
    url = f"https://accounts.google.com/o/oauth2/revoke?token={tokens['refresh_token']}"
    assert bench.send(method, url).status == 200
    assert bench.refresh(tokens["refresh_token"]).document["error"] == "invalid_grant"


@pytest.mark.parametrize("member", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
def test_pages_elsewhere_may_ask_google(member: str) -> None:
    bench = bench_of("google")
    answer = bench.send("OPTIONS", bench.profile.metadata[member], FROM_A_PAGE)
    assert (answer.status, answer.header("access-control-allow-origin")) == (204, "https://app.example")


def test_slack_takes_a_code_without_a_grant_type() -> None:
    bench = bench_of("slack")
    tokens = granted(bench.exchange(bench.code(scope="chat:write"), grant_type=None))
    assert tokens["ok"]
    assert granted(bench.refresh(tokens["refresh_token"]))["ok"]


def test_gitlab_refreshes_without_a_redirect_uri() -> None:
    bench = bench_of("gitlab")
    assert bench.refresh(bench.login()["refresh_token"]).status == 200


TELLING = tuple(
    name
    for name, vendor in VENDORS.items()
    if vendor.profile.endpoints
    and any(one.view == "resource" and one.options.get("identity") for one in vendor.profile.endpoints)
    and not name.startswith("atlassian-")
)


@pytest.mark.parametrize("name", TELLING)
def test_a_resource_about_a_user_is_about_the_one_who_logged_in(name: str) -> None:
    game = play(VENDORS[name])
    game.provider.state.accounts["bob"] = Account(name="bob")
    game.provider.user.will(Decision(account="bob"))
    told = str(game.call(game.login()["access_token"]).document)
    assert "bob" in told.lower()
    assert not {"alice", "mia"} & set(re.findall("[a-z]+", told.lower()))


def test_the_user_s_own_resource_tells_of_the_user_at_every_vendor_that_has_one() -> None:
    assert {
        "strava", "fitbit", "spotify", "x", "box", "dropbox", "github-app", "github-oauth", "gitlab", "slack",
        "google", "microsoft", "atlassian", "bitbucket", "okta",
    } <= set(TELLING)  # fmt: skip


def test_quickbooks_tells_how_much_is_left_of_five_years_to_who_asks_for_it() -> None:
    bench = bench_of("quickbooks")
    asked = (("X-Include-Refresh-Token-Hard-Expires-In", "true"),)
    first = granted(bench.exchange(bench.code(), headers=asked))
    assert first["x_refresh_token_hard_expires_in"] == 157_680_000
    bench.advance(86_400)
    renewed = granted(bench.refresh(first["refresh_token"], headers=asked))
    assert renewed["x_refresh_token_hard_expires_in"] == 157_593_600
    assert "x_refresh_token_hard_expires_in" not in granted(bench.refresh(renewed["refresh_token"]))
