"""Where facts come from, and how a vendor's module writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Evidence: TypeAlias = Literal["documented", "observed", "unverified"]

READ_ON = "2026-11-22"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a fact comes from: a page key or address, the day it was seen, and how far it can be trusted."""

    where: str
    seen: str
    evidence: Evidence = "documented"


def source(where: str, evidence: Evidence = "documented", seen: str = READ_ON) -> Source:
    """Return a source, by default one that was read on the day the fact sheets were."""
    return Source(where=where, seen=seen, evidence=evidence)


NANGO = source("addresses and parameters: NangoHQ/nango at 2f4c0af6 of 2026-08-21, packages/providers/providers.yaml")
SHEET = source("vendor sheet of this project, not re-checked", "unverified")
WITHOUT_BASIC = source("golang/oauth2 list of vendors without Basic, before 80673b4", "observed")
UNVERIFIED = source("assumption of this project: no public statement was read", "unverified")
NOTHING_FOUND = source("assumption of this project: no public statement was found", "unverified")
USER_NOT_READ = source("members of the user's document are from memory: no page was read", "unverified", "2026-11-30")
