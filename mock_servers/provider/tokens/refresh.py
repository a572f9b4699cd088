"""The grant of a refresh token: who may present it, what the vendor's policy rules, and carrying the ruling out.

Sources: RFC 6749 s5, s6; RFC 9700 s4.14.2.
"""

from __future__ import annotations

from typing import Any

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.profile.refresh_policy import (
    DEAD,
    Answer,
    Presented,
    TokenEvent,
    TokenState,
    rule,
)
from refreshproof.mock_servers.provider.http.replies import Refused, age, precise_date
from refreshproof.mock_servers.provider.http.resource_by_scope import check_own_api, check_resource_of_scopes
from refreshproof.mock_servers.provider.http.scopes import read_scopes
from refreshproof.mock_servers.provider.http.targets import check_target
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.issuance import issue, mint_refresh_token
from refreshproof.mock_servers.provider.state.records import Family, RefreshToken
from refreshproof.mock_servers.provider.tokens.client_families import is_kin, lend
from refreshproof.mock_servers.wire import seconds

# Why a presentation is refused: by what has just happened to the token, or by what ended it earlier.
_CAUSE_OF_EVENT = {
    TokenEvent.BREACHED: Cause.REFRESH_TOKEN_REUSED,
    TokenEvent.SPENT: Cause.REFRESH_TOKEN_SPENT,
    TokenEvent.IDLED_OUT: Cause.REFRESH_TOKEN_IDLE,
    TokenEvent.AGED_OUT: Cause.REFRESH_TOKEN_AGED,
    TokenEvent.REVOKED: Cause.REFRESH_TOKEN_REVOKED,
    TokenEvent.EVICTED: Cause.REFRESH_TOKEN_EVICTED,
}

_FIRST_USES = (TokenEvent.KEPT, TokenEvent.ROTATED)
"""What happens to a token that is presented as it should be, and leaves one to present next."""


def refresh(request: TokenRequest) -> dict[str, Any]:
    """Answer a refresh by the vendor's policy; the whole presentation is one claim."""
    token = _presented(request)
    family = token.family
    if request.profile.token_request.redirect_uri_on_refresh and "redirect_uri" not in request.values:
        raise Refused(Cause.REDIRECT_URI_MISMATCH, expected="the redirect_uri of the flow", found="none")
    for name in request.profile.token_request.repeated_on_refresh:
        request.required(name)
    _check_user(request, token)
    check_target(request, "refresh_token", family.resource)
    request = request.under(request.profile.seconding) if family.second else request
    _check_session(request, token)
    policy = request.profile.refresh
    ruling = rule(facts_of(token), policy, request.now)
    if policy.spent_before != "answer" and ruling.answer is None:
        raise _ended(request, token, ruling.event)
    scopes = _scopes_of(request.profile, family, request.values.get("scope"))
    check_resource_of_scopes(request.profile, request.values, scopes)
    check_own_api(request.profile, family.client_id, request.values, family.scopes)
    if ruling.event is TokenEvent.REPLAYED and policy.same_scope_on_replay and "scope" in request.values:
        _check_same_scope(token, scopes)
    if ruling.event is None or ruling.answer is None:
        raise _ended(request, token, ruling.event)
    if family.client_id != request.application.client_id and not policy.of_any_client:
        return _carry_out(request, lend(request, token), TokenEvent.ROTATED, Answer.NEW, scopes)
    return _carry_out(request, token, ruling.event, ruling.answer, scopes)


def _presented(request: TokenRequest) -> RefreshToken:
    """Return the refresh token of a request if it was issued to this client or to its kin."""
    state, application = request.state, request.application
    value = request.required("refresh_token", Cause.MISSING_REFRESH_TOKEN)
    token = state.refresh_tokens.get(value)
    alias = request.entry.presented = state.vault.name("RT", value)
    if token is None:
        raise Refused(Cause.UNKNOWN_REFRESH_TOKEN, expected="a token of this server", found=alias)
    family = token.family
    request.entry.account = family.account
    foreign = family.client_id != application.client_id and not request.profile.refresh.of_any_client
    if foreign and not is_kin(state.applications.get(family.client_id), application):
        raise Refused(Cause.REFRESH_TOKEN_OF_OTHER_CLIENT, expected=family.client_id, found=application.client_id)
    return token


def _check_user(request: TokenRequest, token: RefreshToken) -> None:
    """Refuse a refresh for a user whose password has changed, or whom a policy keeps out."""
    state, family = request.state, token.family
    if state.suspended(request.profile, family):
        raise Refused(Cause.PASSWORD_CHANGED)
    refusal = state.accounts[family.account].refusal
    if refusal is not None:
        raise Refused(refusal, issued_on=precise_date(token.issued_at), client_id=family.client_id)


def _check_session(request: TokenRequest, token: RefreshToken) -> None:
    """Refuse a refresh so long after the user signed in that a policy wants them to do so again."""
    rules, family = request.profile.accounts, token.family
    if rules.session is not None and request.now - family.signed_in_at >= seconds(rules.session):
        raise Refused(
            rules.session_over,
            issued_on=precise_date(token.issued_at),
            client_id=family.client_id,
            expected=f"a user who signed in less than {rules.session} s ago",
            found=age(family.signed_in_at, request.now),
        )


def _check_same_scope(token: RefreshToken, scopes: frozenset[str]) -> None:
    """Refuse a retry that asks for other scopes than the refresh it repeats (decision K-29)."""
    successor = token.successor
    if successor is not None and successor.companion is not None and successor.companion.scopes != scopes:
        expected, found = " ".join(sorted(successor.companion.scopes)), " ".join(sorted(scopes))
        raise Refused(Cause.INVALID_SCOPE, scope=found, expected=expected, found=found)


