"""One subject at one vendor, judged by every requirement, with a short story for each that it breaks.

The verdicts are those of `refreshproof run` without generated lives. A story is shortened once: where that of an
earlier vendor breaks the same rule here with no less harm, it is told here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from refreshproof.harness.matrix.asking import Asked, judge_of
from refreshproof.harness.run import runner
from refreshproof.harness.run.cells import Cell, witness
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.saved import PROGRAM
from refreshproof.harness.run.under_test import client_named
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Harm as ShownHarm
from refreshproof.reports import Outcome
from refreshproof.reports.formats.matrix.values import Confirmation, Play, PlayedCell, PlayedStory, PlayedSubject
from refreshproof.scenarios.exploration.shrink import plainer_steps
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, read_scenario
from refreshproof.scenarios.steps.subject import SubjectFactory


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
    command = (PROGRAM, "run", asked.name, "-p", vendor.name, "--examples", "0", "--seed", str(sitting.seed))
    play = Play(
        provider=vendor.name,
        library=asked.library,
        version=asked.version,
        day=sitting.day,
        judged_by=judge_of(),
        seed=sitting.seed,
        command=command,
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
        shorten=False,
    )
    matrix = Matrix.of(plan)
    for event in runner.run(plan):
        matrix.take(event)
    found, factory = matrix.results(), client_named(sitting.asked.name)
    broken = tuple(cell.requirement for cell in found if cell.outcome == "violated")
    return [_shortened(cell, sitting, factory, broken) for cell in found]


def _shortened(cell: Cell, sitting: Sitting, factory: SubjectFactory, broken: Iterable[str]) -> Cell:
    """Return the cell of a violation with a short story; one that is told already is short."""
    told = sitting.told.get(cell.requirement)
    if cell.outcome != "violated" or cell.scenario is None or cell.scenario == told:
        return cell
    requirement = CATALOGUE[cell.requirement]
    others = tuple(CATALOGUE[name] for name in broken if name != cell.requirement)

    def at(scenario: Scenario, shorten: bool) -> Cell:
        return witness(requirement, sitting.vendor, factory, scenario, shorten=shorten, broken=others)

    def shows(scenario: Scenario) -> bool:
        try:
            tried = at(scenario, False)
        except Exception:  # a scenario that cannot be played so tells nothing
            return False
        worse = tried.harm is not None and cell.harm is not None and tried.harm.weight >= cell.harm.weight
        return tried.outcome == "violated" and worse

    try:
        return at(_with_fewer_turns(cell.scenario, shows), True)
    except Exception:  # what was found stands, in its whole length
        return cell


def _with_fewer_turns(scenario: Scenario, shows: Callable[[Scenario], bool]) -> Scenario:
    """Return a scenario in which nothing is repeated that need not be: all that is tried afterwards takes less time."""
    for index, step in enumerate(scenario.steps):
        if getattr(step, "times", 1) > 1:
            for plainer in (one for one in plainer_steps(step) if getattr(one, "times", 1) < getattr(step, "times", 1)):
                steps = (*scenario.steps[:index], plainer, *scenario.steps[index + 1 :])
                if shows(candidate := replace(scenario, steps=steps)):
                    scenario = candidate
                    break
    return scenario


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
