"""Step-up: when an operation needs a scope that was not granted the next login asks for it and for what there was, and
when it needs another login than there was a new one is begun, for no refresh brings it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from refreshproof.mock_servers.profile.identity import requested_acr
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.asking import asks
from refreshproof.scenarios.evidence.challenges import challenge_of, wanted_scopes
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.logins import logins
from refreshproof.scenarios.evidence.refusals import error_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Mend, ProviderChanges, Step
from refreshproof.scenarios.steps.subject import Capability

MOST_IN_VAIN = 3
"""Logins for a scope that change nothing, after which a client gives up: "no more than a few times"."""
_MORE, _MOST = "files:write", "files:admin"
_SOURCE = (
    "MCP 2026-07-28, Step-Up Authorization Flow: "
    "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#step-up-authorization-flow"
)
_NEEDS: frozenset[Capability] = frozenset({"steps_up"})
_ANEW: frozenset[Capability] = frozenset({"logs_in_anew"})
_LOGIN = ("acr_values", "max_age")
"""What a refusal may name of the login that it wants."""


def names_missing_scopes(vendor: Vendor) -> bool:
    """Apply where a resource tells of itself (RFC 9728), and there may be scopes besides the usual ones."""
    return bool(vendor.profile.resource_metadata) and not vendor.profile.authorization.known_scopes


def asks_for_the_union(evidence: Evidence) -> Verdict:
    """A login that follows a refusal for a missing scope asks for that scope and for those asked for before."""
    stepped = False
    for one, before, wanted in _step_ups(evidence):
        asked, earlier = _asked(evidence, one), _asked(evidence, before)
        if not asked & (wanted - earlier):
            continue
        stepped, lost = True, sorted(earlier - asked)
        if lost:
            return violated(
                f"The login for {' '.join(sorted(wanted))} no longer asked for {' '.join(lost)}.",
                before.number,
                one.number,
                expected=f"A login for {' '.join(sorted(earlier | wanted))}.",
            )
    return exercised(stepped, "No login asked for a scope that a refusal had named.")


def _step_ups(evidence: Evidence) -> Iterator[tuple[Exchange, Exchange, frozenset[str]]]:
    """Yield each login after the first, the one before it, and the scopes that refusals between them named."""
    begun = logins(evidence)
    for before, one in pairwise(begun):
        refusals = [other for other in _refusals(evidence) if other.follows(before) and one.follows(other)]
        yield one, before, frozenset().union(*map(wanted_scopes, refusals))


def _refusals(evidence: Evidence) -> list[Exchange]:
    """Return the answers of the resource that named a scope as missing (RFC 6750 s3.1)."""
    return [
        one
        for one in evidence.resource_calls
        if one.status == 403 and error_of(one) in (None, "insufficient_scope") and wanted_scopes(one)
    ]


def _asked(evidence: Evidence, login: Exchange) -> frozenset[str]:
    separator = evidence.profile.authorization.scope_separator
    return frozenset(filter(None, login.values.get("scope", "").split(separator)))


def gives_up(evidence: Evidence) -> Verdict:
    """A refusal that logins for its scope have not ended is final after a few of them."""
    vain: dict[frozenset[str], dict[int, Exchange]] = {}
    outlived = list(_outlived(evidence))
    for one, login in outlived:
        if any(ask.outcome.made(one) for ask in asks(evidence)):
            vain.setdefault(wanted_scopes(one), {}).setdefault(login.number, one)
    for scopes, refusals in vain.items():
        if len(refusals) > MOST_IN_VAIN:
            return violated(
                f"After {len(refusals)} logins {' '.join(sorted(scopes))} was still missing, and the user was asked"
                " once more.",
                *(one.number for one in refusals.values()),
                expected=f"After at most {MOST_IN_VAIN} logins in vain the refusal is final.",
            )
    return exercised(bool(outlived), "No refusal outlived a login for its scope.")


def _outlived(evidence: Evidence) -> Iterator[tuple[Exchange, Exchange]]:
    """Yield the refusals for a scope that a login had asked for, or came after a refusal for, each with that login."""
    refusals = _refusals(evidence)
    for one in refusals:
        wanted = wanted_scopes(one)
        for login in [login for login in logins(evidence) if one.follows(login)][-1:]:
            told = any(wanted_scopes(other) == wanted and login.follows(other) for other in refusals)
            if told or wanted <= _asked(evidence, login):
                yield one, login


def another_login(evidence: Evidence) -> Verdict:
    """A login that follows a refusal for want of another login asks for what the refusal named."""
    asked = False
    for before, one in pairwise(logins(evidence)):
        refusals = [other for other in _demands(evidence) if other.follows(before) and one.follows(other)]
        if not refusals:
            continue
        asked, wanted = True, challenge_of(refusals[-1])
        if not _is_asked_for(wanted, one.values):
            named = ", ".join(f"{name}={wanted[name]}" for name in _LOGIN if name in wanted)
            return violated(
                f"The refusal wanted a login with {named}, and the login did not ask for it.",
                refusals[-1].number,
                one.number,
                expected=f"A login with {named}.",
            )
    return exercised(asked, "No login followed a refusal for want of another login.")


def _is_asked_for(wanted: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Tell whether a login asks for one of the values that do, and for one that is recent enough; who asks for a login
    in any case (OpenID Connect Core s3.1.2.1) needs no age, and a class may be asked for as a claim (s5.5.1.1)."""
    values, oldest, age = wanted.get("acr_values", "").split(), wanted.get("max_age"), asked.get("max_age", "")
    named = {*asked.get("acr_values", "").split(), *requested_acr(asked.get("claims"))}
    strong = not values or bool(set(values) & named)
    anew = "login" in asked.get("prompt", "").split()
    recent = oldest is None or anew or (age.isdecimal() and int(age) <= int(oldest))
    return strong and recent


