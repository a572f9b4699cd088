"""A scenario shrinks towards the plain case: fewer steps, usual choices, fewer turns, rounder and smaller numbers."""

from __future__ import annotations

import pytest

from refreshproof.scenarios.exploration.shrink import MOST_PLAYS, plainer_steps, shortest
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Authorize,
    Call,
    ClockStep,
    Fault,
    Lose,
    Parallel,
    ProviderChanges,
    Step,
)

ELABORATE: list[tuple[Step, Step]] = [
    (Authorize(answer="deny", consents_to="another_site", think=7.5, tamper="twice"), Authorize()),
    (Parallel(callers=4, nodes=3, every_touch=True, schedule="0010001"), Parallel(callers=2)),
    (Crash(moment="stored", skip=3), Crash()),
    (ClockStep(seconds=-61, after=3), ClockStep(seconds=0)),
    (Lose(leg="response", silent=True, times=None), Lose(leg="response", times=1)),
    (Fault(fault="html", view="resource", skip=5, times=None), Fault(fault="html")),
    (Call(times=5, every=60), Call()),
    (Advance(seconds=2.5), Advance(seconds=0)),
]


@pytest.mark.parametrize(("step", "plain"), ELABORATE, ids=lambda step: type(step).__name__)
def test_what_does_not_matter_becomes_plain(step: Step, plain: Step) -> None:
    plays: list[Scenario] = []

    def still_fails(scenario: Scenario) -> bool:
        plays.append(scenario)
        return any(type(one) is type(step) for one in scenario.steps)

    assert shortest(flow(Call(), step, Call()), still_fails).steps == (plain,)
    assert len(plays) < MOST_PLAYS / 2


def test_what_matters_stays() -> None:
    def second_touch_matters(scenario: Scenario) -> bool:
        return any(isinstance(one, Parallel) and one.every_touch and one.schedule[6:7] == "1" for one in scenario.steps)

    shown = shortest(flow(Parallel(callers=3, every_touch=True, schedule="0010001")), second_touch_matters)
    assert shown.steps == (Parallel(callers=2, every_touch=True, schedule="0000001"),)


def test_a_vendor_changes_no_more_than_it_takes() -> None:
    changes = {"refresh.rotation": "never", "refresh.window": 60, "lifetimes.access_token": 30}
    plainer = [step.changes for step in plainer_steps(ProviderChanges(changes=changes))]  # type: ignore[union-attr]
    assert [len(one) for one in plainer] == [2, 2, 2]


def test_a_plain_step_has_nothing_plainer() -> None:
    assert [list(plainer_steps(step)) for step in (Authorize(), Call(), Crash(), Parallel(callers=2))] == [[]] * 4
