"""Google's consent, codes and success bodies, one row per fact; the ids begin with the fact's key in
`GOOGLE.sources`."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from kit.provider import Bench, granted, location, query
from kit.vendor import post, unsourced
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.google.google import APIS, GOOGLE, ISSUER, MAIL, OAUTH2

SIGN_IN = "openid email profile"
DRIVE = f"{APIS}/auth/drive"
DEAD = "Token has been expired or revoked."
VERIFIER = "v" * 43
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def bench() -> Bench:
    return Bench(GOOGLE)


def gives_refresh_token(bench: Bench, **changes: str | None) -> bool:
    return "refresh_token" in bench.login(**changes)


def test_every_field_that_google_sets_names_its_source() -> None:
    assert unsourced(GOOGLE) == []
    assert "refresh.rotation" in unsourced(replace(GOOGLE, sources={}, refresh=RefreshPolicy(rotation="always")))


ISSUANCE = [
    pytest.param({}, True, id="issuance.parameter-offline-and-consent"),
    pytest.param({"access_type": "online"}, False, id="issuance.parameter-A-07-online"),
    pytest.param({"access_type": None}, False, id="issuance.parameter-A-04-nothing-asked"),
    pytest.param({"prompt": None}, True, id="issuance.consent_shown-first-consent-needs-no-prompt"),
    pytest.param({"prompt": "select_account consent"}, True, id="issuance.consent_shown-A-05-prompt-is-a-list"),
]


@pytest.mark.parametrize(("changes", "expected"), ISSUANCE)
def test_a_first_login_brings_a_refresh_token(bench: Bench, changes: dict[str, str | None], expected: bool) -> None:
    assert gives_refresh_token(bench, **changes) is expected


SECOND_LOGIN = [
    pytest.param({"prompt": None}, False, id="issuance.consent_shown-second-login-without-prompt"),
    pytest.param({"prompt": "select_account"}, False, id="issuance.consent_shown-A-06-select_account"),
    pytest.param({"prompt": "consent"}, True, id="issuance.consent_shown-second-login-with-consent"),
    pytest.param({"prompt": None, "approval_prompt": "force"}, True, id="authorization.consent_parameter"),
    pytest.param({"prompt": None, "scope": f"{MAIL} {DRIVE}"}, True, id="authorization.consent-wider-scopes"),
]


@pytest.mark.parametrize(("changes", "expected"), SECOND_LOGIN)
def test_a_second_login_brings_a_refresh_token_only_with_the_consent_screen(
    bench: Bench, changes: dict[str, str | None], expected: bool
) -> None:
    assert gives_refresh_token(bench)
    assert gives_refresh_token(bench, **changes) is expected


def test_consent_is_the_projects_not_the_clients(bench: Bench) -> None:
    """authorization.project_wide_consent: a second client of the project shows no consent screen; another one does."""
    bench.login()
    for client_id, project, expected in (("sibling", "project", False), ("stranger", "other", True)):
        bench.provider.register(replace(DEFAULT_APPLICATION, client_id=client_id, project=project))
        code = bench.code(client_id=client_id, prompt=None)
        tokens = granted(bench.exchange(code, client_id=client_id))
        assert ("refresh_token" in tokens) is expected


def test_after_the_user_revoked_access_the_next_login_shows_consent_again(bench: Bench) -> None:
    bench.login()
    bench.provider.revoke_user("alice")
    assert gives_refresh_token(bench, prompt=None)


def test_a_desktop_client_gets_a_refresh_token_on_every_login() -> None:
    """issuance.ungated_kinds; the report against it is the switch ungated_kinds=()."""
    native = replace(DEFAULT_APPLICATION, kind="native")
    desktop = Bench(GOOGLE, application=native)
    assert [gives_refresh_token(desktop, prompt=None, access_type=None) for _ in range(2)] == [True, True]
    reported = Bench(replace(GOOGLE, issuance=replace(GOOGLE.issuance, ungated_kinds=())), application=native)
    assert [gives_refresh_token(reported, prompt=None) for _ in range(2)] == [True, False]


def test_a_code_exchange_has_the_documented_members(bench: Bench) -> None:
    response = bench.exchange(bench.code())
    tokens = granted(response)
    assert list(tokens) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert (tokens["expires_in"], tokens["scope"], tokens["token_type"]) == (3599, MAIL, "Bearer")
    assert tokens["access_token"].startswith("ya29.")
    assert tokens["refresh_token"].startswith("1//")
    assert len(tokens["refresh_token"]) <= 512
    assert response.header("cache-control") == "no-cache, no-store, max-age=0, must-revalidate"
    assert response.header("expires") == "Mon, 01 Jan 1990 00:00:00 GMT"


def test_a_refresh_brings_no_refresh_token_and_the_old_one_keeps_working(bench: Bench) -> None:
    """refresh.rotation: the trap for clients that overwrite the stored token with nothing."""
    refresh_token = bench.login()["refresh_token"]
    for _ in range(3):
        bench.advance(3600)
        tokens = granted(bench.refresh(refresh_token))
        assert list(tokens) == ["access_token", "expires_in", "scope", "token_type"]
        assert bench.call(tokens["access_token"]) == 200


SCOPES = [
    pytest.param("email", f"{APIS}/auth/userinfo.email", id="authorization.scope_aliases-email"),
    pytest.param("profile", f"{APIS}/auth/userinfo.profile", id="authorization.scope_aliases-profile"),
    pytest.param("openid", "openid", id="authorization.scope_aliases-openid-stays"),
    pytest.param(f"{APIS}/auth/userinfo.email", f"{APIS}/auth/userinfo.email", id="authorization.scope_aliases-full"),
]


@pytest.mark.parametrize(("asked", "told"), SCOPES)
def test_the_response_names_a_scope_by_its_full_name(bench: Bench, asked: str, told: str) -> None:
    callback = query(bench.authorize(scope=asked))
    assert callback["scope"] == told
    tokens = granted(bench.exchange(callback["code"]))
    assert tokens["scope"] == told
    assert granted(bench.refresh(tokens["refresh_token"], scope=told))["scope"] == told


def test_granular_consent_leaves_out_what_the_user_did_not_tick(bench: Bench) -> None:
    bench.provider.user.will(Decision(scopes=frozenset({MAIL})))
    tokens = bench.login(scope=f"{MAIL} {DRIVE}")
    assert tokens["scope"] == MAIL


INCREMENTAL = [
    pytest.param("web", "true", {MAIL, DRIVE}, id="authorization.incremental"),
    pytest.param("web", "false", {DRIVE}, id="authorization.incremental-not-asked"),
    pytest.param("native", "true", {DRIVE}, id="authorization.incremental-not-for-installed-applications"),
]


@pytest.mark.parametrize(("kind", "asked", "scopes"), INCREMENTAL)
def test_include_granted_scopes_adds_what_was_granted_before(kind: str, asked: str, scopes: set[str]) -> None:
    bench = Bench(GOOGLE, application=replace(DEFAULT_APPLICATION, kind=kind))
    bench.login()
    assert set(bench.login(scope=DRIVE, include_granted_scopes=asked)["scope"].split()) == scopes


PAGES = [
    pytest.param({"redirect_uri": f"{REDIRECT_URI}/"}, 400, "redirect_uri_mismatch", id="errors.redirect_uri_mismatch"),
    pytest.param({"client_id": "nobody"}, 401, "invalid_client", id="errors.unknown_client"),
    pytest.param({"scope": None}, 400, "invalid_request", id="authorization.required-scope"),
    pytest.param({"scope": f"{MAIL} youtube.readonly"}, 400, "invalid_scope", id="authorization.known_scopes"),
    pytest.param({"redirect_uri": None}, 400, "redirect_uri_mismatch", id="authorization.required-redirect_uri"),
    pytest.param({"prompt": "login"}, 400, "invalid_request", id="authorization.prompt_values-no-login"),
    pytest.param({"prompt": "none consent"}, 400, "invalid_request", id="authorization.prompt_values-none-alone"),
]


@pytest.mark.parametrize(("changes", "status", "error"), PAGES)
def test_a_wrong_authorization_request_meets_a_page_instead_of_a_redirect(
    bench: Bench, changes: dict[str, str | None], status: int, error: str
) -> None:
    response = bench.authorize(**changes)
    assert response.status == status
    assert response.header("content-type") == "text/html; charset=utf-8"
    assert f"Error {status}: {error}" in response.body.decode()


def test_a_denied_request_comes_back_with_access_denied_and_the_state(bench: Bench) -> None:
    bench.provider.user.will(Decision(answer="deny"))
    callback = query(bench.authorize())
    assert (callback["error"], callback["state"]) == ("access_denied", "kept-by-the-client")


def test_prompt_none_without_a_grant_needs_interaction(bench: Bench) -> None:
    assert query(bench.authorize(prompt="none"))["error"] == "interaction_required"


def test_the_callback_names_its_issuer_and_the_code_looks_like_googles(bench: Bench) -> None:
    callback = query(bench.authorize())
    assert callback["iss"] == ISSUER
    assert callback["code"].startswith("4/0A")
    assert len(callback["code"]) <= 256


def test_the_fragment_and_a_form_carry_the_callback_too(bench: Bench) -> None:
    fragment = urlsplit(location(bench.authorize(response_mode="fragment"))).fragment
    assert "code" in dict(parse_qsl(fragment))
    page = bench.authorize(response_mode="form_post")
    assert (page.status, f'action="{REDIRECT_URI}"' in page.body.decode()) == (200, True)


def test_both_authorization_addresses_and_all_token_addresses_answer(bench: Bench) -> None:
    parameters = urlsplit(bench.authorization_url()).query
    for token_url in (f"{OAUTH2}/token", f"{APIS}/oauth2/v4/token", f"{ISSUER}/o/oauth2/token"):
        callback = query(bench.send("GET", f"{ISSUER}/o/oauth2/auth?{parameters}"))
        fields = {"grant_type": "authorization_code", "code": callback["code"], "redirect_uri": REDIRECT_URI}
        response = post(bench, token_url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, **fields)
        assert response.status == 200


def test_an_access_token_lives_for_its_announced_seconds(bench: Bench) -> None:
    """lifetimes.access_token: good a second before the end, refused at it, however often it was used."""
    token = bench.login()["access_token"]
    bench.advance(3598)
    assert bench.call(token) == 200
    bench.advance(1)
    response = bench.get(GOOGLE.url("resource"), token)
    assert (response.status, response.document["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_the_api_refuses_a_token_without_its_scope(bench: Bench) -> None:
    """errors.insufficient_scope"""
    response = bench.get(GOOGLE.url("resource"), bench.login(scope=DRIVE)["access_token"])
    assert (response.status, response.document["error"]["status"]) == (403, "PERMISSION_DENIED")
