"""Playing violations again over sockets: the unmodified library in a process of its own, its own HTTP stack, TLS on
loopback, the system's clock moved by libfaketime; the same scenario must break the same rule."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import TypeAlias

from refreshproof.harness.run.under_test import SubjectFaultError, client_named
from refreshproof.harness.subjects.exec.home import faketime
from refreshproof.mock_servers.vendors import VENDORS
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

Confirmations: TypeAlias = Mapping[str, str]
"""Why the violation of a requirement could not be confirmed; empty where it was."""

NO_CLOCK = "libfaketime, which sets the clock of the library's process, is not installed"


def serving(subject: str) -> str:
    """Return the name of a subject in a process of its own."""
    return f"exec:{shlex.join((sys.executable, '-m', 'refreshproof.harness.matrix.served_process', subject))}"


def confirmations(subject: PlayedSubject, play: Play) -> Confirmations:
    """Play every violation of a subject at a vendor over sockets."""
    violated = [cell.requirement for cell in play.cells if cell.outcome is Outcome.VIOLATED]
    if faketime() is None:
        return dict.fromkeys(violated, NO_CLOCK)
    factory, vendor = client_named(serving(subject.name)), VENDORS[play.provider]
    found: dict[str, str] = {}
    for name in violated:
        story = subject.story(name, play.provider)
        if story is not None:
            broken = tuple(CATALOGUE[one] for one in violated if one != name)
            found[name] = _difference(CATALOGUE[name], vendor, factory, story, broken)
    return found


def _difference(
    requirement: Requirement,
    vendor: Vendor,
    factory: SubjectFactory,
    story: PlayedStory,
    broken: tuple[Requirement, ...],
) -> str:
    """Say why a violation could not be repeated over sockets in the same words; empty where it was."""
    try:
        journal = played(vendor, factory, read_scenario(dict(story.scenario)))
        verdict = requirement.judged(Evidence(journal=journal, profile=vendor.profile), broken)
    except (SubjectFaultError, StandstillError) as error:
        return f"it could not be played over sockets: {error}"
    except Exception as error:
        return f"it could not be played over sockets: {type(error).__name__}: {error}"
    if verdict.outcome == "violated":
        return "" if verdict.why == story.happened else f"over sockets it was broken in another way: {verdict.why}"
    return f"over sockets the rule was {verdict.outcome.replace('_', ' ')} in this story: {verdict.why}"
