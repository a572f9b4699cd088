"""What a journal tells of a shorter scenario: one that does the same and ends sooner has its journal until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from refreshproof.scenarios.evidence.journal import Journal, OutcomeRecord, Record, StepRecord
from refreshproof.scenarios.steps.calls import Call
from refreshproof.scenarios.steps.documents import to_document
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Step


def beginning(journal: Journal, scenario: Scenario, shorter: Scenario) -> Journal | None:
    """Return the journal of a scenario that is the beginning of a played one: fewer steps, or fewer calls in the last.

    None where it is not, or where what was played later may have changed what was written before. Moves are counted
    when a world is closed, and not told of here.
    """
    if not _is_beginning(shorter, scenario):
        return None
    end = _end(journal.records, len(shorter.steps), _calls_left_out(shorter, scenario))
    if end is None:
        return None
    records = journal.records[:end]
    crashed = sum(isinstance(one, OutcomeRecord) and one.kind == "crash" for one in records)
    if len(journal.crashes) != sum(one.kind == "crash" for one in journal.outcomes()):
        return None
    return Journal(
        records=list(_as_in(shorter, records)),
        started_at=journal.started_at,
        claims=journal.claims,
        crashes=[
            replace(one, scenario=replace(shorter, steps=shorter.steps[: one.step]))
            for one in journal.crashes[:crashed]
        ],
    )


def _is_beginning(shorter: Scenario, scenario: Scenario) -> bool:
    """Tell whether a scenario does what another one does, as far as it goes; a process that dies may be seen only later
    to have kept an answer."""
    count = len(shorter.steps)
    if not 0 < count <= len(scenario.steps) or any(isinstance(one, Crash) for one in scenario.steps):
        return False
    *others, last = zip(shorter.steps, scenario.steps[:count], strict=True)
    alike = replace(shorter, steps=(), name="") == replace(scenario, steps=(), name="")
    return alike and all(one == other or _one_call(one, other) for one, other in others) and _starts(*last)


def _one_call(one: Step, other: Step) -> bool:
    """Tell whether both are one call, so that how far calls are apart does not matter."""
    return (
        isinstance(one, Call)
        and isinstance(other, Call)
        and other.times == 1
        and one == replace(other, every=one.every)
    )


def _starts(one: Step, other: Step) -> bool:
    if one == other or not (isinstance(one, Call) and isinstance(other, Call)):
        return one == other
    same = replace(other, times=one.times, every=one.every if one.times == 1 else other.every)
    return one == same and one.times <= other.times


def _calls_left_out(shorter: Scenario, scenario: Scenario) -> int:
    one, other = shorter.steps[-1], scenario.steps[len(shorter.steps) - 1]
    return other.times - one.times if isinstance(one, Call) and isinstance(other, Call) else 0


def _end(records: Sequence[Record], steps: int, left_out: int) -> int | None:
    """Return how many records tell of so many steps, but for some calls of the last; None where those are not to be
    told apart."""
    starts = (at for at, one in enumerate(records) if isinstance(one, StepRecord) and one.number == steps + 1)
    end = next(starts, len(records))
    if not left_out:
        return end
    called = [at for at, one in enumerate(records[:end]) if isinstance(one, OutcomeRecord) and one.step == steps]
    return called[-1 - left_out] + 1 if len(called) > left_out else None


def _as_in(scenario: Scenario, records: Sequence[Record]) -> Iterator[Record]:
    """Yield records with the steps of a scenario."""
    for one in records:
        yield replace(one, step=to_document(scenario.steps[one.number - 1])) if isinstance(one, StepRecord) else one
