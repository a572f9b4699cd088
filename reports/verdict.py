"""What results are worth: their grades, which of them fail the run, what the reader must look at, the exit code.

The one place where the line between failing and warning is drawn. Pure functions; nothing here renders, reads a
baseline file or ends a process.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from enum import IntEnum
from types import MappingProxyType

from refreshproof.reports.results import Grade, Grading, Harm, Keyword, Outcome, Report, Result


class ExitCode(IntEnum):
    """The exit codes of the command line and of the pytest plugin."""

    AS_EXPECTED = 0
    UNEXPECTED = 1
    INTERRUPTED = 2
    HARNESS_ERROR = 3
    USAGE = 4
    NOTHING_SELECTED = 5
    BASELINE_DRIFT = 6
    INCOMPLETE = 7


BINDING = frozenset({Keyword.MUST, Keyword.MUST_NOT, Keyword.VENDOR})
"""Keywords under which "never exercised" is as bad as "failed"."""

SEVERE = frozenset({Harm.GRANT_LOST, Harm.CALL_FAILED})
"""Harm that fails a run, whatever the keyword."""

_WHATEVER_THE_KEYWORD = {
    Outcome.SATISFIED: Grade.PASS,
    Outcome.VIOLATED: Grade.FAIL,
    Outcome.ALTERNATIVE: Grade.WARN,
    Outcome.NOT_EXERCISED: Grade.UNTESTED,
    Outcome.UNSUPPORTED: Grade.NA,
    Outcome.NOT_APPLICABLE: Grade.NA,
    Outcome.NOT_OBSERVABLE: Grade.NA,
    Outcome.BLOCKED: Grade.BLOCKED,
    Outcome.SUBJECT_ERROR: Grade.BROKEN,
    Outcome.HARNESS_ERROR: Grade.BROKEN,
}
_BY_KEYWORD = {
    (Outcome.VIOLATED, Keyword.SHOULD): Grade.WARN,
    (Outcome.VIOLATED, Keyword.ADVICE): Grade.INFO,
    # the second best way to follow advice cannot weigh more than not following it
    (Outcome.ALTERNATIVE, Keyword.ADVICE): Grade.INFO,
}

GRADES: Mapping[tuple[Outcome, Keyword], Grade] = MappingProxyType(
    {
        (outcome, keyword): _BY_KEYWORD.get((outcome, keyword), grade)
        for outcome, grade in _WHATEVER_THE_KEYWORD.items()
        for keyword in Keyword
    }
)
"""The grade of every outcome under every keyword, where no harm was seen and the line stands where it does by default.
"""

_SEVERE_IS: Mapping[Grading, Grade] = {
    "default": Grade.FAIL,
    "strict": Grade.FAIL,
    "lenient": Grade.WARN,
    "recorded": Grade.FAIL,
}
_OWED: Mapping[Grading, frozenset[Keyword]] = {
    "default": BINDING,
    "strict": frozenset(Keyword),
    "lenient": frozenset(),
    "recorded": frozenset(),
}
_OUGHT: Mapping[Grading, frozenset[Keyword]] = {
    "default": BINDING,
    "strict": frozenset(Keyword),
    "lenient": BINDING,
    "recorded": frozenset(),
}
"""Keywords under which a reader has to hear that something was never exercised."""
_TELLS_NOTHING: Mapping[Grading, frozenset[Grade]] = {
    "default": frozenset({Grade.NA}),
    "strict": frozenset({Grade.NA}),
    "lenient": frozenset({Grade.NA}),
    "recorded": frozenset({Grade.NA, Grade.UNTESTED}),
}
"""Grades that judge nothing: of what happened to be recorded, nothing was owed."""
_ABOUT_THE_CLIENT = frozenset({Outcome.VIOLATED, Outcome.ALTERNATIVE})
_ERRORS = frozenset({Outcome.SUBJECT_ERROR, Outcome.HARNESS_ERROR})
SETTLED = frozenset({Outcome.SATISFIED, Outcome.ALTERNATIVE, Outcome.UNSUPPORTED, Outcome.NOT_APPLICABLE})
"""Outcomes in which nothing is left of a finding that there was."""


def grade(result: Result, grading: Grading = "default") -> Grade:
    """Say what a result is worth, by its outcome, its keyword, the harm in its story and where the line stands.

    By default a violation fails that breaks a binding rule or did severe harm. Strict makes a FAIL of every violation
    and every WARN; lenient leaves severe harm under a rule that does not bind at WARN.
    """
    plain = GRADES[result.outcome, result.keyword]
    if grading == "strict" and (plain is Grade.WARN or result.outcome is Outcome.VIOLATED):
        return Grade.FAIL
    if result.outcome is Outcome.VIOLATED and result.harm in SEVERE:
        return min(plain, _SEVERE_IS[grading], key=urgency)
    return plain


def urgency(grade: Grade) -> int:
    """Return a grade's place, 0 for the most urgent."""
    return list(Grade).index(grade)


