"""Exploration: a Hypothesis state machine that lives a client's life at random, and judges it by every invariant.

What it did is a scenario, so a failing example is shrunk by Hypothesis, shortened once more, saved and replayed like
any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, get_args

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from refreshproof.mock_servers.vendor import Vendor
from refreshproof.scenarios import steps
from refreshproof.scenarios.conditions import Leg
from refreshproof.scenarios.exhaustive import SINGLE_FAULTS, Trouble
from refreshproof.scenarios.findings import Explored, FoundError, holds_always
from refreshproof.scenarios.journal import Journal
from refreshproof.scenarios.play import perform
from refreshproof.scenarios.requirement import Requirement
from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.steps import Step
from refreshproof.scenarios.subject import Capability, SubjectFactory
from refreshproof.scenarios.world import World

LONGEST_LIFE = 14
"""Steps of one generated life."""

SPANS = st.sampled_from((1, 59, 60, 61, 119, 121, 599, 601, 1800, 3600, 86_400, 7 * 86_400, 30 * 86_400))
"""Seconds that pass at once: either side of the usual leads, windows and lifetimes, and long silences."""

OFFSETS = st.sampled_from((-121, -61, -1, 0, 1, 60))
LIMITS = st.sampled_from(("access_token_expiry", "end_of_window", "inactivity_expiry", "absolute_expiry"))
SKEWS = st.sampled_from((-60, -30, 0, 30, 60))
DELAYS = st.sampled_from((1, 5, 29, 45))

Answer = Literal["consent", "deny"]


class Life(RuleBasedStateMachine):
    """One client's life at one vendor; subclasses made by `lives` say which."""

    vendor: Vendor
    factory: SubjectFactory
    invariants_to_hold: Sequence[Requirement]
    played: Callable[[Journal], None]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.vendor, type(self).factory, Scenario(steps=()))
        self.steps: list[Step] = []

    def do(self, step: Step) -> None:
        """Perform a step and remember it."""
        self.steps.append(step)
        perform(self.world, step)

    @initialize()
    def log_in(self) -> None:
        """Begin with a plain login."""
        self.do(steps.Authorize())

    @rule()
    def call(self) -> None:
        """Use the resource."""
        self.do(steps.Call())

    @rule(callers=st.integers(2, 4))
    def call_in_parallel(self, callers: int) -> None:
        """Use the resource from several places at once."""
        self.do(steps.Parallel(callers=callers))

    @rule(seconds=SPANS)
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.do(steps.Advance(seconds=seconds))

    @rule(limit=LIMITS, offset=OFFSETS)
    def reach(self, limit: steps.Limit, offset: int) -> None:
        """Let time pass until just before or after a limit."""
        self.do(steps.Until(limit=limit, offset=offset))

    @rule(seconds=SKEWS)
    def skew(self, seconds: int) -> None:
        """Set the client's clock wrong, within the declared bound."""
        self.do(steps.Skew(seconds=seconds))

    @rule(
        leg=st.sampled_from(("request", "server", "response")),
        seconds=DELAYS,
        view=st.sampled_from(("token", "resource")),
    )
    def delay(self, leg: Leg, seconds: int, view: str) -> None:
        """Slow down one leg of the next request."""
        self.do(steps.Delay(leg=leg, seconds=seconds, view=view))

    @rule(leg=st.sampled_from(("request", "response")), silent=st.booleans())
    def lose(self, leg: steps.LostLeg, silent: bool) -> None:
        """Lose the next refresh or its answer."""
        self.do(steps.Lose(leg=leg, silent=silent))

    @rule(trouble=st.sampled_from(SINGLE_FAULTS), view=st.sampled_from(("token", "resource")))
    def misbehave(self, trouble: Trouble, view: str) -> None:
        """Let the vendor misbehave once."""
        name, parameters = trouble
        self.do(steps.Fault(fault=name, parameters=parameters, view=view, grant_type=None))

    @rule()
    def mend(self) -> None:
        """Let everything be well again."""
        self.do(steps.Mend())

    @rule(seconds=st.sampled_from((-60, -5, 5, 60)))
    def step_clock(self, seconds: int) -> None:
        """Let a time service move the client's clock."""
        self.do(steps.ClockStep(seconds=seconds))

    @rule()
    def restart(self) -> None:
        """Restart the client."""
        self.do(steps.Restart())

    @rule()
    def refresh(self) -> None:
        """Tell the client to refresh."""
        self.do(steps.Refresh())

    @precondition(lambda self: len(self.steps) > 2)
    @rule()
    def revoke(self) -> None:
        """Withdraw the grant."""
        self.do(steps.Revoke())

    @precondition(lambda self: len(self.steps) > 2)
    @rule(back=st.booleans())
    def change_password(self, back: bool) -> None:
        """Change the password, or change it back."""
        self.do(steps.ChangePassword(back=back))

    @precondition(lambda self: len(self.steps) > 3)
    @rule(answer=st.sampled_from(("consent", "deny")), tamper=st.sampled_from(get_args(steps.Tamper)))
    def log_in_again(self, answer: Answer, tamper: steps.Tamper) -> None:
        """Go through the flow once more; the callback may be changed on its way."""
        self.do(steps.Authorize(answer=answer, tamper=tamper))

    @precondition(lambda self: len(self.steps) > 3)
    @rule()
    def disconnect(self) -> None:
        """Log out of the client."""
        self.do(steps.Disconnect())

    def teardown(self) -> None:
        """Judge the life by every invariant."""
        self.world.close()
        journal = self.world.journal
        type(self).played(journal)
        scenario = Scenario(steps=tuple(self.steps), name="generated")
        for requirement in self.invariants_to_hold:
            verdict = requirement.check(journal, self.world.profile)
            if verdict.outcome == "violated":
                raise FoundError(requirement, scenario, verdict)


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

    After a find the broken invariant is left out and exploration begins again, so that one bug does not hide others.
    """
    explored = Explored()

    def played(journal: Journal) -> None:
        explored.count(journal)

    remaining = [one for one in requirements if holds_always(one, vendor, capabilities)]
    for found in _finds(vendor, factory, remaining, seed, examples, database, played):
        explored.found = (*explored.found, found)
    return explored


def _finds(
    vendor: Vendor,
    factory: SubjectFactory,
    remaining: list[Requirement],
    seed: int,
    examples: int,
    database: ExampleDatabase | None,
    played: Callable[[Journal], None],
) -> Iterator[FoundError]:
    while remaining:
        try:
            run_state_machine_as_test(
                lives(vendor, factory, remaining, seed, played), settings=_settings(examples, database)
            )
        except FoundError as found:
            yield found
            remaining = [one for one in remaining if one is not found.requirement]
        else:
            return


def lives(
    vendor: Vendor,
    factory: SubjectFactory,
    requirements: Sequence[Requirement],
    seed: int = 0,
    played: Callable[[Journal], None] = lambda journal: None,
) -> type[Life]:
    """Return the state machine of a client at a vendor, judged by the given requirements."""
    members = {
        "vendor": vendor,
        "factory": staticmethod(factory),
        "invariants_to_hold": tuple(requirements),
        "played": staticmethod(played),
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
