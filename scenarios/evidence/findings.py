"""What an exploration finds: a requirement, the life that broke it, and how much was lived to find it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.crashes import Crash
from refreshproof.scenarios.evidence.harm import Harm
from refreshproof.scenarios.evidence.journal import Journal, TableMove
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.steps.documents import from_document
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability


class FoundError(AssertionError):
    """A generated life broke an invariant, with some harm; equality of findings is (requirement), so that shrinking
    keeps to one bug."""

    def __init__(self, requirement: Requirement, scenario: Scenario, verdict: Verdict, harm: Harm) -> None:
        super().__init__(f"{requirement.id}: {verdict.why}\n" + numbered(scenario))
        self.requirement = requirement
        self.scenario = scenario
        self.verdict = verdict
        self.harm = harm


def numbered(scenario: Scenario) -> str:
    """Return a scenario as numbered prose."""
    return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(scenario.prose(), 1))


@dataclass(frozen=True, kw_only=True)
class Orders:
    """How many orders of two callers were played of how many there are, and with up to how many preemptions all were.

    `there_are` is None where the tree was walked to its end, so that what was played is all there is; elsewhere it
    counts the ways to interleave as many touches as the callers were seen to make. `every_touch` tells whether clock
    and store are among them, `nodes` over how many processes the callers are spread.
    """

    nodes: int
    every_touch: bool
    played: int
    there_are: int | None
    preemptions: int | None


@dataclass(frozen=True, kw_only=True)
class Search:
    """How an exploration looks for lives: by what, from which seed, at most how many, of at most how many steps.

    `examples` is the number asked for, None where all there are were lived; `dimensions` names what may happen in a
    life, kind by kind.
    """

    by: str
    seed: int | None
    examples: int | None
    steps: int
    dimensions: Mapping[str, tuple[str, ...]]

    def told(self, lives: int) -> str:
        """Say in one sentence what was explored, in how many lives."""
        kinds = ", ".join(f"{name} ({len(kinds)})" for name, kinds in self.dimensions.items())
        seed = "" if self.seed is None else f", from seed {self.seed}"
        return f"{lives} lives of up to {self.steps} steps by {self.by}{seed}; what may happen: {kinds}"


@dataclass(kw_only=True)
class Explored:
    """What an exploration did: how it looked, how many lives, how much virtual time (microseconds), the orders among
    them, and what broke.

    `varied` counts the lives that went on in each dimension of the search, `crashes` are the exceptions that left the
    client, each with its step in words; what is alike is kept of the first life that has it. `examples` is what the
    search keeps for another time.
    """

    search: Search

    lives: int = 0
    virtual_time: int = 0
    moves: Counter[TableMove] = field(default_factory=Counter)
    found: tuple[FoundError, ...] = ()
    orders: tuple[Orders, ...] = ()
    varied: Counter[str] = field(default_factory=Counter)
    crashes: list[tuple[Crash, str]] = field(default_factory=list)
    examples: Mapping[bytes, Collection[bytes]] = field(default_factory=dict)

    def count(self, journal: Journal) -> None:
        """Add a life that was lived."""
        self.lives += 1
        self.virtual_time += journal.span
        self.moves += journal.moves
        known = {_alike(crash) for crash, _ in self.crashes}
        self.crashes += [one for one in crashes_told(journal) if _alike(one[0]) not in known]


def _alike(crash: Crash) -> tuple[str, str, int, str]:
    """Return what crashes have in common of which the first life that has one tells enough."""
    kind = crash.exception.partition(":")[0] if crash.file else crash.exception
    return kind, crash.file, crash.line, crash.operation


def crashes_told(journal: Journal) -> list[tuple[Crash, str]]:
    """Return the exceptions that left the client, each with the step it came in, in words."""
    said = {one.number: from_document(one.step).prose() for one in journal.steps()} if journal.crashes else {}
    return [(one, said.get(one.step, "")) for one in journal.crashes]


def holds_always(requirement: Requirement, vendor: Vendor, capabilities: frozenset[Capability]) -> bool:
    """Tell whether a requirement is to be judged in every life of a client with these capabilities at a vendor."""
    return requirement.invariant and requirement.applies(vendor) and requirement.needs <= capabilities
