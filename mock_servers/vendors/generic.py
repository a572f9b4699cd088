"""A plain RFC 6749 authorization server: the ground every other vendor differs from.

To who asks for the scope `openid` it is a plain OpenID provider too.
"""

from __future__ import annotations

from refreshproof.mock_servers.profile.identity import PROFILE_CLAIMS, STANDARD_CLAIMS, IdTokenRules
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    Endpoint,
    IssuanceRules,
    Profile,
    ResponseShape,
    Source,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy

ISSUER = "https://auth.example.com"
API = "https://api.example.com"

_RFC = Source(where="RFC 6749", seen="2026-11-22")
_OPENID = IdTokenRules(scope_claims=PROFILE_CLAIMS)

METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "introspection_endpoint": f"{ISSUER}/introspect",
    "registration_endpoint": f"{ISSUER}/register",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/jwks",
    "scopes_supported": ["read", "openid", "profile", "email", "offline_access"],
    "response_types_supported": ["code"],
    "response_modes_supported": ["query"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
    "code_challenge_methods_supported": ["S256", "plain"],
    "authorization_response_iss_parameter_supported": True,
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "claims_supported": [*STANDARD_CLAIMS, *(claim for claims in PROFILE_CLAIMS.values() for claim in claims)],
}

GENERIC = Profile(
    name="generic",
    title="Generic OAuth 2.0 server (RFC 6749)",
    issuer=ISSUER,
    endpoints=(
        Endpoint(view="authorization", url=f"{ISSUER}/authorize"),
        Endpoint(view="token", url=f"{ISSUER}/token", methods=("POST",)),
        Endpoint(view="revocation", url=f"{ISSUER}/revoke", methods=("POST",)),
        Endpoint(view="introspection", url=f"{ISSUER}/introspect", methods=("POST",)),
        Endpoint(view="registration", url=f"{ISSUER}/register", methods=("POST",)),
        Endpoint(
            view="userinfo",
            url=f"{ISSUER}/userinfo",
            methods=("GET", "POST"),
            options={"scopes": ("openid",), "claims": {"sub": "number"}},
        ),
        Endpoint(view="keys", url=f"{ISSUER}/jwks"),
        Endpoint(view="metadata", url=f"{ISSUER}/.well-known/oauth-authorization-server"),
        Endpoint(view="discovery", url=f"{ISSUER}/.well-known/openid-configuration"),
        Endpoint(view="resource", url=f"{API}/resource", methods=("GET", "POST"), options={"scopes": ("read",)}),
    ),
    scopes=("read",),
    authorization=AuthorizationRules(sends_iss=True),
    issuance=IssuanceRules(),
    refresh=RefreshPolicy(rotation="always", refresh_token_on_refresh="new", on_breach="revoke_family"),
    response=ResponseShape(members=(*ResponseShape().members, "id_token")),
    id_token=_OPENID,
    cors_hosts=("auth.example.com", "api.example.com"),
    metadata=METADATA,
    sources={
        "authorization": Source(where="RFC 6749 s3.1, s4.1; RFC 7636; RFC 9207", seen="2026-11-22"),
        "refresh": Source(where="RFC 6749 s6; RFC 9700 s4.14.2", seen="2026-11-22"),
        "metadata": Source(where="RFC 8414 s2; OpenID Connect Discovery 1.0 s3", seen="2026-11-30"),
        "id_token": Source(where="OpenID Connect Core 1.0 s2, s5.4", seen="2026-11-30"),
        "": _RFC,
    },
)
