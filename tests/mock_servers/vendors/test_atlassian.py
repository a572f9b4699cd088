"""Atlassian Cloud's authorization and token endpoints; ids name rows of the seed checklist and decisions (K)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from kit.provider import Bench, granted, location, query
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision, Question
from refreshproof.mock_servers.provider.state.records import Account, Application
from refreshproof.mock_servers.vendors.atlassian.cloud import ATLASSIAN

ERROR_PAGE = "https://id.atlassian.com/error"
DEAD = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
BAD_CLIENT = {"error": "access_denied", "error_description": "Unauthorized"}
BAD_CODE = {"error": "invalid_grant", "error_description": "Invalid authorization code"}


@pytest.fixture
def bench() -> Bench:
    return Bench(ATLASSIAN)


def application(**changes: Any) -> Application:
    settings: dict[str, Any] = {
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": (REDIRECT_URI,), **changes
    }  # fmt: skip
    return Application(**settings)


def test_the_seven_steps_lead_from_the_user_to_the_api(bench: Bench) -> None:
    """D-01, D-02, D-14, D-18, D-19, D-52: authorize, callback with code and state, exchange, call."""
    callback = bench.authorize()
    assert location(callback).startswith(REDIRECT_URI)
    assert set(query(callback)) == {"code", "state"}
    assert query(callback)["state"] == "kept-by-the-client"
    tokens = granted(bench.exchange(query(callback)["code"]))
    assert list(tokens) == ["access_token", "refresh_token", "expires_in", "scope", "token_type"]
    assert (tokens["expires_in"], tokens["token_type"]) == (3600, "Bearer")
    assert tokens["scope"].split() == list(ATLASSIAN.scopes)
    assert bench.call(tokens["access_token"]) == 200


def test_state_is_asked_of_the_client_and_not_enforced_by_the_server(bench: Bench) -> None:
    """D-08, D-58: required for security, so a client that leaves it out is let in, and Mallory with it."""
    assert set(query(bench.authorize(state=None))) == {"code"}


REFUSED_REQUESTS = [
    pytest.param({"audience": None}, "invalid_request", id="D-08-K-06-audience-missing"),
    pytest.param({"audience": "api.example.com"}, "invalid_request", id="D-08-audience-wrong"),
    pytest.param({"scope": None}, "invalid_request", id="D-08-scope-missing"),
    pytest.param({"response_type": None}, "invalid_request", id="D-08-response_type-missing"),
    pytest.param({"response_type": "token"}, "unsupported_response_type", id="D-12-D-38-implicit-grant"),
    pytest.param({"prompt": None}, "invalid_request", id="D-08-K-06-prompt-missing"),
    pytest.param({"prompt": "login"}, "invalid_request", id="D-08-prompt-wrong"),
    pytest.param({"client_id": None}, "invalid_request", id="D-08-client_id-missing"),
    pytest.param({"client_id": "unknown"}, "access_denied", id="D-67-client_id-unknown"),
    pytest.param({"redirect_uri": None}, "unauthorized_client", id="D-08-redirect_uri-missing"),
    pytest.param({"redirect_uri": f"{REDIRECT_URI}/"}, "unauthorized_client", id="D-06-R-16-trailing-slash"),
    pytest.param(
        {"redirect_uri": "https://evil.example.com/callback"}, "unauthorized_client", id="D-06-R-16-other-host"
    ),
    pytest.param({"redirect_uri": REDIRECT_URI.replace("callback", "Callback")}, "unauthorized_client", id="D-06-case"),
]


@pytest.mark.parametrize(("changes", "error"), REFUSED_REQUESTS)
def test_a_wrong_authorization_request_ends_on_the_vendors_page_and_the_client_hears_nothing(
    bench: Bench, changes: dict[str, str | None], error: str
) -> None:
    response = bench.authorize(**changes)
    assert location(response).startswith(f"{ERROR_PAGE}?")
    assert query(response)["error"] == error
    page = bench.send("GET", location(response))
    assert (page.status, page.header("content-type")) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("redirect_uri", "accepted"),
    [
        pytest.param("http://localhost:8000/callback", True, id="D-06-loopback-as-registered"),
        pytest.param("http://localhost:8001/callback", False, id="D-06-loopback-other-port"),
    ],
)
def test_a_loopback_address_is_accepted_exactly_as_registered(redirect_uri: str, accepted: bool) -> None:
    bench = Bench(ATLASSIAN, application=application(redirect_uris=("http://localhost:8000/callback",)))
    assert ("code" in query(bench.authorize(redirect_uri=redirect_uri))) is accepted


def test_the_error_page_escapes_what_its_address_says(bench: Bench) -> None:
    page = bench.send("GET", f"{ERROR_PAGE}?error=e&error_description=%3Cscript%3E")
    assert b"&lt;script&gt;" in page.body


def test_an_unregistered_redirect_uri_is_named_on_the_error_page(bench: Bench) -> None:
    """R-16, with the wording that was observed."""
    response = bench.authorize(redirect_uri="https://other.example.com/")
    assert query(response)["error_description"] == (
        "redirect_uri is not registered for client: https://other.example.com/"
    )


def test_the_authorization_url_is_for_get_only(bench: Bench) -> None:
    """D-09."""
    assert bench.send("POST", bench.authorization_url()).status == 405


@pytest.mark.parametrize("separator", ["%20", "+"])
def test_scopes_of_several_products_are_separated_by_spaces(bench: Bench, separator: str) -> None:
    """D-10: both spellings of a space."""
    url = bench.authorization_url(scope=None) + f"&scope=read:jira-work{separator}read:confluence-content.all"
    tokens = granted(bench.exchange(query(bench.send("GET", url))["code"]))
    assert tokens["scope"] == "read:jira-work read:confluence-content.all"


@pytest.mark.parametrize(
    ("scope", "accepted"),
    [
        pytest.param("read:jira-work", True, id="D-07-added"),
        pytest.param("read:jira-work offline_access", True, id="D-49-offline_access-is-no-scope-of-an-api"),
        pytest.param("read:me", False, id="D-07-B-06-absent-api"),
    ],
)
def test_only_scopes_that_were_added_to_the_application_may_be_asked_for(scope: str, accepted: bool) -> None:
    bench = Bench(ATLASSIAN, application=application(scopes=frozenset({"read:jira-work"})))
    outcome = query(bench.authorize(scope=scope))
    assert ("code" in outcome) is accepted
    assert outcome.get("error") == (None if accepted else "invalid_scope")


@pytest.mark.parametrize(
    ("scope", "accepted"),
    [
        pytest.param("manage:jira-webhook", True, id="D-07-classic"),
        pytest.param("read:issue:jira read:page:confluence", True, id="D-07-granular"),
        pytest.param("read:jira-work made:up", False, id="D-07-unknown"),
        pytest.param("read:jira-nonsense", False, id="D-07-unknown-classic"),
    ],
)
def test_a_scope_that_there_is_not_is_refused_on_a_page_whatever_apis_an_application_has(
    bench: Bench, scope: str, accepted: bool
) -> None:
    outcome = query(bench.authorize(scope=scope))
    assert ("code" in outcome) is accepted
    assert outcome.get("error") == (None if accepted else "invalid_scope")


def test_an_application_that_is_not_3lo_is_refused_at_authorize() -> None:
    """B-18."""
    bench = Bench(ATLASSIAN, application=application(kind="connect"))
    assert query(bench.authorize())["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    ("account", "shared", "error"),
    [
        pytest.param("alice", False, None, id="D-36-owner"),
        pytest.param("bob", False, "unauthorized_client", id="D-36-second-user-before-sharing"),
        pytest.param("bob", True, None, id="D-36-second-user-after-sharing"),
    ],
)
def test_a_private_application_serves_its_owner_only(account: str, shared: bool, error: str | None) -> None:
    bench = Bench(ATLASSIAN, application=application(owner="alice", shared=shared))
    bench.provider.user.will(Decision(account=account))
    assert query(bench.authorize()).get("error") == error


def test_a_user_who_denies_sends_access_denied_to_the_client(bench: Bench) -> None:
    """D-04."""
    bench.provider.user.will(Decision(answer="deny"))
    callback = bench.authorize()
    assert location(callback).startswith(REDIRECT_URI)
    assert (query(callback)["error"], query(callback)["state"]) == ("access_denied", "kept-by-the-client")


def test_a_user_who_is_not_logged_in_meets_the_login_screen_first(bench: Bench) -> None:
    """D-03."""
    bench.provider.sign_out()
    url = bench.authorization_url()
    login = bench.send("GET", url)
    assert location(login).startswith("https://id.atlassian.com/login?")
    onward = bench.send("GET", location(login))
    assert location(onward) == url
    assert "code" in query(bench.send("GET", location(onward)))


def test_the_login_screen_sends_nobody_to_a_foreign_host(bench: Bench) -> None:
    bench.provider.sign_out()
    assert bench.send("GET", "https://id.atlassian.com/login?continue=https://evil.example.com/").status == 400
    assert urlsplit(location(bench.authorize())).path == "/login"


def test_the_consent_screen_is_told_scopes_sites_and_whether_to_warn() -> None:
    """D-13, D-37, D-68: one site, several, none."""
    accounts = (
        Account(name="one", sites=(ATLASSIAN.sites[0].id,)), Account(name="all"), Account(name="none", sites=()),
    )  # fmt: skip
    bench = Bench(ATLASSIAN, application=application(approved=False), accounts=accounts)
    asked: list[Question] = []

    def ask(question: Question) -> Decision:
        asked.append(question)
        return Decision(account="all")

    bench.provider.state.ask = ask
    bench.authorize()
    assert asked[0].scopes == ATLASSIAN.scopes
    assert asked[0].prompt == ("consent",)
    assert not asked[0].application.approved
    assert {name: len(sites) for name, sites in asked[0].sites.items()} == {"one": 1, "all": 3, "none": 0}


def test_a_user_without_any_site_cannot_consent() -> None:
    """D-68."""
    bench = Bench(ATLASSIAN, accounts=(Account(name="alice", sites=()),))
    assert query(bench.authorize())["error"] == "access_denied"


@pytest.mark.parametrize(
    ("scope", "switch", "issued"),
    [
        pytest.param("read:me offline_access", True, True, id="B-01-B-10-D-49-with-offline_access"),
        pytest.param("read:me", True, False, id="B-01-D-49-without-offline_access"),
        pytest.param("read:jira-user read:jira-work write:jira-work", True, False, id="B-06-K-04-scopes-of-the-how-to"),
        pytest.param("read:me offline_access", False, False, id="B-05-K-03-switch-off"),
    ],
)
def test_a_refresh_token_needs_offline_access_and_the_applications_switch(
    scope: str, switch: bool, issued: bool
) -> None:
    bench = Bench(ATLASSIAN, application=application(refresh_tokens=switch))
    assert ("refresh_token" in bench.login(scope=scope)) is issued


@pytest.mark.parametrize("as_json", [pytest.param(True, id="D-18-json"), pytest.param(False, id="B-14-form")])
def test_the_token_endpoint_reads_json_and_forms(bench: Bench, as_json: bool) -> None:
    tokens = granted(bench.exchange(bench.code(), as_json=as_json))
    granted(bench.refresh(tokens["refresh_token"], as_json=as_json))


def test_another_content_type_is_refused(bench: Bench) -> None:
    """D-18."""
    response = bench.send("POST", f"{ATLASSIAN.issuer}/oauth/token", (("Content-Type", "text/plain"),), b"{}")
    assert (response.status, response.document["error"]) == (400, "invalid_request")


REFUSED_EXCHANGES = [
    pytest.param({"grant_type": None}, 400, "invalid_request", id="D-18-grant_type-missing"),
    pytest.param({"grant_type": "client_credentials"}, 400, "unsupported_grant_type", id="B-02-B-19-other-grant"),
    pytest.param({"client_id": None}, 401, "access_denied", id="D-18-client_id-missing"),
    pytest.param({"client_id": "unknown"}, 401, "access_denied", id="D-67-client_id-unknown"),
    pytest.param({"client_secret": None}, 401, "access_denied", id="B-20-D-18-client_secret-missing"),
    pytest.param({"client_secret": "wrong"}, 401, "access_denied", id="D-18-client_secret-wrong"),
    pytest.param({"code": None}, 400, "invalid_request", id="D-18-code-missing"),
    pytest.param({"code": "wrong"}, 403, "invalid_grant", id="D-18-code-wrong"),
    pytest.param({"redirect_uri": None}, 403, "unauthorized_client", id="D-18-redirect_uri-missing"),
    pytest.param({"redirect_uri": f"{REDIRECT_URI}/"}, 403, "unauthorized_client", id="D-06-D-18-redirect_uri-slash"),
]


@pytest.mark.parametrize(("changes", "status", "error"), REFUSED_EXCHANGES)
def test_an_exchange_with_a_missing_or_wrong_parameter_is_refused(
    bench: Bench, changes: dict[str, str | None], status: int, error: str
) -> None:
    response = bench.exchange(**{"code": bench.code(), **changes})
    assert (response.status, response.document["error"]) == (status, error)


@pytest.mark.parametrize("secret", [None, "wrong"])
def test_a_wrong_secret_has_the_observed_body_in_both_grants(bench: Bench, secret: str | None) -> None:
    """B-20, D-50, and that PKCE does not stand in for the secret."""
    for response in (
        bench.exchange(bench.code(), client_secret=secret),
        bench.exchange(bench.code(code_challenge="c" * 43), client_secret=secret, code_verifier="c" * 43),
        bench.refresh(bench.login()["refresh_token"], client_secret=secret),
    ):
        assert (response.status, response.document) == (401, BAD_CLIENT)


def test_pkce_is_accepted_at_authorize_and_ignored_at_the_token_endpoint(bench: Bench) -> None:
    code = bench.code(code_challenge="c" * 43, code_challenge_method="plain")
    granted(bench.exchange(code, code_verifier="of-something-else"))


@pytest.mark.parametrize(
    ("age", "uses", "status"),
    [
        pytest.param(599, 1, 200, id="D-14-fresh"),
        pytest.param(600, 1, 403, id="D-14-expired"),
        pytest.param(0, 2, 403, id="D-14-used-twice"),
    ],
)
def test_a_code_is_short_lived_and_for_one_use(bench: Bench, age: int, uses: int, status: int) -> None:
    code = bench.code()
    bench.advance(age)
    responses = [bench.exchange(code) for _ in range(uses)]
    assert responses[-1].status == status
    assert status == 200 or responses[-1].document == BAD_CODE


REFUSED_REFRESHES = [
    pytest.param({"grant_type": None}, 400, "invalid_request", id="D-50-grant_type-missing"),
    pytest.param({"client_id": None}, 401, "access_denied", id="D-50-client_id-missing"),
    pytest.param({"client_secret": None}, 401, "access_denied", id="D-50-client_secret-missing"),
    pytest.param({"refresh_token": None}, 400, "invalid_request", id="D-50-refresh_token-missing"),
    pytest.param({"refresh_token": "wrong"}, 403, "invalid_grant", id="D-50-refresh_token-wrong"),
]


@pytest.mark.parametrize(("changes", "status", "error"), REFUSED_REFRESHES)
def test_a_refresh_with_a_missing_or_wrong_parameter_is_refused(
    bench: Bench, changes: dict[str, str | None], status: int, error: str
) -> None:
    response = bench.refresh(**{"refresh_token": bench.login()["refresh_token"], **changes})
    assert (response.status, response.document["error"]) == (status, error)


def test_a_refresh_token_of_another_client_is_refused(bench: Bench) -> None:
    """K-29."""
    bench.provider.register(application(client_id="other"))
    response = bench.refresh(bench.login()["refresh_token"], client_id="other")
    assert (response.status, response.document) == (403, DEAD)


def test_a_refresh_brings_a_new_pair_without_the_user(bench: Bench) -> None:
    """B-03, D-43, D-51, D-52."""
    first = bench.login()
    second = granted(bench.refresh(first["refresh_token"]))
    assert not set(first.values()) & {second["access_token"], second["refresh_token"]}
    assert list(second) == list(first)
    assert bench.call(second["access_token"]) == 200
    assert [entry.view for entry in bench.provider.ledger.entries] == ["authorization", "token", "token", "resource"]


@pytest.mark.parametrize(
    ("death", "status"),
    [
        pytest.param("none", 200, id="D-05-alive"),
        pytest.param("expired", 401, id="D-05-D-20-expired"),
        pytest.param("revoked", 401, id="D-05-D-26-R-15-revoked"),
        pytest.param("password", 401, id="K-24-password-changed"),
    ],
)
def test_an_access_token_works_until_it_expires_or_is_revoked(bench: Bench, death: str, status: int) -> None:
    token = bench.login()["access_token"]
    events = {
        "none": lambda: bench.advance(3599),
        "expired": lambda: bench.advance(3600),
        "revoked": lambda: bench.provider.revoke_user("alice"),
        "password": lambda: bench.provider.change_password("alice"),
    }
    events[death]()
    response = bench.get(ATLASSIAN.url("accessible_resources"), token)
    assert response.status == status
    assert status == 200 or response.document == {"code": 401, "message": "Unauthorized"}
