"""Failure: what callers are told while a client waits after a refusal or an outage that passes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.operations import operations
from refreshproof.scenarios.evidence.refusals import error_of, failed, is_about_client, is_over, told
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import renews_and_serves_well
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Until

OF_AN_ANSWER = frozenset(
    {"http", "error", "status", "code", "response", "request", "failed", "with"}
    | {"internal", "server", "bad", "gateway", "service", "unavailable", "timeout"}
)
"""Words that tell of an answer beside its status, those of RFC 9110 s15.6 among them, and of no pause."""


def tells_that_it_waits(evidence: Evidence) -> Verdict:
    """Nobody is told for final what a provider had said to another, as though it had been asked once more."""
    refusals = [one for one in failed(evidence) if _passes(one)]
    for refusal, ended in _unasked(evidence, refusals):
        if _retold(ended, refusal) and not _mended(evidence, refusal, ended):
            return violated(
                f"{in_seconds(ended.began_at - refusal.finished_at):g} s after the provider had said {ended.error} a"
                f" {ended.operation} ended with the same for final, and nothing was sent.",
                refusal.number,
                expected="Whoever comes while the client waits hears that it waits.",
            )
    return exercised(_called_after(evidence, refusals), "No call came after a refusal that passes.")


def _unasked(evidence: Evidence, failures: Sequence[Exchange]) -> Iterator[tuple[Exchange, OutcomeRecord]]:
    """Yield the operations after some failures for which nobody asked the provider, each after the last failure."""
    for one in operations(evidence, "call", "refresh"):
        ended = one.outcome
        before = [other for other in failures if other.node == ended.node and other.finished_at < ended.began_at]
        if before and not one.exchanges and not _asked_meanwhile(evidence, ended):
            yield before[-1], ended


def _called_after(evidence: Evidence, failures: Sequence[Exchange]) -> bool:
    return bool(failures) and any(call.began_at > failures[0].finished_at for call in evidence.calls)


def _asked_meanwhile(evidence: Evidence, ended: OutcomeRecord) -> bool:
    """Tell whether another caller's refresh was under way while an operation was, whose end may be what it tells."""
    mine = (one for one in evidence.refreshes if one.node == ended.node)
    return any(one.sent_at <= ended.at and ended.began_at <= one.finished_at for one in mine)


def _passes(one: Exchange) -> bool:
    """Tell whether a refusal reached the client with an error code that is neither the grant's end nor the client's
    own fault: those may be told to everybody until somebody mends them."""
    return one.delivered and error_of(one) is not None and not is_over(one) and not is_about_client(one)


def _retold(ended: OutcomeRecord, refusal: Exchange) -> bool:
    return ended.kind == "permanent_error" and ended.error is not None and ended.error == error_of(refusal)


def _mended(evidence: Evidence, refusal: Exchange, ended: OutcomeRecord) -> bool:
    """Tell whether tokens came between a refusal and an operation: what that ended with is of something else then."""
    answers = (one for one in evidence.token_answers if one.node == refusal.node)
    return any(refusal.finished_at <= one.finished_at <= ended.began_at for one in answers)


def tells_outages_apart(evidence: Evidence) -> Verdict:
    """Nobody is told by nothing but the status of an outage that was answered to another, when nothing was sent."""
    outages = [one for one in failed(evidence) if one.delivered and (one.status or 0) // 100 == 5]
    for outage, ended in _unasked(evidence, outages):
        if _repeats(evidence, ended, outage):
            return violated(
                f"{in_seconds(ended.began_at - outage.finished_at):g} s after the provider had answered with status"
                f" {outage.status} a {ended.operation} ended with the same words, {ended.detail!r}, and nothing was"
                " sent.",
                outage.number,
                expected="Whoever comes while the client waits hears that it waits.",
            )
    return exercised(_called_after(evidence, outages), "No call came after an outage.")


def _repeats(evidence: Evidence, ended: OutcomeRecord, outage: Exchange) -> bool:
    """Tell whether an operation ended in the very words of the one that had met an outage, and these tell of its status
    and of nothing else: whoever speaks of a pause says more."""
    first = told(evidence, outage)
    same = first is not None and (first.kind, first.error, first.detail) == (ended.kind, ended.error, ended.detail)
    words = set(re.findall(r"\w+", (ended.detail or "").lower()))
    status = str(outage.status)
    return same and status in words and words <= OF_AN_ANSWER | {status}


def _refused_once(name: str, **document: str) -> Scenario:
    refusal = Fault(fault="error_body", parameters={"code": 400, "document": document})
    calls = (Call(), *(step for wait in (10, 20, 31, 60, 300) for step in (Advance(seconds=wait), Call())))
    return flow(Until(limit="access_token_expiry", offset=1), refusal, *calls, name=name)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="failure-pause-is-told",
        keyword="ADVICE",
        statement=(
            "While a client waits after a refusal that passes it says so, and does not answer from memory, for final, "
            "with what the provider had said."
        ),
        source="RFC 6749 s5.2; misb rot-lock-as-400; throttled_http_client.py of msal 1.39.0 (seen 2026-11-30)",
        effect=(
            "A provider that has been well for a minute seems to go on refusing: its log has one request where the "
            "application's has twenty, and callers take what passes for final."
        ),
        fix="Keep the pause, and tell callers that you wait and until when; hand the provider's answer out once.",
        anomaly="A11",
        check=tells_that_it_waits,
        scenarios=(
            _refused_once("invalid_request", error="invalid_request", error_description="already being processed"),
            _refused_once("invalid_scope", error="invalid_scope"),
        ),
        applies=renews_and_serves_well,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="failure-outage-pause-is-told",
        keyword="ADVICE",
        statement=(
            "While a client waits after an outage it says so, and does not answer from memory with the status that the "
            "provider had answered with."
        ),
        source="RFC 9110 s15.6.4, s10.2.3; throttled_http_client.py of msal 1.39.0 (seen 2026-12-01)",
        effect=(
            "A provider that is well again seems to go on failing: callers and their logs count answers with status "
            "503 that it never sent."
        ),
        fix="Keep the pause, and tell callers that you wait and until when; hand the provider's answer out once.",
        anomaly="A14",
        check=tells_outages_apart,
        scenarios=(
            flow(
                Until(limit="access_token_expiry", offset=1),
                Fault(fault="status", parameters={"code": 503}, view="token", times=1),
                Call(),
                *(step for wait in (2, 2, 30, 60) for step in (Advance(seconds=wait), Call())),
                name="one 503",
            ),
        ),
        applies=renews_and_serves_well,
        depends=("refresh-request-shape",),
    ),
)
