"""Playing a scenario: every step is carried out on a world, in order, and the journal is what is left."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias, TypeVar

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.clocks.actors import DeadlockError, Endless
from refreshproof.scenarios.clocks.watchdog import Overdue, Watch
from refreshproof.scenarios.evidence.journal import Journal, StepRecord
from refreshproof.scenarios.play import calls, circumstances, logins
from refreshproof.scenarios.steps import steps
from refreshproof.scenarios.steps.documents import to_document
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Step
from refreshproof.scenarios.steps.subject import SubjectFactory
from refreshproof.scenarios.world.standstill import StandstillError
from refreshproof.scenarios.world.world import WATCH, World

Kind = TypeVar("Kind", bound=Step)
Performance: TypeAlias = Callable[[World, Step], None]


class ProviderBrokenError(RuntimeError):
    """The emulation raised an exception: the harness is at fault, and nothing can be said of the client."""


def play(vendor: Vendor, factory: SubjectFactory, scenario: Scenario, *, watch: Watch = WATCH) -> Journal:
    """Play a scenario with a new subject and return its journal."""
    with _chance(scenario.seed):
        world = World(vendor, factory, scenario, watch=watch)
        try:
            for step in scenario.steps:
                perform(world, step)
        finally:
            world.close()
    return world.journal


@contextmanager
def _chance(seed: int) -> Iterator[None]:
    """Have what a client draws from `random`, as for the jitter of a pause, hang on the seed in a block: a story is to
    show the same whenever it is played. What others draw afterwards is as it was."""
    usual = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(usual)


def perform(world: World, step: Step) -> None:
    """Carry out one step."""
    world.step += 1
    world.network.step = world.step
    world.journal.add(StepRecord(number=world.step, at=world.clock.now(), step=to_document(step)))
    try:
        PERFORMANCES[type(step)](world, step)
    except (DeadlockError, Endless, Overdue) as met:
        raise StandstillError(
            f"step {world.scenario.number_of(world.step)} ({step.prose()})", met, world.watch.patience
        ) from None
    if world.network.broken is not None:
        raise ProviderBrokenError(f"the provider failed: {world.network.broken!r}") from world.network.broken


def _of(kind: type[Kind], carry_out: Callable[[World, Kind], None]) -> tuple[type, Performance]:
    """Pair a kind of step with what carries it out; that the two fit is for the type checker to see."""

    def performance(world: World, step: Step) -> None:
        if not isinstance(step, kind):
            raise TypeError(f"{type(step).__name__} is not a {kind.__name__}")
        carry_out(world, step)

    return kind, performance


PERFORMANCES: Mapping[type, Performance] = dict(
    (
        _of(steps.Advance, circumstances.advance),
        _of(steps.Authorize, logins.authorize),
        _of(steps.AuthorizeAtSecond, logins.authorize_at_second),
        _of(steps.AuthorizeByDiscovery, logins.authorize_by_discovery),
        _of(steps.Call, calls.call),
        _of(steps.ChangePassword, circumstances.change_password),
        _of(steps.ChangeSecret, circumstances.change_secret),
        _of(steps.ClockStep, circumstances.step_clock),
        _of(steps.Crash, calls.crash),
        _of(steps.Delay, circumstances.delay),
        _of(steps.DeviceLogin, logins.log_in_by_device),
        _of(steps.Disconnect, calls.disconnect),
        _of(steps.Drift, circumstances.drift),
        _of(steps.During, calls.call_meanwhile),
        _of(steps.EndAccessTokens, circumstances.end_access_tokens),
        _of(steps.Fault, circumstances.misbehave),
        _of(steps.LogEverything, calls.log_everything),
        _of(steps.Lose, circumstances.lose),
        _of(steps.Mend, circumstances.mend),
        _of(steps.MoveAuthorization, circumstances.move_authorization),
        _of(steps.Node, calls.move_to_node),
        _of(steps.OtherLogins, circumstances.log_in_with_others),
        _of(steps.Pages, calls.read_pages),
        _of(steps.Parallel, calls.call_at_once),
        _of(steps.ProviderChanges, circumstances.change_provider),
        _of(steps.Refresh, calls.refresh),
        _of(steps.Reload, logins.reload),
        _of(steps.Restart, calls.restart),
        _of(steps.Revoke, circumstances.revoke),
        _of(steps.Skew, circumstances.skew),
        _of(steps.Until, circumstances.advance_until),
        _of(steps.Zone, circumstances.keep_local_time),
    )
)
"""What carries out each kind of step; every kind of `steps.STEPS` has one."""
