"""Concurrency: several processes of one client that share a store, with a lock that none of them keeps for ever."""

from __future__ import annotations

from itertools import combinations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.asking import may_ask
from refreshproof.scenarios.evidence.evidence import Evidence, Supersession, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.refusals import is_terminal, step_numbers, told
from refreshproof.scenarios.evidence.requirement import Requirement, serves_well
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.rotation.rotation import rotates
from refreshproof.scenarios.steps.processes import Crash, Node
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Delay, Lose, Parallel, Refresh, Step, Until
from refreshproof.scenarios.steps.subject import Capability

LONGEST_WAIT = 300
"""Seconds within which a caller is free again after the holder of a lock has died: token deadline and lease."""


def one_refresh_among_processes(evidence: Evidence) -> Verdict:
    """A refresh token that one process presents is not presented by another at the same time, nor after a success."""
    answered = {one.number for one in evidence.token_answers}
    together = set(step_numbers(evidence, "parallel"))
    for first, second in combinations(evidence.refreshes, 2):
        if first.node == second.node or first.presented != second.presented:
            continue
        repeated = first.number in answered and first.step == second.step and first.step in together
        if repeated or not second.follows(first):
            return violated(
                f"Processes {first.node} and {second.node} both presented {first.presented},"
                f" {in_seconds(second.sent_at - first.sent_at):g} s apart.",
                first.number,
                second.number,
                expected="One process refreshes; the others wait for what it stores.",
            )
    met = [step for step in together if len({record.node for record in evidence.calls if record.step == step}) > 1]
    return exercised(any(one.step in met for one in evidence.refreshes), "No two processes met at a refresh.")


def reads_when_used(evidence: Evidence) -> Verdict:
    """A refresh token that one process has replaced is not presented by another."""
    for change in evidence.supersessions:
        for one in evidence.refreshes:
            if one.presented == change.old and one.node != change.exchange.node and one.follows(change.exchange):
                return violated(
                    f"Process {one.node} presented {change.old} {in_seconds(one.sent_at - change.at):g} s after process"
                    f" {change.exchange.node} had replaced it by {change.new}.",
                    change.exchange.number,
                    one.number,
                    expected="The grant is read from the store when it is used.",
                )
    return exercised(bool(_calls_elsewhere(evidence)), "No process called after another one had refreshed.")


def reloads_before_giving_up(evidence: Evidence) -> Verdict:
    """A refusal of a refresh token that another process has replaced ends nothing: the newer one is used."""
    for change in evidence.supersessions:
        for one in evidence.refreshes:
            if one.presented != change.old or one.node == change.exchange.node or not is_terminal(one):
                continue
            ending = told(evidence, one)
            if ending is None or ending.kind == "ok" or not one.follows(change.exchange):
                continue
            if not any(ending.made(again) and again.presented != change.old for again in evidence.refreshes):
                return violated(
                    f"Process {one.node} was refused {change.old} and told its caller {ending.kind}; process"
                    f" {change.exchange.node} had stored {change.new}"
                    f" {in_seconds(one.sent_at - change.at):g} s before.",
                    change.exchange.number,
                    one.number,
                    expected="After a refusal the store is read again, and a newer refresh token is used.",
                )
    for change, record in _calls_elsewhere(evidence):
        if not may_ask(evidence, record):
            return violated(
                f"Process {record.node} asked for the user although {change.new} was good.",
                change.exchange.number,
                expected="What another process has stored is used.",
            )
    return exercised(bool(_calls_elsewhere(evidence)), "No process called after another one had refreshed.")


def _calls_elsewhere(evidence: Evidence) -> list[tuple[Supersession, OutcomeRecord]]:
    return [
        (change, record)
        for change in evidence.supersessions
        for record in evidence.calls
        if record.node != change.exchange.node and record.began_at >= change.at and record.step > change.exchange.step
    ]


