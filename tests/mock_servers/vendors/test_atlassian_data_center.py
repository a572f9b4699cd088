"""Atlassian Data Center products as OAuth 2.0 provider."""

from __future__ import annotations

import pytest

from kit.provider import DAY, Bench, granted, query
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.vendors.atlassian.data_center import ATLASSIAN_DC


@pytest.fixture
def bench() -> Bench:
    return Bench(ATLASSIAN_DC)


def test_the_addresses_stand_under_the_products_base_url(bench: Bench) -> None:
    assert bench.profile.url("authorization") == "https://jira.example.com/rest/oauth2/latest/authorize"
    assert bench.profile.url("token") == "https://jira.example.com/rest/oauth2/latest/token"


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        pytest.param({"redirect_uri": REDIRECT_URI}, 200, id="R-19-with-redirect_uri"),
        pytest.param({}, 400, id="R-19-without-redirect_uri"),
    ],
)
def test_a_refresh_without_redirect_uri_fails_without_a_reason(
    bench: Bench, parameters: dict[str, str], status: int
) -> None:
    response = bench.refresh(bench.login()["refresh_token"], **parameters)
    assert response.status == status
    assert status == 200 or response.document == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("age", "status"), [pytest.param(9, 200, id="max-client-delay"), pytest.param(10, 400, id="beyond")]
)
def test_a_code_lives_ten_seconds(bench: Bench, age: int, status: int) -> None:
    code = bench.code()
    bench.advance(age)
    assert bench.exchange(code).status == status


def test_an_access_token_lives_an_hour(bench: Bench) -> None:
    tokens = bench.login()
    assert tokens["expires_in"] == 3600
    bench.advance(3600)
    assert bench.call(tokens["access_token"]) == 401


@pytest.mark.parametrize(
    ("idle", "status"), [pytest.param(90 * DAY - 1, 200, id="7775999-s"), pytest.param(90 * DAY, 400, id="7776000-s")]
)
def test_a_refresh_token_lives_90_days(bench: Bench, idle: int, status: int) -> None:
    token = bench.login()["refresh_token"]
    bench.advance(idle)
    assert bench.refresh(token, redirect_uri=REDIRECT_URI).status == status


VERIFIER = "v" * 43


@pytest.mark.parametrize(
    ("challenge", "verifier", "status"),
    [
        pytest.param(None, None, 200, id="without-pkce"),
        pytest.param(VERIFIER, VERIFIER, 200, id="with-pkce"),
        pytest.param(VERIFIER, "w" * 43, 400, id="wrong-verifier"),
        pytest.param(VERIFIER, None, 400, id="missing-verifier"),
    ],
)
def test_pkce_is_optional_and_kept_once_chosen(
    bench: Bench, challenge: str | None, verifier: str | None, status: int
) -> None:
    code = bench.code(code_challenge=challenge, code_challenge_method=challenge and "plain")
    assert bench.exchange(code, code_verifier=verifier).status == status


@pytest.mark.parametrize(("secret", "status"), [(None, 401), ("wrong", 401), (CLIENT_SECRET, 200)])
def test_the_client_secret_is_validated(bench: Bench, secret: str | None, status: int) -> None:
    response = bench.refresh(bench.login()["refresh_token"], client_secret=secret, redirect_uri=REDIRECT_URI)
    assert response.status == status


@pytest.mark.parametrize("changes", [{"response_type": "token"}, {"scope": None}])
def test_implicit_grant_and_a_missing_scope_are_refused(bench: Bench, changes: dict[str, str | None]) -> None:
    assert "error" in query(bench.authorize(**changes))


@pytest.mark.parametrize(
    ("redirect_uri", "status"),
    [pytest.param("https://app.example.com/", 302), pytest.param("http://app.example.com/", 400)],
)
def test_the_redirect_uri_must_be_https(redirect_uri: str, status: int) -> None:
    application = Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=(redirect_uri,))
    assert Bench(ATLASSIAN_DC, application=application).authorize(redirect_uri=redirect_uri).status == status


def test_rotation_is_assumed(bench: Bench) -> None:
    first = bench.login()["refresh_token"]
    assert granted(bench.refresh(first, redirect_uri=REDIRECT_URI))["refresh_token"] != first


def test_a_service_account_gets_a_token_of_its_own_for_the_scopes_it_names(bench: Bench) -> None:
    tokens = granted(bench.token(grant_type="client_credentials", scope="READ"))
    assert (tokens["scope"], "refresh_token" in tokens, bench.call(tokens["access_token"])) == ("READ", False, 200)
    assert bench.token(grant_type="client_credentials").document["error"] == "invalid_request"
