"""Issuing: families, refresh tokens, access tokens, and the members of the body that carries them.

Moves on a provider's state; who may ask for them is decided before. Source: RFC 6749 s5.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.profile.profile import LifetimeRule, Profile
from refreshproof.mock_servers.profile.refresh_policy import Answer, TokenEvent
from refreshproof.mock_servers.provider.http.scopes import of_one_resource, read_scopes
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.token_response import success_members
from refreshproof.mock_servers.provider.resources.continuous_access import understands
from refreshproof.mock_servers.provider.state.records import AccessToken, Application, Code, Family, RefreshToken
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import DAY, Instant, seconds

LASTING: Instant = 36_500 * DAY
"""How long a token is good that does not expire."""


def mint_refresh_token(request: TokenRequest, family: Family, parent: RefreshToken | None = None) -> RefreshToken:
    """Mint a refresh token: the first of a family, or a child of `parent`."""
    state, now = request.state, request.now
    value, alias = state.vault.mint("RT", request.profile.refresh_token)
    generation = 0 if parent is None else parent.generation + 1
    family.newest_generation = max(family.newest_generation, generation)
    token = RefreshToken(
        value=value, alias=alias, family=family, generation=generation, issued_at=now, last_used_at=now
    )
    family.refresh_tokens.append(token)
    state.refresh_tokens[value] = token
    return token


def found_family(request: TokenRequest, code: Code) -> Family:
    """Begin the family of a code."""
    family = family_of(request, code)
    request.state.families.append(family)
    code.families.append(family)
    return family


def family_of(request: TokenRequest, code: Code) -> Family:
    """Return what the family of a code will be, with the shortest lifetimes that the profile's rules give it."""
    profile, state, application = request.profile, request.state, request.application
    rules = [rule_ for rule_ in profile.lifetime_rules if _applies(rule_, application, state, code)]
    chosen = () if code.seconds is None else (code.seconds,)
    absolute = [*chosen, *(one.absolute for one in rules if one.absolute is not None)]
    inactivity = [one.inactivity for one in rules if one.inactivity is not None]
    return Family(
        number=state.next_family,
        client_id=application.client_id,
        account=code.account,
        grant=code.grant,
        started_at=request.now,
        scopes=code.scopes,
        inactivity_ttl=min(inactivity, default=profile.refresh.inactivity_ttl),
        absolute_ttl=min(absolute, default=profile.refresh.absolute_ttl),
        announced_ttl=min((*chosen, *(one.absolute for one in rules if one.announced and one.absolute)), default=None),
        password_version=state.accounts[code.account].password_version,
        nonce=code.nonce,
        claims=code.claims,
        signed_in_at=code.issued_at,
        acr=code.acr,
        authenticated_at=code.authenticated_at,
        tenant=code.tenant,
        resource=code.resource,
    )


def _applies(rule_: LifetimeRule, application: Application, state: State, code: Code) -> bool:
    facts = {
        "application.status": application.status,
        "application.kind": application.kind,
        "application.shared": "yes" if application.shared else "no",
        "account.kind": state.accounts[code.account].kind,
    }
    exempt = bool(rule_.exempt_scopes) and code.scopes <= frozenset(rule_.exempt_scopes)
    return not exempt and all(facts[name] == wanted for name, wanted in rule_.when.items())


def evict(request: TokenRequest, family: Family) -> None:
    """End the oldest families beyond the caps, without telling anyone; their access tokens live on."""
    policy, state = request.profile.refresh, request.state
    if policy.cap_per_user is not None:
        _keep_newest(state, state.families_like(family), policy.cap_per_user)
    if policy.cap_per_account is not None:
        _keep_newest(state, [one for one in state.families if one.account == family.account], policy.cap_per_account)


def _keep_newest(state: State, families: list[Family], cap: int) -> None:
    live = [one for one in families if one.renewable]
    for one in live[: max(len(live) - cap, 0)]:
        state.kill_family(one, access_tokens=False, event=TokenEvent.EVICTED)


