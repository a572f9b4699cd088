"""Rotation: the answer of a refresh that was carried out is lost on its way."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.requirement import COSMETIC, Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, alternative, exercised, violated
from refreshproof.scenarios.requirements.rotation.rotation import EXPIRED, rotates
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Lose, Until

PROMPT = 5
"""Seconds within which a replay counts as prompt once an answer has been taken for lost."""


def lost_response_recovers(evidence: Evidence) -> Verdict:
    """After the answer of a committed rotation was lost: one replay inside the window, or a request for consent."""
    came = evidence.answered
    lost = [
        one
        for one in evidence.refreshes
        if len(one.issued) > 1 and one.number not in came and not _taken(evidence, one)
    ]
    if not lost:
        return exercised(False, "No answer of a rotation was lost.")
    first = next(one for one in lost if one.arrived_at is not None)
    replays = [one for one in evidence.refreshes if one.presented == first.presented and one.number > first.number]
    window = evidence.profile_at(first.sent_at).refresh.window
    late = [one for one in replays if _too_late(window, first, one)]
    for one in late:
        if one.sent_at - first.finished_at > seconds(PROMPT):
            return violated(
                f"{one.presented} was replayed {in_seconds(one.sent_at - first.sent_at):g} s after it was spent;"
                f" the window is {window} s.",
                first.number,
                one.number,
                expected="One replay, promptly, inside the vendor's window; or asking for consent.",
            )
    if len(replays) > len(lost):
        return violated(
            f"{first.presented} was replayed {len(replays)} times.",
            first.number,
            *(one.number for one in replays),
            expected="One replay, promptly, inside the vendor's window; or asking for consent.",
        )
    if not replays:
        return _without_replay(evidence, first)
    if late:
        return alternative(
            f"The client waited {in_seconds(first.finished_at - first.sent_at):g} s for the lost answer, and the window"
            f" of {window} s had closed:"
            " with a shorter time-out the replay would have come in time.",
            first.number,
            late[0].number,
        )
    return exercised(True)


def _taken(evidence: Evidence, refresh: Exchange) -> bool:
    """Tell whether a client has what an answer carried, whatever that looked like: and presents what only that held."""
    brought = {alias for answer in evidence.token_answers for alias in answer.issued}
    only_here = set(refresh.issued) - brought
    return any(one.presented in only_here and one.follows(refresh) for one in evidence.exchanges())


def _too_late(window: float | None, lost: Exchange, replay: Exchange) -> bool:
    """Tell whether the window had closed when a refresh was repeated."""
    return window is not None and replay.sent_at - (lost.arrived_at or lost.sent_at) > seconds(window)


def _without_replay(evidence: Evidence, lost: Exchange) -> Verdict:
    since = [record for record in evidence.calls if record.ended >= lost.number]
    if any(record.kind == "reauthorization_required" for record in since):
        return alternative("The client asked for consent instead of replaying the refresh.", lost.number)
    if not any(record.begun >= lost.number for record in evidence.calls):
        return exercised(False, "Nobody called again after the answer was lost.")
    return violated(
        "The client neither replayed the refresh nor asked for consent.",
        lost.number,
        expected="One replay, promptly, inside the vendor's window; or asking for consent.",
    )


def forgives_replay(vendor: Vendor) -> bool:
    """Apply where a lost rotation can be rescued: refreshes are carried out, and a prompt replay is answered."""
    carried_out = all(spec.fault in COSMETIC | {"drop"} for spec in vendor.faults)
    return rotates(vendor) and carried_out and vendor.profile.refresh.on_replay != "reject"


def _lost(fault: str, **parameters: object) -> Fault:
    return Fault(fault=fault, parameters=parameters)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-lost-response-recovers",
        keyword="VENDOR",
        statement=(
            "When the answer of a committed rotation is lost the client replays once and promptly, else asks for "
            "consent."
        ),
        source="seed 004 (reuse interval 10 minutes); misb rot-lost-response, net-timeout-after-commit",
        effect=(
            "One lost packet at the wrong moment ends the integration, or a late replay makes the vendor revoke the "
            "family."
        ),
        fix=(
            "After an ambiguous failure repeat the same refresh once, within seconds, under the lock; then stop and "
            "ask."
        ),
        anomaly="A1",
        check=lost_response_recovers,
        scenarios=(
            flow(
                EXPIRED,
                Lose(leg="response"),
                Call(),
                Advance(seconds=300),
                Call(),
                Advance(seconds=400),
                Call(),
                name="reset",
            ),
            flow(EXPIRED, Lose(leg="response", silent=True), Call(), Advance(seconds=700), Call(), name="time-out"),
            flow(EXPIRED, _lost(fault="drop", how="after_headers"), Call(), Advance(seconds=300), Call(), name="half"),
            flow(EXPIRED, _lost(fault="truncate", at=20), Call(), Advance(seconds=300), Call(), name="truncated"),
            flow(
                EXPIRED,
                _lost(fault="relabel", code=504),
                Call(),
                Advance(seconds=300),
                Call(),
                name="a gateway's 504",
            ),
            flow(
                Until(limit="access_token_expiry", offset=-60),
                Lose(leg="response"),
                Call(times=3, every=25),
                name="a minute before expiry",
            ),
        ),
        applies=forgives_replay,
    ),
)
