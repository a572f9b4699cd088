"""The results laid out as requirements by providers, grouped by family; formats draw it, this module only arranges."""

from collections import defaultdict
from dataclasses import dataclass

from refreshproof.reports.results import ProviderInfo, Report, RequirementInfo, Result


@dataclass(frozen=True, kw_only=True)
class Row:
    """A requirement and its result at each provider, in the report's order; None where nothing was selected."""

    requirement: RequirementInfo
    cells: tuple[Result | None, ...]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Requirements that are listed together."""

    name: str
    rows: tuple[Row, ...]


def families(report: Report) -> tuple[Family, ...]:
    """Arrange the report; families and requirements keep the order in which they were first named."""
    cells = {(result.requirement, result.provider): result for result in report.results}
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for requirement in report.requirements:
        across = tuple(cells.get((requirement.id, provider.name)) for provider in report.providers)
        rows[requirement.family].append(Row(requirement=requirement, cells=across))
    return tuple(Family(name=name, rows=tuple(members)) for name, members in rows.items())


def by_provider(report: Report) -> tuple[tuple[ProviderInfo, tuple[Result, ...]], ...]:
    """Return each provider with its results, both in the report's order."""
    found: defaultdict[str, list[Result]] = defaultdict(list)
    for result in report.results:
        found[result.provider].append(result)
    return tuple((provider, tuple(found[provider.name])) for provider in report.providers)
