"""What tells nothing of a client, in words: rules that a run tested and did not score, each that does not simply hold
and how many do; and rules about which nothing can be seen in a recording."""

from collections import defaultdict

from refreshproof.reports.anomalies import anomaly_in_words
from refreshproof.reports.figures import numbered
from refreshproof.reports.results import Grade, Outcome, Report
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


def unseen(report: Report) -> tuple[str, ...]:
    """Tell which rules were not judged because the recording does not show what they are about, a line for each thing
    that it does not show; what hides the fewest comes first."""
    hidden: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for result in report.results:
        if result.outcome is Outcome.NOT_OBSERVABLE:
            hidden[result.why.rstrip(".")][result.requirement] = None
    few_first = sorted(hidden.items(), key=lambda one: len(one[1]))
    return tuple(f"{numbered(len(names), 'rule')}, {why}: {', '.join(names)}" for why, names in few_first)
