"""Rotation: what is stored when a vendor changes its ways, and how often a refresh is repeated after trouble."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import DAY, HOUR, seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.refusals import detail_of, held, is_over, is_terminal, presented_again, told
from refreshproof.scenarios.evidence.requirement import Requirement, serves_well
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.rotation.lost import forgives_replay
from refreshproof.scenarios.requirements.rotation.rotation import rotates
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Delay, Fault, Lose, ProviderChanges, Restart, Step, Until

MOST_REPLAYS = 2
"""Presentations after a lost answer that a short outage may lead to: the prompt one, and one with a later call."""

MOST_LATE = 1
LEAST_WINDOW = seconds(600)
"""A client does not know the window: within the longest that is documented (seed 004: 10 minutes), counted from
when it gave up waiting, no replay is too late by its fault."""
MOST_SENT = 2
"""Times that one operation may send a refresh whose bytes have left: once, and once more (RFC 9110 s9.2.2)."""


def stores_what_came(evidence: Evidence) -> Verdict:
    """Every refresh presents the newest refresh token that came, whatever the vendor did before."""
    for one in evidence.refreshes:
        newest = held(evidence, one)
        if newest is not None and one.presented != newest:
            return violated(
                f"{one.presented or 'No refresh token'} was presented; the newest that had come was {newest}.",
                one.number,
                expected="What an answer brings is stored every time, and what it does not bring is kept.",
            )
    hurry = _needless_refresh(evidence)
    if hurry is not None:
        return violated(
            "An answer with an unchanged access token was followed by another refresh at once.",
            hurry.number,
            expected="An unchanged access token with a new lifetime is a success.",
        )
    changes = evidence.actions("provider_changes")
    return exercised(
        bool(changes) and any(one.step > changes[-1].step for one in evidence.refreshes),
        "No refresh followed a change of the vendor's ways.",
    )


def _needless_refresh(evidence: Evidence) -> Exchange | None:
    """Return a refresh right after an answer that brought the access token which the client had already."""
    answers = evidence.token_answers
    for earlier, later in pairwise(answers):
        same = earlier.members.get("access_token") == later.members.get("access_token")
        soon = [
            one
            for one in evidence.refreshes
            if same
            and one.follows(later)
            and one.step not in evidence.forced
            and one.sent_at - later.finished_at < seconds(60)
        ]
        if soon:
            return soon[0]
    return None


def replays_are_bounded(evidence: Evidence) -> Verdict:
    """A refresh that may have been carried out is repeated once by itself, and rarely after that."""
    first: dict[str | None, Exchange] = {}
    for one in evidence.refreshes:
        if one.committed and not one.delivered:
            first.setdefault(one.presented, one)
    for lost in first.values():
        verdict = _too_many(evidence, lost)
        if verdict is not None:
            return verdict
    tested = bool(first) or any(not one.delivered for one in evidence.refreshes)
    return exercised(tested, "No answer to a refresh was lost.")


def _too_many(evidence: Evidence, lost: Exchange) -> Verdict | None:
    again = _until_answered(evidence, lost)
    call = told(evidence, lost)
    own = [lost, *(one for one in again if call is not None and call.made(one) and one.trouble != "refused")]
    told_window = evidence.profile_at(lost.sent_at).refresh.window
    window = HOUR if told_window is None else seconds(told_window)
    late = [
        one
        for one in again
        if one.sent_at - (lost.arrived_at or lost.sent_at) > window and one.sent_at - lost.finished_at > LEAST_WINDOW
    ]
    calls = {one.number: told(evidence, one) for one in late}
    late_calls = [one for one in late if calls[one.number] is None or _is_first_of(calls[one.number], one, late)]
    limits = ((own, MOST_SENT, "within one call"), (late_calls, MOST_LATE, "when it was too late"))
    for crowd, most, when in (*limits, ([one for one in again if one not in late], MOST_REPLAYS, "in time")):
        if len(crowd) > most:
            return violated(
                f"{lost.presented} was presented {len(crowd)} times {when}, after its answer had been lost.",
                *(one.number for one in crowd),
                expected="One prompt replay, one more with a later call, then rest.",
            )
    return None


def _is_first_of(call: OutcomeRecord | None, one: Exchange, crowd: list[Exchange]) -> bool:
    """Tell whether a refresh is the first of its call; the prompt replay of one that is lost again is the second."""
    return call is not None and one is next(other for other in crowd if call.made(other))


def _until_answered(evidence: Evidence, lost: Exchange) -> list[Exchange]:
    """Return the repetitions of a refresh, up to the first that was answered."""
    found: list[Exchange] = []
    for one in presented_again(evidence, lost):
        if one.arrived_at is not None:
            found.append(one)
        if one.delivered:
            break
    return found


def survives_a_crash(evidence: Evidence) -> Verdict:
    """A process that died before it saved costs at most one refused refresh, and then a clean end."""
    lost = [one for one in evidence.refreshes if one.trouble == "died" and one.committed]
    if not lost:
        return exercised(False, "No process died between an answer and its writing.")
    again = presented_again(evidence, lost[0])
    refused = [one for one in again if is_terminal(one)]
    late = [one for one in again if refused and one.follows(refused[0]) and one.sent_at - refused[0].sent_at < DAY]
    if late:
        return violated(
            f"After the crash {lost[0].presented} was refused, and presented again"
            f" {in_seconds(late[0].sent_at - refused[0].sent_at):g} s later.",
            refused[0].number,
            late[0].number,
            expected="One refused refresh, then the user is asked.",
        )
    later = [record for record in evidence.calls if record.began_at > lost[0].finished_at]
    if later and not _came_back(evidence, lost[0]):
        return exercised(False, f"The client did not come back after its process had died{detail_of(later[0])}.")
    if later and not any(map(is_over, again)) and not any(record.kind == "ok" for record in later):
        asks = [record for record in later if record.kind == "reauthorization_required"]
        if asks:
            return alternative("After the crash the client asked for consent without trying.", lost[0].number)
        return violated(
            f"After the crash no call succeeded, and {lost[0].presented} was presented {len(again)} times.",
            lost[0].number,
            expected="The interrupted refresh is repeated once; where that is refused, the user is asked.",
        )
    return exercised(bool(again) or bool(later), "Nobody called after the crash.")


def _came_back(evidence: Evidence, death: Exchange) -> bool:
    """Tell whether the client did anything after its process had died but crash."""
    asked = any(one.follows(death) and one.actor != "browser" for one in evidence.exchanges())
    return asked or any(one.kind != "crash" for one in evidence.calls if one.began_at > death.finished_at)


def rotates_and_behaves(vendor: Vendor) -> bool:
    """Apply where refreshes bring new refresh tokens, and every refresh is answered."""
    return rotates(vendor) and serves_well(vendor)


def says_what_it_means(vendor: Vendor) -> bool:
    """Apply where a refresh token that was issued is in the answer."""
    return vendor.profile.renews and all(spec.fault != "member" for spec in vendor.faults)


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_LIFE = (_EXPIRED, Call(times=3, every=60))


def _answers(rotation: str, member: str, **more: Any) -> tuple[Step, ...]:
    changes = {"refresh.rotation": rotation, "refresh.refresh_token_on_refresh": member, **more}
    return (ProviderChanges(changes=changes), *_LIFE)


def _after_crash(seconds_: float) -> Scenario:
    return flow(
        _EXPIRED, Crash(), Call(), Advance(seconds=seconds_), Restart(), Call(times=3, every=60),
        Advance(seconds=40_000), Call(times=2, every=40_000), name=f"restarted {seconds_:g} s later",
    )  # fmt: skip


_AFTERWARDS = (Call(times=8, every=60), Advance(seconds=3_600), Call(times=3, every=3_600))

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-mode-agnostic",
        keyword="MUST",
        statement=(
            "What came back is stored every time, whatever the vendor did before: same, omitted, new, or an unchanged "
            "access token."
        ),
        source="RFC 6749 s6; misb rot-sometimes-new, rot-policy-drift, rot-same-access-token",
        effect="The vendor begins to rotate one day, and every client that had learned otherwise loses its users.",
        fix="Decide by each answer alone: a non-empty refresh_token replaces the stored one, anything else leaves it.",
        anomaly="A0",
        check=stores_what_came,
        scenarios=(
            flow(
                *_LIFE, *_answers("never", "omitted"), *_answers("always", "new"), *_answers("never", "same"),
                *_answers("always", "new"), *_answers("never", "omitted"), Restart(),
                *_answers("never", "omitted", **{"refresh.access_token_on_refresh": "extended"}), *_LIFE,
                name="same, omitted, new, same, new, omitted, the same access token",
                profile={"refresh.rotation": "never", "refresh.refresh_token_on_refresh": "same"},
            ),
        ),
        applies=says_what_it_means,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="rotation-replay-bounded",
        keyword="SHOULD",
        statement=(
            "A refresh whose bytes were sent is repeated at most once on its own account, never while the first is "
            "open; one that never left may be tried again."
        ),
        source="RFC 9110 s9.2.2; misb net-duplicate-delivery, net-tls-and-proxy-failures, rot-grace-multi-sibling-cap",
        effect="A retrying HTTP library spends the vendor's whole tolerance, and the family is revoked.",
        fix="Switch automatic retries off for the token endpoint; repeat once yourself, under the lock.",
        anomaly="A1",
        check=replays_are_bounded,
        scenarios=(
            *(
                flow(_EXPIRED, Lose(leg="response", times=times), *_AFTERWARDS, name=f"{times} answers lost in a row")
                for times in (1, 2, 3)
            ),
            *(
                flow(
                    _EXPIRED, Lose(leg="response", silent=True, times=times), *_AFTERWARDS,
                    name=f"{times} answers in a row never come",
                )
                for times in (2, 3)
            ),
            flow(
                _EXPIRED, Delay(leg="server", seconds=200, grant_type="refresh_token"), *_AFTERWARDS,
                name="an answer after 200 s",
            ),
            flow(_EXPIRED, Fault(fault="refuse_connection", times=5), *_AFTERWARDS, name="connection refused"),
        ),
        applies=forgives_replay,
        depends=("refresh-request-shape",),
    ),
    Requirement(
        id="rotation-crash-before-save",
        keyword="SHOULD",
        statement="A crash between delivery and save costs at most one refused refresh, and then a clean end.",
        source="RFC 6749 s6; seed 004; misb rot-lost-response, conc-persist-failure",
        effect="After a crash at the wrong moment the client loops on invalid_grant until somebody looks at the logs.",
        fix=(
            "Mark a refresh as under way in the store; after a restart repeat it once and promptly, and take a refusal "
            "as final."
        ),
        anomaly="A5",
        check=survives_a_crash,
        scenarios=(_after_crash(5), _after_crash(599), _after_crash(601)),
        applies=rotates_and_behaves,
        needs=frozenset({"restart"}),
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
