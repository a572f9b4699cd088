"""How a vendor's module writes down where it has a fact from."""

from __future__ import annotations

from refreshproof.mock_servers.profile.profile import Evidence, Source

READ_ON = "2026-11-22"


def source(where: str, evidence: Evidence = "documented", seen: str = READ_ON) -> Source:
    """Return a source, by default one that was read on the day the fact sheets were."""
    return Source(where=where, seen=seen, evidence=evidence)


NANGO = source("addresses and parameters: NangoHQ/nango at 2f4c0af6 of 2026-08-21, packages/providers/providers.yaml")
SHEET = source("vendor sheet of this project, not re-checked", "unverified")
WITHOUT_BASIC = source("golang/oauth2 list of vendors without Basic, before 80673b4", "observed")
UNVERIFIED = source("assumption of this project: no public statement was read", "unverified")
NOTHING_FOUND = source("assumption of this project: no public statement was found", "unverified")
USER_NOT_READ = source("members of the user's document are from memory: no page was read", "unverified", "2026-11-30")
