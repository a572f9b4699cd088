"""One cell of the matrix: a subject, a vendor and a requirement; its scenarios are played and its check decides.

A cell is independent of every other and made of values, so it can be judged in another process.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeAlias, get_args

from refreshproof.harness.run.telling.own_harm import Client, told_apart
from refreshproof.harness.run.telling.reads import Reads, acted_by
from refreshproof.harness.run.troubles import trouble_of
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.profile import ClientAuthentication, Profile
from refreshproof.mock_servers.vendors.dated import no_longer
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import crashes_told
from refreshproof.scenarios.evidence.harm import SEVERE, Harm, harm_of
from refreshproof.scenarios.evidence.journal import Journal, TableMove
from refreshproof.scenarios.evidence.logins import configuration
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, VerdictOutcome, worst
from refreshproof.scenarios.exploration.shrink import shortest, still_shows
from refreshproof.scenarios.play.beginning import beginning
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.play.remembered import Playing
from refreshproof.scenarios.steps.fitting import fitted
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import MINIMUM_LIFETIME, Capability, Description, SubjectFactory
from refreshproof.scenarios.world.world import World

CellOutcome: TypeAlias = (
    VerdictOutcome
    | Literal["unsupported", "not_applicable", "not_observable", "blocked", "subject_error", "harness_error"]
)


JUDGED: tuple[CellOutcome, ...] = get_args(VerdictOutcome)
"""Outcomes that a check came to; with any other nothing was played, or nothing came of it."""

WORST = max(one.weight for one in Harm)

USUAL: tuple[ClientAuthentication, ...] = ("client_secret_post", "client_secret_basic", "none")
"""Ways of client authentication that every client is taken to know."""

NO_SUCH_CASE = "The vendor has no such case."

TOLD: tuple[VerdictOutcome, ...] = ("violated", "alternative")
"""Outcomes that are told by a story."""
Told: TypeAlias = Mapping[VerdictOutcome, Scenario]
NOTHING_TOLD: Told = {}
Sign: TypeAlias = tuple[VerdictOutcome, str]
NUMBER = re.compile(r"[0-9.]+")

AGAIN = 2
"""How often a story that accuses a client is really played beside the time that is told of."""
UNSTEADY = "The client broke this rule once, and kept it when the same scenario was played again with the same seed."


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The result of one cell. For a violation, and for what is allowed but not the best, `scenario` is the shortest
    that shows it and `journal` its record.

    `why` says how it came to the outcome, `expected` and `witness` (numbers of exchanges) what a violation is about.
    `examples` counts the scenarios played, `virtual_time` (microseconds) the time that passed in them, `moves` those of
    the provider's refresh tokens. `troubles` are the exceptions that left the client meanwhile,
    `harm` is the worst that a violation cost in any story that was played, and costs in this one; `harmful` are the
    stories with severe harm that is not of this rule: it was kept, or the harm was of the rules `besides` it.
    `rests_on` are the fields of the vendor's profile by which the rule applies, the check decided, and the vendor did
    what it did.
    """

    requirement: str
    vendor: str
    outcome: CellOutcome
    why: str = ""
    expected: str = ""
    anomaly: str | None = None
    witness: tuple[int, ...] = ()
    examples: int = 0
    scenario: Scenario | None = None
    journal: Journal | None = None
    virtual_time: int = 0
    moves: Counter[TableMove] = field(default_factory=Counter)
    troubles: tuple[Trouble, ...] = ()
    harm: Harm | None = None
    harmful: tuple[Scenario, ...] = ()
    besides: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()

    def number_of(self, step: int) -> int:
        """Return by what number its story tells of a step, which is its own where there is no story."""
        return step if self.scenario is None else self.scenario.number_of(step)


def describe(factory: SubjectFactory, vendor: Vendor) -> Description:
    """Ask a subject who it is and what it can do, in a world of its own.

    One that does not claim the vendor's only way of client authentication is unsuited, and never begun there.
    """
    method = vendor.profile.token_request.authentication[0]
    if method not in USUAL:
        plain = {"token_request.authentication": ("client_secret_post",)}
        about = describe(factory, replace(vendor, profile=changed(vendor.profile, plain)))
        if about.unsuited is not None or method not in about.capabilities:
            return replace(about, unsuited=about.unsuited or f"The client cannot authenticate itself by {method}.")
    with closing(World(vendor, factory, Scenario(steps=()))) as world:
        return world.subject.describe()


