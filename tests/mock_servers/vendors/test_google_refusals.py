"""How Google refuses, and when its tokens die: one row per fact; the ids begin with the fact's key in
`GOOGLE.sources`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from kit.dumb_client import basic
from kit.provider import DAY, Bench, granted
from kit.vendor import Exchange, post, refresh_after
from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.google.google import APIS, GOOGLE, MAIL, OAUTH2
from refreshproof.mock_servers.wire import WireResponse

SIGN_IN = "openid email profile"
DRIVE = f"{APIS}/auth/drive"
DEAD = "Token has been expired or revoked."
VERIFIER = "v" * 43
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

GOOGLE_PAGE = "https://developers.google.com/identity/protocols/oauth2"


@pytest.fixture
def bench() -> Bench:
    return Bench(GOOGLE)


def _challenged(bench: Bench) -> str:
    return bench.code(code_challenge=VERIFIER, code_challenge_method="plain")


def _used_code(bench: Bench) -> WireResponse:
    code = bench.code()
    bench.exchange(code)
    return bench.exchange(code)


def _late_code(bench: Bench) -> WireResponse:
    code = bench.code()
    bench.advance(GOOGLE.lifetimes.code)
    return bench.exchange(code)


def _others_token(bench: Bench) -> WireResponse:
    bench.provider.register(replace(DEFAULT_APPLICATION, client_id="other"))
    return bench.refresh(bench.login()["refresh_token"], client_id="other")


def _client(cause: Cause) -> Callable[[Bench], object]:
    return lambda bench: bench.provider.register(replace(DEFAULT_APPLICATION, refusal=cause))


REFUSALS = [
    pytest.param(lambda b: b.refresh("1//x", client_id="nobody"), 401, "invalid_client",
                 "The OAuth client was not found.", id="errors.unknown_client"),
    pytest.param(lambda b: b.refresh("1//x", client_secret="no"), 401, "invalid_client", "Unauthorized",
                 id="errors.wrong_secret"),
    pytest.param(lambda b: b.refresh("1//x", client_secret=None), 400, "invalid_request",
                 "client_secret is missing.", id="errors.missing_secret"),
    pytest.param(lambda b: b.refresh("1//x", client_secret=None, client_id=None), 400, "invalid_request",
                 "Could not determine client ID from request.", id="errors.missing_client"),
    pytest.param(lambda b: b.exchange(None), 400, "invalid_request", "Missing required parameter: code",
                 id="errors.missing_parameter"),
    pytest.param(lambda b: b.token(grant_type="password"), 400, "unsupported_grant_type",
                 "Invalid grant_type: password", id="errors.unsupported_grant_type"),
    pytest.param(lambda b: b.exchange("not-a-code"), 400, "invalid_grant", "Malformed auth code.",
                 id="errors.unknown_code"),
    pytest.param(_used_code, 400, "invalid_grant", None, id="errors.used_code"),
    pytest.param(_late_code, 400, "invalid_grant", None, id="errors.expired_code-after-lifetimes.code"),
    pytest.param(lambda b: b.exchange(b.code(), redirect_uri=f"{REDIRECT_URI}/"), 400, "redirect_uri_mismatch",
                 "Bad Request", id="errors.redirect_uri_mismatch"),
    pytest.param(lambda b: b.exchange(_challenged(b)), 400, "invalid_grant", "Missing code verifier.",
                 id="errors.missing_verifier"),
    pytest.param(lambda b: b.exchange(_challenged(b), code_verifier="w" * 43), 400, "invalid_grant",
                 "Invalid code verifier.", id="errors.wrong_verifier"),
    pytest.param(lambda b: b.exchange(b.code(), code_verifier=VERIFIER), 400, "invalid_grant",
                 "code_verifier or verifier is not needed", id="errors.unexpected_verifier"),
    pytest.param(lambda b: b.refresh("1//garbage"), 400, "invalid_grant", "Bad Request",
                 id="errors.unknown_refresh_token"),
    pytest.param(_others_token, 401, "unauthorized_client", "Unauthorized", id="errors.refresh_token_of_other_client"),
    pytest.param(refresh_after(lambda b: b.provider.revoke_user("alice")), 400, "invalid_grant", DEAD,
                 id="errors.refresh_token_revoked"),
    pytest.param(refresh_after(lambda b: None, 183 * DAY), 400, "invalid_grant", DEAD, id="errors.refresh_token_idle"),
    pytest.param(refresh_after(lambda b: b.provider.change_password("alice")), 400, "invalid_grant", None,
                 id="errors.password_changed"),
    pytest.param(refresh_after(lambda b: b.provider.enforce("alice", Cause.REAUTHENTICATION_REQUIRED)), 400,
                 "invalid_grant", "reauth related error (invalid_rapt)", id="errors.reauthentication_required"),
    pytest.param(refresh_after(lambda b: b.provider.enforce("alice", Cause.ADMIN_POLICY)), 400, "admin_policy_enforced",
                 None, id="errors.admin_policy"),
    pytest.param(refresh_after(_client(Cause.CLIENT_DELETED)), 401, "deleted_client", None, id="errors.client_deleted"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "status", "error", "description"), REFUSALS)
def test_a_refusal_has_googles_status_error_and_words(
    bench: Bench, request_: Exchange, status: int, error: str, description: str | None
) -> None:
    response = request_(bench)
    assert (response.status, response.document["error"]) == (status, error)
    # None: the vendor's words are not known, so ours are no fact.
    assert description in (None, response.document["error_description"])


ENCODINGS = [
    pytest.param("raw", "a-secret_with.dots", 200, id="token_request.basic_encoding-raw"),
    pytest.param("raw", "a%2Dsecret%5Fwith%2Edots", 401, id="token_request.basic_encoding-raw-refuses-encoded"),
    pytest.param("either", "a%2Dsecret%5Fwith%2Edots", 200, id="token_request.basic_encoding-default-takes-both"),
]


@pytest.mark.parametrize(("encoding", "sent", "status"), ENCODINGS)
def test_strict_raw_basic_refuses_percent_encoded_credentials(encoding: Any, sent: str, status: int) -> None:
    """One report says so (panva/oauth4webapi#165); strict mode is a switch."""
    profile = replace(GOOGLE, token_request=replace(GOOGLE.token_request, basic_encoding=encoding))
    bench = Bench(profile, application=replace(DEFAULT_APPLICATION, client_secret="a-secret_with.dots"))
    response = bench.exchange(bench.code(), client_id=None, client_secret=None, headers=(basic(secret=sent),))
    assert response.status == status


def test_a_reauthentication_refusal_has_its_subtype_and_address(bench: Bench) -> None:
    """errors.reauthentication_required"""
    document = refresh_after(lambda b: b.provider.enforce("alice", Cause.REAUTHENTICATION_REQUIRED))(bench).document
    assert document["error_subtype"] == "invalid_rapt"
    assert document["error_uri"] == "https://support.google.com/a/answer/9368756"


def test_a_policy_that_is_lifted_lets_the_same_token_live_on(bench: Bench) -> None:
    refresh_token = bench.login()["refresh_token"]
    bench.provider.enforce("alice", Cause.REAUTHENTICATION_REQUIRED)
    assert bench.refresh(refresh_token).status == 400
    bench.provider.enforce("alice", None)
    assert bench.refresh(refresh_token).status == 200


def test_a_scope_beyond_the_grant_is_invalid_and_says_where_to_read_on(bench: Bench) -> None:
    """errors.invalid_scope"""
    document = bench.refresh(bench.login()["refresh_token"], scope=DRIVE).document
    assert (document["error"], document["error_uri"]) == ("invalid_scope", GOOGLE_PAGE)
    assert document["error_description"] == f"Some requested scopes were invalid. {{invalid=[{DRIVE}]}}"


def test_each_refresh_gives_six_more_months(bench: Bench) -> None:
    """refresh.inactivity_ttl: exactly at 183 days without use the token is dead, a second earlier it is not."""
    refresh_token = bench.login()["refresh_token"]
    for _ in range(2):
        bench.advance(183 * DAY - 1)
        assert bench.refresh(refresh_token).status == 200
    bench.advance(183 * DAY)
    assert bench.refresh(refresh_token).status == 400


CAPS = [
    pytest.param(GOOGLE, 100, id="refresh.cap_per_user"),
    *(
        pytest.param(replace(GOOGLE, refresh=replace(GOOGLE.refresh, cap_per_user=cap)), cap, id=f"historic-cap-{cap}")
        for cap in (50, 25)
    ),
]


@pytest.mark.parametrize(("profile", "cap"), CAPS)
def test_one_login_beyond_the_cap_silently_ends_the_oldest_token(profile: Profile, cap: int) -> None:
    bench = Bench(profile)
    tokens = [bench.login()["refresh_token"] for _ in range(cap + 1)]
    assert bench.refresh(tokens[0]).document["error_description"] == DEAD
    assert [bench.refresh(token).status for token in tokens[1:]] == [200] * cap


def test_the_cap_counts_per_user_and_client(bench: Bench) -> None:
    """refresh.cap_per_user"""
    first = bench.login()["refresh_token"]
    bench.provider.register(replace(DEFAULT_APPLICATION, client_id="other"))
    for _ in range(60):
        bench.exchange(bench.code(client_id="other"), client_id="other")
        bench.provider.user.will(Decision(account="bob"))
        bench.login()
    assert bench.refresh(first).status == 200


TESTING = [
    pytest.param("testing", MAIL, False, id="lifetime_rules.testing"),
    pytest.param("testing", SIGN_IN, True, id="lifetime_rules.testing-scope-exemption"),
    pytest.param("testing", f"{SIGN_IN} {MAIL}", False, id="lifetime_rules.testing-only-a-subset-is-exempt"),
    pytest.param("production", MAIL, True, id="lifetime_rules.testing-not-in-production"),
]


@pytest.mark.parametrize(("status", "scope", "lives"), TESTING)
def test_an_application_in_testing_loses_its_tokens_after_seven_days(status: str, scope: str, lives: bool) -> None:
    bench = Bench(GOOGLE, application=replace(DEFAULT_APPLICATION, status=status))
    tokens = bench.login(scope=scope)
    bench.advance(7 * DAY - 1)
    assert bench.refresh(tokens["refresh_token"]).status == 200
    bench.advance(1)
    assert bench.refresh(tokens["refresh_token"]).status == (200 if lives else 400)


ANNOUNCED = [
    pytest.param(True, 604_799, id="lifetime_rules.announced-default"),
    pytest.param(False, None, id="lifetime_rules.announced-switched-off"),
]


@pytest.mark.parametrize(("announced", "seconds"), ANNOUNCED)
def test_whether_testing_announces_the_seven_days_is_a_switch(announced: bool, seconds: int | None) -> None:
    """The number stands in a sample of Google's; that it means Testing, and comes with the code only, is inferred."""
    rules = (replace(GOOGLE.lifetime_rules[0], announced=announced),)
    bench = Bench(replace(GOOGLE, lifetime_rules=rules), application=replace(DEFAULT_APPLICATION, status="testing"))
    tokens = bench.login()
    assert tokens.get("refresh_token_expires_in") == seconds
    assert "refresh_token_expires_in" not in granted(bench.refresh(tokens["refresh_token"]))


def test_a_user_may_limit_the_access_in_time(bench: Bench) -> None:
    """authorization.timed_access: 180 days less a second is what one report saw."""
    bench.provider.user.will(Decision(seconds=180 * DAY))
    tokens = bench.login()
    assert tokens["refresh_token_expires_in"] == 15_551_999
    bench.advance(100 * DAY)
    assert bench.refresh(tokens["refresh_token"]).status == 200
    bench.advance(80 * DAY)
    assert bench.refresh(tokens["refresh_token"]).document["error_description"] == DEAD


PASSWORDS = [
    pytest.param(MAIL, False, id="accounts.password_change-gmail-scope"),
    pytest.param(f"{APIS}/auth/gmail.readonly", False, id="accounts.password_change-another-gmail-scope"),
    pytest.param(DRIVE, True, id="accounts.password_change-no-gmail-scope"),
]


@pytest.mark.parametrize(("scope", "lives"), PASSWORDS)
def test_a_new_password_ends_tokens_with_gmail_scopes(bench: Bench, scope: str, lives: bool) -> None:
    refresh_token = bench.login(scope=scope)["refresh_token"]
    bench.provider.change_password("alice")
    assert (bench.refresh(refresh_token).status == 200) is lives


REVOCATIONS = [
    pytest.param("refresh_token", "query", id="accounts.revocation_spans_project-refresh-token-in-query"),
    pytest.param("refresh_token", "form", id="accounts.revocation_spans_project-refresh-token-in-form"),
    pytest.param("access_token", "query", id="accounts.revoking_access_token_revokes_grant"),
]


@pytest.mark.parametrize(("member", "place"), REVOCATIONS)
def test_revoking_either_token_ends_both(bench: Bench, member: str, place: str) -> None:
    tokens = bench.login()
    parameters = {"token": tokens[member]}
    url = f"{OAUTH2}/revoke" + (f"?{urlencode(parameters)}" if place == "query" else "")
    assert post(bench, url, **(parameters if place == "form" else {})).status == 200
    assert bench.call(tokens["access_token"]) == 401
    assert bench.refresh(tokens["refresh_token"]).document["error_description"] == DEAD


def test_where_a_revocation_does_not_span_the_project_an_access_token_still_ends_its_refresh_token() -> None:
    """accounts.revoking_access_token_revokes_grant by itself"""
    bench = Bench(replace(GOOGLE, accounts=replace(GOOGLE.accounts, revocation_spans_project=False)))
    mine, other = bench.login(), bench.login()
    post(bench, f"{OAUTH2}/revoke", token=mine["access_token"])
    assert [bench.refresh(tokens["refresh_token"]).status for tokens in (mine, other)] == [400, 200]


def test_revoking_ends_every_token_of_the_project(bench: Bench) -> None:
    """accounts.revocation_spans_project"""
    mine = bench.login()
    bench.provider.register(replace(DEFAULT_APPLICATION, client_id="sibling"))
    theirs = granted(bench.exchange(bench.code(client_id="sibling"), client_id="sibling"))
    post(bench, f"{OAUTH2}/revoke", token=mine["refresh_token"])
    assert bench.refresh(theirs["refresh_token"], client_id="sibling").status == 400


def test_revoking_what_is_no_token_or_no_longer_one_is_a_400(bench: Bench) -> None:
    """errors.unknown_token"""
    token = bench.login()["refresh_token"]
    answers = [post(bench, f"{OAUTH2}/revoke", token=value).status for value in ("nothing", token, token)]
    assert answers == [400, 200, 400]


def test_revoking_by_get_meets_a_page(bench: Bench) -> None:
    """errors.revoke_by_get"""
    response = bench.send("GET", f"{OAUTH2}/revoke?token={bench.login()['refresh_token']}")
    assert (response.status, response.header("content-type")) == (404, "text/html; charset=utf-8")
