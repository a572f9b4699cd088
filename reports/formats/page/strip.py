"""The verdict in short: what the first glance at a report has to see, as values."""

from collections.abc import Iterator
from dataclasses import dataclass

from refreshproof.reports.figures import figures, untested
from refreshproof.reports.formats.page.grounds import Grounds
from refreshproof.reports.results import Grade, Report
from refreshproof.reports.standings import Standing, stale, standing

NEVER_LOGGED_IN = "the login never succeeded"
"""Where a trouble comes from whose login did not come through."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure with its name, the grade whose colour and shape suit it, and the section that it leads to."""

    name: str
    value: str
    grade: Grade
    leads_to: str


def strip(report: Report, grounds: Grounds) -> tuple[Tile, ...]:
    """Return the figures of a report, those of a baseline only where there is one."""
    found, owed = figures(report), untested(report)
    return (
        _tile("cause", "causes", found.causes, Grade.FAIL, "findings"),
        _tile("rule broken", "rules broken", found.broken, Grade.FAIL, "matrix"),
        *_against_baseline(report),
        _tile("required rule never exercised", "required rules never exercised", owed, Grade.UNTESTED, "overview"),
        _tile(
            "rule not judged",
            "rules not judged",
            found.unjudged,
            Grade.BROKEN,
            "findings" if found.unjudged else "matrix",
        ),
        _logins(report),
        *([_of(grounds)] if grounds.unverified else []),
    )


def _tile(one: str, more: str, number: int, grade: Grade, leads_to: str) -> Tile:
    name = one if number == 1 else more
    return Tile(name=name, value=str(number), grade=grade if number else Grade.PASS, leads_to=leads_to)


def _against_baseline(report: Report) -> Iterator[Tile]:
    if report.baseline is None:
        return
    found = [standing(report, result) for result in report.results]
    new = sum(one in (Standing.NEW, Standing.OTHER, Standing.EXPIRED) for one in found)
    known, fixed = found.count(Standing.KNOWN), len(stale(report))
    yield _tile("new", "new", new, Grade.FAIL, "findings")
    yield Tile(name="known", value=str(known), grade=Grade.INFO, leads_to="findings")
    yield _tile("fixed, entry stale", "fixed, entries stale", fixed, Grade.WARN, "overview")


def _logins(report: Report) -> Tile:
    """Say whether every login came through, as far as anybody has seen one."""
    if report.run.grading == "recorded":
        return Tile(name="logins, as recorded", value="not tried", grade=Grade.NA, leads_to="overview")
    failed = [one for one in report.run.troubles if one.where == NEVER_LOGGED_IN]
    places = dict.fromkeys(place for one in failed for place in (one.provider, *one.also) if place)
    if failed:
        return Tile(
            name=f"failed: {', '.join(places)}" if places else "failed",
            value="Login",
            grade=Grade.BROKEN,
            leads_to="troubles",
        )
    return Tile(name="logins failed", value="0", grade=Grade.PASS, leads_to="overview")


def _of(grounds: Grounds) -> Tile:
    name = "result rests on unverified values" if grounds.unverified == 1 else "results rest on unverified values"
    return Tile(name=name, value=str(grounds.unverified), grade=Grade.INFO, leads_to="matrix")
