"""Microsoft's own Python SDK against the Microsoft provider: MSAL logs in, refreshes, and meets refusals.

MSAL runs unmodified with its default authority; findings about it are asserted as such.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from kit import in_process_requests as requests_kit
from kit import serving as serving_kit
from kit.provider import Bench
from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.profile.signing_key import CERTIFICATE, PRIVATE_KEY
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.serving import Served
from refreshproof.mock_servers.vendors.microsoft.cloud import LOGIN, TENANT
from refreshproof.mock_servers.vendors.microsoft.microsoft import MICROSOFT

requests: Any = pytest.importorskip("requests")
msal: Any = pytest.importorskip("msal")

SCOPES = ["User.Read"]
API = MICROSOFT.url("resource")
COMMON = f"{LOGIN}/common"
PUBLIC = replace(DEFAULT_APPLICATION, client_secret=None, kind="native", redirect_uris=("http://localhost",))


@pytest.fixture
def world() -> Iterator[Any]:
    with requests_kit.world(Bench(MICROSOFT)) as opened:
        yield opened


def confidential(authority: str = COMMON, **settings: Any) -> Any:
    options = {"client_credential": CLIENT_SECRET, "authority": authority} | settings
    return msal.ConfidentialClientApplication(CLIENT_ID, **options)


class Form(HTMLParser):
    """The fields of the form that posts itself to the client, as form_post answers it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input":
            self.fields[found["name"] or ""] = found["value"] or ""


def authorize(world: Any, app: Any) -> dict[str, Any]:
    """Go through the login by form_post, which MSAL warns about not using; returns MSAL's result."""
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT_URI, response_mode="form_post")
    page = world.bench.send("GET", flow["auth_uri"]).body.decode()
    return dict(app.acquire_token_by_auth_code_flow(flow, Form(page).fields))


def log_in(world: Any, app: Any) -> dict[str, Any]:
    result = authorize(world, app)
    assert "access_token" in result, result
    return result


def silent(app: Any, **options: Any) -> dict[str, Any]:
    """Ask for a token without the user; an error comes back as a value."""
    (account,) = app.get_accounts()
    return dict(app.acquire_token_silent_with_error(SCOPES, account, **options) or {})


def call(token: str) -> int:
    status: int = requests.get(API, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code
    return status


def cached_refresh_tokens(app: Any) -> list[str]:
    found = app.token_cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)
    return [entry["secret"] for entry in found]


def test_it_logs_in_calls_and_refreshes_after_expiry(world: Any) -> None:
    app = confidential()
    result = log_in(world, app)
    assert call(result["access_token"]) == 200
    assert silent(app)["access_token"] == result["access_token"]
    world.advance(5400)
    renewed = silent(app)
    assert renewed["access_token"] != result["access_token"]
    assert call(renewed["access_token"]) == 200
    assert world.refreshes() == ["RT1"]


def test_it_adopts_each_new_refresh_token(world: Any) -> None:
    """refresh.rotation"""
    app = confidential()
    log_in(world, app)
    for _ in range(3):
        world.advance(5400)
        silent(app)
    assert world.refreshes() == ["RT1", "RT2", "RT3"]
    assert [world.bench.provider.vault.alias(token) for token in cached_refresh_tokens(app)] == ["RT4"]


def test_it_asks_for_offline_access_openid_and_profile_by_itself(world: Any) -> None:
    """issuance.scope, id_token and client_info: the account is uid.utid."""
    app = confidential()
    result = log_in(world, app)
    assert {"refresh_token", "id_token", "client_info"} <= set(result)
    (account,) = app.get_accounts()
    claims = result["id_token_claims"]
    assert account["home_account_id"] == f"{claims['oid']}.{TENANT}"
    assert (account["username"], account["environment"]) == ("alice@example.com", "login.microsoftonline.com")


SKEW = [pytest.param(302, [], id="302-seconds-left"), pytest.param(298, ["RT1"], id="298-seconds-left")]


