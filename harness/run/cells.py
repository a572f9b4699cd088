"""One cell of the matrix: a subject, a vendor and a requirement; its scenarios are played and its check decides.

A cell is independent of every other and made of values, so it can be judged in another process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Journal, TableMove
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, VerdictOutcome, worst
from refreshproof.scenarios.exploration.shrink import shortest
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements.acceptance.answers import MINIMUM
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability, Description, SubjectFactory
from refreshproof.scenarios.world.world import World

CellOutcome: TypeAlias = (
    VerdictOutcome | Literal["unsupported", "not_applicable", "blocked", "subject_error", "harness_error"]
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The result of one cell. For a violation `scenario` is the shortest that shows it and `journal` its record.

    `examples` counts the scenarios played, `virtual_time` (microseconds) the time that passed in them, `moves` those of
    the provider's refresh tokens.
    """

    requirement: str
    vendor: str
    outcome: CellOutcome
    verdict: Verdict
    examples: int = 0
    scenario: Scenario | None = None
    journal: Journal | None = None
    virtual_time: int = 0
    moves: Counter[TableMove] = field(default_factory=Counter)


def describe(factory: SubjectFactory, vendor: Vendor) -> Description:
    """Ask a subject who it is and what it can do, in a world of its own."""
    world = World(vendor, factory, Scenario(steps=()))
    try:
        return world.subject.describe()
    finally:
        world.close()


def judge(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    capabilities: frozenset[Capability],
    *,
    seed: int = 0,
    known: tuple[Scenario, ...] = (),
    shorten: bool = True,
) -> Cell:
    """Play known counterexamples and the requirement's scenarios at a vendor until one shows a violation."""
    if not requirement.applies(vendor):
        return empty(requirement, vendor, "not_applicable", "The vendor has no such case.")
    missing = sorted(requirement.needs - capabilities)
    if missing:
        return empty(requirement, vendor, "unsupported", f"The client under test cannot: {', '.join(missing)}.")
    verdicts: list[Verdict] = []
    virtual_time, moves = 0, Counter[TableMove]()
    for scenario in (*known, *(replace(one, seed=seed) for one in requirement.scenarios)):
        journal = play(vendor, factory, scenario)
        virtual_time += journal.span
        moves += journal.moves
        verdicts.append(_verdict(requirement, vendor, journal))
        if verdicts[-1].outcome == "violated":
            return witness(requirement, vendor, factory, scenario, len(verdicts), shorten=shorten)
    verdict = worst(verdicts)
    if verdict.outcome == "not_exercised" and "minimum_lifetime" in capabilities and not _is_lasting(vendor.profile):
        return empty(requirement, vendor, "unsupported", "The client takes no token that ends soon, and gets no other.")
    return Cell(
        requirement=requirement.id,
        vendor=vendor.name,
        outcome=verdict.outcome,
        verdict=verdict,
        examples=len(verdicts),
        virtual_time=virtual_time,
        moves=moves,
    )


def _verdict(requirement: Requirement, vendor: Vendor, journal: Journal) -> Verdict:
    return requirement.check(Evidence(journal=journal, profile=vendor.profile))


def _is_lasting(profile: Profile) -> bool:
    """Tell whether a client with a minimum lifetime can be connected: by a refresh token, or by a lifetime it is
    told."""
    long = profile.response.tells_lifetime and profile.lifetimes.access_token >= MINIMUM
    return profile.issuance.ever or long


def witness(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    scenario: Scenario,
    examples: int,
    *,
    shorten: bool = True,
) -> Cell:
    """Return the cell of a violated requirement with the shortest scenario that shows it."""

    def fails(candidate: Scenario) -> bool:
        return _verdict(requirement, vendor, play(vendor, factory, candidate)).outcome == "violated"

    if shorten:
        scenario = shortest(scenario, fails)
    journal = play(vendor, factory, scenario)
    verdict = _verdict(requirement, vendor, journal)
    return Cell(
        requirement=requirement.id,
        vendor=vendor.name,
        outcome="violated",
        verdict=replace(verdict, anomaly=requirement.anomaly),
        examples=examples,
        scenario=scenario,
        journal=journal,
        virtual_time=journal.span,
        moves=journal.moves,
    )


def empty(requirement: Requirement, vendor: Vendor, outcome: CellOutcome, why: str) -> Cell:
    """Return a cell in which nothing was played."""
    return Cell(
        requirement=requirement.id,
        vendor=vendor.name,
        outcome=outcome,
        verdict=Verdict(outcome="not_exercised", why=why),
    )
