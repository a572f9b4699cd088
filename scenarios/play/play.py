"""Playing a scenario: every step is carried out on a world, in order, and the journal is what is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import singledispatch
from typing import cast

from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.provider.provider import CLIENT_ID, CLIENT_SECRET, Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import WireRequest, seconds
from refreshproof.scenarios.clocks.actors import DeadlockError, Endless
from refreshproof.scenarios.clocks.clock import LONGEST_WAIT
from refreshproof.scenarios.clocks.wall_clock import Overdue
from refreshproof.scenarios.evidence.journal import ClockMove, Journal, StepRecord
from refreshproof.scenarios.play.tampers import TAMPERS, authorization_url, parameter
from refreshproof.scenarios.steps import steps
from refreshproof.scenarios.steps.conditions import Condition
from refreshproof.scenarios.steps.documents import to_document
from refreshproof.scenarios.steps.limits import limit_of
from refreshproof.scenarios.steps.logins import DeviceLogin
from refreshproof.scenarios.steps.processes import Crash, During, Node, Zone
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Step
from refreshproof.scenarios.steps.subject import (
    OK,
    Capability,
    DeviceSubject,
    MarginSubject,
    Outcome,
    PagingSubject,
    SubjectFactory,
    TwoServerSubject,
)
from refreshproof.scenarios.world.elsewhere import log_in_elsewhere
from refreshproof.scenarios.world.second_server import expect
from refreshproof.scenarios.world.standstill import StandstillError
from refreshproof.scenarios.world.world import World, tampered

OTHER_SECRET = "another~secret+of/the=client"


class ProviderBrokenError(RuntimeError):
    """The emulation raised an exception: the harness is at fault, and nothing can be said of the client."""


def play(vendor: Vendor, factory: SubjectFactory, scenario: Scenario) -> Journal:
    """Play a scenario with a new subject and return its journal."""
    world = World(vendor, factory, scenario)
    try:
        for step in scenario.steps:
            perform(world, step)
    finally:
        world.close()
    return world.journal


def perform(world: World, step: Step) -> None:
    """Carry out one step."""
    world.step += 1
    world.network.step = world.step
    world.journal.add(StepRecord(number=world.step, at=world.clock.now(), step=to_document(step)))
    try:
        _perform(step, world)
    except (DeadlockError, Endless, Overdue) as met:
        raise StandstillError(f"step {world.step} ({step.prose()})", met) from None
    if world.network.broken is not None:
        raise ProviderBrokenError(f"the provider failed: {world.network.broken!r}") from world.network.broken


@singledispatch
def _perform(step: Step, world: World) -> None:
    raise TypeError(f"no way to perform {type(step).__name__}")


@_perform.register
def _(step: steps.Authorize, world: World) -> None:
    world.provider.user.will(_decision(step, world.provider))
    world.note("authorize", account=step.account, answer=step.answer)
    urls: list[str] = []

    if world.act("authorize", _beginning(world.subject.authorize, urls)).kind != "ok":
        return
    try:
        back = world.visit(urls[0])
    except Trouble:
        back = None
    world.clock.advance(step.think)
    if back is None:
        world.note("ended_on_page")
        return
    world.returns.append(back)
    urls = TAMPERS[step.tamper](world, back)
    if step.tamper == "twice_at_once" and "parallel" in world.description.capabilities:
        world.actors.run([lambda: world.deliver(back, step.tamper) for _ in urls])
        return
    with world.at(step.back_at or world.node):
        for url in urls:
            world.deliver(url, step.tamper, changed=url != back)


def _decision(step: steps.Authorize, provider: Provider) -> Decision:
    scopes, sites = provider.profile.scopes, provider.state.sites_of(provider.profile, step.account)
    return Decision(
        account=step.account,
        answer=step.answer,
        scopes=frozenset(scopes[1:]) if step.consents_to == "fewer_scopes" and len(scopes) > 1 else None,
        site=sites[-1] if step.consents_to == "another_site" and sites else None,
    )


@_perform.register
def _(step: steps.AuthorizeAtSecond, world: World) -> None:
    if "two_servers" not in world.description.capabilities:
        world.act("authorize", lambda: Outcome(kind="unsupported"))
        return
    world.note("authorize_at_second", mix_up=step.mix_up)
    urls: list[str] = []
    begin = cast("TwoServerSubject", world.subject).authorize_at_second
    if world.act("authorize", _beginning(begin, urls)).kind != "ok":
        return
    expect(world.second(), parameter(urls[0], "redirect_uri"))
    copied = {name: parameter(urls[0], name) or None for name in ("state", "code_challenge", "code_challenge_method")}
    bounced = tampered(authorization_url(world), **copied)
    back = world.visit(bounced) if step.mix_up else world.visit(urls[0], parameter(urls[0], "redirect_uri"))
    if back is not None:
        world.deliver(back, "mix_up" if step.mix_up else "none")


def _beginning(begin: Callable[[], str], urls: list[str]) -> Callable[[], Outcome]:
    def work() -> Outcome:
        urls.append(begin())
        return OK

    return work


@_perform.register
def _(step: steps.LogEverything, world: World) -> None:
    world.output.talkative = True


@_perform.register
def _(step: steps.Reload, world: World) -> None:
    for url in world.returns[-1:]:
        world.deliver(url, "reload")


@_perform.register
def _(step: steps.Call, world: World) -> None:
    def with_margin() -> Outcome:
        return cast("MarginSubject", world.subject).call_with_margin(step.margin)

    for index in range(step.times):
        if index:
            world.clock.advance(step.every)
        world.act("call", _if_able(world, "margin", with_margin) if step.margin else world.subject.call)


@_perform.register
def _(step: steps.Pages, world: World) -> None:
    def read() -> Outcome:
        return cast("PagingSubject", world.subject).call_pages(step.pages, lambda: world.clock.advance(step.every))

    world.act("pages", _if_able(world, "pages", read))


@_perform.register
def _(step: DeviceLogin, world: World) -> None:
    world.note("device_login", answer=step.answer)

    def show(address: str, code: str) -> None:
        if step.answer != "nothing":
            world.provider.user.will(Decision(account=step.account, answer=step.answer))
            page = WireRequest(method="GET", url=f"{address}?user_code={code}")
            answered = world.clock.now() + seconds(step.after)
            world.clock.at(answered, lambda: _answer(world, page))

    world.act(
        "device_login",
        _if_able(world, "device", lambda: cast("DeviceSubject", world.subject).log_in_by_device(show)),
    )


def _answer(world: World, page: WireRequest) -> None:
    """Let the user answer on another device, whose requests are none of the client's."""
    world.provider.handle(page, world.clock.now())