def no_refresh_for_login(evidence: Evidence) -> Verdict:
    """A client that reads what a refusal wants of the user does not send a refresh for it."""
    demands = _demands(evidence)
    for one in demands:
        hasty = [
            other
            for call in evidence.outcomes("call")
            if call.made(one)
            for other in evidence.refreshes
            if call.made(other) and other.follows(one) and not _was_due(evidence, one, other, call)
        ]
        if hasty:
            return violated(
                f"The resource wanted another login for {one.presented}, and the call went on to refresh.",
                one.number,
                hasty[0].number,
                expected="No refresh: a new access token tells of the same login. The user is asked.",
            )
    return exercised(bool(demands), "The resource never wanted another login.")


def _was_due(evidence: Evidence, demand: Exchange, refresh: Exchange, call: OutcomeRecord) -> bool:
    """Tell whether a refresh may be one that was due whatever the resource said: past half of the access token's life,
    by a client that uses up what it has and does not ask the resource again."""
    again = any(call.made(one) and one.follows(refresh) for one in evidence.resource_calls)
    brought = next((one for one in evidence.token_answers if one.members["access_token"] == demand.presented), None)
    lifetime = None if brought is None else brought.members.get("expires_in")
    if again or brought is None or not isinstance(lifetime, int):
        return False
    return 2 * (refresh.sent_at - brought.finished_at) >= seconds(lifetime)


def _demands(evidence: Evidence) -> list[Exchange]:
    """Return the answers of the resource that wanted another login (RFC 9470 s3), and said of which kind."""
    challenges = {one.number: challenge_of(one) for one in evidence.resource_calls if one.status == 401}
    return [
        one
        for one in evidence.resource_calls
        if challenges.get(one.number, {}).get("error") == "insufficient_user_authentication"
        and any(name in challenges[one.number] for name in _LOGIN)
    ]


def _wants_login(**demand: Any) -> ProviderChanges:
    return ProviderChanges(changes={"operation_authentication": demand or None})


def _wants(*scopes: str) -> ProviderChanges:
    return ProviderChanges(changes={"operation_scopes": list(scopes)})


def _always_refused(scope: str) -> Fault:
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    parameters = {"code": 403, "error": "insufficient_scope", "challenge": challenge}
    return Fault(fault="status", parameters=parameters, view="resource", grant_type=None, times=None)


_AGAIN: tuple[Step, ...] = (Call(), Authorize())
_OTHER_LOGINS = (
    flow(Call(), _wants_login(acr_values=["mfa", "hwk"]), *_AGAIN, Call(), name="a stronger login"),
    flow(
        *(Call(), Advance(seconds=900), _wants_login(max_age=600)),
        *(*_AGAIN, Call(), Advance(seconds=700), *_AGAIN, Call()),
        name="a login of the last ten minutes, twice",
    ),
    flow(
        *(Call(), Advance(seconds=900), _wants_login(acr_values=["mfa"], max_age=600), *_AGAIN, Call()),
        *(_wants_login(), Advance(seconds=3700), Call()),
        name="a stronger and recent login, for one operation",
    ),
)

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="resource-step-up-union",
        keyword="SHOULD",
        statement="A login for a scope that the resource named as missing asks for the scopes of before as well.",
        source=f"{_SOURCE}; RFC 6750 s3.1",
        effect="The user grants one permission and loses another, and is sent to and fro between two operations.",
        fix="Ask for the union of the scopes requested before and those of the challenge.",
        anomaly="A9",
        check=asks_for_the_union,
        scenarios=(
            flow(
                Call(),
                *(_wants(_MORE), *_AGAIN, Call(), _wants(_MOST), *_AGAIN, Call(), _wants(), Call()),
                name="two operations that need one scope more each",
            ),
        ),
        applies=names_missing_scopes,
        needs=_NEEDS,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="resource-step-up-bounded",
        keyword="SHOULD",
        statement="A missing scope that logins do not bring is a final refusal after a few of them.",
        source=_SOURCE,
        effect="The user is sent to consent again and again, and the operation is refused each time.",
        fix="Count the logins for a scope, and after two or three in vain report that the scope cannot be had.",
        anomaly="A8",
        check=gives_up,
        scenarios=(
            flow(Call(), _always_refused(_MORE), *_AGAIN * 6, Call(), Mend(), Call(), name="a scope that never comes"),
        ),
        applies=names_missing_scopes,
        needs=_NEEDS,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="resource-login-as-wanted",
        keyword="SHOULD",
        statement="After a 401 that wants another login of the user the next login asks for the one that it names.",
        source="RFC 9470 s3, s4; OpenID Connect Core s3.1.2.1",
        effect="The user logs in, and the operation is refused as before.",
        fix="Put acr_values and max_age of the challenge into the next authorization request.",
        anomaly="A9",
        check=another_login,
        scenarios=_OTHER_LOGINS,
        applies=names_missing_scopes,
        needs=_ANEW,
        depends=("authz-code-request",),
    ),
    Requirement(
        id="resource-login-not-refresh",
        keyword="SHOULD",
        statement="A 401 that wants another login of the user leads to a login and not to a refresh.",
        source="RFC 9470 s4, s6.1; RFC 9068 s2.2.1",
        effect="Refresh tokens are spent for access tokens that are refused as well, and the user is asked later.",
        fix="On 401 look for insufficient_user_authentication before you refresh, and ask the user at once.",
        anomaly="A8",
        check=no_refresh_for_login,
        scenarios=_OTHER_LOGINS,
        applies=lambda vendor: names_missing_scopes(vendor) and issues_refresh_tokens(vendor),
        needs=_ANEW,
    ),
)
"""Requirements on scopes and logins that a resource asks for."""