def lock_fits_the_answer(evidence: Evidence) -> Verdict:
    """A lock outlives the slowest answer, and is free soon after its holder has died."""
    died = [action.step for action in evidence.actions("process_died")]
    for first, second in combinations(evidence.refreshes, 2):
        if first.node != second.node and first.presented == second.presented and not second.follows(first):
            return violated(
                f"Process {second.node} presented {first.presented} {in_seconds(second.sent_at - first.sent_at):g} s"
                f" after process {first.node}, whose answer was still to come.",
                first.number,
                second.number,
                expected="The lock outlives the longest wait for an answer.",
            )
    for record in evidence.calls:
        if record.at - record.began_at > seconds(LONGEST_WAIT):
            return violated(
                f"A caller waited {in_seconds(record.at - record.began_at):g} s.",
                expected=f"A lock whose holder has died is free within {LONGEST_WAIT} s.",
            )
    for step in died:
        replays = [one for one in evidence.refreshes if one.step == step and one.trouble != "died"]
        crowd = _same_token(evidence, replays, step)
        if len(crowd) > 1:
            return violated(
                f"After the holder of the lock had died, {crowd[0].presented} was presented {len(crowd)} times.",
                *(one.number for one in crowd),
                expected="It is presented once more at most.",
            )
    return exercised(bool(_met(evidence)), "No two processes met at a refresh.")


def _same_token(evidence: Evidence, replays: list[Exchange], step: int) -> list[Exchange]:
    dead = {one.presented for one in evidence.refreshes if one.step == step and one.trouble == "died"}
    return [one for one in replays if one.presented in dead]


def _met(evidence: Evidence) -> list[int]:
    asked = {one.step for one in evidence.refreshes}
    return [step for step in step_numbers(evidence, "parallel") if step in asked]


def no_ping_pong(evidence: Evidence) -> Verdict:
    """Processes that share a store do not refresh in turns because each finds its access token dead."""
    sent = evidence.refreshes
    for first, second, third in zip(sent, sent[1:], sent[2:], strict=False):
        if third.sent_at - first.sent_at < seconds(600) and len({first.node, second.node, third.node}) > 1:
            return violated(
                f"Within {in_seconds(third.sent_at - first.sent_at):g} s the processes refreshed three times"
                f" ({', '.join(str(one.node) for one in (first, second, third))}).",
                first.number,
                second.number,
                third.number,
                expected="On 401 the store is read again, and a newer access token is used without a refresh.",
            )
    return exercised(bool(_calls_elsewhere(evidence)), "No process called after another one had refreshed.")


