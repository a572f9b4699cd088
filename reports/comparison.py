"""What has changed between two runs, cell by cell: newly broken, fixed, newly untested, otherwise changed, the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.results import Grading, Outcome, Report, Result
from refreshproof.reports.verdict import ExitCode, grade


class Change(StrEnum):
    """What became of a requirement at a provider, most urgent first."""

    BROKEN = "newly broken"
    UNTESTED = "newly untested"
    FIXED = "fixed"
    OTHERWISE = "otherwise changed"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A cell of two runs; `before` and `after` are its grades in words, "not played" where a run lacks it."""

    requirement: str
    provider: str
    change: Change
    before: str
    after: str


NOT_PLAYED = "not played"
NO_DATE = "none"
BROKEN, UNTESTED, HELD, APART, ABSENT = "broken", "untested", "held", "apart", "absent"
_STATES: Mapping[Outcome | None, str] = {
    Outcome.SATISFIED: HELD,
    Outcome.ALTERNATIVE: HELD,
    Outcome.VIOLATED: BROKEN,
    Outcome.NOT_EXERCISED: UNTESTED,
    Outcome.BLOCKED: UNTESTED,
    Outcome.SUBJECT_ERROR: UNTESTED,
    Outcome.HARNESS_ERROR: UNTESTED,
    Outcome.UNSUPPORTED: APART,
    Outcome.NOT_APPLICABLE: APART,
    Outcome.NOT_OBSERVABLE: APART,
    None: ABSENT,
}
"""What an outcome is for a comparison; None is that of a cell that was not played."""
_CHANGES: Mapping[tuple[str, str], Change] = {
    (BROKEN, HELD): Change.FIXED,
    **{(before, BROKEN): Change.BROKEN for before in (UNTESTED, HELD, APART, ABSENT)},
    **{(before, UNTESTED): Change.UNTESTED for before in (BROKEN, HELD, APART)},
    **{(before, ABSENT): Change.UNTESTED for before in (BROKEN, HELD)},
}
"""What became of a cell; what is not named here is otherwise changed, or the same."""


def compared(old: Report, new: Report) -> tuple[Compared, ...]:
    """Compare every cell that either run has, in the order of the new run and then of the old one."""
    before, after = (
        {(result.requirement, result.provider): result for result in report.results} for report in (old, new)
    )
    return tuple(
        _compared(cell, before.get(cell), after.get(cell), (old.run.grading, new.run.grading))
        for cell in dict.fromkeys((*after, *before))
    )


def _compared(
    cell: tuple[str, str], old: Result | None, new: Result | None, gradings: tuple[Grading, Grading]
) -> Compared:
    before, after = (_in_words(result, grading) for result, grading in zip((old, new), gradings, strict=True))
    return Compared(requirement=cell[0], provider=cell[1], change=_change(old, new), before=before, after=after)


def _change(old: Result | None, new: Result | None) -> Change:
    states = tuple(_STATES[None if result is None else result.outcome] for result in (old, new))
    if states == (BROKEN, BROKEN) and old is not None and new is not None and old.anomaly != new.anomaly:
        return Change.BROKEN
    same = old is not None and new is not None and (old.outcome, old.harm) == (new.outcome, new.harm)
    return _CHANGES.get((states[0], states[1]), Change.SAME if same else Change.OTHERWISE)


def _in_words(result: Result | None, grading: Grading) -> str:
    if result is None:
        return NOT_PLAYED
    anomaly = f" ({anomaly_in_words(result.anomaly)})" if result.anomaly else ""
    return f"{grade(result, grading)}{anomaly}"


def differences(old: Report, new: Report) -> Iterator[str]:
    """Tell what else differs between two runs, so that a change need not be the client's."""
    for name, before, after in (
        ("version of Refreshproof", old.run.version, new.run.version),
        ("seed", old.run.seed, new.run.seed),
        ("grading", old.run.grading, new.run.grading),
        ("date", old.run.dates or NO_DATE, new.run.dates or NO_DATE),
    ):
        if before != after:
            yield f"another {name}: {before}, then {after}"


def exit_code_of(cells: tuple[Compared, ...]) -> ExitCode:
    """Reduce a comparison to an exit code: what is newly broken fails, what is newly untested leaves it incomplete."""
    found = {cell.change for cell in cells}
    causes = ((Change.BROKEN, ExitCode.UNEXPECTED), (Change.UNTESTED, ExitCode.INCOMPLETE))
    return next((code for change, code in causes if change in found), ExitCode.AS_EXPECTED)
