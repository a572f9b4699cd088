"""Clients with exactly one flaw each. The written-out list stands in `registry`."""

from __future__ import annotations

from refreshproof.harness.miniatures.miniature import Miniature
from refreshproof.harness.miniatures.registry import MINIATURES

__all__ = ["MINIATURES", "Miniature"]
