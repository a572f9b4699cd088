"""The survey, written out by family: to add a value, add it to its family's module."""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.scenarios.survey import expiry, failure, processes, resource, shapes
from refreshproof.scenarios.survey.item import SurveyItem

FAMILIES = (expiry, resource, failure, processes, shapes)

SURVEY: Mapping[str, SurveyItem] = {one.id: one for family in FAMILIES for one in family.ITEMS}
"""Every value that can be measured, by id, family by family."""
