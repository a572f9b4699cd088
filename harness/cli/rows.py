"""One requirement, or one value of the survey, as JSON data: what is listed of it, and what is explained."""

from __future__ import annotations

from typing import Any

from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.survey import SURVEY


def survey_row(name: str) -> dict[str, Any]:
    """Return one value of the survey as JSON data."""
    one = SURVEY[name]
    return {
        **{key: getattr(one, key) for key in ("id", "statement", "unit", "how", "scope")},
        "related": list(one.related),
        "needs": sorted(one.needs),
        "providers": [vendor.name for vendor in VENDORS.values() if one.applies(vendor.profile)],
    }


def requirement_row(name: str) -> dict[str, Any]:
    """Return one requirement as JSON data."""
    one = CATALOGUE[name]
    plain = ("id", "keyword", "family", "statement", "source", "effect", "fix", "anomaly", "invariant", "recorded")
    return {
        **{key: getattr(one, key) for key in plain},
        "needs": sorted(one.needs),
        "depends": list(one.depends),
        "providers": [vendor.name for vendor in VENDORS.values() if one.applies(vendor)],
        "scenarios": [scenario.to_document() for scenario in one.scenarios],
        "miniature": MINIATURES[name].flaw if name in MINIATURES else None,
    }
