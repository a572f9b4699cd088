"""How findings stand to a baseline: new, known, another anomaly at the same place, past their date; what is fixed."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.baseline import Entry
from refreshproof.reports.results import Outcome, Report, Result
from refreshproof.reports.verdict import SETTLED, gates, is_owed


class Standing(StrEnum):
    """How a finding stands to the baseline."""

    NEW = "new"
    KNOWN = "known"
    OTHER = "other anomaly"
    EXPIRED = "expired"


def standing(report: Report, result: Result) -> Standing | None:
    """Say how a result stands to the baseline of its report; None without one, or where nothing fails the run."""
    if report.baseline is None:
        return None
    known = report.baseline.at(result.requirement, result.provider)
    same = [one for one in known if one.anomaly == result.anomaly]
    if same and result.outcome not in SETTLED:
        return Standing.EXPIRED if all(one.expired for one in same) else Standing.KNOWN
    if not gates(result, report.run.grading) and not is_owed(result, report.run.grading):
        return None
    return Standing.OTHER if known else Standing.NEW


def stale(report: Report) -> tuple[Entry, ...]:
    """Return the entries of the baseline of which this run has seen that they are fixed; what was not played, or could
    not be judged, is not among them."""
    if report.baseline is None:
        return ()
    settled = {result.identity[:2] for result in report.results if result.outcome in SETTLED}
    return tuple(one for one in report.baseline.entries if (one.requirement, one.provider) in settled)


def against(report: Report, results: Iterable[Result]) -> str:
    """Say in words how results stand to the baseline, providers of which the same holds together; empty without one."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for result in results:
        if told := _told(report, result):
            places[told].append(result.provider)
    return "; ".join(f"{told} at {', '.join(providers)}" for told, providers in places.items())


def _told(report: Report, result: Result) -> str:
    found = standing(report, result)
    if found is None or report.baseline is None:
        return ""
    known = report.baseline.at(result.requirement, result.provider)
    if found is Standing.NEW:
        return "new"
    if found is Standing.OTHER:
        return f"another anomaly than is known: {', '.join(map(_anomaly, known))}"
    entry = next(one for one in known if one.anomaly == result.anomaly)
    word = "known" if found is Standing.KNOWN else f"known until {entry.expires}, which is over"
    until = f"until {entry.expires}" if entry.expires and found is Standing.KNOWN else ""
    about = [text for text in (entry.reason, until, entry.link) if text]
    return f"{word} ({', '.join(about)})" if about else word


def stale_in_words(entry: Entry) -> str:
    """Say of an entry that it is fixed."""
    return f"{entry.requirement} at {entry.provider} ({_anomaly(entry)}) is fixed, and stands in the baseline yet"


def _anomaly(entry: Entry) -> str:
    return anomaly_in_words(entry.anomaly) if entry.anomaly else "never exercised"


def tally(report: Report) -> list[str]:
    """Count how the findings of a run stand to its baseline, in words; nothing without one."""
    if report.baseline is None:
        return []
    found = [standing(report, result) for result in report.results]
    counted = (
        (found.count(Standing.NEW), "new"),
        (found.count(Standing.OTHER), "with another anomaly than is known"),
        (found.count(Standing.EXPIRED), "known until a date that is over"),
        (found.count(Standing.KNOWN), "known"),
        (len(stale(report)), "fixed and in the baseline yet"),
    )
    return [f"{number} {words}" for number, words in counted if number]


def unjudged(report: Report) -> bool:
    """Tell whether a run has not come to the end of what was selected, so that no baseline can be made of it."""
    broken = any(one.outcome in (Outcome.SUBJECT_ERROR, Outcome.HARNESS_ERROR) for one in report.results)
    stopped = any(trouble.stops for trouble in report.run.troubles)
    return not report.complete or report.run.interrupted or broken or stopped
