"""A vendor from its profile: whatever that names no source for is taken for unverified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

from refreshproof.mock_servers.dates import day
from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.changes import applied, differences
from refreshproof.mock_servers.profile.in_force import in_force
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.sources import UNVERIFIED
from refreshproof.mock_servers.vendors.vendor import Vendor

AS_OF = "2026-11-30"
"""The day up to which announced changes are taken to have happened where no date is asked for."""
_NAMES = ("name", "title", "issuer", "sources", "announced")
"""Fields that are names and no facts of their own."""


def vendor(profile: Profile, *faults: FaultSpec) -> Vendor:
    """Return the vendor of a profile as of today's facts, with faults of its own; what the profile sets without a
    source is unverified."""
    assumed = dict.fromkeys(_unsourced(profile), UNVERIFIED)
    before = replace(profile, sources={**profile.sources, **assumed}, announced=tuple(_spelled_out(profile)))
    found = in_force(before, day(AS_OF))
    return Vendor(name=found.name, title=found.title, profile=found, faults=faults, before=before)


def _spelled_out(profile: Profile) -> Iterator[Announcement]:
    """Yield what a profile announces, each field that changes by its own name."""
    for one in profile.announced:
        after = applied(profile, one.fields)
        yield replace(one, fields=dict(differences(profile, after)))
        profile = after


def _unsourced(profile: Profile) -> Iterator[str]:
    """Yield the fields that differ from their defaults and have no source, or their parts where others have one."""
    for name in _set_in(profile):
        value = getattr(profile, name)
        parts = [f"{name}.{part}" for part in _set_in(value)] if is_dataclass(value) else []
        if name not in (*profile.sources, *_NAMES):
            sourced = any(part in profile.sources for part in parts)
            yield from [part for part in parts if part not in profile.sources] if sourced else [name]


def _set_in(value: Any) -> list[str]:
    defaults = {
        one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in fields(value)
    }
    return [name for name, default in defaults.items() if getattr(value, name) != default]
