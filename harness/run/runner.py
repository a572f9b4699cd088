"""A run: every cell of subject, vendors and requirements, and exploration at every vendor, on one process or several.

It yields events and prints nothing. The same seed gives the same results under any number of jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from refreshproof.harness.run.cells import Cell, CellOutcome, empty, judge, witness
from refreshproof.harness.run.cells import describe as ask
from refreshproof.harness.run.events import CellJudged, Event, Planned, Surveyed, VendorExplored
from refreshproof.harness.run.jobs import results
from refreshproof.harness.run.surveying import PLAIN, Piece, pieces
from refreshproof.harness.run.surveying import survey as measure
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.findings import Explored, Orders
from refreshproof.scenarios.evidence.journal import TableMove
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.exploration.example_database import example_database
from refreshproof.scenarios.exploration.exhaustive import exhaust
from refreshproof.scenarios.exploration.machine import explore
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability, Description, SubjectFactory
from refreshproof.scenarios.survey import Reading
from refreshproof.scenarios.world.standstill import StandstillError


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
    """Carry out a plan; what the subject cannot work with is not applicable."""
    capabilities = describe(plan).capabilities
    reasons = [(vendor, _unsuited(plan, vendor)) for vendor in plan.vendors]
    vendors = [vendor for vendor, why in reasons if why is None]
    plain = PLAIN if _unsuited(plan, PLAIN) is None else next(iter(vendors), None)
    groups, surveys = _groups(plan), pieces(plan.survey, vendors, plain) if plain is not None else []
    yield Planned(
        cells=len(plan.vendors) * len(plan.requirements),
        explorations=len(vendors) * (bool(plan.examples) + plan.exhaustive),
        values=sum(len(names) for _, names in surveys),
    )
    for vendor, why in reasons:
        if why is not None:
            yield from _not_applicable(plan, vendor, why)
    work: list[Callable[[], list[Event]]] = []
    for wanted, lives in ((plan.examples > 0, _explore), (plan.exhaustive, _exhaust)):
        work += [partial(_live, plan, vendor, capabilities, lives) for vendor in vendors if wanted]
    work += [partial(_survey, plan, piece, capabilities) for piece in surveys]
    work += [partial(_judge_group, plan, vendor, group, capabilities) for vendor in vendors for group in groups]
    for events in results(work, plan.jobs):
        yield from events


def _unsuited(plan: Plan, vendor: Vendor) -> str | None:
    return ask(subject_factory(plan.subject), vendor).unsuited


def _not_applicable(plan: Plan, vendor: Vendor, why: str) -> Iterator[Event]:
    for name in plan.requirements:
        yield CellJudged(cell=empty(CATALOGUE[name], vendor, "not_applicable", why))


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
    """Judge requirements at one vendor; after one that cost the patience of the watch the others are left alone."""
    factory, events, why = subject_factory(plan.subject), list[Event](), ""
    for name in names:
        requirement = CATALOGUE[name]
        try:
            cell = empty(requirement, vendor, "subject_error", why) if why else None
            cell = cell or _judged(plan, requirement, vendor, factory, capabilities)
        except StandstillError as error:
            cell = empty(requirement, vendor, "subject_error", f"The client came to no end in {error}.")
            why = f"Not played, for in {name} the client came to no end in {error}." if error.overdue else ""
        events.append(CellJudged(cell=cell))
    return events


def _judged(
    plan: Plan,
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    capabilities: frozenset[Capability],
) -> Cell:
    found = plan.known.get((vendor.name, requirement.id))
    known = () if found is None else (found,)
    try:
        return judge(requirement, vendor, factory, capabilities, seed=plan.seed, known=known)
    except StandstillError:
        raise
    except Exception as error:
        return empty(requirement, vendor, "harness_error", f"{type(error).__name__}: {error}")


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
        whose: CellOutcome = "subject_error" if isinstance(error, StandstillError) else "harness_error"
        broken = empty(CATALOGUE[plan.requirements[0]], vendor, whose, why)
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
            orders=explored.orders,
        )
    ]


@dataclass(kw_only=True)
class Matrix:
    """The cells of a run as they become known, and what became of them together."""

    plan: Plan
    cells: dict[tuple[str, str], Cell]
    lives: dict[str, int]
    moves: dict[str, Counter[TableMove]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    orders: dict[str, tuple[Orders, ...]] = field(default_factory=dict)
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
            self.orders |= {event.vendor: event.orders} if event.orders else {}
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