def issue(
    request: TokenRequest,
    family: Family,
    refresh_token: RefreshToken | None,
    *,
    scopes: frozenset[str] | None = None,
    requested: tuple[str, ...] = (),
    parent: RefreshToken | None = None,
    answer: Answer = Answer.NEW,
) -> dict[str, Any]:
    """Mint an access token, unless one is handed out again; return the members of the success body.

    `parent` is the refresh token that was presented, `answer` what the vendor's policy gives for it.
    """
    profile, values, entry = request.profile, request.values, request.entry
    previous = None if parent is None else parent.companion
    again = refresh_token.companion if refresh_token is not None and answer is Answer.SAME_PAIR else None
    access = again or _reissued(profile, previous, scopes, request.now)
    if access is None:
        asked = read_scopes(profile, values.get("scope", "")) or requested or tuple(sorted(family.scopes))
        held = of_one_resource(profile.authorization, asked, family.scopes if scopes is None else scopes)
        access = _mint_access_token(request, family, held, refreshed=parent is not None)
    if parent is not None and previous is not None and previous is not access:
        _age_previous(profile, parent, previous, access, request.now)
    if refresh_token is not None:
        refresh_token.companion = access
    elif parent is not None:
        parent.companion = access
    entry.issued = (access.alias,) if refresh_token is None else (access.alias, refresh_token.alias)
    entry.account = family.account
    told = request.now if again is None or profile.refresh.tells_on_replay == "what_is_left" else again.issued_at
    members = success_members(request, access, refresh_token, requested, first=parent is None, told_at=told)
    return members if parent is None else members | _in_place_of_a_new_one(answer, parent)


def _in_place_of_a_new_one(answer: Answer, parent: RefreshToken) -> dict[str, Any]:
    """Return the member refresh_token where an answer has one without a token of its own."""
    values = {Answer.NULL: None, Answer.EMPTY: "", Answer.PRESENTED: parent.value}
    return {"refresh_token": values[answer]} if answer in values else {}


def second_pair(request: TokenRequest, code: Code) -> dict[str, Any]:
    """Begin another family out of the same flow; return the members that carry its tokens."""
    state, entry, first = request.state, request.entry, code.families[0]
    family = replace(first, number=state.next_family, second=True, refresh_tokens=[], access_tokens=[])
    state.families.append(family)
    code.families.append(family)
    second, issued = replace(request, profile=request.profile.seconding, values={}), entry.issued
    refresh = mint_refresh_token(second, family) if first.refresh_tokens else None
    members = issue(second, family, refresh)
    entry.issued = (*issued, *entry.issued)
    return members


def carries(values: Mapping[str, str], pair: tuple[str, str] | None) -> bool:
    """Tell whether a request carries a pair, or the name with any value where the pair has none; none is none to
    carry."""
    return pair is None or (pair[0] in values and pair[1] in ("", values[pair[0]]))


def _mint_access_token(
    request: TokenRequest, family: Family, scopes: frozenset[str], *, refreshed: bool
) -> AccessToken:
    profile, state, values, now = request.profile, request.state, request.values, request.now
    continuous = understands(profile.continuous_access, values.get("claims"))
    value, alias = state.vault.mint("AT", profile.access_token)
    rules = profile.issuance
    wished = values.get(rules.lifetime_parameter or "", "")
    life = _access_token_life(profile, state, continuous, refreshed)
    if wished.isdecimal() and len(wished) < 10:
        life = seconds(int(wished))
    lasting = family.lasting and not carries(values, rules.expiring_parameter)
    access = AccessToken(
        value=value, alias=alias, family=family, scopes=scopes, issued_at=now,
        expires_at=now + (LASTING if lasting else life), continuous=continuous, lasting=lasting,
    )  # fmt: skip
    state.access_tokens[value] = access
    family.access_tokens.append(access)
    return access


def _access_token_life(profile: Profile, state: State, continuous: bool, refreshed: bool) -> Instant:
    if refreshed and profile.lifetimes.refreshed_access_token is not None:
        return seconds(profile.lifetimes.refreshed_access_token)
    lifetimes = profile.continuous_access if continuous and profile.continuous_access else profile.lifetimes
    shortest, longest = lifetimes.access_token, lifetimes.access_token_longest
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
