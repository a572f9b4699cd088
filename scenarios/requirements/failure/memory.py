"""Failure: what callers are told while a client waits after a refusal that passes."""

from __future__ import annotations

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.operations import operations
from refreshproof.scenarios.evidence.refusals import error_of, failed, is_about_client, is_over
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import renews_and_serves_well
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Until


def tells_that_it_waits(evidence: Evidence) -> Verdict:
    """Nobody is told for final what a provider had said to another, as though it had been asked once more."""
    refusals = [one for one in failed(evidence) if _passes(one)]
    for one in operations(evidence, "call", "refresh"):
        ended = one.outcome
        before = [other for other in refusals if other.node == ended.node and other.finished_at < ended.began_at]
        if before and not one.exchanges and _retold(ended, before[-1]) and not _mended(evidence, before[-1], ended):
            return violated(
                f"{in_seconds(ended.began_at - before[-1].finished_at):g} s after the provider had said {ended.error} a"
                f" {ended.operation} ended with the same for final, and nothing was sent.",
                before[-1].number,
                expected="Whoever comes while the client waits hears that it waits.",
            )
    later = [call for call in evidence.calls if refusals and call.began_at > refusals[0].finished_at]
    return exercised(bool(later), "No call came after a refusal that passes.")


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
)
