"""A report in one word and one sentence. It says what was found, also where none of it fails the run."""

from collections.abc import Mapping
from typing import NamedTuple

from refreshproof.reports.figures import figures, in_the_dark, numbered, untested, waiting
from refreshproof.reports.results import Grade, Grading, Outcome, Report
from refreshproof.reports.standings import tally
from refreshproof.reports.verdict import ExitCode, blocked, exit_code, grade, unproven


class Headline(NamedTuple):
    """A report in one word and one sentence, with the grade whose colour and shape suit it."""

    grade: Grade
    word: str
    sentence: str


_WELL: Mapping[Grading, str] = {
    "default": "No rule was broken, and every binding one was exercised",
    "recorded": "No rule was broken in what was recorded, as far as it can be seen",
}
_NOTHING: Mapping[Grading, str] = {
    "default": "No selected requirement applies",
    "recorded": "Nothing that was recorded could be judged by a selected requirement",
}


def headline(report: Report) -> Headline:
    """Say what the run found, and how that stands to the baseline if there is one."""
    found, fails = ", ".join(_found(report)), Grade.FAIL in _grades(report)
    match exit_code(report):
        case ExitCode.INTERRUPTED:
            return Headline(Grade.FAIL if fails else Grade.BROKEN, "Interrupted", found)
        case ExitCode.HARNESS_ERROR:
            return Headline(Grade.BROKEN, "Harness error", f"Judge nothing by this run: {found}")
        case ExitCode.UNEXPECTED if fails:
            return Headline(Grade.FAIL, "Not conformant", found)
        case ExitCode.UNEXPECTED:
            return Headline(Grade.UNTESTED, "Not proven", found)
        case ExitCode.INCOMPLETE:
            return Headline(Grade.BROKEN, "Incomplete", found)
        case ExitCode.BASELINE_DRIFT:
            return Headline(Grade.WARN, "Baseline drift", found)
        case ExitCode.NOTHING_SELECTED:
            return Headline(Grade.UNTESTED, "Nothing tested", _NOTHING.get(report.run.grading, _NOTHING["default"]))
        case _:
            return _passed(report, found)


def _grades(report: Report) -> set[Grade]:
    return {grade(result, report.run.grading) for result in report.results}


def _passed(report: Report, found: str) -> Headline:
    """Say of a run that nothing fails what there is all the same."""
    grading = report.run.grading
    broken = {grade(result, grading) for result in report.results if result.outcome is Outcome.VIOLATED}
    if Grade.FAIL in _grades(report):
        return Headline(Grade.WARN, "Nothing new", found)
    if Grade.WARN in broken:
        return Headline(Grade.WARN, "Warnings", found)
    if blocked(report) or unproven(report):
        return Headline(Grade.UNTESTED, "Not proven", found)
    if broken:
        return Headline(Grade.INFO, "Advice", found)
    well = _WELL.get(grading, _WELL["default"])
    return Headline(Grade.PASS, "Nothing broke", f"{well}; {found}" if found else well)


def _found(report: Report) -> list[str]:
    """Name all that keeps a run from being a clean one."""
    parts = figures(report).in_words()
    if owed := untested(report):
        parts.append(f"{numbered(owed, 'required rule')} never exercised")
    if behind := waiting(report):
        parts.append(f"{numbered(behind, 'rule')} blocked")
    if hidden := in_the_dark(report):
        parts.append(f"{numbered(hidden, 'rule')} not judged, for the recording does not show enough")
    if troubles := len(report.run.troubles):
        parts.append(numbered(troubles, "trouble"))
    if report.baseline is not None:
        parts.append(f"against the baseline {' and '.join(tally(report)) or 'nothing new'}")
    return parts if report.complete else [*parts, "results that were selected are missing"]
