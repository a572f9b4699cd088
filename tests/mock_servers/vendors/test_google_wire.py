"""What Google's answers look like byte by byte, and the corners of its rules: one row per fact; the ids begin with the
fact's key in `GOOGLE.sources`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kit import serving as serving_kit
from kit.provider import DAY, START, Bench, granted, query
from kit.vendor import Exchange, post, refresh_after
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.provider import CLIENT_ID, DEFAULT_APPLICATION
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.serving.served.addresses import Addresses, Place
from refreshproof.mock_servers.vendors.google.google import APIS, GOOGLE, ISSUER, MAIL, OAUTH2
from refreshproof.mock_servers.wire import SECOND, WireResponse, json_response

HOUR = 3600
DEAD = "Token has been expired or revoked."
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DRIVE_FILE = f"{APIS}/auth/drive.file"


@pytest.fixture
def bench() -> Bench:
    return Bench(GOOGLE)


# --- bodies and headers -----------------------------------------------------------------------------------------------

BODIES = [
    pytest.param(lambda b: b.exchange(b.code()), id="response.indent-tokens"),
    pytest.param(lambda b: b.refresh("1//garbage"), id="response.indent-refusal"),
    pytest.param(lambda b: post(b, f"{OAUTH2}/device/code", client_id=CLIENT_ID, scope="email"),
                 id="response.indent-device-code"),
    pytest.param(lambda b: post(b, f"{OAUTH2}/tokeninfo", access_token="no"), id="response.indent-tokeninfo"),
]  # fmt: skip


@pytest.mark.parametrize("request_", BODIES)
def test_an_answer_is_printed_over_several_lines_with_the_same_headers_for_good_and_bad(
    bench: Bench, request_: Exchange
) -> None:
    """response.headers stand on refusals too: that is where they were recorded."""
    response = request_(bench)
    assert response.body.decode() == json.dumps(response.document, indent=2)
    assert response.header("cache-control") == "no-cache, no-store, max-age=0, must-revalidate"
    assert response.header("server") == "scaffolding on HTTPServer2"


def test_a_refusal_is_these_bytes(bench: Bench) -> None:
    expected = b'{\n  "error": "invalid_grant",\n  "error_description": "Bad Request"\n}'
    assert bench.refresh("1//garbage").body == expected


@pytest.mark.parametrize("issuer", ["local", "real"])
def test_at_a_local_address_an_answer_of_addresses_is_printed_alike(issuer: str) -> None:
    """response.indent"""
    form = {"client_id": CLIENT_ID, "scope": "email"}
    response = serving_kit.post(serving_kit.served("google", issuer=issuer), f"{serving_kit.ORIGIN}/device/code", form)
    assert response.document["verification_url"] == f"{serving_kit.ORIGIN}/device"
    assert response.body.decode() == json.dumps(response.document, indent=2)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_kept_issuer_is_kept_however_its_document_is_printed(indent: int | None) -> None:
    addresses = Addresses(GOOGLE, serving_kit.ORIGIN, keep_issuer=True)
    document = {"issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/o/oauth2/v2/auth"}
    response = addresses.outward(json_response(200, document, indent=indent), Place(origin=ISSUER, is_document=True))
    local = f"{serving_kit.ORIGIN}/o/oauth2/v2/auth"
    assert response.document == {"issuer": ISSUER, "authorization_endpoint": local}


def test_the_scopes_of_an_answer_are_not_in_the_order_of_the_request(bench: Bench) -> None:
    """response.scope_order"""
    full = [f"{APIS}/auth/userinfo.email", f"{APIS}/auth/userinfo.profile", "openid"]
    assert bench.login(scope="openid profile email")["scope"].split() == full


# --- what the authorization endpoint shows ----------------------------------------------------------------------------


def test_a_denied_request_carries_error_and_state_alone(bench: Bench) -> None:
    """errors.access_denied"""
    bench.provider.user.will(Decision(answer="deny"))
    assert set(query(bench.authorize())) == {"error", "state", "iss"}


def test_nobody_being_logged_in_prompt_none_needs_a_login(bench: Bench) -> None:
    """authorization.prompt_values: OpenID Connect Core s3.1.2.6."""
    bench.login()
    bench.provider.sign_out()
    assert query(bench.authorize(prompt="none"))["error"] == "login_required"
    bench.login()
    assert "code" in query(bench.authorize(prompt="none"))


STOPPED = [
    pytest.param(lambda b: b.provider.enforce("alice", Cause.ADMIN_POLICY), "admin_policy_enforced",
                 id="errors.admin_policy-page"),
    pytest.param(lambda b: b.provider.register(replace(DEFAULT_APPLICATION, refusal=Cause.CLIENT_DELETED)),
                 "deleted_client", id="errors.client_deleted-page"),
    pytest.param(lambda b: b.provider.register(replace(DEFAULT_APPLICATION, shared=False, owner="bob")),
                 "org_internal", id="errors.application_not_shared-page"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "error"), STOPPED)
def test_a_user_or_client_that_is_stopped_meets_a_page(
    bench: Bench, event: Callable[[Bench], object], error: str
) -> None:
    """authorization.errors_as_page"""
    event(bench)
    response = bench.authorize()
    assert response.header("content-type") == "text/html; charset=utf-8"
    assert error in response.body.decode()


def test_a_policy_that_only_wants_a_new_login_lets_the_user_log_in(bench: Bench) -> None:
    """errors.reauthentication_required"""
    bench.provider.enforce("alice", Cause.REAUTHENTICATION_REQUIRED)
    assert "code" in query(bench.authorize())


BROWSERS = [
    pytest.param("Mozilla/5.0 (Linux; Android 10; RMX1851 Build/QKQ1; wv) AppleWebKit/537.36", 403,
                 id="authorization.refused_browsers-webview"),
    pytest.param("Mozilla/5.0 (Linux; Android 10; RMX1851 Build/QKQ1) AppleWebKit/537.36", 302,
                 id="authorization.refused_browsers-browser"),
]  # fmt: skip


@pytest.mark.parametrize(("browser", "status"), BROWSERS)
def test_a_browser_inside_an_application_meets_a_page(bench: Bench, browser: str, status: int) -> None:
    """errors.embedded_browser"""
    response = bench.send("GET", bench.authorization_url(), (("User-Agent", browser),))
    assert response.status == status
    assert ("disallowed_useragent" in response.body.decode()) is (status == 403)


REDIRECTS = [
    pytest.param("native", "http://localhost", "http://localhost:8080/", True, id="authorization.loopback_kinds-slash"),
    pytest.param("native", "http://127.0.0.1/", "http://127.0.0.1:49152/", True, id="authorization.loopback_kinds"),
    pytest.param("web", "http://localhost:8080/cb", "http://localhost:8080/cb", True, id="authorization.required-web"),
    pytest.param("web", "http://localhost:8080/cb", "http://localhost:9090/cb", False,
                 id="authorization.loopback_kinds-a-web-client-has-no-free-port"),
    pytest.param("native", "http://localhost/cb", "http://localhost:8080/other", False,
                 id="authorization.loopback_kinds-another-path"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "registered", "given", "accepted"), REDIRECTS)
def test_any_port_on_loopback_is_for_desktop_clients(kind: str, registered: str, given: str, accepted: bool) -> None:
    bench = Bench(GOOGLE, application=replace(DEFAULT_APPLICATION, kind=kind, redirect_uris=(registered,)))
    assert (bench.authorize(redirect_uri=given).status == 302) is accepted


def test_a_workspace_accounts_domain_comes_with_the_callback_and_from_userinfo() -> None:
    """authorization.extra_callback_parameters, userinfo: hd"""
    bench = Bench(GOOGLE, accounts=(Account(name="alice@corp.example", kind="workspace"),))
    bench.provider.user.usual = Decision(account="alice@corp.example")
    callback = query(bench.authorize(scope="openid"))
    tokens = granted(bench.exchange(callback["code"]))
    userinfo = bench.get(GOOGLE.url("userinfo"), tokens["access_token"]).document
    assert (callback["hd"], userinfo["hd"]) == ("corp.example", "corp.example")
    plain = Bench(GOOGLE)
    assert "hd" not in query(plain.authorize(scope="openid"))
    token = plain.login(scope="openid")["access_token"]
    assert "hd" not in plain.get(GOOGLE.url("userinfo"), token).document


# --- id_tokens --------------------------------------------------------------------------------------------------------

CLAIMS = [
    pytest.param('{"id_token":{"auth_time":{"essential":true}}}', True, id="id_token-auth_time-requested"),
    pytest.param(None, False, id="id_token-auth_time-not-requested"),
    pytest.param('{"userinfo":{"auth_time":null}}', False, id="id_token-auth_time-requested-elsewhere"),
    pytest.param("not json", False, id="id_token-claims-not-json"),
    pytest.param('{"id_token":7}', False, id="id_token-claims-no-object"),
]


@pytest.mark.parametrize(("claims", "told"), CLAIMS)
def test_the_time_of_login_is_told_when_it_is_asked_for(bench: Bench, claims: str | None, told: bool) -> None:
    code = bench.code(scope="openid", claims=claims)
    bench.advance(60)
    tokens = granted(bench.exchange(code))
    bench.advance(HOUR)
    refreshed = granted(bench.refresh(tokens["refresh_token"]))
    times = [(signing.read(one["id_token"]) or {}).get("auth_time") for one in (tokens, refreshed)]
    assert times == [START // SECOND if told else None] * 2


def test_an_issuer_without_its_scheme_as_it_once_was_is_a_setting() -> None:
    """id_token: historically also accounts.google.com."""
    bench = Bench(changed(GOOGLE, {"id_token.constants.iss": "accounts.google.com"}))
    assert (signing.read(bench.login(scope="openid")["id_token"]) or {})["iss"] == "accounts.google.com"


# --- the lives of refresh tokens --------------------------------------------------------------------------------------

FLIPS = [
    pytest.param(43_200, 43_199, DEAD, id="refresh.dead_known_for-a-second-before"),
    pytest.param(43_200, 43_200, "Bad Request", id="refresh.dead_known_for-twelve-hours-later"),
    pytest.param(None, 100 * DAY, DEAD, id="refresh.dead_known_for-not-set"),
]


@pytest.mark.parametrize(("known_for", "later", "words"), FLIPS)
def test_the_words_for_a_dead_token_flip_after_twelve_hours_where_that_is_set(
    known_for: int | None, later: int, words: str
) -> None:
    """One report says so: the same dead token is first expired or revoked, half a day later a bad request."""
    bench = Bench(changed(GOOGLE, {"refresh.dead_known_for": known_for}))
    refresh_token = bench.login()["refresh_token"]
    bench.advance(HOUR)
    bench.provider.revoke_user("alice")
    answers = [bench.refresh(refresh_token).document["error_description"]]
    bench.advance(later)
    answers.append(bench.refresh(refresh_token).document["error_description"])
    assert answers == [DEAD, words]


def test_a_cap_over_all_clients_of_an_account_is_a_setting() -> None:
    """refresh.cap_per_account: it exists, but its number is not published."""
    bench = Bench(changed(GOOGLE, {"refresh.cap_per_account": 2}))
    bench.provider.register(replace(DEFAULT_APPLICATION, client_id="other"))
    first = bench.login()["refresh_token"]
    for _ in range(2):
        granted(bench.exchange(bench.code(client_id="other"), client_id="other"))
    assert bench.refresh(first).document["error_description"] == DEAD
    assert GOOGLE.refresh.cap_per_account is None


def test_an_administrator_may_want_a_new_login_every_so_many_hours() -> None:
    """accounts.session: the token is not dead; a new login gives the same user a working one."""
    bench = Bench(changed(GOOGLE, {"accounts.session": HOUR}))
    refresh_token = bench.login()["refresh_token"]
    bench.advance(HOUR - 1)
    assert bench.refresh(refresh_token).status == 200
    bench.advance(1)
    document = bench.refresh(refresh_token).document
    assert (document["error"], document["error_subtype"]) == ("invalid_grant", "invalid_rapt")
    assert bench.refresh(bench.login()["refresh_token"]).status == 200


def test_the_older_reauthentication_refusal_has_no_address() -> None:
    """errors.reauthentication_unproven"""
    refused = refresh_after(lambda b: b.provider.enforce("alice", Cause.REAUTHENTICATION_UNPROVEN))
    assert refused(Bench(GOOGLE)).document == {
        "error": "invalid_grant",
        "error_description": "reauth related error (rapt_required)",
        "error_subtype": "rapt_required",
    }


def test_an_internal_application_in_testing_keeps_its_tokens() -> None:
    """lifetime_rules.testing: the seven days are for the user type External."""
    bench = Bench(GOOGLE, application=replace(DEFAULT_APPLICATION, status="testing", shared=False))
    refresh_token = bench.login()["refresh_token"]
    bench.advance(7 * DAY)
    assert bench.refresh(refresh_token).status == 200


# --- the device flow --------------------------------------------------------------------------------------------------


def ask(bench: Bench, scope: str = "email", **fields: str) -> WireResponse:
    return post(bench, f"{OAUTH2}/device/code", **{"client_id": CLIENT_ID, "scope": scope, **fields})


DEVICE_SCOPES = [
    pytest.param(f"openid email {DRIVE_FILE}", None, id="device.scopes-allowed"),
    pytest.param(f"{APIS}/auth/userinfo.email", None, id="device.scopes-full-name"),
    pytest.param(MAIL, MAIL, id="device.scopes-gmail"),
    pytest.param(f"email {APIS}/auth/calendar", f"{APIS}/auth/calendar", id="device.scopes-one-too-many"),
]


@pytest.mark.parametrize(("scope", "refused"), DEVICE_SCOPES)
def test_the_device_flow_has_few_scopes(bench: Bench, scope: str, refused: str | None) -> None:
    """errors.device_scope"""
    response = ask(bench, scope)
    if refused is None:
        assert response.status == 200
        return
    assert (response.status, response.document) == (
        400, {"error": "invalid_scope", "error_description": f"Invalid device flow scope: {refused}"},
    )  # fmt: skip


def test_too_many_open_device_codes_are_refused_where_a_quota_is_set() -> None:
    """errors.too_many_devices; device.quota: the number is not published."""
    bench = Bench(changed(GOOGLE, {"device.quota": 2}))
    assert [ask(bench).status for _ in range(3)] == [200, 200, 403]
    assert ask(bench).document == {"error_code": "rate_limit_exceeded"}
    bench.advance(900)
    bench.advance(900)
    assert [ask(bench).status for _ in range(3)] == [200, 200, 403]
    bench.advance(1800)
    device = granted(ask(bench))
    bench.send("GET", f"{device['verification_url']}?user_code={device['user_code']}")
    granted(bench.token(grant_type=DEVICE_GRANT, device_code=device["device_code"]))
    assert [ask(bench).status for _ in range(3)] == [200, 200, 403]
    assert [ask(Bench(GOOGLE)).status for _ in range(20)] == [200] * 20


def _stranger(bench: Bench) -> None:
    bench.provider.user.will(Decision(account="bob"))


POLLED = [
    pytest.param(DEFAULT_APPLICATION, lambda b: b.provider.enforce("alice", Cause.ADMIN_POLICY), 400,
                 "admin_policy_enforced", id="errors.admin_policy-device"),
    pytest.param(replace(DEFAULT_APPLICATION, shared=False), _stranger, 403, "org_internal",
                 id="errors.application_not_shared-device"),
]  # fmt: skip


@pytest.mark.parametrize(("application", "event", "status", "error"), POLLED)
def test_a_poll_hears_what_stops_the_user(
    application: Application, event: Callable[[Bench], Any], status: int, error: str
) -> None:
    bench = Bench(GOOGLE, application=application)
    device = granted(ask(bench))
    event(bench)
    bench.send("GET", f"{device['verification_url']}?user_code={device['user_code']}")
    bench.advance(5)
    response = bench.token(grant_type=DEVICE_GRANT, device_code=device["device_code"])
    assert (response.status, response.document["error"]) == (status, error)


SWITCHED_OFF = [
    pytest.param(lambda p: p.refresh.dead_known_for, id="refresh.dead_known_for"),
    pytest.param(lambda p: p.refresh.cap_per_account, id="refresh.cap_per_account"),
    pytest.param(lambda p: p.accounts.session, id="accounts.session"),
    pytest.param(lambda p: p.device.quota, id="device.quota"),
]


@pytest.mark.parametrize("field", SWITCHED_OFF)
def test_what_is_not_certain_is_not_done_unless_asked_for(field: Callable[[Profile], object]) -> None:
    assert field(GOOGLE) is None