def facts_of(token: RefreshToken) -> Presented:
    """Return what a ruling needs to know of a token."""
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
        access_token_ends_at=None if token.companion is None else token.companion.expires_at,
        scopes=family.scopes,
    )


def _scopes_of(profile: Profile, family: Family, asked: str | None) -> frozenset[str]:
    """Return the scopes that a refresh is for; they may be fewer than were granted, never more (RFC 6749 s6)."""
    rules = profile.token_request
    if asked is None or rules.scope_on_refresh == "ignored":
        return family.scopes
    scopes = frozenset(read_scopes(profile, asked))
    if not scopes and rules.blank_scope == "refused":
        raise Refused(Cause.INVALID_SCOPE, scope="", expected=" ".join(sorted(family.scopes)), found="an empty scope")
    within_grant = rules.scopes_within == "grant"
    beyond = sorted(scopes - family.scopes - (family.grant.scopes if within_grant else frozenset()))
    if beyond and rules.wider_scope == "cut":
        return scopes & family.scopes or family.scopes
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
    request: TokenRequest, token: RefreshToken, event: TokenEvent, answer: Answer, scopes: frozenset[str]
) -> dict[str, Any]:
    """Let what a ruling says happen to the token, and issue the answer that it gives."""
    state = request.state
    request.entry.event = event
    successor = _successor(request, token, answer)
    state.move(token, event)
    if event in _FIRST_USES and request.profile.token_request.scope_on_refresh == "narrows_for_good":
        token.family.scopes = scopes
    if event is TokenEvent.KEPT:
        token.last_used_at = request.now
    elif event is TokenEvent.REPLAYED:
        token.reuses += 1
    elif request.profile.refresh.ends_other_families:
        for other in state.families_like(token.family):
            if other is not token.family:
                state.kill_family(other)
    return issue(request, token.family, successor, scopes=scopes, parent=token, answer=answer)


def _successor(request: TokenRequest, token: RefreshToken, answer: Answer) -> RefreshToken | None:
    """Return the refresh token that an answer carries, minting one where a new one is due."""
    if answer in (Answer.SUCCESSOR, Answer.SAME_PAIR):
        return token.successor
    if answer not in (Answer.NEW, Answer.NEW_ALONE):
        return None
    if answer is Answer.NEW_ALONE:
        _end_last_successor(request, token)
    successor = mint_refresh_token(request, token.family, token)
    if token.superseded_at is None:
        token.superseded_at = request.now
    token.successor = successor
    return successor


def _end_last_successor(request: TokenRequest, token: RefreshToken) -> None:
    """End the token that the last answer brought, and its access token where the policy lets none live on."""
    last = token.successor
    if last is None or last.state in DEAD:
        return
    request.state.move(last, TokenEvent.REVOKED)
    if request.profile.refresh.previous_access_token != "lives" and last.companion is not None:
        last.companion.revoked = True


def _ended(request: TokenRequest, token: RefreshToken, event: TokenEvent | None) -> Refused:
    """Let a token end by an event, or by none where it had ended before; return the refusal."""
    request.entry.event = event
    if event is not None:
        _end(request, token, event)
    token.refused_at = request.now if token.refused_at is None else token.refused_at
    return _refusal_of_dead(request, token, event or token.last_event or TokenEvent.REVOKED)


def _end(request: TokenRequest, token: RefreshToken, event: TokenEvent) -> None:
    """Carry out a death: a lifetime that is over ends the token, a breach what the policy says."""
    state, policy = request.state, request.profile.refresh
    state.move(token, event)
    if event is not TokenEvent.BREACHED:
        return
    breach, family = policy.on_breach, token.family
    dies = policy.breach_ends_access_tokens
    if breach == "revoke_family":
        state.kill_family(family, access_tokens=dies)
    elif breach == "revoke_grant":
        state.revoke_grant(request.profile, family.grant, request.now)
    elif breach == "revoke_client_and_user":
        for other in state.families_like(family):
            state.kill_family(other, access_tokens=dies)


def _refusal_of_dead(request: TokenRequest, token: RefreshToken, event: TokenEvent) -> Refused:
    """Return the refusal of a token that is over, with what is known of it and what would have been accepted."""
    family, now = token.family, request.now
    newest = [other.alias for other in family.refresh_tokens if other.state is TokenState.LIVE]
    found = f"{token.alias}, {event}, issued {age(token.issued_at, now)} ago"
    if token.last_used_at > token.issued_at:
        found += f", used {age(token.last_used_at, now)} ago"
    if token.superseded_at is not None:
        found += f", superseded {age(token.superseded_at, now)} ago"
    cause = (event is TokenEvent.REVOKED and family.grant.revoked_by) or _CAUSE_OF_EVENT[event]
    return Refused(
        Cause.UNKNOWN_REFRESH_TOKEN if _is_forgotten(request, token) else cause,
        expected=" or ".join(newest) or "a new authorization",
        found=found,
        issued_on=precise_date(token.issued_at),
        granted_on=precise_date(family.started_at),
        valid_from=precise_date(family.grant.revoked_at or now),
    )


def _is_forgotten(request: TokenRequest, token: RefreshToken) -> bool:
    """Tell whether the vendor no longer knows that a dead token has ever been one."""
    known_for, since = request.profile.refresh.dead_known_for, token.refused_at
    return known_for is not None and since is not None and request.now - since >= seconds(known_for)
