"""Shortening a scenario that shows a violation to the shortest story that still shows it.

Greedy and deterministic: drop steps, then make what is left plainer, until nothing more can go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.steps import Step

StillFails = Callable[[Scenario], bool]

MOST_PLAYS = 400
"""How many shorter scenarios are tried before the best one so far is taken."""


def shortest(scenario: Scenario, still_fails: StillFails) -> Scenario:
    """Return the shortest scenario found that still fails."""
    plays = iter(range(MOST_PLAYS))
    shorter: Scenario | None = scenario
    while shorter is not None:
        scenario = shorter
        shorter = next(
            (one for one in candidates(scenario) if next(plays, None) is not None and still_fails(one)), None
        )
    return scenario


def candidates(scenario: Scenario) -> Iterator[Scenario]:
    """Yield simpler scenarios, the boldest cuts first."""
    steps = scenario.steps
    size = len(steps) // 2
    while size:
        for start in range(0, len(steps) - size + 1, size):
            yield replace(scenario, steps=steps[:start] + steps[start + size :])
        size //= 2
    for name in scenario.profile:
        yield replace(scenario, profile={key: value for key, value in scenario.profile.items() if key != name})
    for index, step in enumerate(steps):
        for plainer in plainer_steps(step):
            yield replace(scenario, steps=(*steps[:index], plainer, *steps[index + 1 :]))


_LEAST = {"callers": 2, "nodes": 1, "number": 1, "times": 1}


def plainer_steps(step: Step) -> Iterator[Step]:
    """Yield the same step with one number nearer to nothing or rounder."""
    for one in fields(step):
        value: Any = getattr(step, one.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        least = _LEAST.get(one.name, 0)
        for smaller in (least, value // 2, round(value), value - 1 if value > 0 else value + 1):
            if (abs(smaller) < abs(value) and smaller >= least) or (smaller == 0 == least and value != 0):
                changes: Any = {one.name: type(value)(smaller)}
                yield replace(step, **changes)