@pytest.mark.parametrize(("left", "refreshes"), SKEW)
def test_it_refreshes_300_seconds_before_expiry(world: Any, left: int, refreshes: list[str]) -> None:
    app = confidential()
    world.advance(log_in(world, app)["expires_in"] - left)
    assert "access_token" in silent(app)
    assert world.refreshes() == refreshes


def test_a_revoked_user_is_an_error_value_and_the_dead_refresh_token_stays(world: Any) -> None:
    """errors.refresh_token_revoked; a finding: MSAL Python keeps the token on bad_token."""
    app = confidential()
    log_in(world, app)
    world.bench.provider.revoke_user("alice")
    world.advance(5400)
    refused = silent(app)
    assert (refused["error"], refused["suberror"]) == ("invalid_grant", "bad_token")
    assert refused["error_codes"] == [50173]
    assert refused["classification"] == ""
    assert len(cached_refresh_tokens(app)) == 1


REFUSALS = [
    pytest.param(Cause.MULTI_FACTOR_REQUIRED, "basic_action", id="errors.multi_factor_required"),
    pytest.param(Cause.CONSENT_REQUIRED, "consent_required", id="errors.consent_required"),
    pytest.param(Cause.SIGN_IN_FREQUENCY, "", id="errors.sign_in_frequency"),
]


@pytest.mark.parametrize(("cause", "classification"), REFUSALS)
def test_it_classifies_a_refusal_by_its_suberror(world: Any, cause: Cause, classification: str) -> None:
    app = confidential()
    log_in(world, app)
    world.bench.provider.enforce("alice", cause)
    world.advance(5400)
    assert silent(app)["classification"] == classification


def test_it_answers_a_repeated_refusal_from_its_own_cache_for_a_minute(world: Any) -> None:
    """A finding: within 60 s the server sees nothing, even when it would accept by now."""
    app = confidential()
    log_in(world, app)
    world.bench.provider.enforce("alice", Cause.MULTI_FACTOR_REQUIRED)
    world.advance(5400)
    assert "error" in silent(app)
    world.bench.provider.enforce("alice", None)
    assert "error" in silent(app)
    assert world.refreshes() == ["RT1"]
    world.advance(61)
    assert "access_token" in silent(app)


def test_ninety_idle_days_end_the_connection(world: Any) -> None:
    """refresh.inactivity_ttl"""
    app = confidential()
    log_in(world, app)
    world.advance(90 * 86_400)
    assert silent(app)["error_codes"] == [700082]


TENANTS = [
    pytest.param(f"{LOGIN}/{TENANT}", id="tenants-guid"),
    pytest.param(f"{LOGIN}/contoso.onmicrosoft.com", id="tenants-domain"),
    pytest.param(f"{LOGIN}/organizations", id="tenants-organizations"),
]


@pytest.mark.parametrize("authority", TENANTS)
def test_it_finds_its_way_from_every_form_of_tenant(world: Any, authority: str) -> None:
    app = confidential(authority)
    log_in(world, app)
    world.advance(5400)
    assert call(silent(app)["access_token"]) == 200


def _sha1() -> str:
    certificate = x509.load_pem_x509_certificate(CERTIFICATE.encode())
    return certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303 - the thumbprint is defined with SHA-1


CREDENTIALS = [
    pytest.param({"private_key": PRIVATE_KEY, "thumbprint": _sha1()}, id="token_request.authentication-RS256-x5t"),
    pytest.param({"private_key": PRIVATE_KEY, "public_certificate": CERTIFICATE},
                 id="token_request.authentication-PS256-x5t#S256"),
]  # fmt: skip


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_it_authenticates_with_a_certificate(world: Any, credential: dict[str, str]) -> None:
    world.bench.provider.register(replace(DEFAULT_APPLICATION, client_secret=None, certificate=CERTIFICATE))
    app = confidential(client_credential=credential)
    log_in(world, app)
    world.advance(5400)
    assert "access_token" in silent(app)


