"""Microsoft's headers, tenants that do not match, and the corners of its rules: one row per fact; the ids begin with
the fact's key in `MICROSOFT.sources`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kit.provider import DAY, Bench, granted, location, query
from kit.serving import ORIGIN, served
from kit.vendor import Exchange, post, refresh_after
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.microsoft.cloud import COMMON, CONSUMERS, LOGIN, PERSONAL, TENANT
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT
from refreshproof.mock_servers.wire import WireRequest, WireResponse

OFFLINE = "offline_access User.Read"
EVERYTHING = "openid profile email offline_access User.Read"
CORRELATION = "0a1b2c3d-0000-4000-8000-000000000001"
SECRETS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
CAPABLE = '{"access_token":{"xms_cc":{"values":["cp1"]}}}'
WORK = f"{LOGIN}/{TENANT}"


@pytest.fixture
def bench() -> Bench:
    return Bench(MICROSOFT)


# --- headers ----------------------------------------------------------------------------------------------------------

ANSWERS = [
    pytest.param(lambda b, h: b.exchange(b.code(), headers=h), "0", id="response.made_headers-tokens"),
    pytest.param(lambda b, h: b.refresh("garbage", headers=h), "9002313", id="response.made_headers-refusal"),
    pytest.param(lambda b, h: post(b, f"{COMMON}/oauth2/v2.0/devicecode", *h, client_id=CLIENT_ID, scope=OFFLINE), "0",
                 id="response.made_headers-device-code"),
    pytest.param(lambda b, h: post(b, f"{COMMON}/oauth2/token", *h, grant_type="x", **SECRETS), "70003",
                 id="response.made_headers-version-1"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "code"), ANSWERS)
def test_every_answer_has_the_recorded_headers(bench: Bench, request_: Callable[..., WireResponse], code: str) -> None:
    """response.headers: good or bad; the request id is the trace id of the body, if that has one."""
    first, second = request_(bench, ()), request_(bench, ())
    assert first.header("x-ms-clitelem") == f"1,{code},0,,"
    assert first.header("x-ms-request-id") == first.document.get("trace_id", first.header("x-ms-request-id"))
    assert str(UUID(first.header("x-ms-request-id"))) != second.header("x-ms-request-id")
    names = {name.lower() for name, _ in first.headers}
    assert {"x-ms-ests-server", "p3p", "strict-transport-security", "x-content-type-options", "pragma"} <= names
    cookies = [value.partition("=")[0] for name, value in first.headers if name == "Set-Cookie"]
    assert cookies == ["fpc", "x-ms-gateway-slice", "stsservicecookie"]


ECHOES = [
    pytest.param((("return-client-request-id", "true"),), CORRELATION, id="response.made_headers-echo-wanted"),
    pytest.param((), None, id="response.made_headers-echo-not-wanted"),
]


@pytest.mark.parametrize(("wish", "echo"), ECHOES)
def test_the_clients_request_id_comes_back_in_a_header_if_that_is_wanted(
    bench: Bench, wish: tuple[tuple[str, str], ...], echo: str | None
) -> None:
    response = bench.refresh("garbage", headers=(("client-request-id", CORRELATION), *wish))
    assert response.header("client-request-id") == echo
    assert response.document["correlation_id"] == CORRELATION


def test_the_description_was_once_in_lines() -> None:
    """error_envelope: segments were separated by CRLF in 2020 (Azure/azure-cli#14244)."""
    lines = Bench(changed(MICROSOFT, {"error_envelope": "aadsts_lines"}))
    first, *rest = lines.refresh("garbage").document["error_description"].split("\r\n")
    assert first.startswith("AADSTS9002313: ")
    assert [line.partition(":")[0] for line in rest] == ["Trace ID", "Correlation ID", "Timestamp"]


# --- members that some answers have -----------------------------------------------------------------------------------

MEMBERS = [
    pytest.param({"response.refresh_in_above": 7200}, "refresh_in", True, id="response.refresh_in_above-long-lived"),
    pytest.param({"response.refresh_in_above": 10**6}, "refresh_in", False, id="response.refresh_in_above-too-short"),
    pytest.param({}, "refresh_in", False, id="response.refresh_in_above-not-set"),
    pytest.param({}, "foci", False, id="response.members-foci-of-no-family"),
    pytest.param({}, "refresh_token_expires_in", False, id="response.members-refresh_token_expires_in"),
]


@pytest.mark.parametrize(("changes", "member", "there"), MEMBERS)
def test_a_member_comes_where_it_is_switched_on(changes: dict[str, Any], member: str, there: bool) -> None:
    bench = Bench(changed(MICROSOFT, changes))
    tokens = granted(bench.exchange(bench.code(scope=OFFLINE), claims=CAPABLE))
    assert (member in tokens) is there
    assert member != "refresh_in" or not there or tokens[member] == tokens["expires_in"] // 2


def test_whether_a_single_page_application_is_told_its_day_is_a_switch() -> None:
    """lifetime_rules.announced: about 86399, no capture."""
    spa = replace(DEFAULT_APPLICATION, client_secret=None, kind="spa")
    told: list[object] = []
    for announced in (True, False):
        rules = (replace(MICROSOFT.lifetime_rules[0], announced=announced),)
        bench = Bench(replace(MICROSOFT, lifetime_rules=rules), application=spa)
        code = bench.code(scope=OFFLINE, code_challenge="v" * 43)
        origin = (("Origin", "https://app.example.com"),)
        tokens = granted(bench.exchange(code, code_verifier="v" * 43, client_secret=None, headers=origin))
        told.append(tokens.get("refresh_token_expires_in"))
    assert told == [86_399, None]


def test_clients_of_a_family_share_their_refresh_tokens(bench: Bench) -> None:
    """response.members: foci; a client of another family, or of none, is refused."""
    for client_id, family in (("sister", "1"), ("stranger", "2"), ("single", None), (CLIENT_ID, "1")):
        bench.provider.register(replace(DEFAULT_APPLICATION, client_id=client_id, client_family=family))
    tokens = bench.login(scope=EVERYTHING)
    assert tokens["foci"] == "1"
    hers = granted(bench.refresh(tokens["refresh_token"], client_id="sister"))
    assert (signing.read(hers["id_token"]) or {})["aud"] == "sister"
    assert bench.refresh(hers["refresh_token"], client_id="sister").status == 200
    assert bench.refresh(tokens["refresh_token"]).status == 200
    refusals = [bench.refresh(tokens["refresh_token"], client_id=other) for other in ("stranger", "single")]
    assert [one.document["error_codes"] for one in refusals] == [[70000], [70000]]
    bench.advance(90 * DAY)
    assert bench.refresh(tokens["refresh_token"], client_id="sister").document["error_codes"] == [700082]


def test_a_client_gets_a_token_of_its_own_without_scope_and_refresh_token(bench: Bench) -> None:
    """client_tokens"""
    tokens = granted(bench.token(grant_type="client_credentials", scope="https://graph.microsoft.com/.default"))
    assert list(tokens) == ["token_type", "expires_in", "ext_expires_in", "access_token"]
    assert (tokens["expires_in"], tokens["ext_expires_in"]) == (86_399, 86_399)
    assert bench.call(tokens["access_token"]) == 200
    bench.advance(86_399)
    assert bench.call(tokens["access_token"]) == 401


def test_a_public_client_has_no_credentials_to_get_a_token_for() -> None:
    """client_tokens"""
    bench = Bench(MICROSOFT, application=replace(DEFAULT_APPLICATION, client_secret=None))
    response = bench.token(grant_type="client_credentials", client_secret=None)
    assert (response.status, response.document["error_codes"]) == (401, [7000218])


SPELLINGS = [
    pytest.param("user.read", "User.Read", id="authorization.scopes_ignore_case"),
    pytest.param("USER.READ Offline_Access", "User.Read", id="authorization.scopes_ignore_case-offline_access"),
    pytest.param("mail.read", "mail.read", id="authorization.scopes_ignore_case-unknown-scope-stays"),
]


@pytest.mark.parametrize(("asked", "told"), SPELLINGS)
def test_a_scope_comes_back_in_microsofts_spelling(bench: Bench, asked: str, told: str) -> None:
    tokens = bench.login(scope=asked)
    assert (tokens["scope"], "refresh_token" in tokens) == (told, "offline" in asked.lower())


SCOPES_TOLD = [
    pytest.param(True, {"Mail.Read", "User.Read"}, id="authorization.accumulates"),
    pytest.param(False, {"User.Read"}, id="authorization.accumulates-not-set"),
]


@pytest.mark.parametrize(("accumulates", "told"), SCOPES_TOLD)
def test_whether_earlier_scopes_of_the_resource_come_along_is_a_switch(accumulates: bool, told: set[str]) -> None:
    bench = Bench(changed(MICROSOFT, {"authorization.accumulates": accumulates}))
    bench.login(scope="Mail.Read https://outlook.office.com/IMAP.AccessAsUser.All")
    assert set(bench.login(scope="User.Read")["scope"].split()) == told


# --- tenants ----------------------------------------------------------------------------------------------------------


def code_at(bench: Bench, base: str, scope: str = EVERYTHING) -> str:
    url = bench.authorization_url(scope=scope).replace(COMMON, base)
    return query(bench.send("GET", url))["code"]


def redeem(bench: Bench, base: str, code: str) -> WireResponse:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    return post(bench, f"{base}/oauth2/v2.0/token", **SECRETS, **fields)


def refresh_at(bench: Bench, base: str, refresh_token: str) -> WireResponse:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return post(bench, f"{base}/oauth2/v2.0/token", **SECRETS, **fields)


# Where the user signed in, where the code is redeemed, and the code of the refusal if there is one.
CODES = [
    pytest.param(COMMON, COMMON, None, id="errors.code_of_other_tenant-common-common"),
    pytest.param(COMMON, WORK, None, id="errors.code_of_other_tenant-common-is-the-users-own"),
    pytest.param(WORK, COMMON, None, id="errors.code_of_other_tenant-common-takes-any"),
    pytest.param(WORK, f"{LOGIN}/contoso.onmicrosoft.com", None, id="errors.code_of_other_tenant-two-names"),
    pytest.param(WORK, CONSUMERS, 700005, id="errors.code_of_other_tenant-work-at-consumers"),
    pytest.param(CONSUMERS, WORK, 700005, id="errors.code_of_other_tenant-personal-at-work"),
    pytest.param(CONSUMERS, f"{LOGIN}/{PERSONAL}", None, id="errors.code_of_other_tenant-consumers-by-id"),
]


@pytest.mark.parametrize(("issued_at", "redeemed_at", "code"), CODES)
def test_a_code_is_good_at_its_own_tenant(bench: Bench, issued_at: str, redeemed_at: str, code: int | None) -> None:
    response = redeem(bench, redeemed_at, code_at(bench, issued_at))
    assert response.document.get("error_codes") == (None if code is None else [code])


REFRESHES = [
    pytest.param(WORK, COMMON, None, id="errors.refresh_token_of_other_tenant-common"),
    pytest.param(WORK, CONSUMERS, 7000012, id="errors.refresh_token_of_other_tenant-work-at-consumers"),
    pytest.param(CONSUMERS, WORK, 7000012, id="errors.refresh_token_of_other_tenant-personal-at-work"),
    pytest.param(CONSUMERS, CONSUMERS, None, id="errors.refresh_token_of_other_tenant-at-home"),
]


@pytest.mark.parametrize(("issued_at", "refreshed_at", "code"), REFRESHES)
def test_personal_and_work_accounts_keep_their_refresh_tokens_apart(
    bench: Bench, issued_at: str, refreshed_at: str, code: int | None
) -> None:
    tokens = granted(redeem(bench, issued_at, code_at(bench, issued_at)))
    response = refresh_at(bench, refreshed_at, tokens["refresh_token"])
    assert response.document.get("error_codes") == (None if code is None else [code])


def test_a_refresh_token_serves_every_tenant_of_work_accounts(bench: Bench) -> None:
    """closed_tenants: M-RT binds a refresh token to user and client, not to the tenant."""
    other = "00000000-0000-4000-8000-00000000000b"
    profile = replace(MICROSOFT, tenants={**MICROSOFT.tenants, other: other})
    bench = Bench(profile)
    tokens = granted(redeem(bench, WORK, code_at(bench, WORK)))
    assert refresh_at(bench, f"{LOGIN}/{other}", tokens["refresh_token"]).status == 200


def test_personal_accounts_have_codes_tokens_and_refusals_of_their_own(bench: Bench) -> None:
    """endpoints.consumers, errors.personal"""
    code = code_at(bench, CONSUMERS)
    tokens = granted(redeem(bench, CONSUMERS, code))
    assert code.startswith("M.C")
    assert tokens["access_token"].startswith("EwB")
    assert tokens["refresh_token"].startswith("M.C5")
    claims = signing.read(tokens["id_token"]) or {}
    assert (claims["tid"], claims["iss"]) == (PERSONAL, f"{LOGIN}/{PERSONAL}/v2.0")
    bench.advance(90 * DAY)
    document = refresh_at(bench, CONSUMERS, tokens["refresh_token"]).document
    assert (document["error_codes"], "suberror" in document) == ([70000], False)
    assert "as the grant is expired" in document["error_description"]


SINGLE = [
    pytest.param(WORK, None, id="errors.single_tenant-own"),
    pytest.param(COMMON, "AADSTS50194", id="errors.single_tenant-common"),
    pytest.param(f"{LOGIN}/organizations", "AADSTS50194", id="errors.single_tenant-organizations"),
    pytest.param(CONSUMERS, "AADSTS700016", id="errors.single_tenant-another"),
]


@pytest.mark.parametrize(("base", "code"), SINGLE)
def test_an_application_of_one_tenant_is_unknown_elsewhere(base: str, code: str | None) -> None:
    bench = Bench(MICROSOFT, application=replace(DEFAULT_APPLICATION, tenant=TENANT))
    page = bench.send("GET", bench.authorization_url(scope=OFFLINE).replace(COMMON, base))
    assert (page.status == 302) is (code is None)
    token = refresh_at(bench, base, "garbage").document["error_description"]
    device = post(bench, f"{base}/oauth2/v2.0/devicecode", client_id=CLIENT_ID, scope=OFFLINE)
    if code is None:
        assert (token.startswith("AADSTS9002313"), device.status) == (True, 200)
    else:
        assert token.startswith(code)
        assert device.document["error_description"].startswith(code)


def test_an_unknown_application_is_told_which_directory_was_looked_in(bench: Bench) -> None:
    """errors.unknown_client"""
    text = bench.refresh("x", client_id="nobody").document["error_description"]
    assert f"'nobody' was not found in the directory '{TENANT}'." in text


KEYS = [
    pytest.param("common", "{tenantid}", id="endpoints.keys-common-keeps-the-template"),
    pytest.param("organizations", "{tenantid}", id="endpoints.keys-organizations-keeps-the-template"),
    pytest.param(TENANT, TENANT, id="endpoints.keys-tenant"),
    pytest.param("contoso.onmicrosoft.com", TENANT, id="endpoints.keys-domain"),
    pytest.param("consumers", PERSONAL, id="endpoints.keys-consumers"),
]


@pytest.mark.parametrize(("tenant", "issuer"), KEYS)
def test_a_key_names_the_issuer_whose_tokens_it_signs(bench: Bench, tenant: str, issuer: str) -> None:
    (key,) = bench.send("GET", f"{LOGIN}/{tenant}/discovery/v2.0/keys").document["keys"]
    assert key["issuer"] == f"{LOGIN}/{issuer}/v2.0"


# --- redirect URIs ----------------------------------------------------------------------------------------------------

SLASHES = [
    pytest.param("http://localhost", "query", "http://localhost/?code=", id="authorization.bare_callback_slash-query"),
    pytest.param("http://localhost", "fragment", "http://localhost/#code=",
                 id="authorization.bare_callback_slash-fragment"),
    pytest.param("https://app.example.com/cb", "query", "https://app.example.com/cb?code=",
                 id="authorization.bare_callback_slash-with-a-path"),
]  # fmt: skip


@pytest.mark.parametrize(("uri", "mode", "start"), SLASHES)
def test_a_redirect_uri_without_a_path_gets_a_slash(uri: str, mode: str, start: str) -> None:
    bench = Bench(MICROSOFT, application=replace(DEFAULT_APPLICATION, redirect_uris=(uri,)))
    assert location(bench.authorize(redirect_uri=uri, response_mode=mode)).startswith(start)
    bench.provider.user.will(Decision(answer="deny"))
    refused = location(bench.authorize(redirect_uri=uri, response_mode=mode))
    assert refused.startswith(start.replace("code=", "error="))


def test_a_form_is_posted_to_the_redirect_uri_as_it_is() -> None:
    """authorization.bare_callback_slash: in query and fragment mode only."""
    bench = Bench(MICROSOFT, application=replace(DEFAULT_APPLICATION, redirect_uris=("http://localhost",)))
    page = bench.authorize(redirect_uri="http://localhost", response_mode="form_post").body.decode()
    assert 'action="http://localhost"' in page


@pytest.mark.parametrize("any_loopback", [False, True])
def test_the_loopback_address_of_ipv6_is_refused_even_where_it_is_registered(any_loopback: bool) -> None:
    """authorization.refused_hosts"""
    uri = "http://[::1]/cb"
    application = replace(DEFAULT_APPLICATION, redirect_uris=(uri,), any_loopback=any_loopback)
    page = Bench(MICROSOFT, application=application).authorize(redirect_uri=uri)
    assert (page.status, "AADSTS50011" in page.body.decode()) == (400, True)


def test_what_else_a_cancelled_login_carries_is_a_setting() -> None:
    """errors.access_denied: error_subcode=cancel is not certain."""
    for changes, found in (({}, None), ({"errors.access_denied.callback": {"error_subcode": "cancel"}}, "cancel")):
        bench = Bench(changed(MICROSOFT, changes))
        bench.provider.user.will(Decision(answer="deny"))
        assert query(bench.authorize()).get("error_subcode") == found


def test_nobody_being_logged_in_prompt_none_needs_a_login(bench: Bench) -> None:
    """authorization.prompt_values: login_required is in the list of M-CODE."""
    bench.provider.sign_out()
    assert query(bench.authorize(prompt="none"))["error"] == "login_required"


# --- refusals ---------------------------------------------------------------------------------------------------------


def _user(cause: Cause) -> Exchange:
    return refresh_after(lambda bench: bench.provider.enforce("alice", cause), scope=OFFLINE)


def _client(cause: Cause) -> Exchange:
    register = replace(DEFAULT_APPLICATION, refusal=cause)
    return refresh_after(lambda bench: bench.provider.register(register), scope=OFFLINE)


# AADSTS code, status, error, suberror; None: the value is not certain, so ours is no fact.
REFUSALS = [
    pytest.param(_user(Cause.ACCOUNT_DELETED), 50034, 400, "invalid_grant", "bad_token", id="errors.account_deleted"),
    pytest.param(_user(Cause.MULTI_FACTOR_ENROLMENT), 50079, 400, None, "basic_action",
                 id="errors.multi_factor_enrolment"),
    pytest.param(_client(Cause.REQUEST_LOOP), 50196, 400, None, None, id="errors.request_loop"),
    pytest.param(_client(Cause.UNAVAILABLE), 90033, None, None, None, id="errors.unavailable"),
    pytest.param(lambda b: post(b, f"{COMMON}/oauth2/v2.0/devicecode", client_id=CLIENT_ID), 900144, 400,
                 "invalid_request", None, id="device.scope_required"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "code", "status", "error", "suberror"), REFUSALS)
def test_a_refusal_has_microsofts_code_error_and_suberror(
    bench: Bench, request_: Exchange, code: int, status: int | None, error: str | None, suberror: str | None
) -> None:
    response = request_(bench)
    document = response.document
    assert (document["error_codes"], document.get("suberror")) == ([code], suberror)
    assert status in (None, response.status)
    assert error in (None, document["error"])


def test_a_refusal_of_2016_had_two_codes() -> None:
    """errors.expired_code: 70002 and 70008 at once (Azure/azure-cli#856) are a setting."""
    both = {"aadsts": 70002, "error_codes": [70002, 70008]}
    bench = Bench(changed(MICROSOFT, {"errors.expired_code.members": both}))
    code = bench.code()
    bench.advance(600)
    document = bench.exchange(code).document
    assert document["error_codes"] == [70002, 70008]
    assert document["error_description"].startswith("AADSTS70002: ")


def test_version_1_wants_a_second_factor_with_its_claims(bench: Bench) -> None:
    """errors.v1: 50079 carries claims."""
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    bench.provider.enforce("alice", Cause.MULTI_FACTOR_ENROLMENT)
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    document = post(bench, f"{COMMON}/oauth2/token", **SECRETS, **fields).document
    assert (document["error"], document["error_codes"]) == ("interaction_required", [50079])
    assert "capolids" in document["claims"]


def test_a_sign_in_frequency_is_a_setting() -> None:
    """accounts.session and accounts.session_over"""
    bench = Bench(changed(MICROSOFT, {"accounts.session": 3600}))
    refresh_token = bench.login(scope=OFFLINE)["refresh_token"]
    bench.advance(3600)
    document = bench.refresh(refresh_token).document
    assert (document["error_codes"], document["suberror"]) == ([70043], "bad_token")
    assert MICROSOFT.accounts.session is None


# --- at a local address -----------------------------------------------------------------------------------------------


def at(one: Any, path: str) -> WireResponse:
    response: WireResponse = one.handle(WireRequest(method="GET", url=f"{ORIGIN}{path}"), 0)
    return response


def test_instance_discovery_names_the_local_authority_that_asks() -> None:
    """endpoints.instance_discovery: MSAL asks whoever it is told to, about the authority it was given."""
    one = served("microsoft")
    authority = f"{ORIGIN}/{TENANT}/oauth2/v2.0/authorize"
    document = granted(at(one, f"/common/discovery/instance?api-version=1.1&authorization_endpoint={authority}"))
    host = ORIGIN.removeprefix("http://")
    assert document["tenant_discovery_endpoint"] == f"{ORIGIN}/{TENANT}/v2.0/.well-known/openid-configuration"
    assert document["metadata"][0] == {
        "preferred_network": host, "preferred_cache": host, "aliases": [host, "127.0.0.1"],
    }  # fmt: skip
    assert "login.windows.net" in document["metadata"][1]["aliases"]
    stranger = "https://login.example.com/common/oauth2/v2.0/authorize"
    assert at(one, f"/common/discovery/instance?authorization_endpoint={stranger}").status == 400


def test_the_keys_of_a_local_server_name_the_issuer_of_its_metadata() -> None:
    """endpoints.keys"""
    one = served("microsoft")
    metadata = at(one, f"/{TENANT}/v2.0/.well-known/openid-configuration").document
    (key,) = at(one, f"/{TENANT}/discovery/v2.0/keys").document["keys"]
    assert key["issuer"] == metadata["issuer"] == f"{ORIGIN}/{TENANT}/v2.0"
