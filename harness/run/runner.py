"""A run: every cell of subject, vendors and requirements, and exploration at every vendor, on one process or several.

It yields events and prints nothing. The same seed gives the same results under any number of jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from refreshproof.harness.run.cells import JUDGED, Cell, CellOutcome, describe, empty, judge, retold, witness
from refreshproof.harness.run.events import Begun, CellJudged, Event, Planned, Surveyed, VendorExplored, Weighed
from refreshproof.harness.run.jobs import streamed
from refreshproof.harness.run.smoke import Tried, tried
from refreshproof.harness.run.surveying import PLAIN, Piece, measured, pieces
from refreshproof.harness.run.troubles import told_once, trouble_of
from refreshproof.harness.run.under_test import SubjectFaultError, UnderTest, client_named
from refreshproof.harness.run.unexplained import Met, note, weighed
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.findings import Explored, Orders, Search
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

Named: TypeAlias = tuple[str, Callable[[], Iterable[Event]]]
"""A piece of work and what it is called."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run. `subject` is a name, so that a plan can go to another process; `examples` is per vendor, 0 for none.

    `exhaustive` adds every small life there is. `survey` names the values to measure. `known` are counterexamples of an
    earlier run by vendor and requirement, played first. `files` are the profile files of vendors of the user's own.
    `database` is where Hypothesis keeps its examples: a folder, or a `redis://` URL shared by many machines; None for
    nowhere. `told` are stories of the same client at another vendor by requirement, played first where
    they break the rule here too; without `shorten` stories are left as long as they are.
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
    files: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None
    told: Mapping[str, Scenario] = field(default_factory=dict)
    shorten: bool = True

    def describe(self, vendor: Vendor | None = None) -> Description:
        """Ask the subject who it is, and what it can do at a vendor; the first one if none is given."""
        return describe(client_named(self.subject), vendor or self.vendors[0])


def run(plan: Plan) -> Generator[Event, None, None]:
    """Carry out a plan; what the subject cannot work with is not applicable.

    A plain flow goes first: where the client does not come through it, that is told before anything else. What is left
    of harm that no broken rule explains is judged last.
    """
    factory = client_named(plan.subject)
    asked = {vendor.name: _asked(vendor, factory) for vendor in plan.vendors}
    able = [about for about in asked.values() if isinstance(about, Description)]
    capabilities = able[0].capabilities if able else frozenset[Capability]()
    trials: list[Tried] = []
    vendors: list[Vendor] = []
    for vendor in plan.vendors:
        about = asked[vendor.name]
        if isinstance(about, Tried):
            trials.append(about)
        elif about.unsuited is None:
            trials.append(tried(vendor, factory))
            vendors.append(vendor)
    yield from trials
    if all(one.hopeless for one in trials):
        vendors = []
    plain = PLAIN if _suits(PLAIN, factory) else next(iter(vendors), None)
    groups, surveys = _groups(plan), pieces(plan.survey, vendors, plain) if plain is not None and vendors else []
    yield Planned(
        cells=len(plan.vendors) * len(plan.requirements),
        explorations=len(vendors) * (bool(plan.examples) + plan.exhaustive),
        values=sum(len(names) for _, names in surveys),
    )
    for vendor in plan.vendors:
        if vendor not in vendors:
            yield from _left_out(plan, vendor, asked[vendor.name], trials)
    work: list[Named] = []
    for wanted, what, lives in (
        (plan.examples > 0, "generated lives", _explore),
        (plan.exhaustive, "every small life", _exhaust),
    ):
        work += [
            (f"{what} at {vendor.name}", partial(_live, plan, vendor, capabilities, lives))
            for vendor in vendors
            if wanted
        ]
    work += [
        (f"{_spread(names)} at {vendor.name}", partial(_survey, plan, (vendor, names), capabilities))
        for vendor, names in surveys
    ]
    work += [
        (f"{_spread(group)} at {vendor.name}", partial(_judge_group, plan, vendor, group, capabilities))
        for vendor in vendors
        for group in groups
    ]
    met = {vendor.name: Met() for vendor in vendors}
    for event in _done(work, plan.jobs):
        note(met, event)
        yield event
    yield from _done(
        [
            (f"what is left of harm at {one.name}", partial(_judge_rest, plan, one, capabilities, met[one.name]))
            for one in vendors
        ],
        plan.jobs,
    )


def _done(work: Sequence[Named], jobs: int) -> Iterator[Event]:
    """Do pieces of work and yield what each tells, after its name."""
    with closing(streamed([partial(_begun, what, one) for what, one in work], jobs)) as done:
        yield from done


def _begun(what: str, work: Callable[[], Iterable[Event]]) -> Iterator[Event]:
    yield Begun(what=what)
    yield from work()


