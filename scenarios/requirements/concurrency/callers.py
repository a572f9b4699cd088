"""Concurrency: callers, processes and nodes that need the same grant at the same moment share one refresh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refused_access_token
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.operations import Operation, operations
from refreshproof.scenarios.evidence.refusals import is_terminal, step_numbers
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Delay, Fault, Parallel, Revoke, Step, Until


def one_refresh_in_flight(evidence: Evidence) -> Verdict:
    """No refresh token is presented by a process that has an earlier presentation of it still open."""
    for first, second in combinations(evidence.refreshes, 2):
        if _same_flight(first, second) and not second.follows(first) and not first.follows(second):
            crowd = [one for one in evidence.refreshes if _same_flight(first, one) and not one.follows(first)]
            return violated(
                f"{len(crowd)} refreshes of {first.presented} were under way at once ({first.actor}, {second.actor}).",
                *(one.number for one in crowd),
                expected="One caller refreshes; the others wait for its result.",
            )
    return exercised(any(_contended(evidence, one) for one in evidence.refreshes), "No two callers met at a refresh.")


def _same_flight(first: Exchange, second: Exchange) -> bool:
    return first.presented == second.presented and first.node == second.node


def _contended(evidence: Evidence, one: Exchange) -> bool:
    """Tell whether two calls or more of a process were waiting while its refresh was open."""
    waiting = [record for record in evidence.calls if record.node == one.node and _spans(record, one)]
    return one.finished_at > one.sent_at and len(waiting) > 1


def _spans(record: OutcomeRecord, one: Exchange) -> bool:
    return record.began_at <= one.sent_at and record.at >= one.finished_at


def outcome_is_shared(evidence: Evidence) -> Verdict:
    """Callers that came together make one refresh, good or refused; two where it failed for another reason."""
    crowds = [crowd for step in step_numbers(evidence, "parallel") for crowd in _crowds(evidence, step)]
    for crowd in crowds:
        first = crowd.first
        most = 1 if first.number in evidence.answered or is_terminal(first) else 2
        if len(crowd.sent) > most:
            return violated(
                f"{len(crowd.callers)} callers at once made {len(crowd.sent)} refreshes, {_ending(first)}.",
                *(one.number for one in crowd.sent),
                expected=f"They make at most {most} and share what comes of it.",
            )
        if first.number in evidence.answered and crowd.sent_away:
            return violated(
                f"The refresh went well, and {len(crowd.sent_away)} of {len(crowd.callers)} callers that came with it"
                " were sent away without a request of their own.",
                first.number,
                expected="Callers that wait for a refresh share its outcome.",
            )
        if is_terminal(first) and any(one.outcome.kind != "reauthorization_required" for one in crowd.waited):
            return violated(
                "The refresh was refused for good, and not all callers that waited for it were told so.",
                first.number,
                expected="Callers that wait for a refresh share its outcome.",
            )
    return exercised(bool(crowds), "No two callers met at a refresh.")


@dataclass(frozen=True, kw_only=True)
class _Crowd:
    """Callers of one process that came together, and the refreshes that those of them made who met the first one."""

    callers: tuple[Operation, ...]
    sent: tuple[Exchange, ...]

    @property
    def first(self) -> Exchange:
        """The first refresh."""
        return self.sent[0]

    @property
    def sent_away(self) -> list[Operation]:
        """The callers that failed without having asked anybody."""
        return [one for one in self.callers if not one.exchanges and one.outcome.kind in ("transient_error", "crash")]

    @property
    def waited(self) -> list[Operation]:
        """The callers that got no answer of their own and stayed until the first refresh was over."""
        return [
            one
            for one in self.callers
            if (one.last is None or one.last.view == "token" or refused_access_token(one.last))
            and self.first.finished_at > self.first.sent_at
            and _spans(one.outcome, self.first)
        ]


def _crowds(evidence: Evidence, step: int) -> Iterator[_Crowd]:
    """Yield the callers of a step by their processes, where two or more met at a refresh."""
    together = [one for one in operations(evidence, "call") if one.outcome.step == step]
    for node in sorted({one.outcome.node for one in together}):
        callers = tuple(one for one in together if one.outcome.node == node)
        sent = [one for one in evidence.refreshes if one.step == step and one.node == node]
        met = tuple(one for one in sent if one is sent[0] or _met(evidence, callers, sent[0], one))
        if met and len(callers) > 1:
            yield _Crowd(callers=callers, sent=met)


def _met(evidence: Evidence, callers: Sequence[Operation], first: Exchange, later: Exchange) -> bool:
    """Tell whether a later refresh is of a caller that was there during the first one, and of the token that it was
    about: who finds the new access token refused as well has a reason of its own."""
    own = next((one for one in callers if later in one.exchanges), None)
    if own is None:
        return True
    there = own.outcome.begun < first.number or own.outcome.began_at < first.finished_at
    brought = first.members.get("access_token")
    return there and not any(refused_access_token(one) and one.presented == brought for one in own.exchanges)


def _ending(one: Exchange) -> str:
    spent = f" after {in_seconds(one.finished_at - one.sent_at):g} s"
    return f"the first of which ended with {one.trouble or f'status {one.status}'}{spent}"


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_SLOW = Delay(leg="server", seconds=5, grant_type="refresh_token")
_SLOWEST = Delay(leg="server", seconds=29, grant_type="refresh_token")


def _refused_to(callers: int) -> tuple[Step, ...]:
    """Let the resource refuse an access token that lives to so many callers at once (misb rot-previous-at-revoked)."""
    refusal = Fault(fault="status", parameters={"code": 401}, view="resource", grant_type=None, times=callers)
    return (Call(), Advance(seconds=60), refusal, _SLOW, Parallel(callers=callers))


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
        scenarios=(
            *(
                flow(_EXPIRED, _SLOW, Parallel(callers=callers), name=f"{callers} callers at once")
                for callers in (2, 8, 64)
            ),
            flow(_EXPIRED, _SLOWEST, Parallel(callers=4), name="an answer after 29 s"),
            flow(*_refused_to(4), name="a living access token is refused to 4 callers"),
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
            flow(*_refused_to(8), name="a living access token is refused to all"),
            *(
                flow(
                    _EXPIRED, Parallel(callers=2, every_touch=True, schedule=f"00001{'0' * later}1"),
                    name=f"the second of 2 callers goes on {later} touches after it could",
                )
                for later in range(8)
            ),
        ),
        applies=issues_refresh_tokens,
        needs=frozenset({"parallel"}),
        depends=("refresh-request-shape",),
        invariant=True,
    ),
)  # fmt: skip
