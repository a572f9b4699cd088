"""The values of a survey gathered for display: by behaviour, and providers with the same value together."""

from collections import defaultdict
from collections.abc import Sequence

from refreshproof.reports.results import Report, SurveyInfo, SurveyValue

Rows = Sequence[tuple[str, Sequence[str]]]


def by_behaviour(report: Report) -> list[tuple[str, SurveyInfo | None, Rows]]:
    """Return every behaviour with its explanation, and each of its values with the providers that have it."""
    known = {info.name: info for info in report.behaviours}
    gathered: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for value in report.survey:
        gathered[value.name][text_of(value)].append(value.provider)
    return [(name, known.get(name), list(rows.items())) for name, rows in gathered.items()]


def text_of(value: SurveyValue) -> str:
    """Write a value with its unit; one that is unknown says why."""
    if value.value is None:
        return f"not measured: {value.why}" if value.why else "not measured"
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, str):
        return value.value
    return f"{value.value:.15g} {value.unit}".rstrip()


def tally(report: Report) -> str:
    """Say in one line how much was measured."""
    unknown, number = sum(value.value is None for value in report.survey), len(report.survey)
    missing = f", {unknown} could not be" if unknown else ""
    return f"Measured and not judged: {number} {'value' if number == 1 else 'values'}{missing}; see the report"