def _spread(names: Sequence[str]) -> str:
    """Name the first and the last of some."""
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _asked(vendor: Vendor, factory: UnderTest) -> Description | Tried:
    """Ask the client what it is at a vendor; one that cannot even be made there cannot be tried."""
    try:
        return describe(factory, vendor)
    except SubjectFaultError as error:
        return Tried(vendor=vendor.name, trouble=replace(error.trouble, provider=vendor.name), hopeless=True)


def _suits(vendor: Vendor, factory: UnderTest) -> bool:
    about = _asked(vendor, factory)
    return isinstance(about, Description) and about.unsuited is None


def _left_out(plan: Plan, vendor: Vendor, about: Description | Tried, trials: Sequence[Tried]) -> Iterator[Event]:
    """Yield the cells of a vendor at which nothing is played, with the reason."""
    outcome: CellOutcome = "blocked"
    why = {one.vendor: one.reason for one in trials}.get(vendor.name, "")
    if isinstance(about, Description) and about.unsuited is not None:
        outcome, why = "not_applicable", about.unsuited
    for name in plan.requirements:
        yield CellJudged(cell=empty(CATALOGUE[name], vendor, outcome, why))


def _survey(plan: Plan, piece: Piece, capabilities: frozenset[Capability]) -> list[Event]:
    return [measured(piece, client_named(plan.subject), capabilities, plan.seed)]


def _groups(plan: Plan) -> list[tuple[str, ...]]:
    """Split the requirements by family: large enough to be worth sending, small enough to share out."""
    families: dict[str, list[str]] = {}
    for name in (one for one in plan.requirements if not CATALOGUE[one].residual):
        families.setdefault(CATALOGUE[name].family, []).append(name)
    return [tuple(names) for names in families.values()]


def _judge_rest(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], met: Met) -> Iterator[Event]:
    """Judge at one vendor what is left of harm, once it is known which rules are broken there."""
    residual = tuple(name for name in plan.requirements if CATALOGUE[name].residual)
    yield from _judge_group(plan, vendor, residual, capabilities, met)
    try:
        found = tuple(weighed(vendor, client_named(plan.subject), met, plan.shorten))
    except Exception:  # what cannot be played to its end tells nothing more of a rule that is broken anyway
        return
    yield Weighed(cells=found)


def _judge_group(
    plan: Plan, vendor: Vendor, names: tuple[str, ...], capabilities: frozenset[Capability], met: Met | None = None
) -> Iterator[Event]:
    """Judge requirements at one vendor; after one that cost the patience of the watch the others are left alone."""
    factory, why = client_named(plan.subject), ""
    for name in names:
        yield Begun(what=f"{name} at {vendor.name}")
        requirement = CATALOGUE[name]
        try:
            cell = empty(requirement, vendor, "subject_error", why) if why else None
            cell = cell or _judged(plan, requirement, vendor, factory, capabilities, met or Met())
        except StandstillError as error:
            cell = empty(requirement, vendor, "subject_error", f"The client came to no end in {error}.")
            why = f"Not played, for in {name} the client came to no end in {error}." if error.overdue else ""
        yield CellJudged(cell=replace(cell, troubles=(*cell.troubles, *_at(vendor, factory.drain()))))


def _judged(
    plan: Plan,
    requirement: Requirement,
    vendor: Vendor,
    factory: UnderTest,
    capabilities: frozenset[Capability],
    met: Met,
) -> Cell:
    found = plan.known.get((vendor.name, requirement.id))
    known = (*(() if found is None else (found,)), *met.harmful)
    broken = tuple(CATALOGUE[name] for name in met.broken)
    try:
        told = plan.told.get(requirement.id)
        if told is not None and retold(requirement, vendor, factory, capabilities, told, broken=broken):
            known = (told, *known)
        return judge(
            requirement, vendor, factory, capabilities, seed=plan.seed, known=known, shorten=plan.shorten, broken=broken
        )  # fmt: skip
    except StandstillError:
        raise
    except SubjectFaultError as error:
        none = empty(requirement, vendor, "subject_error", f"The client could not be had: {error}.")
        return replace(none, troubles=_at(vendor, [error.trouble]))
    except Exception as error:
        return empty(requirement, vendor, "harness_error", f"{type(error).__name__}: {error}")


def _at(vendor: Vendor, troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(replace(one, provider=vendor.name) for one in troubles)


def _explore(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability]) -> Explored:
    return explore(
        vendor,
        client_named(plan.subject),
        [CATALOGUE[name] for name in plan.requirements],
        seed=plan.seed,
        examples=plan.examples,
        capabilities=capabilities,
        database=example_database(plan.database),
    )


def _exhaust(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability]) -> Explored:
    requirements = [CATALOGUE[name] for name in plan.requirements]
    return exhaust(vendor, client_named(plan.subject), requirements, capabilities=capabilities)


Exploration: TypeAlias = Callable[[Plan, Vendor, frozenset[Capability]], Explored]