def judge(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    capabilities: frozenset[Capability],
    *,
    seed: int = 0,
    known: tuple[Scenario, ...] = (),
    shorten: bool = True,
    broken: tuple[Requirement, ...] = (),
    told: Told = NOTHING_TOLD,
    playing: Playing = play,
) -> Cell:
    """Play known counterexamples and the requirement's scenarios at a vendor, until one shows a violation with the
    worst harm there is.

    `broken` are rules that the client is known to break there, `told` are the short stories of another vendor by what
    they show, each told of this one too where it shows no less; `playing` may remember.
    """
    reads = Reads(vendor)
    if not requirement.applies(reads.vendor):
        why = no_longer(vendor, requirement.applies) or NO_SUCH_CASE
        found = empty(requirement, vendor, "not_applicable", why)
        return replace(found, rests_on=tuple(sorted(reads.take())))
    decided = reads.take()
    missing = sorted(requirement.needs - capabilities)
    if missing:
        return empty(requirement, vendor, "unsupported", f"The client under test cannot: {', '.join(missing)}.")
    verdicts: list[Verdict] = []
    stories: list[tuple[int, Scenario]] = []
    weaker: list[Scenario] = []
    harmful: list[Scenario] = []
    virtual_time, moves, troubles = 0, Counter[TableMove](), list[Trouble]()
    own = (replace(fitted(one, vendor.profile), seed=seed) for one in requirement.scenarios)
    for scenario in (*known, *own):
        journal = playing(vendor, factory, scenario)
        virtual_time += journal.span
        moves += journal.moves
        troubles += [trouble_of(crash, step, vendor.name) for crash, step in crashes_told(journal)]
        evidence = Evidence(journal=journal, profile=reads.profile)
        if requirement.about_login and configuration(evidence).get("logged_in"):
            return empty(requirement, vendor, "unsupported", "Its logins are done for the client under test.")
        reads.take()
        verdicts.append(requirement.judged(evidence, broken))
        decided |= reads.take() | acted_by(evidence)
        harm = harm_of(evidence)
        if verdicts[-1].outcome == "violated":
            stories.append((harm.weight, scenario))
        elif harm in SEVERE:
            harmful.append(scenario)
        if verdicts[-1].outcome == "alternative":
            weaker.append(scenario)
        if stories and stories[-1][0] == WORST:
            break
    if stories:
        story = min(stories, key=lambda one: (-one[0], len(one[1].steps)))[1]
        client = Client(vendor=vendor, lived=partial(playing, vendor, factory), capabilities=capabilities)
        apart = told_apart(requirement, client, story)
        if apart.others:
            found = judge(
                apart.requirement, vendor, factory, capabilities,
                seed=seed, known=(apart.story, *known), shorten=shorten, playing=playing,
            )  # fmt: skip
            if found.outcome == "violated":
                return replace(found, harmful=(*harmful, story), besides=(*apart.others, *found.besides))
        found = witness(
            requirement, vendor, factory, story, shorten=shorten, broken=broken, told=told, playing=playing
        )  # fmt: skip
        return replace(found, examples=len(verdicts), troubles=tuple(troubles), harmful=tuple(harmful))
    verdict = worst(verdicts)
    found = replace(
        empty(requirement, vendor, verdict.outcome, verdict.why), expected=verdict.expected, witness=verdict.witness
    )
    if verdict.outcome == "alternative":
        story = min(weaker, key=lambda one: len(one.steps))
        shown = witness(
            requirement, vendor, factory, story,
            outcome="alternative", shorten=shorten, broken=broken, told=told, playing=playing,
        )  # fmt: skip
        found = shown if shown.outcome == "alternative" else found
    if verdict.outcome == "not_exercised" and "minimum_lifetime" in capabilities and not _is_lasting(vendor.profile):
        return empty(requirement, vendor, "unsupported", "The client takes no token that ends soon, and gets no other.")
    return replace(
        found,
        anomaly=verdict.anomaly,
        examples=len(verdicts),
        virtual_time=virtual_time,
        moves=moves,
        troubles=tuple(troubles),
        harmful=tuple(harmful),
        rests_on=tuple(sorted(decided)),
    )


def retold(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    capabilities: frozenset[Capability],
    story: Scenario,
    *,
    broken: tuple[Requirement, ...] = (),
    playing: Playing = play,
) -> bool:
    """Tell whether a story in which a client breaks a rule at another vendor breaks it here too, twice."""
    if not requirement.applies(vendor) or requirement.needs - capabilities:
        return False

    try:
        return all(
            _shown(requirement, vendor, plays(vendor, factory, story), broken)[0][0] == "violated"
            for plays in (playing, play)
        )
    except Exception:  # a story of another vendor's may not be playable here
        return False


def _is_lasting(profile: Profile) -> bool:
    """Tell whether a client with a minimum lifetime can be connected: by a refresh token, or by a lifetime it is
    told."""
    long = profile.response.tells_lifetime and profile.lifetimes.access_token >= MINIMUM_LIFETIME
    return profile.issuance.ever or long


