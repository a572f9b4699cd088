"""Concurrency: callers, processes and nodes that need the same grant at the same moment share one refresh."""

from __future__ import annotations

from itertools import combinations

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refused_access_token
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.operations import operations
from refreshproof.scenarios.evidence.refusals import is_terminal, step_numbers
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Delay, Fault, Parallel, Revoke, Until


def one_refresh_in_flight(evidence: Evidence) -> Verdict:
    """No refresh token is presented while an earlier presentation of it is still open."""
    for first, second in combinations(evidence.refreshes, 2):
        if first.presented == second.presented and not second.follows(first) and not first.follows(second):
            crowd = [one for one in evidence.refreshes if one.presented == first.presented and not one.follows(first)]
            return violated(
                f"{len(crowd)} refreshes of {first.presented} were under way at once ({first.actor}, {second.actor}).",
                *(one.number for one in crowd),
                expected="One caller refreshes; the others wait for its result.",
            )
    return exercised(any(_contended(evidence, one) for one in evidence.refreshes), "No two callers met at a refresh.")


def _contended(evidence: Evidence, one: Exchange) -> bool:
    """Tell whether two calls or more were waiting while a refresh was open."""
    waiting = [record for record in evidence.calls if record.began_at <= one.sent_at and record.at >= one.finished_at]
    return one.finished_at > one.sent_at and len(waiting) > 1


def outcome_is_shared(evidence: Evidence) -> Verdict:
    """Callers that came together make one refresh, good or refused; two where it failed for another reason."""
    tested = False
    answered = {one.number for one in evidence.token_answers}
    for step in step_numbers(evidence, "parallel"):
        sent = [one for one in evidence.refreshes if one.step == step]
        callers = [record for record in evidence.calls if record.step == step]
        if not sent or len(callers) < 2:
            continue
        tested = True
        most = 1 if sent[0].number in answered or is_terminal(sent[0]) else 2
        if len(sent) > most:
            return violated(
                f"{len(callers)} callers at once made {len(sent)} refreshes, {_ending(sent[0])}.",
                *(one.number for one in sent),
                expected=f"They make at most {most} and share what comes of it.",
            )
        waited = [
            one.outcome
            for one in operations(evidence, "call")
            if one.outcome.step == step
            and (one.last is None or one.last.view == "token" or refused_access_token(one.last))
        ]
        if is_terminal(sent[0]) and any(record.kind != "reauthorization_required" for record in waited):
            return violated(
                "The refresh was refused for good, and not all callers that waited for it were told so.",
                sent[0].number,
                expected="Callers that wait for a refresh share its outcome.",
            )
    return exercised(tested, "No two callers met at a refresh.")


def _ending(one: Exchange) -> str:
    spent = f" after {in_seconds(one.finished_at - one.sent_at):g} s"
    return f"the first of which ended with {one.trouble or f'status {one.status}'}{spent}"


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_SLOW = Delay(leg="server", seconds=5, grant_type="refresh_token")

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="concurrency-single-flight",
        keyword="SHOULD",
        statement="Within a process at most one refresh per grant is in flight.",
        source="seed 003 (lock stripes); RFC 9700 s4.14.2 (cost of a replay); misb conc-thundering-refresh",
        effect=(
            "Four parallel calls at expiry make four refreshes; the vendor takes three for theft and ends the "
            "grant."
        ),
        fix="Refresh under a lock per grant, and look at the stored token again once the lock is yours.",
        anomaly="A3",
        check=one_refresh_in_flight,
        scenarios=tuple(
            flow(_EXPIRED, _SLOW, Parallel(callers=callers), name=f"{callers} callers at once")
            for callers in (2, 8, 64)
        ),
        applies=issues_refresh_tokens,
        needs=frozenset({"parallel"}),
        depends=("refresh-request-shape",),
        invariant=True,
    ),
    Requirement(
        id="concurrency-callers-share-outcome",
        keyword="SHOULD",
        statement="Callers that wait for a refresh share its outcome, good or bad, and make no request of their own.",
        source="misb conc-thundering-refresh, conc-return-old-token",
        effect="Every caller repeats the refresh in turn: a queue of requests that end the grant or trip a rate limit.",
        fix="Under the lock look first whether another caller has refreshed, or failed, since you began to wait.",
        anomaly="A3",
        check=outcome_is_shared,
        scenarios=(
            flow(_EXPIRED, _SLOW, Parallel(callers=8), name="success"),
            flow(
                _EXPIRED, _SLOW, Fault(fault="status", parameters={"code": 503}, times=None), Parallel(callers=8),
                name="503",
            ),
            flow(_EXPIRED, Call(times=3, every=60), _EXPIRED, Revoke(), _SLOW, Parallel(callers=8), name="refused"),
        ),
        applies=issues_refresh_tokens,
        needs=frozenset({"parallel"}),
        depends=("refresh-request-shape",),
        invariant=True,
    ),
)  # fmt: skip
