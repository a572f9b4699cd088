"""The token endpoint's two grants, as moves on a provider's state; the client is authenticated before.

Sources: RFC 6749 s4.1.3, s5, s6; RFC 7636 s4.6; RFC 9700 s4.14.2. A grant returns the members of a success body or
raises `Refused`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.issuance import evict, found_family, issue, mint_refresh_token
from refreshproof.mock_servers.ledger import LedgerEntry
from refreshproof.mock_servers.profile import Cause, Profile
from refreshproof.mock_servers.records import Application, Code, Family, RefreshToken
from refreshproof.mock_servers.refresh_policy import DEAD, Presented, Ruling, TokenEvent, rule
from refreshproof.mock_servers.replies import Refused
from refreshproof.mock_servers.state import State
from refreshproof.mock_servers.wire import Instant, seconds

# Why a presentation is refused: by what has just happened to the token, or by what ended it earlier.
_CAUSE_OF_EVENT = {
    TokenEvent.BREACHED: Cause.REFRESH_TOKEN_REUSED,
    TokenEvent.IDLED_OUT: Cause.REFRESH_TOKEN_IDLE,
    TokenEvent.AGED_OUT: Cause.REFRESH_TOKEN_AGED,
    TokenEvent.REVOKED: Cause.REFRESH_TOKEN_REVOKED,
    TokenEvent.EVICTED: Cause.REFRESH_TOKEN_EVICTED,
}


def exchange_code(
    profile: Profile,
    state: State,
    application: Application,
    values: Mapping[str, str],
    entry: LedgerEntry,
    now: Instant,
) -> dict[str, Any]:
    """Redeem an authorization code."""
    value = _required(values, "code")
    code = state.codes.get(value)
    entry.presented = state.vault.name("CODE", value)
    if code is None:
        raise Refused(Cause.UNKNOWN_CODE)
    if code.client_id != application.client_id:
        raise Refused(Cause.CODE_OF_OTHER_CLIENT)
    if code.used:
        # RFC 6749 s4.1.2: a second use is denied and the tokens of the first SHOULD be revoked.
        if code.family is not None:
            state.kill_family(code.family)
        raise Refused(Cause.USED_CODE)
    if now - code.issued_at >= seconds(profile.lifetimes.code):
        raise Refused(Cause.EXPIRED_CODE)
    if code.redirect_uri_given and values.get("redirect_uri") != code.redirect_uri:
        raise Refused(Cause.REDIRECT_URI_MISMATCH, found=values.get("redirect_uri", "none"))
    _check_verifier(profile, code, values.get("code_verifier"))
    code.used = True
    code.family = family = found_family(profile, state, application, code, now)
    refresh = mint_refresh_token(profile, state, family, None, now) if code.offline else None
    if refresh is not None:
        evict(profile, state, family)
    return issue(profile, state, family, refresh, entry, now, requested=code.requested)


def _check_verifier(profile: Profile, code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        if verifier is not None and profile.authorization.pkce == "enforced":
            raise Refused(Cause.UNEXPECTED_VERIFIER)
        return
    if verifier is None:
        raise Refused(Cause.MISSING_VERIFIER)
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if (digest if code.challenge_method == "S256" else verifier) != code.challenge:
        raise Refused(Cause.WRONG_VERIFIER)


def refresh(
    profile: Profile,
    state: State,
    application: Application,
    values: Mapping[str, str],
    entry: LedgerEntry,
    now: Instant,
) -> dict[str, Any]:
    """Answer a refresh by the vendor's policy; the whole presentation is one claim."""
    value = _required(values, "refresh_token")
    token = state.refresh_tokens.get(value)
    entry.presented = state.vault.name("RT", value)
    if token is None:
        raise Refused(Cause.UNKNOWN_REFRESH_TOKEN)
    family = token.family
    entry.account = family.account
    if family.client_id != application.client_id:
        raise Refused(Cause.REFRESH_TOKEN_OF_OTHER_CLIENT)
    if profile.token_request.redirect_uri_on_refresh and "redirect_uri" not in values:
        raise Refused(Cause.REDIRECT_URI_MISMATCH, found="none")
    if state.suspended(profile, family):
        raise Refused(Cause.PASSWORD_CHANGED)
    scopes = _narrowed(profile, family, values.get("scope"))
    ruling = rule(_presented(token), profile.refresh, now)
    if ruling.event is TokenEvent.REPLAYED and profile.refresh.same_scope_on_replay and "scope" in values:
        _check_same_scope(token, scopes)
    return _carry_out(profile, state, token, ruling, scopes, entry, now)


