"""Rotation: access token and refresh token of one answer are one write, whenever the process dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from refreshproof.scenarios.evidence.evidence import Evidence, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, UserAction
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.rotation.recovery import rotates_and_behaves
from refreshproof.scenarios.requirements.rotation.rotation import DUE, EXPIRED, ONE_LIFE
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Restart, Step

WHOLE = "What a process leaves behind is the old pair or the new one."


@dataclass(frozen=True, kw_only=True)
class _Death:
    """A process died at its store over an answer; `after` is what happened up to the next death."""

    answer: Exchange
    after: tuple[Record, ...]

    @property
    def refresh(self) -> Exchange | None:
        """The first refresh after the death, if there was one."""
        return next((one for one in self._requests if one.grant_type == "refresh_token"), None)

    @property
    def ask(self) -> OutcomeRecord | None:
        """The first caller who was sent for the user before any refresh."""
        until = self.refresh
        asks = (one for one in self.after if isinstance(one, OutcomeRecord) and one.kind == "reauthorization_required")
        return next((one for one in asks if until is None or one.ended < until.number), None)

    @property
    def uses_new_token(self) -> bool:
        """Whether the access token of the answer was sent before the next refresh."""
        until = self.refresh
        used = (one for one in self._requests if until is None or one.number < until.number)
        return any(one.view == "resource" and one.presented in self.answer.issued for one in used)

    @property
    def _requests(self) -> list[Exchange]:
        return [one for one in self.after if isinstance(one, Exchange)]


def written_as_one(evidence: Evidence) -> Verdict:
    """Whoever has kept an access token has kept the refresh token that came with it; neither is gone before the new
    pair is there."""
    deaths = list(_deaths(evidence))
    for death in deaths:
        new, first = refresh_token_of(death.answer), death.refresh
        if not death.uses_new_token or new is None or new == death.answer.presented:
            continue
        used = death.answer.members["access_token"]
        if first is not None and first.presented != new:
            return violated(
                f"After the process had died in the midst of a save {used} was used, and then"
                f" {first.presented or 'no refresh token'} was presented: {new}, which had come with it, was not kept.",
                death.answer.number,
                first.number,
                expected=WHOLE,
            )
        if death.ask is not None:
            return violated(
                f"After the process had died in the midst of a save {used} was used, and then the user was asked for:"
                f" {new}, which had come with it, was not kept.",
                death.answer.number,
                expected=WHOLE,
            )
    tried = [death for death in deaths if death.refresh is not None]
    gone = [death for death in deaths if death.refresh is None and death.ask is not None]
    if gone and tried and tried[0].answer.number < gone[0].answer.number:
        return violated(
            "After the process had died in the midst of a save the user was asked for and nothing was presented, though"
            f" after an earlier death {tried[0].answer.presented} was: neither the old pair nor the new one was kept.",
            gone[0].answer.number,
            expected=WHOLE,
        )
    return exercised(bool(tried), "No process died in the midst of a save, or no refresh followed.")


def _deaths(evidence: Evidence) -> Iterator[_Death]:
    """Yield the deaths over an answer to a refresh that the provider had carried out."""
    records = evidence.journal.records
    places = [place for place, one in enumerate(records) if isinstance(one, UserAction) and one.what == "process_died"]
    for place, until in pairwise((*places, len(records))):
        before = [one for one in records[:place] if isinstance(one, Exchange) and one.view == "token"]
        if before and before[-1].grant_type == "refresh_token" and before[-1].committed:
            yield _Death(answer=before[-1], after=tuple(records[place:until]))


def _dies_at(touches: int) -> tuple[Step, ...]:
    return (EXPIRED, DUE, Crash(moment="storing", touches=touches), Call(), Restart(), Call(), *ONE_LIFE)


def _torn(touches: int) -> Scenario:
    return flow(*_dies_at(touches), *ONE_LIFE, name=f"dies after {touches} touches of the store")


def _torn_later(touches: int) -> Scenario:
    name = f"dies before any touch of the store, and later after {touches}"
    return flow(*_dies_at(0), *_dies_at(touches), *ONE_LIFE, name=name)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-one-write",
        keyword="SHOULD",
        statement=(
            "Access token, expiry and refresh token of one answer are one write: a process that dies leaves the old "
            "pair or the new one."
        ),
        source="RFC 6749 s6; https://github.com/kentcdodds/kody/pull/1003 (seen 2026-11-30)",
        effect=(
            "A process that dies between two writes leaves an access token that works until it ends, and a refresh "
            "token that the vendor has disabled, or none."
        ),
        fix="Write the whole pair in one transaction or one atomic rename; delete nothing before it is written.",
        anomaly="A0",
        check=written_as_one,
        scenarios=(
            *(_torn(touches) for touches in (1, 2, 3, 4)),
            *(_torn_later(touches) for touches in (1, 2)),
        ),
        applies=rotates_and_behaves,
        needs=frozenset({"restart"}),
        depends=("refresh-request-shape",),
    ),
)
