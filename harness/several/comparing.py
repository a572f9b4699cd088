"""Two clients over the same lives: each has lived every story in which the other one broke a rule.

Lives of one seed are the same for both until one of them breaks a rule; what is found in one life after that is played
with the other as well, so that a difference is the client's and not the luck of the draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from refreshproof.harness.run.cells import Cell, witness
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.under_test import SubjectFaultError, client_named
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.world.standstill import StandstillError


def stories(matrix: Matrix) -> Mapping[tuple[str, str], Scenario]:
    """Return the shortest stories in which a client broke a rule, by vendor and requirement: the `known` of a plan for
    the other one."""
    return {place: cell.scenario for place, cell in matrix.cells.items() if _tells(cell) and cell.scenario is not None}


def live_through(matrix: Matrix, others: Matrix) -> None:
    """Let the client of a matrix live the stories in which the other one broke a rule that it has kept so far."""
    for cell in list(_again(matrix, stories(others))):
        matrix.cells[cell.vendor, cell.requirement] = cell


def _again(matrix: Matrix, known: Mapping[tuple[str, str], Scenario]) -> Iterator[Cell]:
    factory, vendors = client_named(matrix.plan.subject), {one.name: one for one in matrix.plan.vendors}
    for (vendor, name), scenario in known.items():
        before = matrix.cells.get((vendor, name))
        if before is None or before.outcome not in ("satisfied", "alternative", "not_exercised"):
            continue
        try:
            found = witness(CATALOGUE[name], vendors[vendor], factory, scenario)
        except (StandstillError, SubjectFaultError):
            continue
        if found.outcome == "violated":
            yield replace(found, examples=before.examples + 1)


def _tells(cell: Cell) -> bool:
    return cell.outcome == "violated" and not CATALOGUE[cell.requirement].residual
