"""Exploration: a Hypothesis state machine that lives a client's life at random, and judges it by every invariant.

What it did is a scenario, so a failing example is shrunk by Hypothesis, shortened once more, saved and replayed like
any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import Explored, FoundError, Search, holds_always
from refreshproof.scenarios.evidence.harm import harm_of
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.exploration.drawing import BEGINNINGS, DIMENSIONS, ONE_CLOCK, PEOPLE, SEVERAL, Drawn
from refreshproof.scenarios.exploration.seed_alone import seed_alone
from refreshproof.scenarios.play.play import perform
from refreshproof.scenarios.steps import steps
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Step
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory
from refreshproof.scenarios.world.world import World

LONGEST_LIFE = 14
"""Steps of one generated life."""

SHARE = 250
"""Lives that are looked for together; more are shared out, each share from a seed of its own."""

BEGUN = 2
"""Steps after which people and vendors may change what they have begun."""


class Life(RuleBasedStateMachine):
    """One client's life at one vendor; subclasses made by `lives` say which."""

    vendor: Vendor
    factory: SubjectFactory
    invariants_to_hold: Sequence[Requirement]
    broken: Sequence[Requirement]
    found: Callable[[FoundError], None]
    played: Callable[[Journal], None]
    told_varied: Callable[[Iterable[str]], None]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.vendor, type(self).factory, Scenario(steps=()))
        self.steps: list[Step] = []
        self.cluster = False
        self.varied: set[str] = set()

    def do(self, step: Step) -> None:
        """Perform a step and remember it."""
        self.steps.append(step)
        perform(self.world, step)

    @initialize(beginning=BEGINNINGS, cluster=st.booleans())
    def log_in(self, beginning: Step | None, *, cluster: bool) -> None:
        """Begin with a plain login, of a client that is one process or several."""
        self.cluster = cluster
        if beginning is not None:
            self.do(beginning)
        self.do(steps.Authorize())

    def teardown(self) -> None:
        """Judge the life by every invariant that is not known to be broken."""
        self.world.close()
        journal = self.world.journal
        type(self).played(journal)
        type(self).told_varied(sorted(self.varied))
        scenario = Scenario(steps=tuple(self.steps), name="generated")
        evidence = Evidence(journal=journal, profile=self.world.profile)
        for requirement in tuple(self.invariants_to_hold):
            verdict = requirement.judged(evidence, self.broken)
            if verdict.outcome == "violated":
                type(self).found(FoundError(requirement, scenario, verdict, harm_of(evidence)))


def _rule(name: str, dimension: str, drawn: Drawn) -> Callable[..., None]:
    """Return the rule that a life may go on with a step that is drawn; what it is called, Hypothesis leaves out at
    times."""

    def live(life: Life, step: Step | tuple[Step, Step]) -> None:
        life.varied.add(dimension)
        for one in step if isinstance(step, tuple) else (step,):
            life.do(one)

    live.__name__ = name
    return rule(step=drawn)(live)


_ONLY: Mapping[str, Callable[[Life], bool]] = {
    ONE_CLOCK: lambda life: not life.cluster,
    SEVERAL: lambda life: life.cluster,
    PEOPLE: lambda life: len(life.steps) > BEGUN,
}
"""The dimensions that are not open to every life at every moment."""

RULES: Mapping[str, Callable[..., None]] = {
    name: precondition(_ONLY.get(dimension, lambda life: True))(_rule(name, dimension, drawn))
    for dimension, kinds in DIMENSIONS.items()
    for name, drawn in kinds.items()
}
"""How a life may go on."""


def search(seed: int, examples: int) -> Search:
    """Say how lives are looked for."""
    return Search(
        by=f"Hypothesis {hypothesis.__version__}",
        seed=seed,
        examples=examples,
        steps=LONGEST_LIFE,
        dimensions={name: tuple(kinds) for name, kinds in DIMENSIONS.items()},
    )


def shares(seed: int, examples: int) -> tuple[tuple[int, int], ...]:
    """Share lives out, as seeds and numbers of lives, however many there are to look for them.

    The first share has the seed itself: few lives are the same as ever.
    """
    counts = [min(SHARE, examples - at) for at in range(0, examples, SHARE)]
    return tuple((_seed_of(seed, number) if number else seed, count) for number, count in enumerate(counts))


def _seed_of(seed: int, number: int) -> int:
    return int.from_bytes(sha256(f"{seed}/{number}".encode()).digest()[:8])


def explore(
    vendor: Vendor,
    factory: SubjectFactory,
    requirements: Sequence[Requirement],
    *,
    seed: int,
    examples: int,
    capabilities: frozenset[Capability] = frozenset(),
    database: ExampleDatabase | None = None,
) -> Explored:
    """Generate lives at a vendor until every invariant has held `examples` times or is known to be broken.

    An invariant that is found to be broken is left out from then on, so that one bug does not hide others. Where
    Hypothesis is to keep the life in a database the search ends with it and begins again; and it ends where no
    invariant is left.
    """
    explored = Explored(search=search(seed, examples))
    remaining = [one for one in requirements if holds_always(one, vendor, capabilities)]
    broken: list[Requirement] = []

    def note(found: FoundError) -> None:
        explored.found = (*explored.found, found)
        remaining.remove(found.requirement)
        broken.append(found.requirement)

    def tell(found: FoundError) -> None:
        if database is not None or len(remaining) == 1:
            raise found
        note(found)

    while remaining:
        machine = lives(vendor, factory, remaining, seed, explored.count, explored.varied.update, broken, tell)
        try:
            with seed_alone():
                run_state_machine_as_test(machine, settings=_settings(examples, database))
        except FoundError as found:
            note(found)
        else:
            break
    return explored


def _stop(found: FoundError) -> None:
    raise found


def lives(
    vendor: Vendor,
    factory: SubjectFactory,
    requirements: Sequence[Requirement],
    seed: int = 0,
    played: Callable[[Journal], None] = lambda journal: None,
    told_varied: Callable[[Iterable[str]], None] = lambda dimensions: None,
    broken: Sequence[Requirement] = (),
    found: Callable[[FoundError], None] = _stop,
) -> type[Life]:
    """Return the state machine of a client at a vendor, judged by the given requirements; others it is known to break.

    After each life `played` is told its journal, `told_varied` the dimensions in which it went on, and `found` what it
    broke.
    """
    members = {
        "vendor": vendor,
        "factory": staticmethod(factory),
        "invariants_to_hold": requirements,
        "broken": broken,
        "found": staticmethod(found),
        "played": staticmethod(played),
        "told_varied": staticmethod(told_varied),
        **RULES,
    }
    return hypothesis.seed(seed)(type("Life", (Life,), members))


def _settings(examples: int, database: ExampleDatabase | None) -> settings:
    # What is found is shortened by `shrink.shortest`, which knows what a step means: a hundred plays instead of
    # thousands.
    phases = (Phase.generate,) if database is None else (Phase.reuse, Phase.generate)
    return settings(
        max_examples=examples,
        stateful_step_count=LONGEST_LIFE,
        deadline=None,
        database=database,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=phases,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
