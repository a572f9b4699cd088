"""What a report amounts to: which results gate, what deserves the reader's attention, the exit code, the headline.

Pure functions of a `Report`; nothing here renders, reads a baseline file or ends a process.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import NamedTuple

from refreshproof.reports.results import Grade, Identity, Keyword, Outcome, Report, Result


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

_ABOUT_THE_CLIENT = frozenset({Outcome.VIOLATED, Outcome.ALTERNATIVE})
_ERRORS = frozenset({Outcome.SUBJECT_ERROR, Outcome.HARNESS_ERROR})


def gates(result: Result, *, strict: bool = False) -> bool:
    """Say whether a result fails the run; `strict` lets every requirement gate, whatever its keyword."""
    if strict:
        return result.outcome in (Outcome.VIOLATED, Outcome.NOT_EXERCISED)
    return result.grade is Grade.FAIL or (result.grade is Grade.UNTESTED and result.keyword in BINDING)


def exit_code(
    report: Report, *, interrupted: bool = False, expected: Collection[Identity] = (), strict: bool = False
) -> ExitCode:
    """Reduce a report to one exit code, the first cause in the order of trust.

    `expected` are findings that a baseline allows; those about cells this run did not play are no drift. USAGE never
    comes from here: without a valid command line there is no report.
    """
    played = {(result.requirement, result.provider) for result in report.results}
    outcomes = {result.outcome for result in report.results}
    grades = {result.grade for result in report.results}
    gating = {result.identity for result in report.results if gates(result, strict=strict)}
    vanished = {identity for identity in expected if identity[:2] in played} - gating
    causes = (
        (interrupted, ExitCode.INTERRUPTED),
        (Outcome.HARNESS_ERROR in outcomes, ExitCode.HARNESS_ERROR),
        (gating - set(expected), ExitCode.UNEXPECTED),
        (not report.complete or Grade.BROKEN in grades, ExitCode.INCOMPLETE),
        (grades <= {Grade.NA}, ExitCode.NOTHING_SELECTED),
        (vanished, ExitCode.BASELINE_DRIFT),
    )
    return next((code for cause, code in causes if cause), ExitCode.AS_EXPECTED)


def counts(results: Collection[Result]) -> Mapping[Grade, int]:
    """Count results per grade, every grade present, most urgent first."""
    found = Counter(result.grade for result in results)
    return {grade: found[grade] for grade in Grade}


def findings(report: Report) -> tuple[Result, ...]:
    """Return the results a reader must look at, most urgent first, otherwise in the report's order."""
    urgency = list(Grade)
    return tuple(
        sorted(
            (result for result in report.results if result.outcome in _ABOUT_THE_CLIENT | _ERRORS),
            key=lambda result: urgency.index(result.grade),
        )
    )


def alike(results: Collection[Result]) -> tuple[tuple[Result, ...], ...]:
    """Put together what is one finding at several providers; the order stays that of the first of each."""
    groups: dict[tuple[str, Grade, Outcome], list[Result]] = {}
    for result in results:
        groups.setdefault((result.requirement, result.grade, result.outcome), []).append(result)
    return tuple(map(tuple, groups.values()))


def blames_client(result: Result) -> bool:
    """Say whether a finding is the client's, so that advice on mending the client has a place next to it."""
    return result.outcome in _ABOUT_THE_CLIENT


def unproven(report: Report) -> tuple[Result, ...]:
    """Return the results that gate although nothing was seen to break."""
    return tuple(result for result in report.results if result.grade is Grade.UNTESTED and gates(result))


class Headline(NamedTuple):
    """A report in one word and one sentence, with the grade whose colour and shape suit it."""

    grade: Grade
    word: str
    sentence: str


def headline(report: Report) -> Headline:
    """Say what the run found, without a baseline."""
    number = counts(report.results)
    open_ends = f"{number[Grade.FAIL]} failed, {len(unproven(report))} required but never exercised"
    incomplete = f"Nothing failed, but {number[Grade.BROKEN]} cells are broken or cells are missing"
    headlines = {
        ExitCode.HARNESS_ERROR: Headline(Grade.BROKEN, "Harness error", "Judge nothing by this run"),
        ExitCode.UNEXPECTED: Headline(Grade.FAIL, "Not conformant", open_ends),
        ExitCode.INCOMPLETE: Headline(Grade.BROKEN, "Incomplete", incomplete),
        ExitCode.NOTHING_SELECTED: Headline(Grade.UNTESTED, "Nothing tested", "No selected requirement applies"),
        ExitCode.AS_EXPECTED: Headline(Grade.PASS, "Nothing broke", "Nothing binding failed or went unexercised"),
    }
    return headlines[exit_code(report)]
