"""Playing violations again over sockets: the unmodified library in a process of its own, its own HTTP stack, TLS on
loopback, the system's clock moved by libfaketime; the same scenario must break the same rule in the same way."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from refreshproof.harness.adapters.library.wall_clock import WALL_CLOCK
from refreshproof.harness.run.under_test import SubjectFaultError, client_named
from refreshproof.harness.subjects.exec.home import faketime
from refreshproof.harness.subjects.exec.pool import end_idle_programs
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.dated import as_dated
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Outcome
from refreshproof.reports.formats.matrix.values import Play, PlayedStory, PlayedSubject
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.play.play import play as played
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import read_scenario
from refreshproof.scenarios.steps.subject import SubjectFactory
from refreshproof.scenarios.world.standstill import StandstillError

_NUMBER = re.compile(r"\d+")
_STDERR = re.compile(r"; its stderr ends .*(?=\)\.$)", re.DOTALL)
"""What a crash tells of a process of its own besides, with paths of this machine."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """Whether a violation was repeated, and what there is to say of that: why it was not, or what was otherwise."""

    confirmed: bool
    remark: str = ""


Confirmations: TypeAlias = Mapping[str, Tried]
"""What came of each violation that was tried, by requirement."""

NO_CLOCK = "libfaketime, which sets the clock of the library's process, is not installed"


def serving(subject: str) -> str:
    """Return the name of a subject in a process of its own."""
    return f"exec:{shlex.join((sys.executable, '-m', 'refreshproof.harness.matrix.served_process', subject))}"


def confirmations(subject: PlayedSubject, play: Play, rules: Collection[str] = tuple(CATALOGUE)) -> Confirmations:
    """Play a subject's violations of some rules at a vendor over sockets."""
    violated = [cell.requirement for cell in play.cells if cell.outcome is Outcome.VIOLATED]
    asked = [name for name in violated if name in rules]
    if faketime() is None:
        return dict.fromkeys(asked, Tried(confirmed=False, remark=NO_CLOCK))
    WALL_CLOCK.thaw()  # of what was played in this process: certificates are made now
    factory, vendor = client_named(serving(subject.name)), as_dated(VENDORS[play.provider], play.at or None, None)
    found: dict[str, Tried] = {}
    for name in asked:
        story = subject.story(name, play.provider)
        if story is not None:
            broken = tuple(CATALOGUE[one] for one in violated if one != name)
            found[name] = _tried(CATALOGUE[name], vendor, factory, story, broken)
    end_idle_programs()
    return found


def _tried(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    story: PlayedStory,
    broken: tuple[Requirement, ...],
) -> Tried:
    """Play a story over sockets: it has to break the rule in the same words, though its numbers may differ."""
    try:
        journal = played(vendor, factory, read_scenario(dict(story.scenario)))
        verdict = requirement.judged(Evidence(journal=journal, profile=vendor.profile), broken)
    except SubjectFaultError as error:
        told = "; ".join((error.trouble.what, *(f"{name} {text}" for name, text in error.trouble.facts())))
        return _failed(f"it could not be played over sockets: {told}")
    except StandstillError as error:
        return _failed(f"it could not be played over sockets: {error}")
    except Exception as error:
        return _failed(f"it could not be played over sockets: {type(error).__name__}: {error}")
    why = _STDERR.sub("", verdict.why)
    if verdict.outcome != "violated":
        outcome = verdict.outcome.replace("_", " ")
        return _failed(f"over sockets the rule was {outcome} in this story: {why}")
    if _NUMBER.sub("", why) != _NUMBER.sub("", story.happened):
        return _failed(f"over sockets it was broken in another way: {why}")
    return Tried(confirmed=True, remark="" if why == story.happened else f"with other numbers: {why}")


def _failed(why: str) -> Tried:
    return Tried(confirmed=False, remark=why)
