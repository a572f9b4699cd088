"""A run: every cell of subject, vendors and requirements, and exploration at every vendor, on one process or several.

It yields events and prints nothing. The same seed gives the same results under any number of jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from refreshproof.harness.cells import Cell, empty, judge, witness
from refreshproof.harness.events import CellJudged, Event, Planned, VendorExplored
from refreshproof.harness.jobs import results
from refreshproof.harness.subjects import subject_factory
from refreshproof.mock_servers.vendor import Vendor
from refreshproof.scenarios.machine import explore
from refreshproof.scenarios.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.subject import Description
from refreshproof.scenarios.world import World


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run. `subject` is a name, so that a plan can go to another process; `examples` is per vendor, 0 for
    none."""

    subject: str
    vendors: tuple[Vendor, ...]
    requirements: tuple[str, ...]
    seed: int = 0
    examples: int = 25
    jobs: int = 1


def describe(plan: Plan) -> Description:
    """Ask the subject who it is."""
    world = World(plan.vendors[0], subject_factory(plan.subject), Scenario(steps=()))
    try:
        return world.subject.describe()
    finally:
        world.subject.close()


def run(plan: Plan) -> Iterator[Event]:
    """Carry out a plan."""
    capabilities = describe(plan).capabilities
    groups = _groups(plan)
    yield Planned(
        cells=len(plan.vendors) * len(plan.requirements), explorations=len(plan.vendors) * bool(plan.examples)
    )
    work: list[Callable[[], list[Event]]] = []
    if plan.examples:
        work += [
            partial(_explore, plan.subject, vendor, plan.requirements, plan.seed, plan.examples)
            for vendor in plan.vendors
        ]
    work += [
        partial(_judge_group, plan.subject, vendor, group, plan.seed, capabilities)
        for vendor in plan.vendors
        for group in groups
    ]
    for events in results(work, plan.jobs):
        yield from events


def _groups(plan: Plan) -> list[tuple[str, ...]]:
    """Split the requirements by family: large enough to be worth sending, small enough to share out."""
    families: dict[str, list[str]] = {}
    for name in plan.requirements:
        families.setdefault(CATALOGUE[name].family, []).append(name)
    return [tuple(names) for names in families.values()]


def _judge_group(
    subject: str, vendor: Vendor, names: tuple[str, ...], seed: int, capabilities: frozenset[object]
) -> list[Event]:
    factory = subject_factory(subject)
    return [_judged(CATALOGUE[name], vendor, factory, seed, capabilities) for name in names]


def _judged(
    requirement: Requirement, vendor: Vendor, factory: object, seed: int, capabilities: frozenset[object]
) -> Event:
    try:
        cell = judge(requirement, vendor, factory, capabilities, seed=seed)  # type: ignore[arg-type]
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        cell = empty(requirement, vendor, "harness_error", why)
    return CellJudged(cell=cell, virtual_time=cell.virtual_time)


def _explore(subject: str, vendor: Vendor, names: tuple[str, ...], seed: int, examples: int) -> list[Event]:
    factory = subject_factory(subject)
    explored = explore(vendor, factory, [CATALOGUE[name] for name in names], seed=seed, examples=examples)
    cells = tuple(
        witness(found.requirement, vendor, factory, found.scenario, explored.lives) for found in explored.found
    )
    return [VendorExplored(vendor=vendor.name, lives=explored.lives, virtual_time=explored.virtual_time, cells=cells)]


@dataclass(kw_only=True)
class Matrix:
    """The cells of a run as they become known, and what became of them together."""

    plan: Plan
    cells: dict[tuple[str, str], Cell]
    lives: dict[str, int]
    virtual_time: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Matrix:
        """Begin with nothing known."""
        return cls(plan=plan, cells={}, lives={})

    def take(self, event: Event) -> None:
        """Add what an event tells; a generated life that breaks an invariant outweighs scenarios that do not."""
        if isinstance(event, CellJudged):
            self.virtual_time += event.virtual_time
            key = (event.cell.vendor, event.cell.requirement)
            if key not in self.cells or event.cell.outcome == "violated":
                self.cells[key] = event.cell
        elif isinstance(event, VendorExplored):
            self.virtual_time += event.virtual_time
            self.lives[event.vendor] = event.lives
            self.cells |= {(cell.vendor, cell.requirement): cell for cell in event.cells}

    def results(self) -> list[Cell]:
        """Return the cells in the order of the plan, blocked where a requirement they depend on is broken."""
        ordered = [
            self.cells[vendor.name, name]
            for name in self.plan.requirements
            for vendor in self.plan.vendors
            if (vendor.name, name) in self.cells
        ]
        return [self._blocked(self._with_lives(cell)) for cell in ordered]

    @property
    def complete(self) -> bool:
        """Whether every planned cell is known."""
        return len(self.cells) == len(self.plan.vendors) * len(self.plan.requirements)

    def _with_lives(self, cell: Cell) -> Cell:
        generated = self.lives.get(cell.vendor, 0) if CATALOGUE[cell.requirement].invariant and cell.examples else 0
        return replace(cell, examples=cell.examples + generated)

    def _blocked(self, cell: Cell) -> Cell:
        for name in CATALOGUE[cell.requirement].depends:
            other = self.cells.get((cell.vendor, name))
            if other is not None and other.outcome == "violated" and cell.outcome in ("violated", "not_exercised"):
                why = f"{name} is broken here, and this requirement depends on it."
                return replace(cell, outcome="blocked", verdict=replace(cell.verdict, why=why))
        return cell
