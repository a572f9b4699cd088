"""Playing logins: the client begins a flow, the user answers the provider, and a callback comes back, perhaps
changed."""

from __future__ import annotations

from collections.abc import Callable

from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.stacks.carrier import Trouble
from refreshproof.mock_servers.wire import WireRequest, seconds
from refreshproof.scenarios.play.abilities import MissingMethodError, asked, can
from refreshproof.scenarios.play.tampers import TAMPERS, authorization_url, parameter
from refreshproof.scenarios.steps.logins import Authorize, AuthorizeAtSecond, AuthorizeByDiscovery, DeviceLogin, Reload
from refreshproof.scenarios.steps.subject import OK, DeviceSubject, DiscoveringSubject, Outcome, TwoServerSubject
from refreshproof.scenarios.world.second_server import expect
from refreshproof.scenarios.world.world import World, tampered


def authorize(world: World, step: Authorize) -> None:
    """Let the user go through a flow, and bring its callback to the client as the step says."""
    world.provider.user.will(_decision(step, world.provider))
    world.note("authorize", account=step.account, answer=step.answer)
    url = _begun(world, world.subject.authorize)
    if url is None:
        return
    try:
        back = world.visit(url)
    except Trouble:
        back = None
    world.clock.advance(step.think)
    if back is None:
        world.note("ended_on_page")
        return
    world.returns.append(back)
    urls = TAMPERS[step.tamper](world, back)
    if step.tamper == "twice_at_once" and can(world, "parallel"):
        world.actors.run([lambda: world.deliver(back, step.tamper) for _ in urls])
        return
    with world.at(step.back_at or world.node):
        for one in urls:
            world.deliver(one, step.tamper, changed=one != back)


def _decision(step: Authorize, provider: Provider) -> Decision:
    scopes, sites = provider.profile.scopes, provider.state.sites_of(provider.profile, step.account)
    return Decision(
        account=step.account,
        answer=step.answer,
        scopes=frozenset(scopes[1:]) if step.consents_to == "fewer_scopes" and len(scopes) > 1 else None,
        site=sites[-1] if step.consents_to == "another_site" and sites else None,
    )


def _begun(world: World, begin: Callable[[], object]) -> str | None:
    """Let the client begin a flow; returns where it sends the user's browser, None where it did not come to that."""
    urls: list[str] = []

    def work() -> Outcome:
        url = begin()
        if isinstance(url, Outcome):
            return url
        if not isinstance(url, str):
            raise TypeError(f"authorize returned {type(url).__name__}, expected the URL as str")
        urls.append(url)
        return OK

    return urls[0] if world.act("authorize", work).kind == "ok" and urls else None


def authorize_at_second(world: World, step: AuthorizeAtSecond) -> None:
    """Let the user go through a flow at the second server, honest or not."""
    if not asked(world, "authorize", "two_servers"):
        return
    world.note("authorize_at_second", mix_up=step.mix_up)
    url = _begun(world, lambda: _with_two_servers(world).authorize_at_second())
    if url is None:
        return
    expect(world.second(), parameter(url, "redirect_uri"))
    copied = {name: parameter(url, name) or None for name in ("state", "code_challenge", "code_challenge_method")}
    bounced = tampered(authorization_url(world), **copied)
    back = world.visit(bounced) if step.mix_up else world.visit(url, parameter(url, "redirect_uri"))
    if back is not None:
        world.deliver(back, "mix_up" if step.mix_up else "none")


def _with_two_servers(world: World) -> TwoServerSubject:
    if isinstance(world.subject, TwoServerSubject):
        return world.subject
    raise MissingMethodError("two_servers", "authorize_at_second")


def authorize_by_discovery(world: World, step: AuthorizeByDiscovery) -> None:
    """Let the client find out where to log in, and the user consent there."""
    if not asked(world, "authorize", "discovers"):
        return
    world.note("authorize_by_discovery")
    url = _begun(world, lambda: _discovering(world).authorize_by_discovery())
    back = None if url is None else world.visit(url, parameter(url, "redirect_uri"))
    if back is not None:
        world.deliver(back)


def _discovering(world: World) -> DiscoveringSubject:
    if isinstance(world.subject, DiscoveringSubject):
        return world.subject
    raise MissingMethodError("discovers", "authorize_by_discovery")


def reload(world: World, step: Reload) -> None:
    """Bring the last callback to the client once more."""
    for url in world.returns[-1:]:
        world.deliver(url, "reload")


def log_in_by_device(world: World, step: DeviceLogin) -> None:
    """Let the client show a code, and the user answer it on another device."""
    world.note("device_login", answer=step.answer)

    def show(address: str, code: str) -> None:
        if step.answer != "nothing":
            world.provider.user.will(Decision(account=step.account, answer=step.answer))
            page = WireRequest(method="GET", url=f"{address}?user_code={code}")
            # The user's own requests on another device are none of the client's.
            answered = world.clock.now() + seconds(step.after)
            world.clock.at(answered, lambda: _visit_elsewhere(world, page))

    if asked(world, "device_login", "device"):
        world.act("device_login", lambda: _with_device(world).log_in_by_device(show))


def _visit_elsewhere(world: World, page: WireRequest) -> None:
    world.provider.handle(page, world.clock.now())


def _with_device(world: World) -> DeviceSubject:
    if isinstance(world.subject, DeviceSubject):
        return world.subject
    raise MissingMethodError("device", "log_in_by_device")