@_perform.register
def _(step: steps.Parallel, world: World) -> None:
    if "parallel" not in world.description.capabilities:
        world.act("call", lambda: Outcome(kind="unsupported"))
        return
    if step.nodes > 1 and "shared_store" not in world.description.capabilities:
        world.act("call", lambda: Outcome(kind="unsupported"))
        return
    nodes = [world.node] if step.nodes == 1 else [1 + index % step.nodes for index in range(step.callers)]
    calls = [_call_at(world, nodes[index % len(nodes)]) for index in range(step.callers)]
    world.actors.run(calls, schedule=step.schedule, every_touch=step.every_touch)
    world.journal.branches, world.journal.touches = tuple(world.actors.branches), world.actors.touches


def _call_at(world: World, node: int) -> Callable[[], Outcome]:
    subject = world.process(node).subject
    return lambda: world.act("call", subject.call, node)


@_perform.register
def _(step: steps.Advance, world: World) -> None:
    world.clock.advance(step.seconds)


@_perform.register
def _(step: steps.Until, world: World) -> None:
    limit, now = limit_of(world.provider, step.limit), world.clock.now()
    if limit is None or limit + seconds(step.offset) - now > LONGEST_WAIT:  # nobody lives to see such a limit
        world.note("no_such_limit", limit=step.limit)
    else:
        world.clock.advance_to(max(limit + seconds(step.offset), now))


@_perform.register
def _(step: steps.Skew, world: World) -> None:
    world.client_clock.set_offset(step.seconds)
    _clock_moved(world, "skew", step.seconds)


@_perform.register
def _(step: steps.Drift, world: World) -> None:
    world.client_clock.set_drift(step.parts_per_million)
    _clock_moved(world, "drift", step.parts_per_million)


@_perform.register
def _(step: steps.ClockStep, world: World) -> None:
    clock = world.client_clock

    def move() -> None:
        clock.step(step.seconds)
        _clock_moved(world, "step", step.seconds)

    world.clock.at(world.clock.now() + seconds(step.after), move)


