"""The vendors. The written-out list stands in `registry`."""

from __future__ import annotations

from refreshproof.mock_servers.vendors.registry import CORE, VENDORS

__all__ = ["CORE", "VENDORS"]
