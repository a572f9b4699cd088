"""What results rest on: the values of a vendor that decided, and whether anybody has verified them."""

from collections.abc import Iterable

from markupsafe import Markup

from refreshproof.reports.results import Fact, Report, Result

UNVERIFIED = "unverified"


class Grounds:
    """The facts of a report's vendors, by vendor and field."""

    def __init__(self, report: Report) -> None:
        self._facts = {one.name: {fact.field: fact for fact in one.facts} for one in report.providers}
        self._unsure = {one.identity for one in report.results if any(map(_is_unverified, self.of(one)))}

    @property
    def unverified(self) -> int:
        """How many results rest on a value that nobody has verified."""
        return len(self._unsure)

    def of(self, result: Result) -> tuple[Fact, ...]:
        """Return the facts that decided a result."""
        known = self._facts[result.provider]
        return tuple(known[field] for field in result.rests_on if field in known)

    def unsure(self, result: Result) -> bool:
        """Tell whether a result rests on a value that nobody has verified."""
        return result.identity in self._unsure

    def fields(self, results: Iterable[Result]) -> list[str]:
        """Return the fields that decided any of some results."""
        return sorted({field for result in results for field in result.rests_on})

    def mark(self, results: Iterable[Result | None]) -> Markup:
        """Return the attribute by which the filter finds what holds such a result."""
        found = any(one is not None and self.unsure(one) for one in results)
        return Markup(" data-unsure" if found else "")  # noqa: S704 - our own word, or nothing


def _is_unverified(fact: Fact) -> bool:
    return fact.trust == UNVERIFIED
