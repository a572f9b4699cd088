"""A run: every cell of subject, vendors and requirements, and exploration at every vendor, on one process or several.

It yields events and prints nothing. The same seed gives the same results under any number of jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from refreshproof.harness.cells import Cell, empty, judge, witness
from refreshproof.harness.cells import describe as ask
from refreshproof.harness.events import CellJudged, Event, Planned, Surveyed, VendorExplored
from refreshproof.harness.jobs import results
from refreshproof.harness.subjects import subject_factory
from refreshproof.harness.surveying import Piece, pieces
from refreshproof.harness.surveying import survey as measure
from refreshproof.mock_servers.vendor import Vendor
from refreshproof.scenarios.actors import DeadlockError
from refreshproof.scenarios.example_database import example_database
from refreshproof.scenarios.exhaustive import exhaust
from refreshproof.scenarios.findings import Explored
from refreshproof.scenarios.journal import Move
from refreshproof.scenarios.machine import explore
from refreshproof.scenarios.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.subject import Capability, Description, SubjectFactory
from refreshproof.scenarios.survey import Reading


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run. `subject` is a name, so that a plan can go to another process; `examples` is per vendor, 0 for none.

    `exhaustive` adds every small life there is. `survey` names the values to measure. `known` are counterexamples of an
    earlier run by vendor and requirement, played first. `database` is where Hypothesis keeps its examples: a folder, or
    a `redis://` URL shared by many machines; None for nowhere.
    """

    subject: str
    vendors: tuple[Vendor, ...]
    requirements: tuple[str, ...]
    seed: int = 0
    examples: int = 25
    exhaustive: bool = False
    survey: tuple[str, ...] = ()
    jobs: int = 1
    known: Mapping[tuple[str, str], Scenario] = field(default_factory=dict)
    database: str | None = None


def describe(plan: Plan) -> Description:
    """Ask the subject who it is."""
    return ask(subject_factory(plan.subject), plan.vendors[0])


def run(plan: Plan) -> Iterator[Event]:
    """Carry out a plan."""
    capabilities = describe(plan).capabilities
    groups, surveys = _groups(plan), pieces(plan.survey, plan.vendors)
    yield Planned(
        cells=len(plan.vendors) * len(plan.requirements),
        explorations=len(plan.vendors) * (bool(plan.examples) + plan.exhaustive),
        values=sum(len(names) for _, names in surveys),
    )
    work: list[Callable[[], list[Event]]] = []
    for wanted, lives in ((plan.examples > 0, _explore), (plan.exhaustive, _exhaust)):
        work += [partial(_live, plan, vendor, capabilities, lives) for vendor in plan.vendors if wanted]
    work += [partial(_survey, plan, piece, capabilities) for piece in surveys]
    work += [partial(_judge_group, plan, vendor, group, capabilities) for vendor in plan.vendors for group in groups]
    for events in results(work, plan.jobs):
        yield from events


def _survey(plan: Plan, piece: Piece, capabilities: frozenset[Capability]) -> list[Event]:
    return [measure(piece, subject_factory(plan.subject), capabilities, plan.seed)]


def _groups(plan: Plan) -> list[tuple[str, ...]]:
    """Split the requirements by family: large enough to be worth sending, small enough to share out."""
    families: dict[str, list[str]] = {}
    for name in plan.requirements:
        families.setdefault(CATALOGUE[name].family, []).append(name)
    return [tuple(names) for names in families.values()]


def _judge_group(
    plan: Plan, vendor: Vendor, names: tuple[str, ...], capabilities: frozenset[Capability]
) -> list[Event]:
    factory = subject_factory(plan.subject)
    return [_judged(plan, CATALOGUE[name], vendor, factory, capabilities) for name in names]


def _judged(
    plan: Plan,
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    capabilities: frozenset[Capability],
) -> Event:
    found = plan.known.get((vendor.name, requirement.id))
    known = () if found is None else (found,)
    try:
        cell = judge(requirement, vendor, factory, capabilities, seed=plan.seed, known=known)
    except DeadlockError as error:
        cell = empty(requirement, vendor, "subject_error", f"The client's callers stood still: {error}.")
    except Exception as error:
        cell = empty(requirement, vendor, "harness_error", f"{type(error).__name__}: {error}")
    return CellJudged(cell=cell)


def _explore(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability]) -> Explored:
    return explore(
        vendor,
        subject_factory(plan.subject),
        [CATALOGUE[name] for name in plan.requirements],
        seed=plan.seed,
        examples=plan.examples,
        capabilities=capabilities,
        database=example_database(plan.database),
    )


def _exhaust(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability]) -> Explored:
    requirements = [CATALOGUE[name] for name in plan.requirements]
    return exhaust(vendor, subject_factory(plan.subject), requirements, capabilities=capabilities)


Exploration: TypeAlias = Callable[[Plan, Vendor, frozenset[Capability]], Explored]


def _live(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], exploration: Exploration) -> list[Event]:
    """Live generated lives; what breaks the harness is told as its own fault, at the first requirement of the plan."""
    try:
        return _explored(exploration(plan, vendor, capabilities), vendor, subject_factory(plan.subject))
    except Exception as error:
        why = f"while living generated lives: {type(error).__name__}: {error}"
        broken = empty(CATALOGUE[plan.requirements[0]], vendor, "harness_error", why)
        return [VendorExplored(vendor=vendor.name, lives=0, virtual_time=0, moves=Counter(), cells=(broken,))]


def _explored(explored: Explored, vendor: Vendor, factory: SubjectFactory) -> list[Event]:
    cells = tuple(
        witness(found.requirement, vendor, factory, found.scenario, explored.lives) for found in explored.found
    )
    return [
        VendorExplored(
            vendor=vendor.name,
            lives=explored.lives,
            virtual_time=explored.virtual_time,
            moves=explored.moves,
            cells=cells,
        )
    ]


@dataclass(kw_only=True)
class Matrix:
    """The cells of a run as they become known, and what became of them together."""

    plan: Plan
    cells: dict[tuple[str, str], Cell]
    lives: dict[str, int]
    moves: dict[str, Counter[Move]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    virtual_time: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Matrix:
        """Begin with nothing known."""
        return cls(plan=plan, cells={}, lives={})

    def take(self, event: Event) -> None:
        """Add what an event tells; a generated life that breaks an invariant outweighs scenarios that do not."""
        if isinstance(event, CellJudged):
            self.virtual_time += event.cell.virtual_time
            self.moves[event.cell.vendor] = self.moves.get(event.cell.vendor, Counter()) + event.cell.moves
            key = (event.cell.vendor, event.cell.requirement)
            if key not in self.cells or event.cell.outcome in ("violated", "harness_error"):
                self.cells[key] = event.cell
        elif isinstance(event, VendorExplored):
            self.virtual_time += event.virtual_time
            self.moves[event.vendor] = self.moves.get(event.vendor, Counter()) + event.moves
            self.lives[event.vendor] = self.lives.get(event.vendor, 0) + event.lives
            self.cells |= {(cell.vendor, cell.requirement): cell for cell in event.cells}
        elif isinstance(event, Surveyed):
            self.virtual_time += event.virtual_time
            self.readings += event.readings

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