def _clock_moved(world: World, what: str, value: float) -> None:
    world.journal.add(ClockMove(step=world.step, at=world.clock.now(), what=what, value=value))


@_perform.register
def _(step: steps.Delay, world: World) -> None:
    world.network.weather.add(
        Condition(leg=step.leg, seconds=step.seconds, view=step.view, grant_type=step.grant_type, times=step.times)
    )


@_perform.register
def _(step: steps.Lose, world: World) -> None:
    world.network.weather.add(
        Condition(
            leg=step.leg, lost=True, silent=step.silent, view=step.view, grant_type=step.grant_type, times=step.times
        )
    )


@_perform.register
def _(step: steps.Fault, world: World) -> None:
    world.faults.add(step.spec)


@_perform.register
def _(step: steps.Mend, world: World) -> None:
    world.faults.clear()
    world.network.weather.clear()


@_perform.register
def _(step: Node, world: World) -> None:
    if step.number > 1 and "shared_store" not in world.description.capabilities:
        world.act("node", lambda: Outcome(kind="unsupported"))
        return
    world.process(step.number)
    world.node = step.number


@_perform.register
def _(step: Zone, world: World) -> None:
    world.local_time.keep(step.rules)


@_perform.register
def _(step: Crash, world: World) -> None:
    if "restart" in world.description.capabilities:
        world.network.weather.add(
            Condition(leg="response", fatal=step.moment, view=step.view, grant_type=step.grant_type, skip=step.skip)
        )


@_perform.register
def _(step: During, world: World) -> None:
    if "parallel" not in world.description.capabilities:
        world.act("call", lambda: Outcome(kind="unsupported"))
        return
    moment = world.clock.now() + seconds(step.after)

    def then() -> None:
        world.actors.wait_until(moment)
        _perform(_MEANWHILE[step.happens], world)

    world.actors.run([lambda: _perform(steps.Call(), world), then])


_MEANWHILE: Mapping[str, Step] = {
    "authorize": steps.Authorize(),
    "call": steps.Call(),
    "disconnect": steps.Disconnect(),
}


@_perform.register
def _(step: steps.ChangeSecret, world: World) -> None:
    application = world.provider.state.applications[CLIENT_ID]
    secret = CLIENT_SECRET if step.back else OTHER_SECRET
    world.provider.register(replace(application, client_secret=secret))
    world.note("restore_secret" if step.back else "change_secret")


@_perform.register
def _(step: steps.ProviderChanges, world: World) -> None:
    world.provider.profile = changed(world.provider.profile, step.changes)
    world.note("provider_changes", changes=dict(step.changes))


@_perform.register
def _(step: steps.Refresh, world: World) -> None:
    world.act("refresh", _if_able(world, "refresh", world.subject.refresh))


@_perform.register
def _(step: steps.Restart, world: World) -> None:
    def restart() -> Outcome:
        world.subject.restart()
        return Outcome(kind="ok")

    world.act("restart", _if_able(world, "restart", restart))


@_perform.register
def _(step: steps.Disconnect, world: World) -> None:
    world.act("disconnect", _if_able(world, "disconnect", world.subject.disconnect))


@_perform.register
def _(step: steps.Revoke, world: World) -> None:
    world.provider.revoke_user(step.account)
    world.note("revoke", account=step.account)


@_perform.register
def _(step: steps.ChangePassword, world: World) -> None:
    if step.back and not world.provider.state.accounts[step.account].earlier_passwords:
        world.note("password_unchanged", account=step.account)
        return
    change = world.provider.restore_password if step.back else world.provider.change_password
    change(step.account)
    world.note("restore_password" if step.back else "change_password", account=step.account)


@_perform.register
def _(step: steps.OtherLogins, world: World) -> None:
    now, chosen = world.clock.now(), world.surroundings.registration
    for _ in range(step.times):
        log_in_elsewhere(world.provider, chosen, world.redirect_uri, step.account, now)
    world.note("other_logins", account=step.account, times=step.times)


def _if_able(world: World, capability: Capability, work: Callable[[], Outcome]) -> Callable[[], Outcome]:
    able = capability in world.description.capabilities
    return work if able else lambda: Outcome(kind="unsupported")
