"""The catalogue of requirements. The written-out list stands in `registry`."""

from __future__ import annotations

from refreshproof.scenarios.requirements.registry import CATALOGUE

__all__ = ["CATALOGUE"]
