"""A run: every cell of subject, vendors and requirements, and exploration at every vendor, in one process or several,
of this machine or of a cluster.

It yields events and prints nothing. The same seed gives the same results wherever it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from refreshproof.harness.run.cells import TOLD, Cell, CellOutcome, Told, describe, empty, judge, retold
from refreshproof.harness.run.events import Begun, CellJudged, Event, Lived, Planned, VendorExplored, Weighed
from refreshproof.harness.run.garbage import searched_seldom
from refreshproof.harness.run.smoke import Tried, tried
from refreshproof.harness.run.surveying import PLAIN, Piece, measured, pieces
from refreshproof.harness.run.troubles import trouble_of
from refreshproof.harness.run.under_test import SubjectFaultError, UnderTest, client_named
from refreshproof.harness.run.unexplained import Met, lived, note, weighed
from refreshproof.harness.work.pieces import Doing
from refreshproof.harness.work.places import place
from refreshproof.mock_servers.stacks import HOOKS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.findings import Explored
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import VerdictOutcome
from refreshproof.scenarios.exploration.example_database import Examples, OneSearch
from refreshproof.scenarios.exploration.exhaustive import exhaust
from refreshproof.scenarios.exploration.machine import explore, shares
from refreshproof.scenarios.play.remembered import Playing, Remembered
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability, Description
from refreshproof.scenarios.world.standstill import StandstillError

Named: TypeAlias = tuple[str, Callable[[], Iterable[Event]]]
"""A piece of work and what it is called."""
GROUP = 3
"""Requirements that are judged in one piece, at all vendors."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run. `subject` is a name, so that a plan can go to another process; `examples` is per vendor, 0 for none.

    `exhaustive` adds every small life there is. `survey` names the values to measure. `jobs` is the number of
    processes, unless `cluster` is the address of a scheduler by which others do the work. `known` are counterexamples
    of an earlier run by vendor and requirement, played first. `files` are the profile files of vendors of the user's
    own. `examples_known` are those in which Hypothesis found something before, by vendor; None where none are kept.
    `told` are stories of the same client at another vendor by requirement, played first where they break the rule here
    too.
    """

    subject: str
    vendors: tuple[Vendor, ...]
    requirements: tuple[str, ...]
    seed: int = 0
    examples: int = 25
    exhaustive: bool = False
    survey: tuple[str, ...] = ()
    jobs: int = 1
    cluster: str | None = None
    known: Mapping[tuple[str, str], Scenario] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    examples_known: Mapping[str, Examples] | None = None
    told: Mapping[str, Scenario] = field(default_factory=dict)

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
    playing = Remembered()  # each process of the run has its own memory, which changes no result
    groups, surveys = _groups(plan), pieces(plan.survey, vendors, plain) if plain is not None and vendors else []
    lots = shares(plan.seed, plan.examples)
    yield Planned(
        cells=len(plan.vendors) * len(plan.requirements),
        explorations=len(vendors) * (len(lots) + plan.exhaustive),
        values=sum(len(names) for _, names in surveys),
    )
    for vendor in plan.vendors:
        if vendor not in vendors:
            yield from _left_out(plan, vendor, asked[vendor.name], trials)
    work: list[Named] = [
        (f"{what} at {vendor.name}", partial(_live, _alone(plan, vendor), vendor, capabilities, lives))
        for what, lives in (
            *(("generated lives", partial(_explore, lot=lot)) for lot in lots),
            *((("every small life", _exhaust),) if plan.exhaustive else ()),
        )
        for vendor in vendors
    ]
    work += [
        (f"{_spread(names)} at {vendor.name}", partial(_survey, _alone(plan, vendor), (vendor, names), capabilities))
        for vendor, names in surveys
    ]
    work += [
        (_spread(group), partial(_judge_group, plan, vendors, group, capabilities, playing))
        for group in (groups if vendors else ())
    ]
    met = {vendor.name: Met() for vendor in vendors}
    with place(plan.cluster, plan.jobs).opened() as doing:
        for event in _done(work, doing):
            note(met, event)
            yield event
        rest = [
            (
                f"what is left of harm at {one.name}",
                partial(_judge_rest, _alone(plan, one), one, capabilities, playing, met[one.name]),
            )
            for one in vendors
        ]
        yield from _done(rest, doing)


def _alone(plan: Plan, vendor: Vendor) -> Plan:
    """Return a plan with what concerns one vendor, which is less to send."""
    cells = [(vendor.name, name) for name in plan.requirements]
    known = {cell: plan.known[cell] for cell in cells if cell in plan.known}
    examples = None if plan.examples_known is None else {vendor.name: plan.examples_known.get(vendor.name, {})}
    return replace(plan, vendors=(vendor,), known=known, examples_known=examples)


def _done(work: Sequence[Named], doing: Doing) -> Iterator[Event]:
    """Do pieces of work and yield what each tells, after its name."""
    named = [partial(_begun, what, one) for what, one in work]
    with searched_seldom(), closing(doing(named)) as done:
        yield from done


def _begun(what: str, work: Callable[[], Iterable[Event]]) -> Iterator[Event]:
    yield Begun(what=what)
    with HOOKS:  # each client sets them, which takes longer than to make one, unless they stand already
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
    """Split the requirements by family, and large ones again: enough to be worth sending, little enough to share out.

    How many are there to do it must not count, for what is in one group may tell on the rest of it.
    """
    families: dict[str, list[str]] = {}
    for name in (one for one in plan.requirements if not CATALOGUE[one].residual):
        families.setdefault(CATALOGUE[name].family, []).append(name)
    return [tuple(names[at : at + GROUP]) for names in families.values() for at in range(0, len(names), GROUP)]


def _judge_rest(
    plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], playing: Playing, met: Met
) -> Iterator[Event]:
    """Tell at one vendor what only generated lives broke, and judge what is left of harm, once it is known which rules
    are broken there."""
    residual = tuple(name for name in plan.requirements if CATALOGUE[name].residual)
    yield from _told_of_lives(plan, vendor, capabilities, met, playing)
    yield from _judge_group(plan, (vendor,), residual, capabilities, playing, met)
    try:
        found = tuple(weighed(vendor, client_named(plan.subject), capabilities, met, playing))
    except Exception:  # what cannot be played to its end tells nothing more of a rule that is broken anyway
        return
    yield Weighed(cells=found)


def _judge_group(
    plan: Plan,
    vendors: Sequence[Vendor],
    names: tuple[str, ...],
    capabilities: frozenset[Capability],
    playing: Playing,
    met: Met | None = None,
) -> Iterator[Event]:
    """Judge requirements at vendors; at one where the patience of the watch was lost the others are left alone.

    The story of a finding is shortened at the first vendor that has it, and elsewhere where that shows less.
    """
    factory, lost = client_named(plan.subject), dict[str, str]()
    for requirement in map(CATALOGUE.__getitem__, names):
        told: dict[VerdictOutcome, Scenario] = {}
        for vendor in vendors:
            yield Begun(what=f"{requirement.id} at {vendor.name}")
            why = lost.get(vendor.name)
            try:
                cell = empty(requirement, vendor, "subject_error", why) if why else None
                cell = cell or _judged(
                    plan, requirement, vendor, factory, capabilities, met or Met(), told=told, playing=playing
                )
            except StandstillError as error:
                cell = empty(requirement, vendor, "subject_error", f"The client came to no end in {error}.")
                if error.overdue:
                    lost[vendor.name] = f"Not played, for in {requirement.id} the client came to no end in {error}."
            if cell.scenario is not None and cell.outcome in TOLD:
                told.setdefault(cell.outcome, cell.scenario)
            yield CellJudged(cell=replace(cell, troubles=(*cell.troubles, *_at(vendor, factory.drain()))))


def _judged(
    plan: Plan,
    requirement: Requirement,
    vendor: Vendor,
    factory: UnderTest,
    capabilities: frozenset[Capability],
    met: Met,
    *,
    told: Told,
    playing: Playing,
) -> Cell:
    found = plan.known.get((vendor.name, requirement.id))
    known = (*(() if found is None else (found,)), *met.harmful)
    broken = tuple(CATALOGUE[name] for name in met.names_harm)
    try:
        earlier = plan.told.get(requirement.id)
        if earlier is not None and retold(
            requirement, vendor, factory, capabilities, earlier, broken=broken, playing=playing
        ):
            known, told = (earlier, *known), {**told, "violated": earlier}
        return judge(
            requirement,
            vendor,
            factory,
            capabilities,
            seed=plan.seed,
            known=known,
            broken=broken,
            told=told,
            playing=playing,
        )
    except StandstillError:
        raise
    except SubjectFaultError as error:
        none = empty(requirement, vendor, "subject_error", f"The client could not be had: {error}.")
        return replace(none, troubles=_at(vendor, [error.trouble]))
    except Exception as error:
        return empty(requirement, vendor, "harness_error", f"{type(error).__name__}: {error}")


def _at(vendor: Vendor, troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(replace(one, provider=vendor.name) for one in troubles)


def _explore(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], *, lot: tuple[int, int]) -> Explored:
    seed, examples = lot
    database = None
    if plan.examples_known is not None:
        first = seed == plan.seed  # what is known is tried again once, whatever the number of lives
        database = OneSearch(plan.examples_known.get(vendor.name, {}) if first else {})
    explored = explore(
        vendor,
        client_named(plan.subject),
        [CATALOGUE[name] for name in plan.requirements],
        seed=seed,
        examples=examples,
        capabilities=capabilities,
        database=database,
    )
    return explored if database is None else replace(explored, examples=database.found)


def _exhaust(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability]) -> Explored:
    requirements = [CATALOGUE[name] for name in plan.requirements]
    return exhaust(vendor, client_named(plan.subject), requirements, capabilities=capabilities)


Exploration: TypeAlias = Callable[[Plan, Vendor, frozenset[Capability]], Explored]


def _live(plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], exploration: Exploration) -> list[Event]:
    """Live generated lives; what breaks the harness is told as its own fault, at the first requirement of the plan."""
    try:
        return _explored(exploration(plan, vendor, capabilities), vendor)
    except Exception as error:
        broken = _unlived(plan, vendor, error)
        return [VendorExplored(vendor=vendor.name, lives=0, virtual_time=0, moves=Counter(), cells=(broken,))]


def _unlived(plan: Plan, vendor: Vendor, error: Exception) -> Cell:
    why = f"while living generated lives: {type(error).__name__}: {error}"
    whose: CellOutcome = "subject_error" if isinstance(error, StandstillError | SubjectFaultError) else "harness_error"
    return empty(CATALOGUE[plan.requirements[0]], vendor, whose, why)


def _told_of_lives(
    plan: Plan, vendor: Vendor, capabilities: frozenset[Capability], met: Met, playing: Playing
) -> Iterator[Event]:
    """Tell what only generated lives broke."""
    try:
        for cell in lived(vendor, client_named(plan.subject), capabilities, met, playing):
            yield Lived(cells=(cell,))
    except Exception as error:
        yield Lived(cells=(_unlived(plan, vendor, error),))


def _explored(explored: Explored, vendor: Vendor) -> list[Event]:
    return [
        VendorExplored(
            vendor=vendor.name,
            lives=explored.lives,
            virtual_time=explored.virtual_time,
            moves=explored.moves,
            found=tuple(
                (one.requirement.id, one.scenario, one.harm) for one in explored.found if not one.requirement.residual
            ),
            harmful=tuple(found.scenario for found in explored.found if found.requirement.residual),
            orders=explored.orders,
            search=explored.search,
            examples=explored.examples,
            varied=explored.varied,
            troubles=tuple(trouble_of(crash, step, vendor.name) for crash, step in explored.crashes),
        )
    ]
