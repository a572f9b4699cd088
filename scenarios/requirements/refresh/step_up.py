"""Step-up: when an operation needs a scope that was not granted, the next login asks for it and for what there was."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.asking import asks
from refreshproof.scenarios.evidence.challenges import wanted_scopes
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.logins import logins
from refreshproof.scenarios.evidence.refusals import error_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Authorize, Call, Fault, Mend, ProviderChanges, Step
from refreshproof.scenarios.steps.subject import Capability

MOST_IN_VAIN = 3
"""Logins for a scope that change nothing, after which a client gives up: "no more than a few times"."""
_MORE, _MOST = "files:write", "files:admin"
_SOURCE = (
    "MCP 2026-07-28, Step-Up Authorization Flow: "
    "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#step-up-authorization-flow"
)
_NEEDS: frozenset[Capability] = frozenset({"steps_up"})


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


def _wants(*scopes: str) -> ProviderChanges:
    return ProviderChanges(changes={"operation_scopes": list(scopes)})


def _always_refused(scope: str) -> Fault:
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    parameters = {"code": 403, "error": "insufficient_scope", "challenge": challenge}
    return Fault(fault="status", parameters=parameters, view="resource", grant_type=None, times=None)


_AGAIN: tuple[Step, ...] = (Call(), Authorize())

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
)
"""Requirements on scopes that a resource asks for."""
