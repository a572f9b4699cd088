"""One subject at one vendor, judged by every requirement, with a short story for each that it breaks.

The verdicts are those of `refreshproof run` without generated lives. A story is shortened once: where that of an
earlier vendor breaks the same rule here with no less harm, it is told here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from refreshproof.harness.matrix.asking import Asked, judge_of
from refreshproof.harness.run import runner
from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.saved import PROGRAM
from refreshproof.harness.run.smoke import Tried
from refreshproof.mock_servers.vendors.dated import AT, as_options, date_of
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Harm as ShownHarm
from refreshproof.reports import Outcome
from refreshproof.reports.formats.matrix.values import Confirmation, Play, PlayedCell, PlayedStory, PlayedSubject
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, read_scenario


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """A subject to be played at a vendor on a day, from a seed, and judged by some requirements; `told` are short
    stories of an earlier vendor."""

    asked: Asked
    vendor: Vendor
    seed: int
    day: date
    told: Mapping[str, Scenario]
    requirements: tuple[str, ...] = tuple(CATALOGUE)


def told_of(subject: PlayedSubject) -> dict[str, Scenario]:
    """Return the short stories of what was played of a subject, by requirement; of several the first."""
    told: dict[str, Scenario] = {}
    for story in subject.stories:
        if story.requirement in CATALOGUE:
            told.setdefault(story.requirement, read_scenario(dict(story.scenario)))
    return told


def sat_through(sitting: Sitting) -> tuple[Play, tuple[PlayedStory, ...]]:
    """Play a subject at a vendor."""
    asked, vendor = sitting.asked, sitting.vendor
    command = (
        PROGRAM, "run", asked.name, "-p", vendor.name, *as_options(vendor), "--examples", "0",
        "--seed", str(sitting.seed),
    )  # fmt: skip
    play = Play(
        provider=vendor.name,
        library=asked.library,
        version=asked.version,
        day=sitting.day,
        judged_by=judge_of(),
        seed=sitting.seed,
        command=command,
        at=date_of(vendor).get(AT, ""),
        unsuited=asked.unsuited.get(vendor.name, ""),
    )
    if play.unsuited:
        return play, ()
    cells = _judged(sitting)
    shown = tuple(_shown(cell, asked.served) for cell in sorted(cells, key=lambda one: one.requirement))
    return replace(play, cells=shown), tuple(_story(cell) for cell in cells if cell.outcome == "violated")


def _judged(sitting: Sitting) -> list[Cell]:
    plan = Plan(
        subject=sitting.asked.name,
        vendors=(sitting.vendor,),
        requirements=sitting.requirements,
        seed=sitting.seed,
        examples=0,
        told=sitting.told,
    )
    matrix = Matrix.of(plan)
    for event in runner.run(plan):
        matrix.take(event)
    trial = matrix.trials.get(sitting.vendor.name)
    return [_explained(cell, trial) for cell in matrix.results()]


def _explained(cell: Cell, trial: Tried | None) -> Cell:
    """Return a cell with what kept the client from coming through the plain flow, where that is why it is blocked."""
    if trial is None or trial.trouble is None or cell.why != trial.reason:
        return cell
    return replace(cell, why=f"The client does not come through a plain flow here: {trial.trouble.title}.")


def _shown(cell: Cell, served: bool) -> PlayedCell:
    outcome = Outcome(cell.outcome)
    if outcome is not Outcome.VIOLATED:
        why = "" if outcome is Outcome.SATISFIED else cell.why
        return PlayedCell(requirement=cell.requirement, outcome=outcome, why=why)
    return PlayedCell(
        requirement=cell.requirement,
        outcome=outcome,
        anomaly=cell.anomaly,
        harm=None if cell.harm is None else ShownHarm(cell.harm),
        confirmation=Confirmation.CONFIRMED if served else Confirmation.NOT_CONFIRMED,
    )


def _story(cell: Cell) -> PlayedStory:
    assert cell.scenario is not None  # noqa: S101 - every violation has one
    return PlayedStory(
        requirement=cell.requirement,
        providers=(cell.vendor,),
        prose=tuple(cell.scenario.prose()),
        expected=cell.expected,
        happened=cell.why,
        scenario=cell.scenario.to_document(),
    )
