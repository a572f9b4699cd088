"""Rotation: access token and refresh token of one answer are one write, whenever the process dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from refreshproof.scenarios.evidence.evidence import Evidence, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, UserAction
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import renews_again_and_serves_well
from refreshproof.scenarios.requirements.rotation.rotation import DUE, EXPIRED, ONE_LIFE
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Fault, Restart, Step

WHOLE = "What a process leaves behind is the old pair or the new one."


@dataclass(frozen=True, kw_only=True)
class _Death:
    """A process died, at its store over an answer if that is known; `after` is what happened up to the next death."""

    answer: Exchange | None
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
        issued = () if self.answer is None else self.answer.issued
        return any(one.view == "resource" and one.presented in issued for one in used)

    @property
    def _requests(self) -> list[Exchange]:
        return [one for one in self.after if isinstance(one, Exchange)]


def written_as_one(evidence: Evidence) -> Verdict:
    """Whoever has kept an access token has kept the refresh token that came with it; neither is gone before the new
    pair is there."""
    deaths = list(_deaths(evidence))
    for death in deaths:
        answer, first = death.answer, death.refresh
        new = None if answer is None or not death.uses_new_token else refresh_token_of(answer)
        if answer is None or new in (None, answer.presented):
            continue
        used = answer.members["access_token"]
        if first is not None and first.presented != new:
            return violated(
                f"After the process had died in the midst of a save {used} was used, and then"
                f" {first.presented or 'no refresh token'} was presented: {new}, which had come with it, was not kept.",
                answer.number,
                first.number,
                expected=WHOLE,
            )
        if death.ask is not None:
            return violated(
                f"After the process had died in the midst of a save {used} was used, and then the user was asked for:"
                f" {new}, which had come with it, was not kept.",
                answer.number,
                expected=WHOLE,
            )
    for earlier, death in pairwise(deaths):
        if earlier.refresh and death.answer and death.ask and not death.refresh:
            return violated(
                "After the process had died in the midst of a save the user was asked for and nothing was presented,"
                f" though after an earlier death {earlier.refresh.presented} was: neither the old pair nor the new one"
                " was kept.",
                death.answer.number,
                expected=WHOLE,
            )
    tested = any(death.answer is not None and death.refresh is not None for death in deaths)
    return exercised(tested, "No process died in the midst of a save, or no refresh followed.")


def _deaths(evidence: Evidence) -> Iterator[_Death]:
    """Yield the deaths, each with the last answer to a refresh that the provider had carried out since the one
    before."""
    records = evidence.journal.records
    places = [place for place, one in enumerate(records) if isinstance(one, UserAction) and one.what == "process_died"]
    for since, place, until in zip((0, *places), places, (*places, len(records))[1:], strict=False):
        asked = [one for one in records[since:place] if isinstance(one, Exchange) and one.view == "token"]
        over = bool(asked) and asked[-1].grant_type == "refresh_token" and asked[-1].committed
        yield _Death(answer=asked[-1] if over else None, after=tuple(records[place:until]))


def _dies(crash: Crash) -> tuple[Step, ...]:
    return (EXPIRED, DUE, crash, Call(), Restart(), Call(), *ONE_LIFE)


def _torn(touches: int) -> Scenario:
    """Let the process die before a refresh leaves it, and in another lifetime in the midst of a save."""
    midst = Crash(moment="storing", touches=touches)
    return flow(*_dies(Crash(moment="leaving")), *_dies(midst), *ONE_LIFE, name=f"dies after {touches} touches")


def _torn_early(touches: int) -> Scenario:
    """Let the process die in the midst of a save while the access token before would have lived on: whoever has written
    the new one goes on with it, and presents what it holds besides in the end."""
    refused = Fault(fault="status", parameters={"code": 401}, view="resource", grant_type=None)
    midst = Crash(moment="storing", touches=touches)
    dies = (refused, midst, Call(), Restart(), Call())
    return flow(Call(), *dies, *ONE_LIFE, name=f"dies early after {touches} touches")


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="rotation-one-write",
        keyword="SHOULD",
        statement=(
            "Access token, expiry and refresh token of one answer are one write: a process that dies leaves the old "
            "pair or the new one."
        ),
        source=(
            "RFC 6749 s6; https://github.com/kentcdodds/kody/pull/1003 (seen 2026-11-30); "
            "https://github.com/D00mch/souz/pull/711 (seen 2026-11-30)"
        ),
        effect=(
            "A process that dies between two writes leaves an access token that works until it ends, and a refresh "
            "token that the vendor has disabled, or none."
        ),
        fix="Write the whole pair in one transaction or one atomic rename; delete nothing before it is written.",
        anomaly="A0",
        version=2,
        check=written_as_one,
        scenarios=(*map(_torn, (0, 1, 2, 3, 4)), *map(_torn_early, (1, 2))),
        applies=renews_again_and_serves_well,
        needs=frozenset({"restart"}),
        depends=("refresh-request-shape",),
    ),
)
