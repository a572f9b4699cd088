"""From recordings to cells: each requirement judges what was recorded, as far as it can be seen.

What a recording does not show is not observable: neither a violation nor a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from refreshproof.harness.run.cells import NO_SUCH_CASE, Cell, empty
from refreshproof.mock_servers.vendors.dated import no_longer
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.requirement import Requirement, Stretch
from refreshproof.scenarios.evidence.sights import NotObservedError
from refreshproof.scenarios.evidence.verdict import Verdict, worst
from refreshproof.scenarios.recording.recording import Recording
from refreshproof.scenarios.recording.stretches import Part, stretches
from refreshproof.scenarios.requirements import CATALOGUE

BY_SCENARIOS = "not observable: it is judged in the scenarios that are made for it, and not in whatever was recorded"
NOTHING = "Nothing was recorded that it is about."

Parts = Mapping[Stretch, tuple[Part, ...]]


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """What a check says of one part, or why it cannot say anything."""

    part: Part
    verdict: Verdict | None
    why: str = ""


def judge(recordings: Sequence[Recording], requirements: Sequence[str]) -> Iterator[Cell]:
    """Yield the cell of every requirement at every vendor that was recorded."""
    seen = {one.vendor.name: stretches(one) for one in recordings}
    for name in requirements:
        for recording in recordings:
            yield _cell(CATALOGUE[name], recording, seen[recording.vendor.name])


def _cell(requirement: Requirement, recording: Recording, parts: Parts) -> Cell:
    vendor = recording.vendor
    if not requirement.applies(vendor):
        why = no_longer(vendor, requirement.applies) or NO_SUCH_CASE
        return empty(requirement, vendor, "not_applicable", why)
    if requirement.recorded is None:
        return empty(requirement, vendor, "not_observable", _why_not(requirement, parts["grant"]))
    judged = [_judged(requirement, part) for part in parts[requirement.recorded]]
    found = next((one for one in judged if one.verdict is not None and one.verdict.outcome == "violated"), None)
    if found is not None and found.verdict is not None:
        return _violated(requirement, recording, found.part, found.verdict, examples=len(judged))
    told = worst([one.verdict for one in judged if one.verdict is not None])
    dark = next((one for one in judged if one.verdict is None), None)
    if dark is not None and told.outcome != "alternative":
        return empty(requirement, vendor, "not_observable", dark.why)
    if told.outcome == "not_exercised":
        return empty(requirement, vendor, "not_exercised", told.why if judged else NOTHING)
    return Cell(
        requirement=requirement.id,
        vendor=vendor.name,
        outcome=told.outcome,
        why=told.why,
        expected=told.expected,
        witness=told.witness,
        examples=len(judged),
    )


def _violated(requirement: Requirement, recording: Recording, part: Part, verdict: Verdict, *, examples: int) -> Cell:
    return Cell(
        requirement=requirement.id,
        vendor=recording.vendor.name,
        outcome="violated",
        why=verdict.why,
        expected=verdict.expected,
        anomaly=requirement.anomaly_of(verdict),
        witness=verdict.witness,
        examples=examples,
        journal=Journal(records=[one.exchange for one in part.recorded]),
    )


def _judged(requirement: Requirement, part: Part) -> _Judged:
    try:
        verdict = requirement.check(part.evidence)
        likely = verdict if verdict.outcome == "violated" else requirement.check(part.likely)
        if likely is not verdict and likely.outcome == "violated":
            return _Judged(part=part, verdict=None, why=f"{NotObservedError('reading')}; if it had: {likely.why}")
        return _Judged(part=part, verdict=verdict)
    except NotObservedError as error:
        return _Judged(part=part, verdict=None, why=str(error))


def _why_not(requirement: Requirement, parts: Sequence[Part]) -> str:
    """Say what a check would have to see; what else it comes to in a recording is nothing to go by."""
    for part in parts[:1]:
        try:
            requirement.check(part.evidence)
        except NotObservedError as error:
            return str(error)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            break
    return BY_SCENARIOS
