"""A rehearsal of an adapter before a run: one operation after the other, each mistake named with what to do next.

Every scene has a world of its own, so that what is wrong in one does not hide what is wrong in another. Nothing is
judged here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from refreshproof.harness.run.under_test import SubjectFaultError
from refreshproof.harness.subjects.exec.answers import ProgramError, quoted
from refreshproof.harness.subjects.exec.program import STDERR
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.play.play import perform
from refreshproof.scenarios.steps.processes import Node, Restart
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize, Call, Disconnect, Parallel, Refresh, Step, Until
from refreshproof.scenarios.steps.subject import CAPABILITIES, Capability, OutcomeKind, SubjectFactory
from refreshproof.scenarios.world.standstill import StandstillError
from refreshproof.scenarios.world.world import World

EXPIRY = Until(limit="access_token_expiry", offset=1)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Steps after a login, and how the last of them is to end, None if any end will do. It is played where its
    capabilities are claimed."""

    title: str
    steps: tuple[Step, ...] = ()
    ends: OutcomeKind | None = "ok"
    needs: frozenset[Capability] = frozenset()
    advice: str


SCENES = (
    Scene(
        title="login: authorize, the user's consent, callback",
        advice="send the user to the registration's authorization endpoint, redeem the code at its token endpoint",
    ),
    Scene(
        title="first call after the login",
        steps=(Call(),),
        advice="send the access token to the resource that you were told of, as Authorization: Bearer",
    ),
    Scene(
        title="call after the access token's expiry",
        steps=(Call(), EXPIRY, Call()),
        advice="refresh when the client's own time says that the access token is over; take the time from where the"
        " documentation says",
    ),
    Scene(
        title="refresh, forced",
        steps=(Refresh(),),
        needs=frozenset({"refresh"}),
        advice="present the refresh token that is stored, whatever the age of the access token",
    ),
    Scene(
        title="restart, and a call with what was stored",
        steps=(Restart(), Call()),
        needs=frozenset({"restart"}),
        advice="write the tokens to the store as soon as they come, and read them when a process begins",
    ),
    Scene(
        title="two callers at once after the expiry",
        steps=(EXPIRY, Parallel(callers=2)),
        ends=None,  # a refresh of each caller may cost one its grant, which is for a run to judge
        needs=frozenset({"parallel"}),
        advice="do not wait for the end of one call before you take the next command",
    ),
    Scene(
        title="another process on the same store",
        steps=(Node(number=2), Call()),
        needs=frozenset({"shared_store"}),
        advice="read the store again before you decide that there are no tokens",
    ),
    Scene(
        title="disconnect, and a call that says so",
        steps=(Disconnect(), Call()),
        ends="reauthorization_required",
        needs=frozenset({"disconnect"}),
        advice="forget the tokens; a call then ends as one that needs a new login",
    ),
)
"""What is rehearsed, in this order."""

NEXT: Mapping[str, str] = {
    "no JSON object": "print nothing but answers to stdout, each on one line; logs go to stderr",
    "does not know": 'answer {"unsupported": true} to every command that you have no code for',
    "no answer to": "answer every command, and flush stdout after each line",
    "has id": "repeat the id of the command in its answer",
    "can claim": "claim what stands in the list, and no more",
    "ended with exit status": "read on until stdin ends, whatever happens; an error is an answer",
    "closed its output": "keep stdout open for as long as the program lives",
    "longer than": "send one line of JSON and a line feed",
    "the answer to": "write the answer as its schema says: refreshproof adapter protocol",
    "cannot be set": "take the time from `now` of each command, or from the file REFRESHPROOF_CLOCK",
}
"""What to do about a mistake, by words of its message."""


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """How a scene went: `mistakes` is empty where it went well, `quote` is the line that was wrong, `stderr` what the
    program wrote meanwhile, `facts` what has been found out."""

    title: str
    mistakes: tuple[str, ...] = ()
    quote: str = ""
    advice: str = ""
    stderr: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


class Mistake(Exception):
    """Something that a client did in a scene, in words; the cause is the client's own exception."""


