"""Microsoft's tenants, metadata, version 1.0, device flow and client assertions, one row per fact; the ids begin with
the fact's key in `MICROSOFT.sources`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from joserfc import jwt
from joserfc.jwk import RSAKey

from kit.dumb_client import basic
from kit.provider import START, Bench, granted, query
from kit.vendor import post
from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.profile.signing_key import CERTIFICATE, PRIVATE_KEY
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.vendors.microsoft.cloud import COMMON, GRAPH, LOGIN, TENANT
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT
from refreshproof.mock_servers.wire import SECOND, WireResponse

MSA = "9188040d-6c67-4c5b-b112-36a304b66dad"
OFFLINE = "offline_access User.Read"
SECRETS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def bench() -> Bench:
    return Bench(MICROSOFT)


# --- metadata ---------------------------------------------------------------------------------------------------------

ISSUERS = [
    pytest.param("common", "{tenantid}", None, id="tenants-common-keeps-the-braces"),
    pytest.param("organizations", "{tenantid}", "WW", id="tenants-organizations-keeps-the-braces"),
    pytest.param("consumers", MSA, "WW", id="tenants-consumers"),
    pytest.param(TENANT, TENANT, "WW", id="tenants-guid"),
    pytest.param("contoso.onmicrosoft.com", TENANT, "WW", id="tenants-domain"),
]


@pytest.mark.parametrize(("tenant", "issuer", "region"), ISSUERS)
@pytest.mark.parametrize("slashes", ["/", "//"])
def test_the_metadata_names_the_tenant_that_was_asked_for(
    bench: Bench, tenant: str, issuer: str, region: str | None, slashes: str
) -> None:
    response = bench.send("GET", f"{LOGIN}/{tenant}{slashes}v2.0/.well-known/openid-configuration")
    document = granted(response)
    assert document["issuer"] == f"{LOGIN}/{issuer}/v2.0"
    assert document["token_endpoint"] == f"{LOGIN}/{tenant}/oauth2/v2.0/token"
    assert document["token_endpoint"].replace("/token", "/devicecode") == document["device_authorization_endpoint"]
    assert document["tenant_region_scope"] == region
    assert "code_challenge_methods_supported" not in document
    assert bench.send("GET", document["jwks_uri"]).document["keys"][0]["kid"] == signing.key_id()


def test_only_common_and_organizations_sign_in_any_tenant(bench: Bench) -> None:
    """tenants: an unknown one is refused at the metadata, token and authorization endpoints."""
    metadata = bench.send("GET", f"{LOGIN}/nowhere/v2.0/.well-known/openid-configuration")
    token = post(bench, f"{LOGIN}/nowhere/oauth2/v2.0/token", grant_type="refresh_token", **SECRETS)
    assert [one.document["error_codes"] for one in (metadata, token)] == [[90002], [90002]]
    page = bench.send("GET", f"{LOGIN}/nowhere/oauth2/v2.0/authorize")
    assert "AADSTS90002" in page.body.decode()


VERSIONS = [pytest.param(version, id=f"endpoints.instance_discovery-{version}") for version in ("1.0", "1.1")]


@pytest.mark.parametrize("version", VERSIONS)
def test_instance_discovery_lists_the_hosts_of_each_cloud(bench: Bench, version: str) -> None:
    url = f"{COMMON}/discovery/instance?api-version={version}&authorization_endpoint={LOGIN}/{TENANT}/oauth2/authorize"
    document = granted(bench.send("GET", url))
    assert document["tenant_discovery_endpoint"] == f"{LOGIN}/{TENANT}/v2.0/.well-known/openid-configuration"
    assert document["api-version"] == version
    assert "login.windows.net" in document["metadata"][0]["aliases"]


def test_instance_discovery_refuses_a_stranger(bench: Bench) -> None:
    """errors.unknown_instance"""
    url = f"{COMMON}/discovery/instance?api-version=1.1&authorization_endpoint=https://login.example.com/x/authorize"
    response = bench.send("GET", url)
    assert (response.status, response.document["error"]) == (400, "invalid_instance")
    assert response.document["error_codes"] == [50049]


# --- version 1.0 ------------------------------------------------------------------------------------------------------


def v1_login(bench: Bench) -> dict[str, Any]:
    base = f"{LOGIN}/{TENANT}/oauth2"
    parameters = f"client_id={CLIENT_ID}&redirect_uri={REDIRECT_URI}&response_type=code&resource={GRAPH}"
    code = query(bench.send("GET", f"{base}/authorize?{parameters}"))["code"]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "resource": GRAPH}
    return granted(post(bench, f"{base}/token", **SECRETS, **fields))


def test_version_1_has_a_resource_instead_of_scopes_and_strings_instead_of_numbers(bench: Bench) -> None:
    """endpoints.v1"""
    tokens = v1_login(bench)
    assert list(tokens) == [
        "token_type", "scope", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "access_token",
        "refresh_token", "id_token", "pwd_exp", "pwd_url",
    ]  # fmt: skip
    numbers = [tokens[name] for name in ("expires_in", "ext_expires_in", "expires_on", "not_before", "pwd_exp")]
    assert all(isinstance(number, str) and number.isdecimal() for number in numbers)
    assert int(tokens["expires_on"]) - int(tokens["not_before"]) == int(tokens["expires_in"])
    assert (tokens["not_before"], tokens["resource"]) == (str(START // SECOND), GRAPH)
    assert bench.call(tokens["access_token"]) == 200


def v1_refresh(bench: Bench, tokens: dict[str, Any]) -> WireResponse:
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return post(bench, f"{LOGIN}/common/oauth2/token", **SECRETS, **fields)


def test_version_1_refreshes_and_refuses_with_words_of_its_own(bench: Bench) -> None:
    """errors.v1: no suberror on 700082, interaction_required for a second factor."""
    tokens = v1_login(bench)
    assert granted(v1_refresh(bench, tokens))["refresh_token"] != tokens["refresh_token"]
    bench.provider.enforce("alice", Cause.MULTI_FACTOR_REQUIRED)
    assert v1_refresh(bench, tokens).document["error"] == "interaction_required"
    bench.provider.enforce("alice", None)
    bench.advance(90 * 86_400)
    document = v1_refresh(bench, tokens).document
    assert (document["error_codes"], "suberror" in document) == ([700082], False)


# --- the device flow --------------------------------------------------------------------------------------------------


def start_device(bench: Bench, path: str = "oauth2/v2.0/devicecode", **fields: str) -> dict[str, Any]:
    return granted(post(bench, f"{COMMON}/{path}", **({"client_id": CLIENT_ID, "scope": OFFLINE} | fields)))


def poll(bench: Bench, device: dict[str, Any], grant: str = DEVICE_GRANT, after: float = 5) -> WireResponse:
    bench.advance(after)
    return bench.token(grant_type=grant, device_code=device["device_code"])


def enter(bench: Bench, device: dict[str, Any]) -> WireResponse:
    return bench.send("GET", f"{device['verification_uri']}?user_code={device['user_code']}")


@pytest.mark.parametrize("grant", [DEVICE_GRANT, "device_code"])
def test_the_device_flow_takes_both_grant_names_and_its_first_scopes(bench: Bench, grant: str) -> None:
    """device, token_request.grants: the poll has no scope, those of the first request count."""
    device = start_device(bench)
    assert list(device) == ["user_code", "device_code", "verification_uri", "expires_in", "interval", "message"]
    assert (device["expires_in"], device["interval"]) == (900, 5)
    assert device["message"] == (
        "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code"
        f" {device['user_code']} to authenticate."
    )
    assert poll(bench, device, grant).document["error"] == "authorization_pending"
    assert enter(bench, device).status == 200
    tokens = granted(poll(bench, device, grant))
    assert (tokens["scope"], "refresh_token" in tokens) == ("User.Read", True)


def test_without_offline_access_the_device_flow_brings_no_refresh_token(bench: Bench) -> None:
    device = start_device(bench, scope="User.Read")
    enter(bench, device)
    assert "refresh_token" not in granted(poll(bench, device))


def test_polling_too_fast_is_tolerated(bench: Bench) -> None:
    """device: slow_down is not documented."""
    device = start_device(bench)
    errors = {poll(bench, device, after=0).document["error"] for _ in range(3)}
    assert errors == {"authorization_pending"}


def _deny(bench: Bench, device: dict[str, Any]) -> None:
    bench.provider.user.will(Decision(answer="deny"))
    enter(bench, device)


POLLS = [
    pytest.param(lambda b, d: None, 5, "authorization_pending", id="errors.authorization_pending"),
    pytest.param(_deny, 5, "authorization_declined", id="errors.device_denied"),
    pytest.param(lambda b, d: None, 900, "expired_token", id="errors.expired_device_code"),
    pytest.param(lambda b, d: d.update(device_code="no"), 5, "bad_verification_code", id="errors.unknown_device_code"),
]


@pytest.mark.parametrize(("before", "after", "error"), POLLS)
def test_every_poll_error_is_a_400(
    bench: Bench, before: Callable[[Bench, dict[str, Any]], object], after: float, error: str
) -> None:
    device = start_device(bench)
    before(bench, device)
    response = poll(bench, device, after=after)
    assert (response.status, response.document["error"]) == (400, error)


def test_version_1_of_the_device_flow_has_strings(bench: Bench) -> None:
    """endpoints.v1"""
    device = start_device(bench, "oauth2/devicecode", resource=GRAPH)
    assert (device["verification_url"], device["expires_in"]) == ("https://microsoft.com/devicelogin", "900")


def test_a_wrong_user_code_shows_no_question(bench: Bench) -> None:
    start_device(bench)
    assert bench.send("GET", "https://microsoft.com/devicelogin?user_code=WRONG").status == 400
    assert "user_code" in bench.send("GET", "https://microsoft.com/devicelogin").body.decode()


# --- client assertions ------------------------------------------------------------------------------------------------

READ = x509.load_pem_x509_certificate(CERTIFICATE.encode())
X5T = {"x5t": base64url(READ.fingerprint(hashes.SHA1())) + "="}  # noqa: S303 - the thumbprint is defined with SHA-1
X5T_S256 = {"x5t#S256": base64url(READ.fingerprint(hashes.SHA256()))}
AUDIENCE = f"{COMMON}/oauth2/v2.0/token"


def assertion(header: dict[str, str], **changes: Any) -> str:
    now = START / SECOND
    claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": AUDIENCE, "nbf": now, "exp": now + 599.5} | changes
    return jwt.encode(header, claims, RSAKey.import_key(PRIVATE_KEY), algorithms=["RS256", "PS256"])


def with_assertion(text: str) -> WireResponse:
    bench = Bench(MICROSOFT, application=replace(DEFAULT_APPLICATION, client_secret=None, certificate=CERTIFICATE))
    extra = {"client_secret": None, "client_assertion": text, "client_assertion_type": ASSERTION_TYPE}
    return bench.exchange(bench.code(), **extra)


ASSERTIONS = [
    pytest.param({"alg": "PS256"} | X5T_S256, {}, True, id="token_request.authentication-PS256-x5t#S256"),
    pytest.param({"alg": "RS256"} | X5T, {}, True, id="token_request.authentication-RS256-x5t-padded"),
    pytest.param({"alg": "RS256"}, {}, False, id="token_request.authentication-no-thumbprint"),
    pytest.param({"alg": "RS256", "x5t": "AAAA"}, {}, False, id="token_request.authentication-wrong-thumbprint"),
    pytest.param({"alg": "RS256"} | X5T, {"aud": LOGIN}, False, id="token_request.authentication-wrong-audience"),
    pytest.param({"alg": "RS256"} | X5T, {"exp": START / SECOND}, False, id="token_request.authentication-expired"),
    pytest.param({"alg": "RS256"} | X5T, {"nbf": START / SECOND + 1}, False, id="token_request.authentication-early"),
    pytest.param({"alg": "RS256"} | X5T, {"sub": "other"}, False, id="token_request.authentication-other-client"),
]


@pytest.mark.parametrize(("header", "changes", "accepted"), ASSERTIONS)
def test_a_client_assertion_is_checked(header: dict[str, str], changes: dict[str, Any], accepted: bool) -> None:
    response = with_assertion(assertion(header, **changes))
    assert (response.status, (response.document or {}).get("error")) == (
        (200, None) if accepted else (401, "invalid_client")
    )


def test_a_forged_client_assertion_is_refused() -> None:
    text = assertion({"alg": "RS256"} | X5T)
    assert with_assertion(text[:-8] + "AAAAAAAA").status == 401
    assert with_assertion("not-a-jwt").status == 401


def test_a_client_with_a_certificate_has_no_secret_to_guess() -> None:
    bench = Bench(MICROSOFT, application=replace(DEFAULT_APPLICATION, client_secret=None, certificate=CERTIFICATE))
    for name, header in (("empty", basic(secret="")), ("another", basic(secret="x"))):
        response = bench.exchange(bench.code(), client_id=None, client_secret=None, headers=(header,))
        assert (name, response.status) == (name, 401)
