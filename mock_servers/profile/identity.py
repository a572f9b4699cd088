"""Who a user is towards a client, and which of it an id_token or a userinfo answer tells.

Pure: facts of an account and a client in, claims out. Everything about a person derives from the account's name.
Sources: OpenID Connect Core 1.0 s2, s3.1.3.6, s5.4.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

from refreshproof.mock_servers.profile.units import Seconds

Claims: TypeAlias = Mapping[str, str]
"""Names of claims to names of facts."""


STANDARD_CLAIMS: Claims = {
    "iss": "issuer", "sub": "number", "aud": "client_id", "exp": "exp", "iat": "iat", "auth_time": "auth_time",
    "nonce": "nonce", "at_hash": "at_hash",
}  # fmt: skip
"""What an id_token holds by OpenID Connect Core s2, and the hash of s3.1.3.6."""

PROFILE_CLAIMS: Mapping[str, Claims] = {
    "profile": {
        "name": "name", "given_name": "given_name", "family_name": "family_name", "picture": "picture",
        "locale": "locale", "preferred_username": "user",
    },
    "email": {"email": "email", "email_verified": "true"},
}  # fmt: skip
"""The claims of OpenID Connect Core s5.1 that the scopes of s5.4 open, of those that a user here has."""


@dataclass(frozen=True, kw_only=True)
class IdTokenRules:
    """When an id_token is issued and what it says; claims map to facts of `facts_of`.

    `issued_for` names the scopes any of which brings one; `scope_claims` the claims that need a scope of their own,
    in an id_token and at userinfo alike. `requested_claims` are told where the authorization request asked for them
    (OpenID Connect Core s5.5). `constants` are claims that say the same of everybody. `lifetime` is in seconds.
    `nonce_on_refresh` repeats the login's nonce in the id_token of a refresh, which s12.2 advises against and allows.
    """

    issued_for: tuple[str, ...] = ("openid",)
    lifetime: Seconds = 3600
    claims: Claims = field(default_factory=lambda: dict(STANDARD_CLAIMS))
    scope_claims: Mapping[str, Claims] = field(default_factory=dict)
    requested_claims: Claims = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    nonce_on_refresh: bool = False


@lru_cache(maxsize=256)
def facts_of(account: str, kind: str, client_id: str) -> MappingProxyType[str, Any]:
    """Return everything a claim may be taken from, for one account towards one client.

    `user` is a short name, `number` is a decimal subject, `pairwise` one that differs per client, `oid` a GUID, also in
    braces; `domain` is None unless the account is a workspace's.
    """
    email = account if "@" in account else f"{account}@example.com"
    name = email.partition("@")[0].capitalize()
    digest = hashlib.sha256(account.encode()).digest()
    oid = str(uuid.UUID(bytes=digest[:16], version=4))
    facts = {
        "client_id": client_id,
        "email": email,
        "true": True,
        "name": f"{name} Example",
        "given_name": name,
        "user": name.lower(),
        "family_name": "Example",
        "locale": "en",
        "picture": f"https://example.com/{name.lower()}.png",
        "domain": email.partition("@")[2] if kind == "workspace" else None,
        "number": str(10**20 + int.from_bytes(digest[:8], "big")),
        "pairwise": base64url(hashlib.sha256(digest + client_id.encode()).digest()),
        "oid": oid,
        "braced_oid": f"{{{oid}}}",
    }
    return MappingProxyType(facts)


def id_token_claims(
    rules: IdTokenRules, facts: Mapping[str, Any], scopes: frozenset[str], requested: frozenset[str]
) -> dict[str, Any]:
    """Return the claims of an id_token; a fact that is None leaves its claim out."""
    asked = {claim: fact for claim, fact in rules.requested_claims.items() if claim in requested}
    return told({**rules.claims, **asked}, facts) | dict(rules.constants) | granted_claims(rules, facts, scopes)


def granted_claims(rules: IdTokenRules, facts: Mapping[str, Any], scopes: frozenset[str]) -> dict[str, Any]:
    """Return the claims that the scopes open."""
    granted: dict[str, Any] = {}
    for scope, claims in rules.scope_claims.items():
        granted |= told(claims, facts) if scope in scopes else {}
    return granted


def requested_claims(parameter: str | None) -> frozenset[str]:
    """Return which claims of the id_token a `claims` parameter asks for; none where it is not as it should be."""
    try:
        return frozenset(json.loads(parameter or "{}").get("id_token", ()))
    except (ValueError, RecursionError, AttributeError, TypeError):
        return frozenset()


def requested_acr(parameter: str | None) -> tuple[str, ...]:
    """Return the authentication context classes that a `claims` parameter asks for (OpenID Connect Core s5.5.1.1), the
    preferred one first; none where it is not as it should be."""
    try:
        wanted = json.loads(parameter or "{}")["id_token"]["acr"]
        values = [*wanted.get("values", ()), wanted.get("value")]
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return ()
    return tuple(one for one in values if isinstance(one, str))


def at_hash(access_token: str) -> str:
    """Return the left half of the access token's SHA-256 digest (OpenID Connect Core s3.1.3.6)."""
    return base64url(hashlib.sha256(access_token.encode()).digest()[:16])


def base64url(data: bytes) -> str:
    """Encode without padding (RFC 7515 appendix C)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def told(claims: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return claims with their facts, those inside a claim too; a fact that is None leaves its claim out."""
    found = {
        claim: told(fact, facts) if isinstance(fact, Mapping) else facts.get(fact) for claim, fact in claims.items()
    }
    return {claim: value for claim, value in found.items() if value is not None}
