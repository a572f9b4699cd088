"""MCP servers: what a client finds out from a refusal, whom the authorization server knows, and which resource a token
is for."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from kit.provider import Bench, granted, query
from refreshproof.mock_servers.profile.flow_rules import AuthenticationDemand
from refreshproof.mock_servers.provider.provider import CLIENT_ID, DEFAULT_APPLICATION, REDIRECT_URI
from refreshproof.mock_servers.vendors.mcp import DOCUMENT, ISSUER, MCP, MCP_NO_OFFLINE, RESOURCE, RESOURCE_METADATA
from refreshproof.mock_servers.wire import WireResponse

PUBLIC = replace(DEFAULT_APPLICATION, client_secret=None)
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
TARGET = {"client_secret": None, "resource": RESOURCE}
OTHER = "https://other.example.com/mcp"


@pytest.fixture
def bench() -> Bench:
    return Bench(MCP, application=PUBLIC)


def log_in(bench: Bench, **changes: str | None) -> WireResponse:
    client_id = changes.get("client_id", CLIENT_ID)
    code = bench.code(**PKCE, **changes)
    return bench.exchange(code, code_verifier=VERIFIER, client_id=client_id, **TARGET)


def told(bench: Bench, response: WireResponse) -> str:
    assert bench.profile is MCP
    return response.header("www-authenticate") or ""


def test_a_refusal_leads_to_the_resource_and_the_resource_to_its_authorization_server(bench: Bench) -> None:
    bare = bench.send("GET", RESOURCE)
    assert bare.status == 401
    assert f'resource_metadata="{RESOURCE_METADATA}"' in told(bench, bare)
    published = bench.send("GET", RESOURCE_METADATA).document
    assert published["resource"] == RESOURCE
    assert published["authorization_servers"] == [ISSUER]


@pytest.mark.parametrize(
    "place",
    [
        "https://login.example.com/.well-known/oauth-authorization-server/tenant1",
        "https://login.example.com/.well-known/openid-configuration/tenant1",
        "https://login.example.com/tenant1/.well-known/openid-configuration",
    ],
)
def test_the_authorization_server_is_found_at_each_of_the_three_places(bench: Bench, place: str) -> None:
    found = bench.send("GET", place).document
    assert found["issuer"] == ISSUER
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["client_id_metadata_document_supported"] is True


def test_a_public_client_logs_in_and_each_refresh_rotates(bench: Bench) -> None:
    first = granted(log_in(bench))
    second = granted(bench.refresh(first["refresh_token"], **TARGET))
    assert second["refresh_token"] != first["refresh_token"]
    assert bench.call(second["access_token"]) == 200
    assert bench.refresh(first["refresh_token"], **TARGET).document["error"] == "invalid_grant"


@pytest.mark.parametrize("resource", [None, OTHER, f"{RESOURCE}/", "no uri"])
def test_every_request_for_another_resource_or_none_has_no_valid_target(bench: Bench, resource: str | None) -> None:
    assert query(bench.authorize(**PKCE, resource=resource))["error"] == "invalid_target"
    named = {"client_secret": None, "resource": resource}
    assert bench.exchange(bench.code(**PKCE), code_verifier=VERIFIER, **named).document["error"] == "invalid_target"
    tokens = granted(log_in(bench))
    assert bench.refresh(tokens["refresh_token"], **named).document["error"] == "invalid_target"
    assert bench.refresh(tokens["refresh_token"], **TARGET).status == 200


def test_a_resource_is_known_by_a_scheme_and_host_in_capitals(bench: Bench) -> None:
    tokens = granted(log_in(bench, resource="HTTPS://MCP.example.com/mcp"))
    assert (
        bench.refresh(tokens["refresh_token"], client_secret=None, resource="https://MCP.EXAMPLE.com/mcp").status == 200
    )


def test_a_token_of_one_resource_is_not_refreshed_for_another_that_the_server_knows() -> None:
    rules = MCP.resource_indicators
    assert rules is not None
    both = Bench(replace(MCP, resource_indicators=replace(rules, resources=(RESOURCE, OTHER))), application=PUBLIC)
    tokens = granted(log_in(both))
    assert (
        both.refresh(tokens["refresh_token"], client_secret=None, resource=OTHER).document["error"] == "invalid_target"
    )


@pytest.mark.parametrize("changes", [{}, {"code_challenge": CHALLENGE}, {**PKCE, "code_challenge_method": "plain"}])
def test_a_login_without_a_challenge_by_s256_is_refused(bench: Bench, changes: dict[str, str]) -> None:
    answer = query(bench.authorize(**changes))
    assert answer["error"] == "invalid_request"
    assert answer["iss"] == ISSUER


def test_a_missing_scope_is_named_without_those_that_were_granted(bench: Bench) -> None:
    bench.provider.profile = replace(MCP, operation_scopes=("files:write",))
    refused = bench.get(RESOURCE, granted(log_in(bench))["access_token"])
    assert refused.status == 403
    assert 'scope="files:write"' in told(bench, refused)
    wider = granted(log_in(bench, scope="files:read files:write"))
    assert bench.call(wider["access_token"]) == 200


def test_a_client_is_known_by_the_document_at_its_id(bench: Bench) -> None:
    tokens = granted(log_in(bench, client_id=DOCUMENT))
    assert bench.refresh(tokens["refresh_token"], client_id=DOCUMENT, **TARGET).status == 200


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        (DOCUMENT, {"client_id": "https://app.example.com/oauth/other.json"}),
        (DOCUMENT, {"client_secret": "a secret that everybody reads"}),
        (DOCUMENT, {"redirect_uris": []}),
        (DOCUMENT, {"client_name": None}),
        ("http://app.example.com/oauth/client.json", {"client_id": "http://app.example.com/oauth/client.json"}),
        ("https://app.example.com/", {"client_id": "https://app.example.com/"}),
    ],
)
def test_a_document_that_is_not_as_it_must_be_makes_no_client(address: str, changes: dict[str, object]) -> None:
    document = {**MCP.client_documents[DOCUMENT], **changes}
    bench = Bench(replace(MCP, client_documents={address: document}), application=PUBLIC)
    assert bench.authorize(**PKCE, client_id=address).status == 401


@pytest.mark.parametrize(("grants", "renewable"), [(["authorization_code", "refresh_token"], True), (None, False)])
def test_a_client_that_registers_itself_gets_refresh_tokens_if_it_said_so(
    bench: Bench, grants: list[str] | None, renewable: bool
) -> None:
    wanted = {"redirect_uris": [REDIRECT_URI], "token_endpoint_auth_method": "none"}
    wanted |= {} if grants is None else {"grant_types": grants}
    url, kind = bench.profile.url("registration"), ("Content-Type", "application/json")
    assert url is not None
    client_id = bench.send("POST", url, (kind,), json.dumps(wanted).encode()).document["client_id"]
    assert ("refresh_token" in granted(log_in(bench, client_id=client_id))) == renewable


def test_where_there_are_no_refresh_tokens_none_comes() -> None:
    assert "refresh_token" not in granted(log_in(Bench(MCP_NO_OFFLINE, application=PUBLIC)))


def test_an_operation_may_want_another_login_which_no_refresh_brings(bench: Bench) -> None:
    tokens = granted(log_in(bench))
    bench.provider.profile = replace(MCP, operation_authentication=AuthenticationDemand(acr_values=("mfa", "hwk")))
    refused = bench.get(RESOURCE, tokens["access_token"])
    assert (refused.status, refused.document["error"]) == (401, "insufficient_user_authentication")
    assert told(bench, refused) == 'Bearer error="insufficient_user_authentication", acr_values="mfa hwk"'
    newer = granted(bench.refresh(tokens["refresh_token"], **TARGET))
    assert bench.call(newer["access_token"]) == 401
    assert bench.call(granted(log_in(bench, acr_values="pwd"))["access_token"]) == 401
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["mfa"]}}})
    assert bench.call(granted(log_in(bench, claims=claims))["access_token"]) == 200
    stronger = granted(log_in(bench, acr_values="hwk mfa"))
    assert bench.call(stronger["access_token"]) == 200
    assert bench.call(granted(bench.refresh(stronger["refresh_token"], **TARGET))["access_token"]) == 200


def test_a_session_is_old_until_a_login_asks_for_a_recent_one(bench: Bench) -> None:
    log_in(bench)
    bench.advance(601)
    bench.provider.profile = replace(MCP, operation_authentication=AuthenticationDemand(max_age=600))
    refused = bench.get(RESOURCE, granted(log_in(bench))["access_token"])
    assert told(bench, refused) == 'Bearer error="insufficient_user_authentication", max_age="600"'
    assert bench.call(granted(log_in(bench, max_age="601"))["access_token"]) == 401
    recent = granted(log_in(bench, max_age="600"))["access_token"]
    assert bench.call(recent) == 200
    bench.advance(600)
    assert bench.call(recent) == 200
    bench.advance(1)
    assert bench.call(recent) == 401
    assert bench.call(granted(log_in(bench, prompt="login"))["access_token"]) == 200
