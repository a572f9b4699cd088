"""What the author of a client needs to know of each vendor: its facts by topic, and how the client did there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from refreshproof.reports.matrix import by_provider
from refreshproof.reports.results import Fact, Grade, Report
from refreshproof.reports.verdict import counts

OTHER = "what else decided a result"


@dataclass(frozen=True, kw_only=True)
class VendorSheet:
    """A vendor: how many results of each grade there are, its facts by topic, how many of them nobody has verified."""

    name: str
    summary: str
    counts: tuple[tuple[Grade, int], ...]
    topics: tuple[tuple[str, Sequence[Fact]], ...]
    unverified: int


def vendor_sheets(report: Report) -> tuple[VendorSheet, ...]:
    """Return the sheet of each vendor of a report, in its order."""
    return tuple(
        VendorSheet(
            name=provider.name,
            summary=provider.summary,
            counts=tuple((grade, number) for grade, number in counts(results, report.run.grading).items() if number),
            topics=_by_topic(provider.facts),
            unverified=sum(fact.trust == "unverified" for fact in provider.facts),
        )
        for provider, results in by_provider(report)
    )


def _by_topic(facts: Iterable[Fact]) -> tuple[tuple[str, Sequence[Fact]], ...]:
    gathered: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        gathered[fact.topic or OTHER].append(fact)
    return tuple(gathered.items())