def test_a_capable_client_meets_a_claims_challenge(world: Any) -> None:
    """continuous_access"""
    app = confidential(client_capabilities=["cp1"])
    result = log_in(world, app)
    assert result["expires_in"] >= 71_999
    world.bench.provider.revoke_user("alice")
    response = requests.get(API, headers={"Authorization": f"Bearer {result['access_token']}"}, timeout=5)
    assert response.status_code == 401
    encoded = response.headers["WWW-Authenticate"].partition('claims="')[2].rstrip('"')
    refused = silent(app, claims_challenge=b64decode(encoded).decode())
    assert refused["error_codes"] == [50173]


def test_the_device_flow_of_a_public_client(world: Any) -> None:
    """device: the poll carries no scope."""
    world.bench.provider.register(PUBLIC)
    app = msal.PublicClientApplication(CLIENT_ID, authority=COMMON)
    flow = app.initiate_device_flow(SCOPES)
    assert flow["message"].endswith(f"enter the code {flow['user_code']} to authenticate.")
    waiting = app.acquire_token_by_device_flow(flow, exit_condition=lambda flow: True)
    assert waiting["error"] == "authorization_pending"
    world.bench.send("GET", f"{flow['verification_uri']}?user_code={flow['user_code']}")
    world.advance(5)
    result = app.acquire_token_by_device_flow(flow, exit_condition=lambda flow: True)
    assert "access_token" in result
    world.advance(5400)
    assert "access_token" in silent(app)


def test_a_public_client_that_is_confidential_at_the_server_is_refused(world: Any) -> None:
    """errors.missing_secret"""
    app = msal.PublicClientApplication(CLIENT_ID, authority=COMMON)
    result = authorize(world, app)
    assert (result["error"], result["error_codes"]) == ("invalid_client", [7000218])


# --- at a local address -----------------------------------------------------------------------------------------------

LOCAL = "https://localhost:8443"
DISCOVERIES = [
    pytest.param(False, id="endpoints.instance_discovery-switched-off"),
    pytest.param(f"{LOCAL}/common/discovery/instance", id="endpoints.instance_discovery-at-the-same-address"),
]
CLIENTS = [
    pytest.param({}, id="token_request.authentication-secret"),
    pytest.param({"client_credential": {"private_key": PRIVATE_KEY, "public_certificate": CERTIFICATE}},
                 id="token_request.authentication-certificate-for-the-local-address"),
]  # fmt: skip


@pytest.fixture
def local() -> Iterator[Any]:
    bench, options = Bench(MICROSOFT), serving_kit.options("microsoft")
    one = Served(options.vendors[0], options, LOCAL)
    bench.provider, bench.handler = one.provider, one.handle
    bench.profile = replace(MICROSOFT, endpoints=())
    with requests_kit.world(bench) as opened:
        yield opened


@pytest.mark.parametrize("discovery", DISCOVERIES)
@pytest.mark.parametrize("settings", CLIENTS)
def test_at_a_local_address_it_meets_nothing_but_that_address(
    local: Any, discovery: Any, settings: dict[str, Any]
) -> None:
    """The authority it was given is in the metadata, the issuer, the account and what a certificate signs for."""
    secret = None if settings else CLIENT_SECRET
    known = replace(DEFAULT_APPLICATION, client_secret=secret, certificate=CERTIFICATE)
    local.bench.provider.register(known)
    app = confidential(f"{LOCAL}/{TENANT}", instance_discovery=discovery, **settings)
    result = log_in(local, app)
    assert result["id_token_claims"]["iss"] == f"{LOCAL}/{TENANT}/v2.0"
    (account,) = app.get_accounts()
    assert account["environment"] == "localhost"
    local.advance(5400)
    assert "access_token" in silent(app)
    assert local.refreshes() == ["RT1"]
