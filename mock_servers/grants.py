"""The token endpoint: client authentication and the two grants, as moves on a provider's state.

Sources: RFC 6749 s4.1.3, s5, s6; RFC 7636 s4.6; RFC 9700 s4.14.2. A grant returns the members of a success body or
raises `Refused`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.ledger import LedgerEntry
from refreshproof.mock_servers.profile import Cause, LifetimeRule, Profile
from refreshproof.mock_servers.records import AccessToken, Application, Code, Family, RefreshToken
from refreshproof.mock_servers.refresh_policy import DEAD, Presented, Ruling, TokenEvent, TokenState, rule
from refreshproof.mock_servers.replies import Refused
from refreshproof.mock_servers.sighting import Sighting
from refreshproof.mock_servers.state import State
from refreshproof.mock_servers.wire import Instant, seconds

# A dead token is refused for the reason of its death.
_CAUSE_OF_STATE = {
    TokenState.REVOKED: Cause.REFRESH_TOKEN_REVOKED,
    TokenState.EXPIRED: Cause.REFRESH_TOKEN_IDLE,
    TokenState.EVICTED: Cause.REFRESH_TOKEN_EVICTED,
}
_CAUSE_OF_EVENT = {
    TokenEvent.IDLED_OUT: Cause.REFRESH_TOKEN_IDLE,
    TokenEvent.AGED_OUT: Cause.REFRESH_TOKEN_AGED,
    TokenEvent.BREACHED: Cause.REFRESH_TOKEN_REUSED,
}


def authenticate(profile: Profile, state: State, sighting: Sighting) -> Application:
    """Authenticate the client of a token or revocation request; raises `Refused`."""
    rules, credentials = profile.token_request, sighting.credentials
    if len(credentials.methods) > 1 and rules.both_at_once == "refused":
        raise Refused(Cause.TWO_AUTHENTICATIONS, found=" and ".join(credentials.methods))
    if credentials.client_id is None:
        raise Refused(Cause.MISSING_CLIENT)
    application = state.applications.get(credentials.client_id)
    if application is None:
        raise Refused(Cause.UNKNOWN_CLIENT, client_id=credentials.client_id)
    if application.client_secret is None:
        return application
    if not credentials.methods:
        raise Refused(Cause.MISSING_SECRET, client_id=application.client_id)
    method = credentials.methods[0]
    if method not in rules.authentication:
        raise Refused(
            Cause.MISSING_SECRET,
            client_id=application.client_id,
            expected=", ".join(rules.authentication),
            found=method,
        )
    if not _secret_matches(rules.basic_encoding, application.client_secret, sighting):
        raise Refused(Cause.WRONG_SECRET, client_id=application.client_id)
    return application


def _secret_matches(encoding: str, secret: str, sighting: Sighting) -> bool:
    credentials = sighting.credentials
    decoded, raw = credentials.client_secret or "", credentials.raw_client_secret
    candidates = {
        "form_encoded": (decoded,),
        "raw": (decoded if raw is None else raw,),
        "either": (decoded, decoded if raw is None else raw),
    }[encoding]
    return any(secrets.compare_digest(candidate.encode(), secret.encode()) for candidate in candidates)


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
    code.family = family = _found_family(profile, state, application, code, now)
    refresh = _mint_refresh_token(profile, state, family, None, now) if code.offline else None
    if refresh is not None:
        _evict(profile, state, family)
    return _issue(profile, state, family, refresh, entry, now, requested=code.requested)


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
    if state.suspended(profile, family.grant):
        raise Refused(Cause.PASSWORD_CHANGED)
    scopes = _narrowed(profile, family, values.get("scope"))
    ruling = rule(_presented(token), profile.refresh, now)
    return _carry_out(profile, state, token, ruling, scopes, entry, now)


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
        raise Refused(_CAUSE_OF_STATE[token.state])
    if ruling.answer is None:
        _end(profile, state, token, ruling.event)
        raise Refused(_CAUSE_OF_EVENT[ruling.event])
    successor = _successor(profile, state, token, ruling, now)
    state.move(token, ruling.event)
    if ruling.event is TokenEvent.KEPT:
        token.last_used_at = now
    elif ruling.event is TokenEvent.REPLAYED:
        token.reuses += 1
    members = _issue(profile, state, token.family, successor, entry, now, scopes=scopes, parent=token)
    if ruling.answer in ("null", "empty"):
        members["refresh_token"] = None if ruling.answer == "null" else ""
    elif ruling.answer == "same":
        members["refresh_token"] = token.value
    return members


def _end(profile: Profile, state: State, token: RefreshToken, event: TokenEvent) -> None:
    """Carry out a death: a lifetime that is over ends the token, a breach what the policy says."""
    if event is not TokenEvent.BREACHED:
        state.move(token, event)
        return
    breach, family = profile.refresh.on_breach, token.family
    dies = profile.refresh.previous_access_token != "lives"
    if breach == "revoke_family":
        state.kill_family(family, access_tokens=dies)
    elif breach == "revoke_grant":
        state.revoke_grant(family.grant)
    elif breach == "revoke_client_and_user":
        for other in state.families:
            if other.client_id == family.client_id and other.account == family.account:
                state.kill_family(other)


def _successor(
    profile: Profile, state: State, token: RefreshToken, ruling: Ruling, now: Instant
) -> RefreshToken | None:
    """Return the refresh token that an answer carries, minting one where the ruling asks for it."""
    if ruling.answer in ("new", "new_pair", "last_replay_wins", "accept_until_expiry"):
        if ruling.answer == "last_replay_wins" and token.successor is not None and token.successor.state not in DEAD:
            state.move(token.successor, TokenEvent.REVOKED)
        successor = _mint_refresh_token(profile, state, token.family, token, now)
        if token.superseded_at is None:
            token.superseded_at = now
        token.successor = successor
        return successor
    if ruling.answer == "same_successor":
        return token.successor
    return None


def _mint_refresh_token(
    profile: Profile, state: State, family: Family, parent: RefreshToken | None, now: Instant
) -> RefreshToken:
    value, alias = state.vault.mint("RT", profile.refresh_token)
    generation = 0 if parent is None else parent.generation + 1
    family.newest_generation = max(family.newest_generation, generation)
    token = RefreshToken(
        value=value, alias=alias, family=family, generation=generation, issued_at=now, last_used_at=now
    )
    family.refresh_tokens.append(token)
    state.refresh_tokens[value] = token
    return token


def _found_family(profile: Profile, state: State, application: Application, code: Code, now: Instant) -> Family:
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


def _evict(profile: Profile, state: State, family: Family) -> None:
    """Drop the oldest live refresh tokens beyond the cap, without telling anyone."""
    cap = profile.refresh.cap_per_user
    if cap is None:
        return
    live = [
        token
        for other in state.families
        if other.client_id == family.client_id and other.account == family.account
        for token in other.refresh_tokens
        if token.state is TokenState.LIVE
    ]
    for token in live[: max(len(live) - cap, 0)]:
        state.move(token, TokenEvent.EVICTED)


def _issue(
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
) -> dict[str, Any]:
    """Mint an access token and return every member that a success body could have."""
    lifetimes = profile.lifetimes
    longest = lifetimes.access_token_longest
    lifetime = lifetimes.access_token if longest is None else state.vault.between(lifetimes.access_token, longest)
    value, alias = state.vault.mint("AT", profile.access_token)
    access = AccessToken(
        value=value, alias=alias, family=family, scopes=scopes or family.scopes, issued_at=now,
        expires_at=now + seconds(lifetime),
    )  # fmt: skip
    state.access_tokens[value] = access
    family.access_tokens.append(access)
    if parent is not None and parent.companion is not None:
        _age_previous(profile, parent.companion, access, now)
    if refresh_token is not None:
        refresh_token.companion = access
    elif parent is not None:
        parent.companion = access
    entry.issued = (alias,) if refresh_token is None else (alias, refresh_token.alias)
    entry.account = family.account
    return _members(profile, family, access, refresh_token, lifetime, requested, now)


def _age_previous(profile: Profile, previous: AccessToken, access: AccessToken, now: Instant) -> None:
    """Shorten the life of the access token that a refresh replaces, as the policy says."""
    rule_ = profile.refresh.previous_access_token
    if rule_ == "dies_at_once":
        previous.revoked = True
    elif rule_ == "dies_with_window" and previous.dies_at is None:
        previous.dies_at = now + seconds(profile.refresh.window or 0)
    elif rule_ == "dies_at_first_use":
        access.predecessor = previous


def _members(
    profile: Profile,
    family: Family,
    access: AccessToken,
    refresh_token: RefreshToken | None,
    lifetime: int,
    requested: tuple[str, ...],
    now: Instant,
) -> dict[str, Any]:
    shape, aliases = profile.response, profile.authorization.scope_aliases
    granted = [scope for scope in requested if scope in access.scopes] + sorted(access.scopes - set(requested))
    announced = family.announced_ttl
    members: dict[str, Any] = {
        "access_token": access.value,
        "token_type": shape.token_type,
        "expires_in": str(lifetime) if shape.expires_in == "string" else lifetime,
        "ext_expires_in": lifetime,
        "refresh_token": None if refresh_token is None else refresh_token.value,
        "refresh_token_expires_in": announced and announced - (now - family.started_at) // seconds(1) - 1,
        "scope": profile.authorization.scope_separator.join(aliases.get(scope, scope) for scope in granted),
    }
    if shape.expires_in == "omitted":
        members["expires_in"] = None
    if shape.scope == "never" or (shape.scope == "if_changed" and set(requested) == set(granted)):
        members["scope"] = None
    # Bitbucket Cloud's name for the same member until May 2026.
    members["scopes"] = members["scope"]
    return {name: members[name] for name in shape.members if members.get(name) is not None} | dict(shape.extra)


def _required(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise Refused(Cause.MISSING_PARAMETER, parameter=name)
    return values[name]


GRANTS = {"authorization_code": exchange_code, "refresh_token": refresh}
