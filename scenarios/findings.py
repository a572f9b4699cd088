"""What an exploration finds: a requirement, the life that broke it, and how much was lived to find it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from refreshproof.mock_servers.vendor import Vendor
from refreshproof.scenarios.journal import Journal, Move
from refreshproof.scenarios.requirement import Requirement
from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.subject import Capability
from refreshproof.scenarios.verdict import Verdict


class FoundError(AssertionError):
    """A generated life broke an invariant; equality of findings is (requirement), so that shrinking keeps to one
    bug."""

    def __init__(self, requirement: Requirement, scenario: Scenario, verdict: Verdict) -> None:
        super().__init__(f"{requirement.id}: {verdict.why}\n" + numbered(scenario))
        self.requirement = requirement
        self.scenario = scenario
        self.verdict = verdict


def numbered(scenario: Scenario) -> str:
    """Return a scenario as numbered prose."""
    return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(scenario.prose(), 1))


@dataclass(kw_only=True)
class Explored:
    """What an exploration did: how many lives, how much virtual time (microseconds), and what broke."""

    lives: int = 0
    virtual_time: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    found: tuple[FoundError, ...] = ()

    def count(self, journal: Journal) -> None:
        """Add a life that was lived."""
        self.lives += 1
        self.virtual_time += journal.span
        self.moves += journal.moves


def holds_always(requirement: Requirement, vendor: Vendor, capabilities: frozenset[Capability]) -> bool:
    """Tell whether a requirement is to be judged in every life of a client with these capabilities at a vendor."""
    return requirement.invariant and requirement.applies(vendor) and requirement.needs <= capabilities
