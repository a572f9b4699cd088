"""The token endpoint's two grants, as moves on a provider's state; the client is authenticated before.

Sources: RFC 6749 s4.1.3, s5, s6; RFC 7636 s4.6; RFC 9700 s4.14.2. A grant returns the members of a success body or
raises `Refused`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.profile.refresh_policy import DEAD, Presented, Ruling, TokenEvent, TokenState, rule
from refreshproof.mock_servers.provider.http.replies import Refused, precise_date
from refreshproof.mock_servers.provider.http.scopes import read_scopes
from refreshproof.mock_servers.provider.issuance.issuance import (
    carries,
    evict,
    found_family,
    issue,
    mint_refresh_token,
    second_pair,
)
from refreshproof.mock_servers.provider.login.device import exchange_device_code
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.provider.state.records import Application, Code, Family, RefreshToken
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.provider.tokens.client_families import is_kin, lend
from refreshproof.mock_servers.provider.tokens.client_grants import client_credentials
from refreshproof.mock_servers.wire import SECOND, Instant, seconds

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
        raise Refused(Cause.UNKNOWN_CODE, expected="a code of this server", found=entry.presented)
    if code.client_id != application.client_id:
        raise Refused(Cause.CODE_OF_OTHER_CLIENT, expected=code.client_id, found=application.client_id)
    if code.used:
        # RFC 6749 s4.1.2: a second use is denied and the tokens of the first SHOULD be revoked.
        for family in code.families:
            state.kill_family(family)
        raise Refused(Cause.USED_CODE, expected="a code that was not used", found=code.alias)
    if now - code.issued_at >= seconds(profile.lifetimes.code):
        raise Refused(Cause.EXPIRED_CODE, expected=f"under {profile.lifetimes.code} s", found=_age(code.issued_at, now))
    if code.redirect_uri_given and values.get("redirect_uri") != code.redirect_uri:
        found = values.get("redirect_uri", "none")
        raise Refused(
            Cause.REDIRECT_URI_MISMATCH, expected=code.redirect_uri, found=found, client_id=application.client_id
        )
    _check_verifier(profile, code, values.get("code_verifier"))
    code.used = True
    family = found_family(profile, state, application, code, now)
    family.lasting = not carries(values, profile.issuance.expiring_parameter)
    offline = code.offline and carries(values, profile.issuance.token_parameter)
    refresh = mint_refresh_token(profile, state, family, None, now) if offline else None
    if refresh is not None:
        evict(profile, state, family)
    members = issue(profile, state, family, refresh, entry, now, values=values, requested=code.requested)
    second = profile.issuance.second
    return members if second is None else members | {second.member: second_pair(profile, state, code, entry, now)}


def _check_verifier(profile: Profile, code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        if verifier is not None and profile.authorization.pkce == "enforced":
            raise Refused(Cause.UNEXPECTED_VERIFIER, expected="no code_verifier", found="one, without a challenge")
        return
    expected = f"the code_verifier of the {code.challenge_method} code_challenge"
    if verifier is None:
        raise Refused(Cause.MISSING_VERIFIER, expected=expected, found="none")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if (digest if code.challenge_method == "S256" else verifier) != code.challenge:
        raise Refused(Cause.WRONG_VERIFIER, expected=expected, found=f"another of {len(verifier)} characters")


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
        raise Refused(Cause.UNKNOWN_REFRESH_TOKEN, expected="a token of this server", found=entry.presented)
    family = token.family
    entry.account = family.account
    if family.client_id != application.client_id and not is_kin(state.applications.get(family.client_id), application):
        raise Refused(Cause.REFRESH_TOKEN_OF_OTHER_CLIENT, expected=family.client_id, found=application.client_id)
    if profile.token_request.redirect_uri_on_refresh and "redirect_uri" not in values:
        raise Refused(Cause.REDIRECT_URI_MISMATCH, expected="the redirect_uri of the flow", found="none")
    if state.suspended(profile, family):
        raise Refused(Cause.PASSWORD_CHANGED)
    profile = profile.seconding if family.second else profile
    policy = state.accounts[family.account].refusal
    if policy is not None:
        raise Refused(policy, issued_on=precise_date(token.issued_at), client_id=family.client_id)
    _check_session(profile, token, now)
    scopes = _narrowed(profile, family, values.get("scope"))
    ruling = rule(_presented(token), profile.refresh, now)
    if ruling.event is TokenEvent.REPLAYED and profile.refresh.same_scope_on_replay and "scope" in values:
        _check_same_scope(token, scopes)
    if ruling.answer is not None and family.client_id != application.client_id:
        token, ruling = lend(profile, state, token, application, now), Ruling(event=TokenEvent.ROTATED, answer="new")
    return _carry_out(profile, state, token, ruling, scopes, values, entry, now)


def _check_session(profile: Profile, token: RefreshToken, now: Instant) -> None:
    """Refuse a refresh so long after the user signed in that a policy wants them to do so again."""
    rules, family = profile.accounts, token.family
    if rules.session is not None and now - family.signed_in_at >= seconds(rules.session):
        raise Refused(
            rules.session_over,
            issued_on=precise_date(token.issued_at),
            client_id=family.client_id,
            expected=f"a user who signed in less than {rules.session} s ago",
            found=_age(family.signed_in_at, now),
        )


def _check_same_scope(token: RefreshToken, scopes: frozenset[str]) -> None:
    """Refuse a retry that asks for other scopes than the refresh it repeats (decision K-29)."""
    successor = token.successor
    if successor is not None and successor.companion is not None and successor.companion.scopes != scopes:
        expected, found = " ".join(sorted(successor.companion.scopes)), " ".join(sorted(scopes))
        raise Refused(Cause.INVALID_SCOPE, scope=found, expected=expected, found=found)


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
    scopes = frozenset(read_scopes(profile, asked))
    within_grant = profile.token_request.scopes_within == "grant"
    beyond = sorted(scopes - family.scopes - (family.grant.scopes if within_grant else frozenset()))
    if beyond:
        raise Refused(
            Cause.CONSENT_REQUIRED if within_grant else Cause.INVALID_SCOPE,
            client_id=family.client_id,
            scope=" ".join(beyond),
            expected=" ".join(sorted(family.scopes)),
            found=" ".join(sorted(scopes)),
        )
    return scopes


def _carry_out(
    profile: Profile,
    state: State,
    token: RefreshToken,
    ruling: Ruling,
    scopes: frozenset[str],
    values: Mapping[str, str],
    entry: LedgerEntry,
    now: Instant,
) -> dict[str, Any]:
    entry.event = ruling.event
    if ruling.event is None:
        raise _dead(profile, token, token.last_event or TokenEvent.REVOKED, now)
    if ruling.answer is None:
        _end(profile, state, token, ruling.event, now)
        raise _dead(profile, token, ruling.event, now)
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
    again = successor.companion if successor is not None and ruling.answer == "same_pair" else None
    members = issue(
        profile, state, token.family, successor, entry, now, values=values, scopes=scopes, parent=token, again=again
    )
    if ruling.answer in ("null", "empty"):
        members["refresh_token"] = None if ruling.answer == "null" else ""
    elif ruling.answer in ("same", "presented"):
        members["refresh_token"] = token.value
    return members


def _dead(profile: Profile, token: RefreshToken, event: TokenEvent, now: Instant) -> Refused:
    """Return the refusal of a token that is over, with what is known of it and what would have been accepted."""
    family = token.family
    newest = [other.alias for other in family.refresh_tokens if other.state is TokenState.LIVE]
    found = f"{token.alias}, {event}, issued {_age(token.issued_at, now)} ago, used {_age(token.last_used_at, now)} ago"
    if token.superseded_at is not None:
        found += f", superseded {_age(token.superseded_at, now)} ago"
    token.refused_at = now if token.refused_at is None else token.refused_at
    known_for = profile.refresh.dead_known_for
    forgotten = known_for is not None and now - token.refused_at >= seconds(known_for)
    cause = (event is TokenEvent.REVOKED and family.grant.revoked_by) or _CAUSE_OF_EVENT[event]
    return Refused(
        Cause.UNKNOWN_REFRESH_TOKEN if forgotten else cause,
        expected=" or ".join(newest) or "a new authorization",
        found=found,
        issued_on=precise_date(token.issued_at),
        granted_on=precise_date(family.started_at),
        valid_from=precise_date(family.grant.revoked_at or now),
    )


def _age(since: Instant, now: Instant) -> str:
    return f"{(now - since) / SECOND:g} s"


def _end(profile: Profile, state: State, token: RefreshToken, event: TokenEvent, now: Instant) -> None:
    """Carry out a death: a lifetime that is over ends the token, a breach what the policy says."""
    state.move(token, event)
    if event is not TokenEvent.BREACHED:
        return
    breach, family = profile.refresh.on_breach, token.family
    dies = profile.refresh.breach_ends_access_tokens
    if breach == "revoke_family":
        state.kill_family(family, access_tokens=dies)
    elif breach == "revoke_grant":
        state.revoke_grant(profile, family.grant, now)
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
            if profile.refresh.previous_access_token != "lives" and token.successor.companion is not None:
                token.successor.companion.revoked = True
        successor = mint_refresh_token(profile, state, token.family, token, now)
        if token.superseded_at is None:
            token.superseded_at = now
        token.successor = successor
        return successor
    if ruling.answer in ("same_successor", "same_pair"):
        return token.successor
    return None


def _required(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise Refused(Cause.MISSING_PARAMETER, parameter=name, expected=name, found="none")
    return values[name]


GRANTS = {
    "authorization_code": exchange_code,
    "refresh_token": refresh,
    "urn:ietf:params:oauth:grant-type:device_code": exchange_device_code,
    "device_code": exchange_device_code,
    "client_credentials": client_credentials,
    "urn:bitbucket:oauth2:jwt": client_credentials,
}
"""Grants by grant_type; which of them a vendor takes is `profile.token_request.grants`."""