def _check_same_scope(token: RefreshToken, scopes: frozenset[str]) -> None:
    """Refuse a retry that asks for other scopes than the refresh it repeats (decision K-29)."""
    successor = token.successor
    if successor is not None and successor.companion is not None and successor.companion.scopes != scopes:
        raise Refused(Cause.INVALID_SCOPE, scope=" ".join(sorted(scopes)))


def _presented(token: RefreshToken) -> Presented:
    family = token.family
    return Presented(
        state=token.state,
        issued_at=token.issued_at,
        last_used_at=token.last_used_at,
        family_started_at=family.started_at,
        superseded_at=token.superseded_at,
        steps_behind=family.newest_generation - token.generation,
        reuses=token.reuses,
        inactivity_ttl=family.inactivity_ttl,
        absolute_ttl=family.absolute_ttl,
    )


def _narrowed(profile: Profile, family: Family, asked: str | None) -> frozenset[str]:
    """Read the scope of a refresh; it may be narrower than the grant, never wider (RFC 6749 s6)."""
    if asked is None:
        return family.scopes
    scopes = frozenset(asked.split())
    aliases = profile.authorization.scope_aliases
    known = family.scopes | {aliases.get(scope, scope) for scope in family.scopes}
    beyond = sorted(scopes - known)
    if beyond:
        raise Refused(Cause.INVALID_SCOPE, scope=" ".join(beyond))
    return scopes


def _carry_out(
    profile: Profile,
    state: State,
    token: RefreshToken,
    ruling: Ruling,
    scopes: frozenset[str],
    entry: LedgerEntry,
    now: Instant,
) -> dict[str, Any]:
    entry.event = ruling.event
    if ruling.event is None:
        raise Refused(_CAUSE_OF_EVENT[token.last_event or TokenEvent.REVOKED])
    if ruling.answer is None:
        _end(profile, state, token, ruling.event)
        raise Refused(_CAUSE_OF_EVENT[ruling.event])
    successor = _successor(profile, state, token, ruling, now)
    state.move(token, ruling.event)
    if ruling.event is TokenEvent.KEPT:
        token.last_used_at = now
    elif ruling.event is TokenEvent.REPLAYED:
        token.reuses += 1
    elif profile.refresh.ends_other_families:
        for other in state.families_like(token.family):
            if other is not token.family:
                state.kill_family(other)
    members = issue(profile, state, token.family, successor, entry, now, scopes=scopes, parent=token)
    if ruling.answer in ("null", "empty"):
        members["refresh_token"] = None if ruling.answer == "null" else ""
    elif ruling.answer in ("same", "presented"):
        members["refresh_token"] = token.value
    return members


def _end(profile: Profile, state: State, token: RefreshToken, event: TokenEvent) -> None:
    """Carry out a death: a lifetime that is over ends the token, a breach what the policy says."""
    if event is not TokenEvent.BREACHED:
        state.move(token, event)
        return
    breach, family = profile.refresh.on_breach, token.family
    dies = profile.refresh.breach_ends_access_tokens
    if breach == "revoke_family":
        state.kill_family(family, access_tokens=dies)
    elif breach == "revoke_grant":
        state.revoke_grant(family.grant)
    elif breach == "revoke_client_and_user":
        for other in state.families_like(family):
            state.kill_family(other, access_tokens=dies)


def _successor(
    profile: Profile, state: State, token: RefreshToken, ruling: Ruling, now: Instant
) -> RefreshToken | None:
    """Return the refresh token that an answer carries, minting one where the ruling asks for it."""
    if ruling.answer in ("new", "new_pair", "last_replay_wins", "accept_until_expiry"):
        if ruling.answer == "last_replay_wins" and token.successor is not None and token.successor.state not in DEAD:
            state.move(token.successor, TokenEvent.REVOKED)
        successor = mint_refresh_token(profile, state, token.family, token, now)
        if token.superseded_at is None:
            token.superseded_at = now
        token.successor = successor
        return successor
    if ruling.answer == "same_successor":
        return token.successor
    return None


def _required(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise Refused(Cause.MISSING_PARAMETER, parameter=name)
    return values[name]


GRANTS = {"authorization_code": exchange_code, "refresh_token": refresh}