def witness(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    scenario: Scenario,
    *,
    outcome: Literal["violated", "alternative"] = "violated",
    shorten: bool = True,
    broken: tuple[Requirement, ...] = (),
    told: Told = NOTHING_TOLD,
    playing: Playing = play,
) -> Cell:
    """Return the cell of a violated requirement with the shortest scenario that shows it, and no less harm: the one
    that is `told` of another vendor, where it does. So too of one that was kept in a way that is not the best.

    It is played three times for the report, whatever `playing` remembers. Where it does not show the same each time it
    was shortened to what hangs on chance, and is shortened anew, by what does each time. A client that does not do so
    again even then, though nothing has changed, is not accused: its violation could not be repeated by whoever reads of
    it.
    """
    lived = partial(playing, vendor, factory)
    known = told.get(outcome)
    story = _short(requirement, vendor, lived, scenario, broken, known) if shorten else scenario
    found = _told(requirement, vendor, factory, story, broken, outcome)
    if found is None and shorten:
        lived = partial(play, vendor, factory)
        story = _short(requirement, vendor, lived, scenario, broken, known, times=1 + AGAIN)
        found = _told(requirement, vendor, factory, story, broken, outcome)
    return found or empty(requirement, vendor, "subject_error", UNSTEADY)


def _told(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    scenario: Scenario,
    broken: tuple[Requirement, ...],
    outcome: VerdictOutcome,
) -> Cell | None:
    """Return the cell of a requirement with a scenario that shows an outcome each time, None if it does not."""
    reads = Reads(vendor)
    requirement.applies(reads.vendor)
    journal = play(vendor, factory, scenario)
    evidence = Evidence(journal=journal, profile=reads.profile)
    verdict = requirement.judged(evidence, broken)
    sign = _sign(requirement, verdict)
    if verdict.outcome != outcome or not all(
        _shown(requirement, vendor, play(vendor, factory, scenario), broken)[0] == sign for _ in range(AGAIN)
    ):
        return None
    decided = reads.take() | acted_by(evidence)
    return Cell(
        requirement=requirement.id,
        vendor=vendor.name,
        outcome=outcome,
        why=verdict.why,
        expected=verdict.expected,
        anomaly=requirement.anomaly_of(verdict) if outcome == "violated" else None,
        witness=verdict.witness,
        examples=1,
        scenario=scenario,
        journal=journal,
        virtual_time=journal.span,
        moves=journal.moves,
        harm=harm_of(evidence) if outcome == "violated" else None,
        rests_on=tuple(sorted(decided)),
    )


def _sign(requirement: Requirement, verdict: Verdict) -> Sign:
    """Return by what a verdict is known again: a violation by its anomaly, all else by its words without numbers."""
    if verdict.outcome == "violated":
        return verdict.outcome, requirement.anomaly_of(verdict)
    return verdict.outcome, NUMBER.sub("", verdict.why)


def _shown(
    requirement: Requirement, vendor: Vendor, journal: Journal, broken: tuple[Requirement, ...]
) -> tuple[Sign, Evidence]:
    """Return what a journal shows of a requirement, and the evidence."""
    evidence = Evidence(journal=journal, profile=vendor.profile)
    return _sign(requirement, requirement.judged(evidence, broken)), evidence


def _short(
    requirement: Requirement,
    vendor: Vendor,
    lived: Callable[[Scenario], Journal],
    scenario: Scenario,
    broken: tuple[Requirement, ...],
    told: Scenario | None,
    *,
    times: int = 1,
) -> Scenario:
    """Return the shortest story found that shows the same of a requirement as often as it is played, and no less
    harm. Of one that was played once a beginning is known already."""

    def shown(journal: Journal) -> tuple[Sign, int]:
        """Return what a journal shows, and what the harm of a violation weighs."""
        sign, evidence = _shown(requirement, vendor, journal, broken)
        return sign, harm_of(evidence).weight if sign[0] == "violated" else 0

    known = scenario, lived(scenario)
    sign, weight = shown(known[1])
    if sign[0] not in TOLD:
        return scenario

    def fails(candidate: Scenario) -> bool:
        nonlocal known
        foregone = beginning(known[1], known[0], candidate) if times == 1 else None
        for _ in range(times):
            journal = foregone or lived(candidate)
            again, harm = shown(journal)
            if again != sign or harm < weight:
                return False
        known = candidate, journal
        return True

    return told if told is not None and still_shows(told, fails) else shortest(scenario, fails)


def empty(requirement: Requirement, vendor: Vendor, outcome: CellOutcome, why: str) -> Cell:
    """Return a cell in which nothing was played."""
    return Cell(requirement=requirement.id, vendor=vendor.name, outcome=outcome, why=why)
