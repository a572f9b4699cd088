"""The survey as part of a run: pieces of work that can go to another process, and their readings for the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from refreshproof.harness.run.events import Surveyed
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import SurveyInfo, SurveyValue
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory
from refreshproof.scenarios.survey import FAMILIES, SURVEY, Prober, Reading

Piece = tuple[Vendor, tuple[str, ...]]
"""A vendor, and the values that are measured at it together."""

PLAIN = VENDORS["generic"]
"""Where values that are a matter of the client alone are measured."""


def pieces(names: Sequence[str], vendors: Sequence[Vendor], plain: Vendor = PLAIN) -> list[Piece]:
    """Share the chosen values out: what depends on the vendor to every vendor that has it, the rest by family to a
    plain one."""
    of_client = [(plain, tuple(one.id for one in family.ITEMS if one.scope == "once")) for family in FAMILIES]
    of_vendor = [
        (vendor, tuple(one.id for one in SURVEY.values() if one.scope != "once" and one.applies(vendor.profile)))
        for vendor in vendors
    ]
    chosen = [(vendor, tuple(name for name in group if name in names)) for vendor, group in (*of_client, *of_vendor)]
    return [(vendor, group) for vendor, group in chosen if group]


def measured(piece: Piece, factory: SubjectFactory, capabilities: frozenset[Capability], seed: int) -> Surveyed:
    """Measure one piece."""
    vendor, names = piece
    prober = Prober(vendor=vendor, factory=factory, seed=seed)
    readings = tuple(_read(prober, name, capabilities) for name in names)
    return Surveyed(readings=readings, virtual_time=prober.virtual_time)


def _read(prober: Prober, name: str, capabilities: frozenset[Capability]) -> Reading:
    try:
        return prober.read(SURVEY[name], capabilities)
    except Exception as error:
        why = f"The harness failed: {type(error).__name__}: {error}"
        return Reading(item=name, vendor=prober.vendor.name, value=None, why=why)


def survey_values(readings: Iterable[Reading]) -> tuple[SurveyValue, ...]:
    """Return readings as reports show them, in the order of the survey."""
    order = list(SURVEY)
    return tuple(
        SurveyValue(name=one.item, provider=one.vendor, value=one.value, unit=SURVEY[one.item].unit, why=one.why)
        for one in sorted(readings, key=lambda one: order.index(one.item))
    )


def survey_infos() -> tuple[SurveyInfo, ...]:
    """Return what every value means."""
    return tuple(
        SurveyInfo(name=one.id, statement=one.statement, how=one.how, related=one.related) for one in SURVEY.values()
    )