def gates(result: Result, grading: Grading = "default") -> bool:
    """Say whether a result fails the run: it is a FAIL, or it had to be exercised and was not."""
    worth = grade(result, grading)
    return worth is Grade.FAIL or (worth is Grade.UNTESTED and result.keyword in _OWED[grading])


def is_owed(result: Result, grading: Grading = "default") -> bool:
    """Say whether a result had to come about, and something stood in its way."""
    return result.outcome is Outcome.BLOCKED and result.keyword in _OWED[grading]


def exit_code(report: Report) -> ExitCode:
    """Reduce a report to one exit code, the first cause in the order of trust.

    What its baseline allows is expected until its date is over. An entry of which the run has seen that it is fixed is
    drift; one about a cell that was not played is none. USAGE never comes from here: without a valid command line there
    is no report.
    """
    grading = report.run.grading
    entries = () if report.baseline is None else report.baseline.entries
    expected = {one.identity for one in entries if not one.expired}
    settled = {result.identity[:2] for result in report.results if result.outcome in SETTLED}
    outcomes = {result.outcome for result in report.results}
    grades = {grade(result, grading) for result in report.results}
    gating = {result.identity for result in report.results if gates(result, grading)}
    open_ends = {result.identity for result in report.results if is_owed(result, grading)}
    vanished = {one.identity for one in entries if one.identity[:2] in settled} - gating
    stopped = any(trouble.stops for trouble in report.run.troubles)
    undone = not report.complete or stopped or Grade.BROKEN in grades or open_ends - expected
    causes = (
        (report.run.interrupted, ExitCode.INTERRUPTED),
        (Outcome.HARNESS_ERROR in outcomes, ExitCode.HARNESS_ERROR),
        (gating - expected, ExitCode.UNEXPECTED),
        (undone, ExitCode.INCOMPLETE),
        (grades <= _TELLS_NOTHING[grading], ExitCode.NOTHING_SELECTED),
        (vanished, ExitCode.BASELINE_DRIFT),
    )
    return next((code for cause, code in causes if cause), ExitCode.AS_EXPECTED)


def counts(results: Collection[Result], grading: Grading = "default") -> Mapping[Grade, int]:
    """Count results per grade, every grade present, most urgent first."""
    found = Counter(grade(result, grading) for result in results)
    return {grade: found[grade] for grade in Grade}


def findings(report: Report) -> tuple[Result, ...]:
    """Return the results a reader must look at, most urgent first, otherwise in the report's order."""
    return tuple(
        sorted(
            (result for result in report.results if result.outcome in _ABOUT_THE_CLIENT | _ERRORS),
            key=lambda result: urgency(grade(result, report.run.grading)),
        )
    )


def blames_client(result: Result) -> bool:
    """Say whether a finding is the client's, so that advice on mending the client has a place next to it."""
    return result.outcome in _ABOUT_THE_CLIENT


def unproven(report: Report) -> tuple[Result, ...]:
    """Return the results that had to be exercised, and were not: nothing was seen to break, and nothing to hold."""
    grading = report.run.grading
    return tuple(
        result
        for result in report.results
        if grade(result, grading) is Grade.UNTESTED and result.keyword in _OUGHT[grading]
    )


def blocked(report: Report) -> tuple[Result, ...]:
    """Return the results that another one, or a trouble, stood in the way of."""
    return tuple(result for result in report.results if result.outcome is Outcome.BLOCKED)
