"""Google's id_tokens, userinfo, tokeninfo and device flow, one row per fact; the ids begin with the fact's key in
`GOOGLE.sources`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from kit.provider import START, Bench, granted
from kit.vendor import Exchange, post
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.provider.provider import CLIENT_ID
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.records import Account
from refreshproof.mock_servers.vendors.google.google import APIS, GOOGLE, ISSUER, MAIL, OAUTH2
from refreshproof.mock_servers.wire import SECOND, WireResponse

SIGN_IN = "openid email profile"
DRIVE = f"{APIS}/auth/drive"
DEAD = "Token has been expired or revoked."
VERIFIER = "v" * 43
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def bench() -> Bench:
    return Bench(GOOGLE)


def test_an_id_token_is_signed_with_a_key_that_both_certificate_addresses_name(bench: Bench) -> None:
    """id_token: claims, header and lifetime."""
    tokens = bench.login(scope=SIGN_IN, nonce="once")
    claims = signing.read(tokens["id_token"])
    assert claims is not None
    assert set(claims) == {
        "iss", "azp", "aud", "sub", "at_hash", "nonce", "iat", "exp", "email", "email_verified", "name", "picture",
        "given_name", "family_name", "locale",
    }  # fmt: skip
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, CLIENT_ID, "once")
    assert (claims["iat"], claims["exp"]) == (START // SECOND, START // SECOND + 3600)
    assert claims["sub"].isdecimal()
    jwks = bench.send("GET", f"{APIS}/oauth2/v3/certs").document
    certificates = bench.send("GET", f"{APIS}/oauth2/v1/certs").document
    assert [key["kid"] for key in jwks["keys"]] == list(certificates) == [signing.key_id()]
    (key,) = jwks["keys"]
    assert set(key) == {"kty", "n", "e", "use", "alg", "kid"}
    assert (key["use"], key["alg"]) == ("sig", "RS256")
    assert certificates[signing.key_id()].startswith("-----BEGIN CERTIFICATE-----")


ID_TOKENS = [
    pytest.param("email", {"email", "email_verified"}, id="id_token-for-email"),
    pytest.param("profile", {"name", "picture", "given_name", "family_name", "locale"}, id="id_token-for-profile"),
    pytest.param("openid", set[str](), id="id_token-for-openid"),
    pytest.param(MAIL, None, id="id_token-not-without-a-sign-in-scope"),
]


@pytest.mark.parametrize(("scope", "claims"), ID_TOKENS)
def test_an_id_token_tells_what_the_scopes_open(bench: Bench, scope: str, claims: set[str] | None) -> None:
    tokens = bench.login(scope=scope)
    always = {"iss", "azp", "aud", "sub", "at_hash", "iat", "exp"}
    found = signing.read(tokens["id_token"]) if "id_token" in tokens else None
    assert (None if found is None else set(found) - always) == claims


def test_a_refresh_brings_an_id_token_without_the_nonce(bench: Bench) -> None:
    tokens = bench.login(scope=SIGN_IN, nonce="once")
    bench.advance(3600)
    claims = signing.read(granted(bench.refresh(tokens["refresh_token"]))["id_token"])
    assert claims is not None
    assert ("nonce" in claims, claims["iat"]) == (False, START // SECOND + 3600)


def test_only_a_workspace_account_has_a_hosted_domain() -> None:
    """id_token: hd"""
    bench = Bench(GOOGLE, accounts=(Account(name="alice@corp.example", kind="workspace"), Account(name="alice")))
    bench.provider.user.will(Decision(account="alice@corp.example"))
    domains = [(signing.read(bench.login(scope="openid")["id_token"]) or {}).get("hd") for _ in range(2)]
    assert domains == ["corp.example", None]


def test_userinfo_tells_what_the_scopes_open(bench: Bench) -> None:
    tokens = bench.login(scope="openid email")
    response = bench.get(GOOGLE.url("userinfo"), tokens["access_token"])
    claims = signing.read(tokens["id_token"]) or {}
    assert response.document == {name: claims[name] for name in ("sub", "email", "email_verified")}


USERINFO = [
    pytest.param("ya29.nothing", {"error": "invalid_request", "error_description": "Invalid Credentials"},
                 id="errors.userinfo"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "document"), USERINFO)
def test_userinfo_refuses_in_its_own_words(bench: Bench, token: str, document: dict[str, str]) -> None:
    response = bench.get(GOOGLE.url("userinfo"), token)
    assert (response.status, response.document) == (401, document)


def _by_query(url: str, token: str) -> Exchange:
    return lambda bench: bench.send("GET", f"{url}?{urlencode({'access_token': token})}")


def _by_form(url: str, token: str) -> Exchange:
    return lambda bench: post(bench, url, access_token=token)


def _by_bearer(url: str, token: str) -> Exchange:
    return lambda bench: bench.get(url, token, method="POST")


@pytest.mark.parametrize("ask", [_by_query, _by_form, _by_bearer])
@pytest.mark.parametrize("url", [f"{OAUTH2}/tokeninfo", f"{APIS}/oauth2/v3/tokeninfo"])
def test_tokeninfo_returns_strings(bench: Bench, ask: Callable[[str, str], Exchange], url: str) -> None:
    """tokeninfo: numbers and booleans are JSON strings."""
    tokens = bench.login(scope="openid email")
    bench.advance(99)
    document = granted(ask(url, tokens["access_token"])(bench))
    assert list(document) == [
        "azp", "aud", "sub", "scope", "exp", "expires_in", "email", "email_verified", "access_type",
    ]  # fmt: skip
    assert (document["exp"], document["expires_in"]) == (str(START // SECOND + 3599), "3500")
    assert (document["email_verified"], document["access_type"]) == ("true", "offline")


def test_tokeninfo_without_the_email_scope_tells_no_email(bench: Bench) -> None:
    document = granted(_by_query(f"{OAUTH2}/tokeninfo", bench.login(access_type=None)["access_token"])(bench))
    assert ("email" in document, document["access_type"]) == (False, "online")


def test_version_1_of_tokeninfo_has_other_members_and_numbers(bench: Bench) -> None:
    document = granted(_by_query(f"{APIS}/oauth2/v1/tokeninfo", bench.login()["access_token"])(bench))
    assert list(document) == ["issued_to", "audience", "user_id", "scope", "expires_in", "access_type"]
    assert document["expires_in"] == 3599


def test_tokeninfo_reads_an_id_token_until_it_expires(bench: Bench) -> None:
    tokens, url = bench.login(scope=SIGN_IN), f"{OAUTH2}/tokeninfo"
    assert granted(post(bench, url, id_token=tokens["id_token"]))["aud"] == CLIENT_ID
    bench.advance(3600)
    assert post(bench, url, id_token=tokens["id_token"]).status == 400


TOKENINFO_REFUSALS = [
    pytest.param(f"{OAUTH2}/tokeninfo", {"error_description": "Invalid Value"}, id="errors.tokeninfo"),
    pytest.param(f"{APIS}/oauth2/v1/tokeninfo", {"error": "invalid_token", "error_description": "Invalid Value"},
                 id="errors.tokeninfo_v1"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "document"), TOKENINFO_REFUSALS)
@pytest.mark.parametrize("member", ["refresh_token", "access_token"])
def test_tokeninfo_refuses_refresh_tokens_and_dead_ones(
    bench: Bench, url: str, document: dict[str, str], member: str
) -> None:
    tokens = bench.login()
    bench.advance(3599)
    response = _by_query(url, tokens[member])(bench)
    assert (response.status, response.document) == (400, document)


def start_device(bench: Bench) -> dict[str, Any]:
    return granted(post(bench, f"{OAUTH2}/device/code", client_id=CLIENT_ID, scope=SIGN_IN))


def poll(bench: Bench, device: dict[str, Any], after: float = 5) -> WireResponse:
    bench.advance(after)
    return bench.token(grant_type=DEVICE_GRANT, device_code=device["device_code"])


def visit(bench: Bench, device: dict[str, Any]) -> WireResponse:
    return bench.send("GET", f"{device['verification_url']}?user_code={device['user_code']}")


def test_the_device_flow_ends_in_tokens_once(bench: Bench) -> None:
    """device: verification_url, not verification_uri; always a refresh token."""
    device = start_device(bench)
    assert set(device) == {"device_code", "user_code", "verification_url", "expires_in", "interval"}
    assert (device["expires_in"], device["interval"]) == (1800, 5)
    assert device["verification_url"] == "https://www.google.com/device"
    assert visit(bench, device).status == 200
    tokens = granted(poll(bench, device))
    assert {"refresh_token", "id_token"} <= set(tokens)
    assert poll(bench, device).document["error"] == "invalid_grant"


def _deny(bench: Bench, device: dict[str, Any]) -> None:
    bench.provider.user.will(Decision(answer="deny"))
    visit(bench, device)


def test_a_device_code_is_over_after_half_an_hour(bench: Bench) -> None:
    """device: the lifetime is documented; how the poll is refused then is not, so only that it is."""
    device = start_device(bench)
    visit(bench, device)
    assert poll(bench, device, after=1800).status >= 400


POLLS = [
    pytest.param(lambda b, d: None, 5, 428, "authorization_pending", "Precondition Required",
                 id="errors.authorization_pending"),
    pytest.param(lambda b, d: poll(b, d), 4, 403, "slow_down", "Forbidden", id="errors.slow_down"),
    pytest.param(_deny, 5, 403, "access_denied", "Forbidden", id="errors.device_denied"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "status", "error", "description"), POLLS)
def test_a_poll_is_refused_with_googles_statuses(
    bench: Bench,
    before: Callable[[Bench, dict[str, Any]], object],
    after: float,
    status: int,
    error: str,
    description: str | None,
) -> None:
    device = start_device(bench)
    before(bench, device)
    response = poll(bench, device, after)
    assert (response.status, response.document["error"]) == (status, error)
    assert description in (None, response.document["error_description"])


def test_who_polls_in_time_that_stands_still_is_not_too_fast(bench: Bench) -> None:
    bench.provider.state.stands_still = True
    device = start_device(bench)
    polls = [poll(bench, device, after).document["error"] for after in (0, 0, 0, 4)]
    assert polls == [*["authorization_pending"] * 3, "slow_down"]


def test_the_discovery_document_names_the_addresses_that_answer(bench: Bench) -> None:
    """metadata: every endpoint in it exists."""
    document = granted(bench.send("GET", f"{ISSUER}/.well-known/openid-configuration"))
    addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "jwks_uri"))]
    assert len(addresses) == 6
    assert set(addresses) <= {endpoint.url for endpoint in GOOGLE.endpoints}
    assert document["code_challenge_methods_supported"] == ["plain", "S256"]
