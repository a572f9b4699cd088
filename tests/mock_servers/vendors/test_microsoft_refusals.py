"""How Microsoft refuses, one row per fact; the ids begin with the fact's key in `MICROSOFT.sources`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from kit.provider import DAY, Bench, granted, query
from kit.vendor import Exchange, refresh_after
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.provider.provider import DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.microsoft.cloud import GRAPH, LOGIN
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT
from refreshproof.mock_servers.wire import WireResponse

OFFLINE = "offline_access User.Read"
VERIFIER = "v" * 43
CORRELATION = "0a1b2c3d-0000-4000-8000-000000000001"


@pytest.fixture
def bench() -> Bench:
    return Bench(MICROSOFT)


def _public(bench: Bench) -> WireResponse:
    bench.provider.register(replace(DEFAULT_APPLICATION, client_secret=None))
    return bench.refresh("x", client_secret="a-secret")


def _used_code(bench: Bench) -> WireResponse:
    code = bench.code()
    bench.exchange(code)
    return bench.exchange(code)


def _late_code(bench: Bench) -> WireResponse:
    code = bench.code()
    bench.advance(600)
    return bench.exchange(code)


def _wrong_verifier(bench: Bench) -> WireResponse:
    return bench.exchange(bench.code(code_challenge=VERIFIER), code_verifier="w" * 43)


def _client(cause: Cause) -> Callable[[Bench], object]:
    return lambda bench: bench.provider.register(replace(DEFAULT_APPLICATION, refusal=cause))


def _user(cause: Cause) -> Exchange:
    return refresh_after(lambda bench: bench.provider.enforce("alice", cause), scope=OFFLINE)


def _unconsented(bench: Bench) -> WireResponse:
    return bench.refresh(bench.login(scope=OFFLINE)["refresh_token"], scope="Mail.Read")


def _get_token(bench: Bench) -> WireResponse:
    return bench.send("GET", MICROSOFT.url("token") or "")


REVOKE = refresh_after(lambda bench: bench.provider.revoke_user("alice"), scope=OFFLINE)
IDLE = refresh_after(lambda bench: None, 90 * DAY, scope=OFFLINE)

# AADSTS code, status, error, suberror, and how the description goes on after the code.
REFUSALS = [
    pytest.param(IDLE, 700082, 400, "invalid_grant", "bad_token", "The refresh token has expired due to inactivity.",
                 id="errors.refresh_token_idle"),
    pytest.param(REVOKE, 50173, 400, "invalid_grant", "bad_token",
                 "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
                 id="errors.refresh_token_revoked"),
    pytest.param(_user(Cause.SIGN_IN_FREQUENCY), 70043, 400, "invalid_grant", "bad_token",
                 "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
                 id="errors.sign_in_frequency"),
    pytest.param(_user(Cause.MULTI_FACTOR_REQUIRED), 50076, 400, "invalid_grant", "basic_action",
                 "Due to a configuration change made by your administrator", id="errors.multi_factor_required"),
    pytest.param(_unconsented, 65001, 400, "invalid_grant", "consent_required",
                 "The user or administrator has not consented to use the application", id="errors.consent_required"),
    pytest.param(lambda b: b.refresh("garbage"), 9002313, 400, "invalid_grant", None,
                 "Invalid request. Request is malformed or invalid.", id="errors.unknown_refresh_token"),
    pytest.param(lambda b: b.exchange("garbage"), 9002313, 400, "invalid_grant", None,
                 "Invalid request. Request is malformed or invalid.", id="errors.unknown_code"),
    pytest.param(_used_code, 54005, 400, "invalid_grant", None,
                 "OAuth2 Authorization code was already redeemed", id="errors.used_code"),
    pytest.param(_late_code, 70008, 400, "invalid_grant", None,
                 "The provided authorization code or refresh token has expired due to inactivity.",
                 id="errors.expired_code-after-lifetimes.code"),
    pytest.param(_wrong_verifier, 501481, 400, "invalid_grant", None,
                 "The Code_Verifier does not match the code_challenge", id="errors.wrong_verifier"),
    pytest.param(lambda b: b.refresh("x", client_secret="no"), 7000215, 401, "invalid_client", None,
                 "Invalid client secret provided.", id="errors.wrong_secret"),
    pytest.param(lambda b: b.refresh("x", client_secret=None), 7000218, 401, "invalid_client", None,
                 "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
                 id="errors.missing_secret"),
    pytest.param(refresh_after(_client(Cause.SECRET_EXPIRED), scope=OFFLINE), 7000222, 401, "invalid_client", None,
                 "The provided client secret keys for app", id="errors.secret_expired"),
    pytest.param(_public, 700025, 401, "invalid_client", None, "Client is public",
                 id="errors.unexpected_secret-token_request.public_secret"),
    pytest.param(lambda b: b.refresh("x", client_id="nobody"), 700016, 400, "unauthorized_client", None,
                 "Application with identifier 'nobody' was not found", id="errors.unknown_client"),
    pytest.param(lambda b: b.refresh(None), 900144, 400, "invalid_request", None,
                 "The request body must contain the following parameter: 'refresh_token'.",
                 id="errors.missing_parameter"),
    pytest.param(lambda b: b.token(grant_type="password"), 70003, 400, "unsupported_grant_type", None,
                 "The app requested an unsupported grant type 'password'.", id="errors.unsupported_grant_type"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "code", "status", "error", "suberror", "description"), REFUSALS)
def test_a_refusal_has_microsofts_code_error_and_suberror(
    bench: Bench, request_: Exchange, code: int, status: int, error: str, suberror: str | None, description: str
) -> None:
    """A wrong suberror makes Microsoft's SDKs drop the refresh token, or keep one that is dead."""
    response = request_(bench)
    document = response.document
    assert (response.status, document["error"], document.get("suberror")) == (status, error, suberror)
    assert document["error_codes"] == [code]
    assert document["error_uri"] == f"{LOGIN}/error?code={code}"
    assert document["error_description"].startswith(f"AADSTS{code}: {description}")


