"""What a resource and an authorization server tell of themselves, read by the rules under which it may be used: where
the documents are, whether they are about whom was asked for, and what a client makes of them.

Sources: RFC 9728 s3, s5.1; RFC 8414 s3; RFC 7591 s2, s3.2; Model Context Protocol of 2026-07-28, Authorization Server
Discovery (https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery,
seen 2026-12-01). It sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from refreshproof.harness.client.model.configuration import (
    ClientAuthentication,
    ClientConfiguration,
    ProviderType,
    endpoint_fault,
)
from refreshproof.harness.client.model.settings import Settings

RESOURCE_SUFFIX = "oauth-protected-resource"
_PARAMETER = re.compile(r'\b(\w+)="([^"]*)"')
_SERVER_SUFFIXES = ("oauth-authorization-server", "openid-configuration")

AUTHENTICATION: Mapping[str, ClientAuthentication] = {
    "client_secret_post": ClientAuthentication.POST,
    "client_secret_basic": ClientAuthentication.BASIC,
    "none": ClientAuthentication.NONE,
}
"""How the engine can authenticate where it has registered itself, by RFC 7591's names, the best first."""
_USUAL = "client_secret_basic"


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """What a refusal of the resource tells: where its document is, and which scopes it wants."""

    document: str = ""
    scopes: tuple[str, ...] = ()


def read_challenge(header: str) -> Challenge:
    """Read a WWW-Authenticate header (RFC 9728 s5.1, RFC 6750 s3)."""
    told = dict(_PARAMETER.findall(header))
    return Challenge(document=told.get("resource_metadata", ""), scopes=tuple(told.get("scope", "").split()))


def resource_places(resource: str, challenge: Challenge) -> tuple[str, ...]:
    """Return where the document of a resource may be: where its refusal says, and only without a word at the well-known
    places, that with the path before that of the host."""
    if challenge.document:
        return (challenge.document,)
    parts = urlsplit(resource)
    with_path = _inserted(parts, RESOURCE_SUFFIX)
    return tuple(dict.fromkeys((with_path, _inserted(parts._replace(path=""), RESOURCE_SUFFIX))))


def server_places(issuer: str) -> tuple[str, ...]:
    """Return where the metadata of an authorization server may be, in order: suffix before the path, then behind it."""
    parts = urlsplit(issuer)
    places = [_inserted(parts, suffix) for suffix in _SERVER_SUFFIXES]
    return tuple(dict.fromkeys((*places, f"{issuer.rstrip('/')}/.well-known/{_SERVER_SUFFIXES[1]}")))


def _inserted(parts: SplitResult, suffix: str) -> str:
    return parts._replace(path=f"/.well-known/{suffix}{parts.path.rstrip('/')}", fragment="").geturl()


def resource_fault(document: Mapping[str, Any], resource: str) -> str:
    """Return why what a resource tells of itself may not be used, empty if it may (RFC 9728 s3.3, s7.6)."""
    if document.get("resource") != resource:
        return "its document is about another resource"
    servers = document.get("authorization_servers")
    if not isinstance(servers, list) or not servers or not isinstance(servers[0], str):
        return "its document names no authorization server"
    return ""


def server_fault(document: Mapping[str, Any], issuer: str, settings: Settings) -> str:
    """Return why the metadata of a server may not be used, empty if they may (RFC 8414 s3.3; RFC 7636 s4.2)."""
    if document.get("issuer") != issuer:
        return "its metadata are those of another issuer"
    for name in ("authorization_endpoint", "token_endpoint", "registration_endpoint"):
        reason = endpoint_fault(
            str(document.get(name)), settings.skip_provider_https_requirement, "skip_provider_https_requirement"
        )
        if reason:
            return f"{name} {reason}"
    if "S256" not in (document.get("code_challenge_methods_supported") or ()):
        return "it takes no challenge by S256"
    return ""


def registration_of(metadata: Mapping[str, Any], redirect_uri: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return the registration request of the engine: a web application that keeps refresh tokens."""
    known = metadata.get("token_endpoint_auth_methods_supported") or (_USUAL,)
    method = next((one for one in AUTHENTICATION if one in known), _USUAL)
    return {
        "client_name": "Refreshproof",
        "application_type": "web",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
        "scope": " ".join(scopes),
    }


def name_of(resource: str, issuer: str) -> str:
    """Return the name of the configuration for a resource at an issuer: what one has issued is never another's."""
    return f"{resource} at {issuer}"


def configuration_of(
    resource: str, metadata: Mapping[str, Any], registered: Mapping[str, Any], scopes: tuple[str, ...]
) -> ClientConfiguration | None:
    """Return the configuration of a client that has registered itself, None where the answer made none of it."""
    client_id, secret = registered.get("client_id"), registered.get("client_secret", "")
    method = AUTHENTICATION.get(str(registered.get("token_endpoint_auth_method", _USUAL)))
    if not isinstance(client_id, str) or not client_id or not isinstance(secret, str) or method is None:
        return None
    return ClientConfiguration(
        name=name_of(resource, metadata["issuer"]),
        provider_type=ProviderType.GENERIC,
        client_id=client_id,
        client_secret="" if method is ClientAuthentication.NONE else secret,
        authorization_endpoint=metadata["authorization_endpoint"],
        token_endpoint=metadata["token_endpoint"],
        revocation_endpoint=str(metadata.get("revocation_endpoint") or ""),
        scopes=scopes,
        authorization_parameters={"resource": resource},
        token_parameters={"resource": resource},
        client_authentication=method,
        issuer=metadata["issuer"],
        iss_required=metadata.get("authorization_response_iss_parameter_supported") is True,
    )