def _live(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], exploration: Exploration) -> list[Event]:
    """Live generated lives; what breaks the harness is told as its own fault, at the first requirement of the plan."""
    try:
        return _explored(exploration(plan, vendor, capabilities), vendor, client_named(plan.subject))
    except Exception as error:
        why = f"while living generated lives: {type(error).__name__}: {error}"
        whose: CellOutcome = (
            "subject_error" if isinstance(error, StandstillError | SubjectFaultError) else "harness_error"
        )
        broken = empty(CATALOGUE[plan.requirements[0]], vendor, whose, why)
        return [VendorExplored(vendor=vendor.name, lives=0, virtual_time=0, moves=Counter(), cells=(broken,))]


def _explored(explored: Explored, vendor: Vendor, factory: SubjectFactory) -> list[Event]:
    cells = tuple(
        replace(witness(found.requirement, vendor, factory, found.scenario), examples=0)
        for found in explored.found
        if not found.requirement.residual
    )
    return [
        VendorExplored(
            vendor=vendor.name,
            lives=explored.lives,
            virtual_time=explored.virtual_time,
            moves=explored.moves,
            cells=cells,
            harmful=tuple(found.scenario for found in explored.found if found.requirement.residual),
            orders=explored.orders,
            search=explored.search,
            varied=explored.varied,
            troubles=tuple(trouble_of(crash, step, vendor.name) for crash, step in explored.crashes),
        )
    ]


def _outweighs(cell: Cell, before: Cell) -> bool:
    """Tell whether a cell takes the place of an earlier one; of two violations the one with the worse harm counts."""
    if cell.outcome == before.outcome == "violated" and cell.harm is not None and before.harm is not None:
        return cell.harm.weight >= before.harm.weight
    return cell.outcome in ("violated", "harness_error")


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
    trials: dict[str, Tried] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    generated: int = 0
    varied: Counter[str] = field(default_factory=Counter)
    search: Search | None = None

    @classmethod
    def of(cls, plan: Plan) -> Matrix:
        """Begin with nothing known."""
        return cls(plan=plan, cells={}, lives={})

    def take(self, event: Event) -> None:
        """Add what an event tells; a generated life that breaks an invariant outweighs scenarios that do not."""
        if isinstance(event, Tried):
            self.trials[event.vendor] = event
        elif isinstance(event, CellJudged):
            self.troubles += event.cell.troubles
            self.virtual_time += event.cell.virtual_time
            self.moves[event.cell.vendor] = self.moves.get(event.cell.vendor, Counter()) + event.cell.moves
            self._add(event.cell)
        elif isinstance(event, VendorExplored):
            self.troubles += event.troubles
            if event.search is not None and event.search.seed is not None:
                self.search, self.generated = event.search, self.generated + event.lives
                self.varied += event.varied
            self.virtual_time += event.virtual_time
            self.moves[event.vendor] = self.moves.get(event.vendor, Counter()) + event.moves
            self.lives[event.vendor] = self.lives.get(event.vendor, 0) + event.lives
            self.orders |= {event.vendor: event.orders} if event.orders else {}
            for cell in event.cells:
                self._add(cell)
        elif isinstance(event, Weighed):
            for cell in event.cells:
                self._add(cell)
        elif isinstance(event, Surveyed):
            self.virtual_time += event.virtual_time
            self.readings += event.readings

    def _add(self, cell: Cell) -> None:
        """Take a cell; what was played for an earlier one of the same place counts for whichever of them is kept."""
        key = (cell.vendor, cell.requirement)
        kept = before = self.cells.get(key, cell)
        if before is not cell:
            kept = cell if _outweighs(cell, before) else before
            kept = replace(kept, examples=before.examples + cell.examples)
        self.cells[key] = kept

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
    def told(self) -> tuple[Trouble, ...]:
        """What went wrong around the client, each thing once, what the plain flow met first."""
        met = [one.trouble for one in self.trials.values() if one.trouble is not None]
        return told_once((*met, *self.troubles))

    @property
    def complete(self) -> bool:
        """Whether every planned cell is known."""
        return len(self.cells) == len(self.plan.vendors) * len(self.plan.requirements)

    def _with_lives(self, cell: Cell) -> Cell:
        """Count the generated lives in which a cell was judged too."""
        judged = CATALOGUE[cell.requirement].invariant and cell.outcome in JUDGED
        return replace(cell, examples=cell.examples + self.lives.get(cell.vendor, 0)) if judged else cell

    def _blocked(self, cell: Cell) -> Cell:
        for name in CATALOGUE[cell.requirement].depends:
            other = self.cells.get((cell.vendor, name))
            if other is not None and other.outcome == "violated" and cell.outcome in ("violated", "not_exercised"):
                why = f"{name} is broken here, and this requirement depends on it."
                return replace(cell, outcome="blocked", why=why)
        trial = self.trials.get(cell.vendor)
        if trial is not None and trial.trouble is not None and cell.outcome == "not_exercised":
            return replace(cell, outcome="blocked", why=trial.reason)
        return cell
