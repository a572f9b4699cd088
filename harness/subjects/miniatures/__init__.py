"""Clients with exactly one flaw each. The written-out list stands in `registry`."""

from __future__ import annotations

from refreshproof.harness.subjects.miniatures.able.miniature import Miniature
from refreshproof.harness.subjects.miniatures.registry import MINIATURES

__all__ = ["MINIATURES", "Miniature"]