def rotates_and_behaves(vendor: Vendor) -> bool:
    """Apply where refreshes bring new refresh tokens, and every refresh is answered."""
    return rotates(vendor) and serves_well(vendor)


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_DUE = Until(limit="rotation_due")
"""Where a vendor gives another refresh token now and then only, it is time for that."""
_LIFE = (_EXPIRED, _DUE, Call(times=3, every=60))
_SLOW = Delay(leg="server", seconds=5, grant_type="refresh_token")
_SLOWEST = Delay(leg="server", seconds=29, grant_type="refresh_token")
_SHARED: frozenset[Capability] = frozenset({"shared_store", "parallel"})
_BOTH: tuple[Step, ...] = (Call(), Node(number=2), Call(), Node(number=1))
"""Both processes have used the grant, and may have kept a copy."""

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-invalid-grant-reload",
        keyword="SHOULD",
        statement=(
            "Before a grant is declared dead the store is read again; if it holds another refresh token, that one is "
            "used."
        ),
        source="misb conc-stale-snapshot, rot-reuse-kills-family, rot-flaky-invalid-grant",
        effect="The process that lost a race deletes the tokens of the one that won it, and the user has to log in.",
        fix="On a refusal compare the stored refresh token with the refused one, and go on with the stored one.",
        anomaly="A11",
        check=reloads_before_giving_up,
        scenarios=(
            flow(*_BOTH, *_LIFE, Node(number=2), *_LIFE, Node(number=1), Call(), name="refreshed by the other process"),
            flow(*_BOTH, _EXPIRED, _SLOW, Parallel(callers=2, nodes=2), Advance(seconds=60), Call(), name="a race"),
        ),
        applies=rotates,
        needs=_SHARED,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="concurrency-processes",
        keyword="SHOULD",
        statement="Across processes that share a store one refresh token is presented once.",
        source="seed 003 (clusters); misb conc-cross-process",
        effect="Two workers refresh at the same moment, the vendor sees a reuse, and the grant of both is revoked.",
        fix="Hold a lock that all processes see, in the store itself, while a refresh is under way.",
        anomaly="A3",
        check=one_refresh_among_processes,
        scenarios=tuple(
            flow(_EXPIRED, _SLOW, Parallel(callers=callers, nodes=nodes), name=f"{callers} calls in {nodes} processes")
            for callers, nodes in ((2, 2), (4, 4), (4, 2))
        ),
        applies=rotates,
        needs=_SHARED,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="concurrency-stale-snapshot",
        keyword="SHOULD",
        statement="The grant is read when it is used, under the lock, not from a copy taken earlier.",
        source="misb conc-stale-snapshot",
        effect="A long job presents the refresh token it read an hour ago; the vendor revokes the whole family.",
        fix="Pass the key of the grant to jobs, never its tokens; read it under the lock.",
        anomaly="A1",
        check=reads_when_used,
        scenarios=(
            flow(
                *_BOTH, Advance(seconds=1800), _DUE, Refresh(), Node(number=2), *_LIFE,
                name="refreshed by another process",
            ),
            flow(*_BOTH, *_LIFE, Node(number=2), *_LIFE, Node(number=1), *_LIFE, name="in turns"),
            flow(
                *_BOTH, _EXPIRED, _DUE, Lose(leg="request", times=2), Call(), Node(number=2), Advance(seconds=400),
                Call(times=2, every=60), _EXPIRED, Node(number=1), Call(times=2, every=60),
                name="refreshed by another process after a request was lost",
            ),
        ),
        applies=rotates,
        needs=_SHARED | {"refresh"},
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="concurrency-lock-lifetime",
        keyword="SHOULD",
        statement="The refresh lock outlives the slowest token answer, and is freed when its holder dies.",
        source=(
            "misb conc-lock-ttl; https://github.com/NangoHQ/nango/blob/bc4b5fa8cf90972cd496ff9320bcdfecb761fd42/packages/"
            "shared/lib/services/connections/credentials/refresh.ts (a lock of 10 s, seen 2026-11-30)"
        ),
        effect="A slow answer brings a second refresh and a revoked family; a killed worker stops all others for good.",
        fix="Let the lock last as long as the deadline of a token request plus the clock skew, and then expire.",
        anomaly="A3",
        check=lock_fits_the_answer,
        scenarios=(
            flow(_EXPIRED, _SLOWEST, Parallel(callers=2, nodes=2), name="an answer after 29 s"),
            flow(
                _EXPIRED, _SLOWEST, Crash(moment="arrived"), Parallel(callers=2, nodes=2), Call(times=3, every=60),
                name="the holder dies",
            ),
        ),
        applies=rotates,
        needs=_SHARED | {"restart"},
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="concurrency-no-ping-pong",
        keyword="SHOULD",
        statement=(
            "On 401 with an access token that is no longer the stored one, the stored one is used without a refresh."
        ),
        source="misb rot-previous-at-revoked",
        effect="Two workers revoke each other's access tokens with every call, until the vendor limits the rate.",
        fix="On 401 read the store first; refresh only if the refused access token is still the stored one.",
        anomaly="A8",
        check=no_ping_pong,
        scenarios=(
            flow(
                *_BOTH, Advance(seconds=60), _DUE, Refresh(), Call(),
                *((Node(number=2), Call(), Advance(seconds=10), Node(number=1), Call(), Advance(seconds=10)) * 5),
                name="in turns after a rotation that kills the old access token",
                profile={"refresh.previous_access_token": "dies_at_once"},
            ),
        ),
        applies=rotates_and_behaves,
        needs=_SHARED | {"refresh"},
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
