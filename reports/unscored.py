"""What a run tested and did not score, in words: each rule that does not simply hold, and how many do."""

from collections import defaultdict

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.verdict import grade


def unscored(report: Report) -> tuple[str, ...]:
    """Tell what stands apart, a line each, providers of which the same holds together; nothing where all is scored."""
    if report.apart is None or not report.apart.requirements:
        return ()
    places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for result in report.apart.results:
        worth = grade(result, report.run.grading)
        if worth not in (Grade.PASS, Grade.NA):
            anomaly = f" ({anomaly_in_words(result.anomaly)})" if result.anomaly else ""
            places[result.requirement, f"{worth}{anomaly}"].append(result.provider)
    told = [
        f"{worth} {name} at {', '.join(providers)}: {report.apart.reasons.get(name, '')}"
        for (name, worth), providers in places.items()
    ]
    number = len({one.id for one in report.apart.requirements} - {name for name, _ in places})
    return (*told, *([f"{number} more with nothing to tell"] if number else []))
