"""Playing uses of the client: calls one by one and at once, pages, refreshes, logouts, and what befalls its
processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from refreshproof.mock_servers.wire import seconds
from refreshproof.scenarios.play.abilities import MissingMethodError, asked, can
from refreshproof.scenarios.play.logins import authorize
from refreshproof.scenarios.steps.calls import Call, Disconnect, LogEverything, Pages, Parallel, Refresh
from refreshproof.scenarios.steps.conditions import Condition
from refreshproof.scenarios.steps.logins import Authorize
from refreshproof.scenarios.steps.processes import Crash, During, Node, Restart
from refreshproof.scenarios.steps.subject import MarginSubject, Outcome, PagingSubject
from refreshproof.scenarios.world.world import World


def call(world: World, step: Call) -> None:
    """Use the resource as often as the step says."""
    for index in range(step.times):
        if index:
            world.clock.advance(step.every)
        if not step.margin:
            world.act("call", world.subject.call)
        elif asked(world, "call", "margin"):
            world.act("call", lambda: _with_margin(world).call_with_margin(step.margin))


def _with_margin(world: World) -> MarginSubject:
    if isinstance(world.subject, MarginSubject):
        return world.subject
    raise MissingMethodError("margin", "call_with_margin")


def read_pages(world: World, step: Pages) -> None:
    """Let one operation read several pages."""
    if asked(world, "pages", "pages"):
        pause = lambda: world.clock.advance(step.every)  # noqa: E731 - what happens between two pages
        world.act("pages", lambda: _with_pages(world).call_pages(step.pages, pause))


def _with_pages(world: World) -> PagingSubject:
    if isinstance(world.subject, PagingSubject):
        return world.subject
    raise MissingMethodError("pages", "call_pages")


def call_at_once(world: World, step: Parallel) -> None:
    """Let several callers use the resource at the same moment, in the order of the schedule."""
    needed = ("parallel", "shared_store") if step.nodes > 1 else ("parallel",)
    if not asked(world, "call", *needed):
        return
    nodes = [world.node] if step.nodes == 1 else [1 + index % step.nodes for index in range(step.callers)]
    calls = [_call_at(world, nodes[index % len(nodes)]) for index in range(step.callers)]
    world.actors.run(calls, schedule=step.schedule, every_touch=step.every_touch)
    world.journal.branches, world.journal.touches = tuple(world.actors.branches), world.actors.touches


def _call_at(world: World, node: int) -> Callable[[], Outcome]:
    subject = world.process(node).subject
    return lambda: world.act("call", subject.call, node)


def call_meanwhile(world: World, step: During) -> None:
    """Let something happen while a call may be under way."""
    if not asked(world, "call", "parallel"):
        return
    moment = world.clock.now() + seconds(step.after)

    def then() -> None:
        world.actors.wait_until(moment)
        _MEANWHILE[step.happens](world)

    world.actors.run([lambda: call(world, Call()), then])


def refresh(world: World, step: Refresh) -> None:
    """Tell the client to refresh."""
    if asked(world, "refresh", "refresh"):
        world.act("refresh", world.subject.refresh)


def disconnect(world: World, step: Disconnect) -> None:
    """Tell the client to log out."""
    if asked(world, "disconnect", "disconnect"):
        world.act("disconnect", world.subject.disconnect)


def log_everything(world: World, step: LogEverything) -> None:
    """Set the log to its most talkative level."""
    world.output.talkative = True


def restart(world: World, step: Restart) -> None:
    """End the client's process and begin a new one."""

    def begin_anew() -> Outcome:
        world.subject.restart()
        return Outcome(kind="ok")

    if asked(world, "restart", "restart"):
        world.act("restart", begin_anew)


def crash(world: World, step: Crash) -> None:
    """Let the process die at a moment of a request to come, if it can begin anew."""
    if can(world, "restart"):
        world.network.weather.add(
            Condition(
                leg="response",
                fatal=step.moment,
                touches=step.touches,
                view=step.view,
                grant_type=step.grant_type,
                skip=step.skip,
            )
        )


def move_to_node(world: World, step: Node) -> None:
    """Let what follows happen at another process."""
    if step.number == 1 or asked(world, "node", "shared_store"):
        world.process(step.number)
        world.node = step.number


_MEANWHILE: Mapping[str, Callable[[World], None]] = {
    "authorize": lambda world: authorize(world, Authorize()),
    "call": lambda world: call(world, Call()),
    "disconnect": lambda world: disconnect(world, Disconnect()),
}
