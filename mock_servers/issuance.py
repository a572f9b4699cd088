"""Issuing: families, refresh tokens, access tokens, and the members of the body that carries them.

Moves on a provider's state; who may ask for them is decided before. Source: RFC 6749 s5.1.
"""

from __future__ import annotations

from typing import Any

from refreshproof.mock_servers.ledger import LedgerEntry
from refreshproof.mock_servers.profile import LifetimeRule, Profile
from refreshproof.mock_servers.records import AccessToken, Application, Code, Family, RefreshToken
from refreshproof.mock_servers.refresh_policy import TokenEvent, TokenState
from refreshproof.mock_servers.state import State
from refreshproof.mock_servers.wire import SECOND, Instant, seconds


def mint_refresh_token(
    profile: Profile, state: State, family: Family, parent: RefreshToken | None, now: Instant
) -> RefreshToken:
    """Mint a refresh token: the first of a family, or a child of `parent`."""
    value, alias = state.vault.mint("RT", profile.refresh_token)
    generation = 0 if parent is None else parent.generation + 1
    family.newest_generation = max(family.newest_generation, generation)
    token = RefreshToken(
        value=value, alias=alias, family=family, generation=generation, issued_at=now, last_used_at=now
    )
    family.refresh_tokens.append(token)
    state.refresh_tokens[value] = token
    return token


def found_family(profile: Profile, state: State, application: Application, code: Code, now: Instant) -> Family:
    """Begin the family of a code, with the shortest lifetimes that the profile's rules give it."""
    rules = [rule_ for rule_ in profile.lifetime_rules if _applies(rule_, application, state, code)]
    absolute = [one.absolute for one in rules if one.absolute is not None]
    inactivity = [one.inactivity for one in rules if one.inactivity is not None]
    family = Family(
        number=len(state.families) + 1,
        client_id=application.client_id,
        account=code.account,
        grant=code.grant,
        started_at=now,
        scopes=code.scopes,
        inactivity_ttl=min(inactivity, default=profile.refresh.inactivity_ttl),
        absolute_ttl=min(absolute, default=profile.refresh.absolute_ttl),
        announced_ttl=min((one.absolute for one in rules if one.announced and one.absolute), default=None),
        password_version=state.accounts[code.account].password_version,
        nonce=code.nonce,
    )
    state.families.append(family)
    return family


def _applies(rule_: LifetimeRule, application: Application, state: State, code: Code) -> bool:
    facts = {
        "application.status": application.status,
        "application.kind": application.kind,
        "account.kind": state.accounts[code.account].kind,
    }
    exempt = bool(rule_.exempt_scopes) and code.scopes <= frozenset(rule_.exempt_scopes)
    return not exempt and all(facts[name] == wanted for name, wanted in rule_.when.items())


def evict(profile: Profile, state: State, family: Family) -> None:
    """Drop the oldest live refresh tokens beyond the cap, without telling anyone."""
    cap = profile.refresh.cap_per_user
    if cap is None:
        return
    live = [
        token
        for other in state.families_like(family)
        for token in other.refresh_tokens
        if token.state is TokenState.LIVE
    ]
    for token in live[: max(len(live) - cap, 0)]:
        state.move(token, TokenEvent.EVICTED)


def issue(
    profile: Profile,
    state: State,
    family: Family,
    refresh_token: RefreshToken | None,
    entry: LedgerEntry,
    now: Instant,
    *,
    scopes: frozenset[str] | None = None,
    requested: tuple[str, ...] = (),
    parent: RefreshToken | None = None,
    again: AccessToken | None = None,
) -> dict[str, Any]:
    """Mint an access token, unless one is handed out `again`; return every member that a success body could have."""
    previous = None if parent is None else parent.companion
    access = again or _reissued(profile, previous, scopes, now)
    access = access or _mint_access_token(profile, state, family, scopes, now)
    if parent is not None and previous is not None and previous is not access:
        _age_previous(profile, parent, previous, access, now)
    if refresh_token is not None:
        refresh_token.companion = access
    elif parent is not None:
        parent.companion = access
    entry.issued = (access.alias,) if refresh_token is None else (access.alias, refresh_token.alias)
    entry.account = family.account
    return _members(profile, family, access, refresh_token, requested, now)


def _mint_access_token(
    profile: Profile, state: State, family: Family, scopes: frozenset[str] | None, now: Instant
) -> AccessToken:
    value, alias = state.vault.mint("AT", profile.access_token)
    access = AccessToken(
        value=value, alias=alias, family=family, scopes=scopes or family.scopes, issued_at=now,
        expires_at=now + _access_token_life(profile, state),
    )  # fmt: skip
    state.access_tokens[value] = access
    family.access_tokens.append(access)
    return access


def _access_token_life(profile: Profile, state: State) -> Instant:
    shortest, longest = profile.lifetimes.access_token, profile.lifetimes.access_token_longest
    return seconds(shortest if longest is None else state.vault.between(shortest, longest))


def _reissued(
    profile: Profile, previous: AccessToken | None, scopes: frozenset[str] | None, now: Instant
) -> AccessToken | None:
    """Return the access token at hand where the policy hands it out again, with its life extended if it says so."""
    policy = profile.refresh
    if policy.access_token_on_refresh == "new" or previous is None or previous.revoked or previous.scopes != scopes:
        return None
    if previous.expires_at - now <= seconds(policy.same_above):
        return None
    if policy.access_token_on_refresh == "extended":
        previous.expires_at = now + seconds(profile.lifetimes.access_token)
    return previous


def _age_previous(
    profile: Profile, parent: RefreshToken, previous: AccessToken, access: AccessToken, now: Instant
) -> None:
    """Shorten the life of the access token that a refresh replaces, as the policy says."""
    rule_ = profile.refresh.previous_access_token
    if rule_ == "dies_at_once":
        previous.revoked = True
    elif rule_ == "dies_with_window" and previous.dies_at is None:
        previous.dies_at = now + seconds(profile.refresh.window or 0)
    elif rule_ == "dies_at_first_use":
        access.predecessor, access.retires = previous, parent


def _members(
    profile: Profile,
    family: Family,
    access: AccessToken,
    refresh_token: RefreshToken | None,
    requested: tuple[str, ...],
    now: Instant,
) -> dict[str, Any]:
    lifetime = (access.expires_at - now) // SECOND
    shape, aliases = profile.response, profile.authorization.scope_aliases
    granted = [scope for scope in requested if scope in access.scopes] + sorted(access.scopes - set(requested))
    announced = family.announced_ttl
    members: dict[str, Any] = {
        "access_token": access.value,
        "token_type": shape.token_type,
        "expires_in": str(lifetime) if shape.expires_in == "string" else lifetime,
        "ext_expires_in": lifetime,
        "refresh_token": None if refresh_token is None else refresh_token.value,
        "refresh_token_expires_in": announced and announced - (now - family.started_at) // SECOND - 1,
        "scope": profile.authorization.scope_separator.join(aliases.get(scope, scope) for scope in granted),
    }
    if shape.expires_in == "omitted":
        members["expires_in"] = None
    if shape.scope == "never" or (shape.scope == "if_changed" and set(requested) == set(granted)):
        members["scope"] = None
    # Bitbucket Cloud's name for the same member until May 2026.
    members["scopes"] = members["scope"]
    return {name: members[name] for name in shape.members if members.get(name) is not None} | dict(shape.extra)
