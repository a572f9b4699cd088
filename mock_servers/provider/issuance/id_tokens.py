"""id_tokens, and the facts about a user that they and the userinfo and token information answers are made of.

Sources: OpenID Connect Core 1.0 s2, s3.1.3.3, s12.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.identity import at_hash, facts_of, id_token_claims
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.state.records import AccessToken, Family
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import SECOND, Instant


def user_facts(profile: Profile, state: State, family: Family) -> dict[str, Any]:
    """Return the facts of a family's user towards its client, with the issuer and the user's tenant."""
    facts = facts_of(family.account, state.accounts[family.account].kind, family.client_id)
    tenant = family.tenant or profile.home_tenant
    return facts | {"issuer": profile.issuer.replace("{tenantid}", tenant), "tenant": tenant}


def id_token(profile: Profile, state: State, access: AccessToken, nonce: str | None, now: Instant) -> str | None:
    """Return a signed id_token for an access token's user, or None where its scopes bring none."""
    if not _issues(profile, access.scopes):
        return None
    facts = {"nonce": nonce, "at_hash": at_hash(access.value)}
    return _signed(profile, state, access.family, access.scopes, now, facts)


def _issues(profile: Profile, scopes: frozenset[str]) -> bool:
    """Tell whether scopes bring an id_token."""
    return profile.id_token is not None and not scopes.isdisjoint(profile.id_token.issued_for)


def id_token_by_browser(
    profile: Profile, state: State, family: Family, nonce: str | None, now: Instant, hashed: Mapping[str, str | None]
) -> str | None:
    """Return an id_token that comes with the callback; `hashed` maps claims to what they are the hash of, if it comes
    along (OpenID Connect Core s3.3.2.11)."""
    hashes = {claim: at_hash(value) for claim, value in hashed.items() if value is not None}
    return _signed(profile, state, family, family.scopes, now, {"nonce": nonce}, hashes)


def _signed(
    profile: Profile,
    state: State,
    family: Family,
    scopes: frozenset[str],
    now: Instant,
    told: Mapping[str, Any],
    further: Mapping[str, Any] | None = None,
) -> str | None:
    rules = profile.id_token
    if rules is None or not _issues(profile, scopes):
        return None
    issued = now // SECOND
    facts = user_facts(profile, state, family) | {
        "iat": issued, "exp": issued + rules.lifetime, "unique": state.vault.identifier(22),
        "auth_time": family.signed_in_at // SECOND, **told,
    }  # fmt: skip
    token = signing.sign(id_token_claims(rules, facts, scopes, family.claims) | dict(further or {}))
    state.vault.name("ID", token)
    return token
