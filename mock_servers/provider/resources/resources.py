"""The protected side: what an access token opens, and how a vendor refuses one that it does not.

Sources: RFC 6750 s2.1, s3.1. A resource is an endpoint whose options name the scopes it wants and the document it
returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile.identity import facts_of, told
from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent, TokenState
from refreshproof.mock_servers.provider.http.replies import Refused, age
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.resources.continuous_access import claims_challenge
from refreshproof.mock_servers.provider.state.records import AccessToken
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import SECOND, Instant, seconds


def open_with(profile: Profile, state: State, sighting: Sighting, scopes: tuple[str, ...], now: Instant) -> AccessToken:
    """Return the access token of a resource request that is good for the scopes; raises `Refused`.

    Whose scopes count is the profile's `access_follows` (decision K-20 of the seed checklist).
    """
    token = _known(state, sighting)
    _check_alive(state, profile, token, now)
    held = held_scopes(profile, token, token.family.grant.scopes)
    missing = [scope for scope in scopes if scope not in held]
    if missing:
        raise Refused(
            Cause.INSUFFICIENT_SCOPE,
            scope=" ".join(missing),
            expected=" ".join(scopes),
            found=" ".join(sorted(held)) or "none",
        )
    _retire(state, token)
    return token


def check_authentication(profile: Profile, token: AccessToken, now: Instant) -> None:
    """Look at how the user of an access token had logged in; raises `Refused` where the operation wants another login
    (RFC 9470 s3). A refresh changes nothing of it (s6.1)."""
    wanted, family = profile.operation_authentication, token.family
    if wanted is None:
        return
    lesser = bool(wanted.acr_values) and family.acr not in wanted.acr_values
    older = wanted.max_age is not None and now - family.authenticated_at > seconds(wanted.max_age)
    if lesser or older:
        told = {"acr_values": " ".join(wanted.acr_values), "max_age": wanted.max_age}
        raise Refused(
            Cause.INSUFFICIENT_AUTHENTICATION,
            wanted="".join(f', {name}="{value}"' for name, value in told.items() if value not in ("", None)),
            expected=f"a login by {told['acr_values'] or 'any means'}",
            found=f"{family.acr or 'the usual one'}, {age(family.authenticated_at, now)} ago",
        )


def told_of_user(state: State, token: AccessToken, identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return members that tell who a token's user is: facts by the names given, and the account's own members.

    Without names nothing of the user is told.
    """
    account = state.accounts[token.family.account]
    facts = facts_of(account.name, account.kind, token.family.client_id)
    return told(identity, facts) | dict(account.identity) if identity else {}


def _retire(state: State, token: AccessToken) -> None:
    """End what the first use of an access token ends under the policy `dies_at_first_use`: the pair before it."""
    if token.predecessor is not None:
        token.predecessor.revoked = True
    if token.retires is not None and token.retires.state is TokenState.SUPERSEDED:
        state.move(token.retires, TokenEvent.REVOKED)
    token.predecessor = token.retires = None


def held_scopes(profile: Profile, token: AccessToken, granted: frozenset[str]) -> frozenset[str]:
    """Return what a token opens of that which its grant holds, as the profile's `access_follows` says."""
    follows = profile.authorization.access_follows
    return {"token": token.scopes, "grant": granted, "both": token.scopes & granted}[follows]


def _known(state: State, sighting: Sighting) -> AccessToken:
    if sighting.bearer is None:
        found = (sighting.request.header("authorization") or "no Authorization").partition(" ")[0]
        raise Refused(Cause.NO_ACCESS_TOKEN, expected="Authorization: Bearer", found=found)
    token = state.access_tokens.get(sighting.bearer)
    if token is None:
        found = state.vault.name("AT", sighting.bearer)
        raise Refused(Cause.UNKNOWN_ACCESS_TOKEN, expected="a token of this server", found=found)
    return token


def _check_alive(state: State, profile: Profile, token: AccessToken, now: Instant) -> None:
    cause = cause_of_death(state, profile, token, now)
    if cause is not None:
        age, life = (now - token.issued_at) / SECOND, (token.expires_at - token.issued_at) / SECOND
        found = f"{token.alias}, issued {age:g} s ago for {life:g} s"
        claims = claims_challenge(token.family.grant.revoked_at or now)
        raise Refused(cause, expected="a live access token", found=found, claims=claims)


def cause_of_death(state: State, profile: Profile, token: AccessToken, now: Instant) -> Cause | None:
    """Return why an access token opens nothing any more, None while it lives."""
    # The old access token shares the leeway of its refresh token and dies with it, inclusive like the window.
    dead_by_rotation = token.dies_at is not None and now > token.dies_at
    dead_by_revocation = token.family.grant.revoked and profile.accounts.revocation_ends_access_tokens
    if token.revoked or dead_by_revocation or dead_by_rotation or state.suspended(profile, token.family):
        return Cause.ACCESS_TOKEN_REVOKED
    if now >= token.expires_at:
        return Cause.ACCESS_TOKEN_EXPIRED
    return Cause.CLAIMS_CHALLENGE if token.continuous and token.family.grant.revoked else None
