"""How a vendor's module writes down where it has a fact from."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Evidence, Source

READ_ON = "2026-11-22"


def source(where: str, evidence: Evidence = "documented") -> Source:
    """Return a source that was read on the day the fact sheets were."""
    return Source(where=where, seen=READ_ON, evidence=evidence)