def test_an_error_body_has_the_recorded_members(bench: Bench) -> None:
    """error_envelope: the ids are GUIDs, the correlation id is the client's, in a header or in the query."""
    document = bench.refresh("garbage", headers=(("client-request-id", CORRELATION),)).document
    assert list(document) == [
        "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri",
    ]  # fmt: skip
    assert document["correlation_id"] == CORRELATION
    assert str(UUID(document["trace_id"])) == document["trace_id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", document["timestamp"])
    tail = f" Trace ID: {document['trace_id']} Correlation ID: {CORRELATION} Timestamp: {document['timestamp']}"
    assert document["error_description"].endswith(tail)
    url = f"{MICROSOFT.url('token')}?client-request-id={CORRELATION}"
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert bench.send("POST", url, form, b"grant_type=x").document["correlation_id"] == CORRELATION


def test_an_idle_token_says_when_it_was_issued(bench: Bench) -> None:
    """errors.refresh_token_idle: ISO 8601 with seven digits of fraction."""
    text = IDLE(bench).document["error_description"]
    assert "The token was issued on 2030-03-17T17:46:40.0000000Z and was inactive for 90.00:00:00." in text


def test_a_revoked_grant_says_since_when_tokens_are_valid(bench: Bench) -> None:
    """errors.refresh_token_revoked"""
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    bench.advance(60)
    bench.refresh(refresh_token)
    bench.provider.revoke_user("alice")
    bench.advance(60)
    text = bench.refresh(refresh_token).document["error_description"]
    assert "The grant was issued on '2030-03-17T17:46:40.0000000Z'" in text
    assert "is '2030-03-17T17:47:40.0000000Z'" in text


def test_the_user_who_cancels_comes_back_with_access_denied(bench: Bench) -> None:
    """errors.access_denied"""
    bench.provider.user.will(Decision(answer="deny"))
    callback = query(bench.authorize())
    assert (callback["error"], callback["state"]) == ("access_denied", "kept-by-the-client")


GRAPH_REFUSALS = [
    pytest.param(None, 401, None, id="errors.no_access_token"),
    pytest.param("nothing", 401, None, id="errors.unknown_access_token"),
    pytest.param("expired", 401, "InvalidAuthenticationToken", id="errors.access_token_expired"),
    pytest.param("underscoped", 403, None, id="errors.insufficient_scope"),
]


@pytest.mark.parametrize(("token", "status", "code"), GRAPH_REFUSALS)
def test_graph_refuses_in_its_own_form(bench: Bench, token: str | None, status: int, code: str | None) -> None:
    """None: the code is not known for this cause, so ours is no fact."""
    logins = {"expired": OFFLINE, "underscoped": "offline_access Mail.Read"}
    value = bench.login(scope=logins[token])["access_token"] if token in logins else token
    bench.advance(5400 if token == "expired" else 0)
    headers = () if value is None else (("Authorization", f"Bearer {value}"),)
    response = bench.send("GET", f"{GRAPH}/v1.0/me", headers)
    assert response.status == status
    assert code in (None, response.document["error"]["code"])
    challenge = response.header("www-authenticate")
    assert (challenge is not None and f"{LOGIN}/common/oauth2/authorize" in challenge) is (status == 401)


def test_a_get_at_the_token_endpoint_is_told_to_post(bench: Bench) -> None:
    """errors.method_not_allowed: the code is documented, the status is our choice."""
    document = _get_token(bench).document
    assert document["error_codes"] == [900561]
    assert "only accepts POST requests. Received a GET request." in document["error_description"]


def test_a_refused_refresh_keeps_the_token_for_when_the_policy_is_met(bench: Bench) -> None:
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    bench.provider.enforce("alice", Cause.MULTI_FACTOR_REQUIRED)
    assert bench.refresh(refresh_token).status == 400
    bench.provider.enforce("alice", None)
    assert granted(bench.refresh(refresh_token))["token_type"] == "Bearer"


def test_the_redirect_uri_of_the_exchange_must_be_the_one_of_the_request(bench: Bench) -> None:
    response = bench.exchange(bench.code(), redirect_uri=f"{REDIRECT_URI}/")
    assert (response.status, response.document["error_codes"]) == (400, [50011])
