"""Identity servers as OpenID providers: what they tell is served, and id_token, keys, userinfo and logout agree."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kit.provider import START, Bench, Pairs, granted, location
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import SECOND

NAMES = ("auth0", "okta", "hydra", "keycloak", "wso2", "supabase", "cognito", "better-auth", "generic")
TELLING = tuple(name for name, vendor in VENDORS.items() if vendor.profile.metadata)
VERIFIER = "v" * 43
BASIC: Pairs = (("Authorization", f"Basic {base64.b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"),)
REQUIRED = {
    "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
    "subject_types_supported", "id_token_signing_alg_values_supported", "scopes_supported",
}  # fmt: skip
"""OpenID Connect Discovery 1.0 s3, and the scopes without which oidc-agent does not go on."""


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(VENDORS[request.param].profile, accounts=(Account(name="alice"), Account(name="bob")))


def log_in(bench: Bench) -> dict[str, Any]:
    scope = " ".join(dict.fromkeys(("openid", "profile", "email", *bench.profile.scopes)))
    code = bench.code(scope=scope, nonce="once", code_challenge=VERIFIER, code_challenge_method="plain")
    basic = "client_secret_post" not in bench.profile.token_request.authentication
    proof: dict[str, Any] = {"client_secret": None, "headers": BASIC} if basic else {}
    return granted(bench.exchange(code, code_verifier=VERIFIER, **proof))


def document_of(bench: Bench, url: str | None = None) -> dict[str, Any]:
    return granted(bench.send("GET", url or bench.profile.url("discovery") or ""))


@pytest.mark.parametrize("bench", NAMES, indirect=True)
def test_discovery_is_complete_and_names_addresses_that_answer(bench: Bench) -> None:
    document = document_of(bench)
    assert set(document) >= REQUIRED
    served = {endpoint.url for endpoint in bench.profile.endpoints}
    assert {url for name, url in document.items() if name.endswith(("_endpoint", "_uri"))} <= served
    assert document["issuer"] == bench.profile.issuer


@pytest.mark.parametrize("bench", NAMES, indirect=True)
def test_id_token_and_userinfo_speak_of_the_user_who_logged_in(bench: Bench) -> None:
    bench.provider.user.will(Decision(account="bob"))
    tokens, document = log_in(bench), document_of(bench)
    claims = signing.read(tokens["id_token"])
    assert claims is not None
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (document["issuer"], CLIENT_ID, "once")
    assert (claims["iat"], claims["name"]) == (START // SECOND, "Bob Example")
    keys = granted(bench.send("GET", document["jwks_uri"]))["keys"]
    assert [key["kid"] for key in keys] == [signing.key_id()]
    told = granted(bench.get(document["userinfo_endpoint"], tokens["access_token"]))
    assert (told["sub"], told["email"]) == (claims["sub"], "bob@example.com")


@pytest.mark.parametrize("name", TELLING)
def test_no_vendor_tells_of_what_it_does_not_serve(name: str) -> None:
    profile = VENDORS[name].profile
    told, asked = profile.metadata, profile.token_request
    assert set(told["response_types_supported"]) <= set(profile.authorization.response_types)
    assert set(told["response_modes_supported"]) <= set(profile.authorization.response_modes)
    assert set(told["token_endpoint_auth_methods_supported"]) <= {*asked.authentication, "none"}
    assert set(told.get("grant_types_supported", asked.grants)) <= set(asked.grants)
    served = {endpoint.url for endpoint in profile.endpoints}
    addresses = {url for member, url in told.items() if member.endswith("_endpoint") and member != "kerberos_endpoint"}
    assert addresses <= served


@pytest.mark.parametrize("bench", ["okta"], indirect=True)
def test_the_custom_server_of_a_host_has_an_issuer_of_its_own(bench: Bench) -> None:
    base = "https://example.okta.com/oauth2/default"
    document = document_of(bench, f"{base}/.well-known/openid-configuration")
    assert (document["issuer"], document["token_endpoint"]) == (base, f"{base}/v1/token")
    url = bench.authorization_url(scope="openid").replace("/oauth2/v1/", "/oauth2/default/v1/")
    code = location(bench.send("GET", url)).partition("code=")[2].partition("&")[0]
    form = f"grant_type=authorization_code&code={code}&client_id={CLIENT_ID}&redirect_uri={REDIRECT_URI}"
    body = f"{form}&client_secret=s3cret~of%2Bthe/test%3Dclient".encode()
    headers: Pairs = (("Content-Type", "application/x-www-form-urlencoded"),)
    claims = signing.read(granted(bench.send("POST", f"{base}/v1/token", headers, body))["id_token"])
    assert claims is not None
    assert claims["iss"] == base


@pytest.mark.parametrize("bench", ["keycloak"], indirect=True)
def test_keycloak_tells_a_token_that_timed_out_from_one_that_came_twice(bench: Bench) -> None:
    token = log_in(bench)["refresh_token"]
    newest = granted(bench.refresh(token))["refresh_token"]
    bench.advance(1801)
    assert bench.refresh(newest).document["error_description"] == "Token is not active"
    again = log_in(bench)["refresh_token"]
    granted(bench.refresh(again))
    assert bench.refresh(again).document["error_description"] == "Maximum allowed refresh token reuse exceeded"


@pytest.mark.parametrize("name", ["keycloak", "hydra", "supabase", "auth0", "better-auth"])
def test_who_registers_at_an_identity_server_is_a_client_there(name: str) -> None:
    bench = Bench(VENDORS[name].profile)
    body = json.dumps({"redirect_uris": ["http://localhost:1/cb"]}).encode()
    url = document_of(bench)["registration_endpoint"]
    answer = bench.send("POST", url, (("Content-Type", "application/json"),), body)
    assert answer.status == 201
    assert answer.document["client_id"] in bench.provider.state.applications


# The parameter that says where to go next is the vendor's; each of the addresses stands in the vendor's document.
@pytest.mark.parametrize(("name", "parameter"), [("keycloak", "post_logout_redirect_uri"), ("cognito", "logout_uri")])
def test_logging_out_ends_the_session_and_goes_on_where_the_application_said(name: str, parameter: str) -> None:
    bench = Bench(VENDORS[name].profile)
    log_in(bench)
    end = document_of(bench)["end_session_endpoint"]
    assert bench.send("GET", f"{end}?{parameter}=https://elsewhere.example/").status == 200
    onward = bench.send("GET", f"{end}?{parameter}={REDIRECT_URI}&client_id={CLIENT_ID}&state=kept")
    assert location(onward) == f"{REDIRECT_URI}?state=kept"
    assert "error=login_required" in location(bench.authorize(prompt="none"))


@pytest.mark.parametrize("name", NAMES)
def test_pages_elsewhere_may_ask_for_tokens_and_keys(name: str) -> None:
    bench = Bench(VENDORS[name].profile)
    document = document_of(bench)
    for member in ("token_endpoint", "userinfo_endpoint", "jwks_uri"):
        asked: Pairs = (("Origin", "https://app.example"), ("Access-Control-Request-Method", "POST"))
        preflight = bench.send("OPTIONS", document[member], asked)
        assert (preflight.status, preflight.header("access-control-allow-origin")) == (204, "https://app.example")
