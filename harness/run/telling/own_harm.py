"""Whose harm it is that a story shows: what another flaw of the client does in it does not weigh on a rule.

Two rules are broken by different flaws where each is seen broken without the other: the harm comes in stories that keep
the rule that is judged, and this one is broken in a story that keeps the rules of the harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import holds_always
from refreshproof.scenarios.evidence.harm import SEVERE, Harm, harm_of
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, not_exercised
from refreshproof.scenarios.exploration.shrink import shortest, still_shows
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.fitting import fitted
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Until
from refreshproof.scenarios.steps.subject import Capability

EVERYDAY = (Authorize, Until, Advance, Call)
"""The steps of a life without trouble."""
FORGIVING = {"refresh.rotation": "never", "refresh.refresh_token_on_refresh": "omitted"}
"""What makes a vendor one at which no client loses a grant by the token that it presents."""
A_CALL_EACH = flow(*(Until(limit="access_token_expiry", offset=1), Until(limit="rotation_due"), Call()) * 4)
"""A life in which hardly any rule can be broken but those of rotation and of storing."""
NOT_OWN = "What the story shows besides is another flaw's."


@dataclass(frozen=True, kw_only=True)
class Client:
    """The client at a vendor: how it lives a scenario, and what it can do."""

    vendor: Vendor
    lived: Callable[[Scenario], Journal]
    capabilities: frozenset[Capability]

    def evidence(self, scenario: Scenario) -> Evidence:
        """Return what it does in a scenario."""
        return Evidence(journal=self.lived(scenario), profile=self.vendor.profile)


@dataclass(frozen=True, kw_only=True)
class Apart:
    """The rule by which a violation is to be judged, a story of it, and the rules whose harm does not weigh on it."""

    requirement: Requirement
    story: Scenario
    others: tuple[str, ...] = ()


def told_apart(requirement: Requirement, client: Client, scenario: Scenario, *before: str) -> Apart:
    """Tell how a violation is to be judged: with severe harm that is another flaw's by the rule in stories that keep
    what that one breaks, else by the rule and the scenario as they are."""
    others = explained_by(requirement, client, scenario)
    as_it_is = Apart(requirement=requirement, story=scenario, others=before)
    if not others:
        return as_it_is
    anomaly = requirement.anomaly_of(requirement.check(client.evidence(scenario)))

    def shows(candidate: Scenario) -> bool:
        verdict = requirement.check(client.evidence(candidate))
        return verdict.outcome == "violated" and requirement.anomaly_of(verdict) == anomaly

    short = shortest(scenario, shows)
    stories = short, replace(short, profile={**short.profile, **FORGIVING})
    # What one flaw breaks is often broken by two: then it is enough to keep what one of the rules says.
    for kept in (others, *((one,) for one in others)):
        alone = _apart_from(requirement, kept, client.vendor.profile)
        for story in stories:
            if still_shows(story, partial(_breaks, alone, client)):
                return told_apart(alone, client, story, *before, *(one.id for one in kept))
    return as_it_is


def _breaks(requirement: Requirement, client: Client, scenario: Scenario) -> bool:
    return requirement.check(client.evidence(scenario)).outcome == "violated"


def explained_by(requirement: Requirement, client: Client, scenario: Scenario) -> tuple[Requirement, ...]:
    """Return the rules whose breach explains the severe harm in a story, for it does as much where the given rule is
    kept."""
    evidence = client.evidence(scenario)
    harm = harm_of(evidence)
    if harm not in SEVERE or requirement.residual:
        return ()
    broken = (
        one
        for one in CATALOGUE.values()
        if not one.residual
        and one.id != requirement.id
        and holds_always(one, client.vendor, client.capabilities)
        and one.check(evidence).outcome == "violated"
    )
    return tuple(one for one in broken if _does_it_alone(one, harm, requirement, client, scenario.seed))


def _does_it_alone(rule: Requirement, harm: Harm, other: Requirement, client: Client, seed: int) -> bool:
    """Tell whether a story of a rule breaks it with such harm and keeps another."""

    def shows(scenario: Scenario) -> bool:
        evidence = client.evidence(scenario)
        return (
            harm_of(evidence).weight >= harm.weight
            and rule.check(evidence).outcome == "violated"
            and _keeps(other, evidence, scenario)
        )

    own = (replace(fitted(one, client.vendor.profile), seed=seed) for one in (A_CALL_EACH, *rule.scenarios))
    return any(still_shows(one, shows) for one in own)


def _keeps(requirement: Requirement, evidence: Evidence, scenario: Scenario) -> bool:
    """Tell whether a story keeps a rule; one that holds in its own stories alone is known to be kept where it was put
    to the test, or nothing but everyday life was."""
    outcome = requirement.check(evidence).outcome
    everyday = not scenario.profile and all(isinstance(one, EVERYDAY) for one in scenario.steps)
    return outcome == "satisfied" or (outcome != "violated" and (requirement.invariant or everyday))


def _apart_from(requirement: Requirement, others: tuple[Requirement, ...], profile: Profile) -> Requirement:
    """Return a rule as it counts in stories that break none of some others."""

    def check(evidence: Evidence) -> Verdict:
        verdict = requirement.check(evidence)
        if verdict.outcome != "violated":
            return verdict
        plain = Evidence(journal=evidence.journal, profile=profile)
        return not_exercised(NOT_OWN) if any(one.check(plain).outcome == "violated" for one in others) else verdict

    return replace(requirement, check=check)