def rehearse(vendor: Vendor, factory: SubjectFactory) -> Iterator[Rehearsed]:
    """Play the beginning, and every scene of a client that can be had; after a login that fails there are no others."""
    beginning, claimed = _beginning(vendor, factory)
    yield beginning
    for scene in SCENES if not beginning.mistakes else ():
        if scene.needs <= claimed:
            rehearsed = _rehearsed(scene.title, partial(_play, scene, vendor, factory), scene.advice)
            yield rehearsed
            if rehearsed.mistakes and scene is SCENES[0]:
                return


def _beginning(vendor: Vendor, factory: SubjectFactory) -> tuple[Rehearsed, frozenset[Capability]]:
    facts: list[str] = []
    claimed: list[Capability] = []

    def describe() -> None:
        with closing(World(vendor, factory, Scenario(steps=()))) as world:
            about = world.description
            facts.extend((f"{about.name} {about.version}", *getattr(world.subject, "circumstances", ())))
        if about.unsuited:
            raise Mistake(about.unsuited)
        claimed.extend(about.capabilities)
        facts.append(f"claims: {_listed(about.capabilities)}")
        facts.append(f"does not claim: {_listed(CAPABILITIES.keys() - about.capabilities)}")

    rehearsed = _rehearsed("beginning: who the client is, and its time", describe, "")
    return replace(rehearsed, facts=tuple(facts)), frozenset(claimed)


def _listed(capabilities: Collection[str]) -> str:
    return ", ".join(name for name in CAPABILITIES if name in capabilities) or "nothing"


def _play(scene: Scene, vendor: Vendor, factory: SubjectFactory) -> None:
    with closing(World(vendor, factory, Scenario(steps=()))) as world:
        for step in (Authorize(), *scene.steps):
            perform(world, step)
            if world.journal.crashes:
                crash = world.journal.crashes[0]
                place = f" ({crash.file}:{crash.line})" if crash.file else ""
                raise Mistake(f"{crash.operation} ended in {crash.exception}{place}") from _broken(world)
        if scene.ends is None:
            return
        outcomes = list(world.journal.outcomes())
        for number, one in enumerate(outcomes, 1):
            wanted = scene.ends if number == len(outcomes) else "ok"
            if one.kind != wanted:
                said = f" ({one.said})" if one.said else ""
                raise Mistake(f"{one.operation} ended in {one.kind}{said}; expected {wanted}")


def _broken(world: World) -> Exception | None:
    """Return why a program does not answer any more."""
    broken = (getattr(process.subject, "broken", None) for process in world.processes.values())
    return next((one for one in broken if one is not None), None)


def _rehearsed(title: str, work: Callable[[], None], advice: str) -> Rehearsed:
    with _listening() as heard:
        try:
            work()
        except (SubjectFaultError, Mistake, StandstillError) as error:
            mistakes, quote = _mistakes(error)
            told = next((better for words, better in NEXT.items() if words in " ".join(mistakes)), advice)
            return Rehearsed(title=title, mistakes=mistakes, quote=quote, advice=told, stderr=tuple(heard.lines))
    return Rehearsed(title=title, stderr=tuple(heard.lines))


def _mistakes(error: Exception) -> tuple[tuple[str, ...], str]:
    """Return what was wrong, and the line that it stands in where there is one."""
    cause = error.__cause__
    if isinstance(cause, ProgramError):
        return cause.complaints or (cause.what,), cause.quote
    if isinstance(error, SubjectFaultError):
        trouble = error.trouble
        place = f" ({trouble.file}:{trouble.line})" if trouble.file else ""
        return (f"{trouble.what}{f': {trouble.exception}' if trouble.exception else ''}{place}",), ""
    return (str(error),), ""


class _Heard(logging.Handler):
    """Keeps what a program writes to stderr, without secrets."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(quoted(record.getMessage().encode()))


@contextmanager
def _listening() -> Iterator[_Heard]:
    heard = _Heard()
    STDERR.addHandler(heard)
    try:
        yield heard
    finally:
        STDERR.removeHandler(heard)
