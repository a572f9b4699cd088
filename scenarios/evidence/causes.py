"""Root causes: which of a client's findings are one flaw, told by what stands at the head of the shortest story.

Two findings have one cause where the same anomaly begins with the same request at the same point, or where the one's
story shows the other's violation before its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict

KINDS = {
    ("token", "refresh_token"): "refresh",
    ("token", "authorization_code"): "code exchange",
    ("resource", None): "resource request",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A violated requirement with the story that shows it; `steps` is the story's length."""

    requirement: Requirement
    evidence: Evidence
    verdict: Verdict
    steps: int


@dataclass(frozen=True, kw_only=True)
class RootCause:
    """What stands at the head of a story: the anomaly, the first wrong request, and the point at which it was sent.

    Equal causes are one. Where no request shows the violation, `request` and `point` are empty.
    """

    anomaly: str
    request: str = ""
    point: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Findings of one cause; the first is the one with the shortest story, which the others break as well."""

    cause: RootCause
    findings: tuple[Finding, ...]

    @property
    def head(self) -> Finding:
        """The finding by which the cause is told."""
        return self.findings[0]


def cause_of(finding: Finding) -> RootCause:
    """Return what stands at the head of a finding's story."""
    anomaly = finding.requirement.anomaly_of(finding.verdict)
    first = _first_wrong(finding.evidence, finding.verdict)
    if first is None:
        return RootCause(anomaly=anomaly)
    return RootCause(anomaly=anomaly, request=_kind(first), point=_point(finding.evidence, first))


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Return findings by their causes: the cause with the shortest story first, and each one's shortest first."""
    groups: list[list[Finding]] = []
    for finding in sorted(findings, key=lambda one: one.steps):
        known = next((group for group in groups if _shares(group[0], finding)), None)
        if known is None:
            groups.append([finding])
        else:
            known.append(finding)
    return tuple(Group(cause=cause_of(group[0]), findings=tuple(group)) for group in groups)


def _shares(head: Finding, finding: Finding) -> bool:
    return cause_of(head) == cause_of(finding) or _shows_first(head.requirement, finding)


def _shows_first(requirement: Requirement, finding: Finding) -> bool:
    """Tell whether a story shows the violation of a requirement that holds in every story, no later than its own."""
    if not requirement.invariant or requirement.residual:
        return False
    verdict = requirement.check(finding.evidence)
    first, own = _first_wrong(finding.evidence, verdict), _first_wrong(finding.evidence, finding.verdict)
    return verdict.outcome == "violated" and first is not None and (own is None or first.number <= own.number)


def _first_wrong(evidence: Evidence, verdict: Verdict) -> Exchange | None:
    wrong = min(verdict.witness, default=None)
    return next((one for one in evidence.exchanges() if one.number == wrong), None)


def _kind(exchange: Exchange) -> str:
    named = KINDS.get((exchange.view or "", exchange.grant_type))
    return named or f"{exchange.view or 'other'} request".replace("_", " ")


def _point(evidence: Evidence, exchange: Exchange) -> str:
    """Say what the client had sent before a request, and what had become of it."""
    before = [one for one in evidence.exchanges() if one.number < exchange.number and one.actor != "browser"]
    if not before:
        return "at the beginning"
    fate = "answered" if before[-1].ok else "refused" if before[-1].delivered else "lost"
    return f"after a {_kind(before[-1])} that was {fate}"
