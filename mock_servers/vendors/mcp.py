"""Servers of the Model Context Protocol, each with the authorization server that it names: what the specification asks
of both, as strict as it lets them be.

The client is a public one that its developer registered; one may register itself too, or be known by a document.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.flow_rules import ResourceIndicators
from refreshproof.mock_servers.profile.pieces import BAD_ACCESS_TOKEN, refusals, sources
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    Endpoint,
    IssuanceRules,
    Profile,
    ResponseShape,
    Source,
    TokenRequestRules,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy

_HOST = "https://login.example.com"
ISSUER = f"{_HOST}/tenant1"
_SERVER = "https://mcp.example.com"
RESOURCE = f"{_SERVER}/mcp"
RESOURCE_METADATA = f"{_SERVER}/.well-known/oauth-protected-resource/mcp"
DOCUMENT = "https://app.example.com/oauth/client.json"
"""The client id of a client that is known by a document."""

_SPECIFICATION = "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization"


def _page(name: str = "") -> Source:
    return Source(where=f"{_SPECIFICATION}{name}", seen="2026-11-30")


def _challenge(error: str, scope: str) -> tuple[tuple[str, str], ...]:
    named = f'error="{error}", ' if error else ""
    return (("WWW-Authenticate", f'Bearer {named}resource_metadata="{RESOURCE_METADATA}", scope="{scope}"'),)


METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "registration_endpoint": f"{ISSUER}/register",
    "scopes_supported": ["files:read", "files:write"],
    "response_types_supported": ["code"],
    "response_modes_supported": ["query"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
    "code_challenge_methods_supported": ["S256"],
    "authorization_response_iss_parameter_supported": True,
    "client_id_metadata_document_supported": True,
}

MCP = Profile(
    name="mcp",
    title="MCP server and its authorization server (specification of 2026-07-28)",
    issuer=ISSUER,
    endpoints=(
        Endpoint(view="authorization", url=f"{ISSUER}/authorize"),
        Endpoint(view="token", url=f"{ISSUER}/token", methods=("POST",)),
        Endpoint(view="revocation", url=f"{ISSUER}/revoke", methods=("POST",)),
        Endpoint(view="registration", url=f"{ISSUER}/register", methods=("POST",)),
        Endpoint(view="metadata", url=f"{_HOST}/.well-known/oauth-authorization-server/tenant1"),
        Endpoint(view="discovery", url=f"{_HOST}/.well-known/openid-configuration/tenant1"),
        Endpoint(view="discovery", url=f"{ISSUER}/.well-known/openid-configuration"),
        Endpoint(view="resource", url=RESOURCE, methods=("GET", "POST"), options={"scopes": ("files:read",)}),
        Endpoint(view="resource_metadata", url=RESOURCE_METADATA),
    ),
    scopes=("files:read",),
    authorization=AuthorizationRules(pkce="required", challenge_methods=("S256",), sends_iss=True),
    issuance=IssuanceRules(application_switch=True),
    token_request=TokenRequestRules(authentication=("none", "client_secret_post", "client_secret_basic")),
    refresh=RefreshPolicy(rotation="always", refresh_token_on_refresh="new", on_breach="revoke_family"),
    response=ResponseShape(scope="always"),
    errors={
        Cause.NO_ACCESS_TOKEN: ErrorReply(status=401, error=None, headers=_challenge("", "files:read")),
        **refusals(
            BAD_ACCESS_TOKEN,
            ErrorReply(status=401, error="invalid_token", headers=_challenge("invalid_token", "files:read")),
        ),
        Cause.INSUFFICIENT_SCOPE: ErrorReply(
            status=403, error="insufficient_scope", headers=_challenge("insufficient_scope", "{expected}")
        ),
    },
    resource_indicators=ResourceIndicators(
        resources=(RESOURCE,), required=("authorization", "authorization_code", "refresh_token")
    ),
    resource_metadata={
        "resource": RESOURCE,
        "authorization_servers": [ISSUER],
        "scopes_supported": ["files:read"],
        "bearer_methods_supported": ["header"],
    },
    client_documents={
        DOCUMENT: {
            "client_id": DOCUMENT,
            "client_name": "Example client",
            "redirect_uris": ["https://app.example.com/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        }
    },
    client_parameters={"resource": RESOURCE},
    token_parameters={"resource": RESOURCE},
    cors_hosts=("login.example.com", "mcp.example.com"),
    metadata=METADATA,
    sources=sources(
        (_page("/security-considerations#authorization-code-protection"), "authorization.pkce"),
        (_page("/security-considerations#authorization-code-protection"), "authorization.challenge_methods"),
        (_page("#authorization-response-validation"), "authorization.sends_iss"),
        (_page("#refresh-tokens"), "issuance"),
        (_page("/security-considerations#token-theft"), "refresh.rotation"),
        (_page("#resource-parameter-implementation"), "resource_indicators client_parameters token_parameters"),
        (_page("/authorization-server-discovery"), "endpoints metadata resource_metadata"),
        (_page("/client-registration"), "token_request client_documents"),
        (_page("#scope-selection-strategy"), f"errors.{Cause.NO_ACCESS_TOKEN}"),
        (_page("#runtime-insufficient-scope-errors"), f"errors.{Cause.INSUFFICIENT_SCOPE}"),
        (_page("#token-handling"), "errors"),
        (Source(where="RFC 9700 s4.14.2", seen="2026-11-30"), "refresh"),
        (_page(), ""),
    ),
)

MCP_NO_OFFLINE = replace(
    MCP,
    name="mcp-no-offline",
    title="MCP server whose authorization server issues no refresh tokens",
    issuance=IssuanceRules(ever=False),
)

MCP_SERVERS: tuple[Profile, ...] = (MCP, MCP_NO_OFFLINE)
"""What the specification asks of an authorization server, with refresh tokens and without."""
