"""The plain server as an OpenID provider, where clients register themselves and tokens are introspected."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kit.provider import START, Bench, Pairs, granted
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET
from refreshproof.mock_servers.vendors.generic import GENERIC, ISSUER
from refreshproof.mock_servers.wire import SECOND, WireResponse

JSON: Pairs = (("Content-Type", "application/json"),)
FORM: Pairs = (("Content-Type", "application/x-www-form-urlencoded"),)
BASIC: Pairs = (("Authorization", f"Basic {base64.b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"),)
BROWSER: Pairs = (("Origin", "https://app.example"), ("Access-Control-Request-Method", "POST"))


@pytest.fixture
def bench() -> Bench:
    return Bench(GENERIC)


def register(bench: Bench, metadata: Any) -> WireResponse:
    return bench.send("POST", f"{ISSUER}/register", JSON, json.dumps(metadata).encode())


def introspect(bench: Bench, token: str) -> dict[str, Any]:
    return dict(bench.send("POST", f"{ISSUER}/introspect", (*FORM, *BASIC), f"token={token}".encode()).document)


def test_discovery_has_what_the_specification_requires_and_every_address_answers(bench: Bench) -> None:
    document = granted(bench.send("GET", f"{ISSUER}/.well-known/openid-configuration"))
    assert {
        "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
        "subject_types_supported", "id_token_signing_alg_values_supported", "scopes_supported",
    } <= set(document)  # fmt: skip
    served = {endpoint.url for endpoint in GENERIC.endpoints}
    assert {url for name, url in document.items() if name.endswith(("_endpoint", "jwks_uri"))} <= served


def test_openid_brings_an_id_token_at_login_and_refresh_and_nothing_to_who_does_not_ask(bench: Bench) -> None:
    assert "id_token" not in bench.login(scope="read")
    tokens = bench.login(scope="openid email", nonce="once")
    claims = signing.read(tokens["id_token"])
    assert claims is not None
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, CLIENT_ID, "once")
    assert (claims["iat"], claims["exp"]) == (START // SECOND, START // SECOND + 3600)
    assert (claims["email"], claims["email_verified"]) == ("alice@example.com", True)
    keys = granted(bench.send("GET", f"{ISSUER}/jwks"))["keys"]
    assert [key["kid"] for key in keys] == [signing.key_id()]
    told = granted(bench.send("GET", f"{ISSUER}/userinfo", (("Authorization", f"Bearer {tokens['access_token']}"),)))
    assert (told["sub"], told["email"]) == (claims["sub"], "alice@example.com")


def test_who_registers_is_an_application_with_a_secret_unless_it_is_public(bench: Bench) -> None:
    asked = {"redirect_uris": ["http://localhost:4242", "edu.kit.data.oidc-agent:/redirect"], "client_name": "agent"}
    response = register(bench, asked)
    assert response.status == 201
    found = response.document
    assert (found["redirect_uris"], found["client_name"]) == (asked["redirect_uris"], "agent")
    assert found["token_endpoint_auth_method"] == "client_secret_basic"
    location = bench.authorize(client_id=found["client_id"], redirect_uri="http://localhost:4242").header("location")
    assert location is not None
    assert location.startswith("http://localhost:4242?code=")
    assert bench.provider.vault.leaks(found["client_secret"])
    public = register(bench, {**asked, "token_endpoint_auth_method": "none"}).document
    assert "client_secret" not in public
    assert public["client_id"] != found["client_id"]


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ([], "invalid_client_metadata"),
        ({}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": [1]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["/relative"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example/#b"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": "tls"}, "invalid_client_metadata"),
    ],
)
def test_a_registration_that_cannot_be_is_refused(bench: Bench, metadata: Any, error: str) -> None:
    response = register(bench, metadata)
    assert (response.status, response.document["error"]) == (400, error)
    assert set(bench.provider.state.applications) == {CLIENT_ID}


def test_a_token_is_active_until_it_ends_is_replaced_or_is_taken_back(bench: Bench) -> None:
    tokens = bench.login(scope="read")
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    told = introspect(bench, access)
    assert (told["active"], told["scope"], told["client_id"], told["username"]) == (True, "read", CLIENT_ID, "alice")
    assert (told["iat"], told["exp"]) == (START // SECOND, START // SECOND + 3600)
    assert introspect(bench, refresh)["active"]
    bench.advance(3600)
    assert introspect(bench, access) == {"active": False}
    assert introspect(bench, refresh)["active"]
    bench.provider.revoke_user("alice")
    assert introspect(bench, refresh) == introspect(bench, "never-was-a-token-here") == {"active": False}


def test_introspection_is_for_clients_that_have_a_secret_and_give_it(bench: Bench) -> None:
    token = bench.login(scope="read")["access_token"]
    body = f"token={token}&client_id={CLIENT_ID}".encode()
    assert bench.send("POST", f"{ISSUER}/introspect", FORM, body).status == 401
    public = register(bench, {"redirect_uris": ["http://localhost:1"], "token_endpoint_auth_method": "none"}).document
    body = f"token={token}&client_id={public['client_id']}".encode()
    assert bench.send("POST", f"{ISSUER}/introspect", FORM, body).document["error"] == "invalid_client"


@pytest.mark.parametrize("path", ["/token", "/userinfo", "/jwks", "/.well-known/openid-configuration", "/revoke"])
def test_a_page_elsewhere_may_ask(bench: Bench, path: str) -> None:
    preflight = bench.send("OPTIONS", ISSUER + path, BROWSER)
    assert (preflight.status, preflight.header("access-control-allow-origin")) == (204, "https://app.example")
    answer = bench.send("GET", ISSUER + path, BROWSER[:1])
    assert answer.header("access-control-allow-origin") == "https://app.example"
