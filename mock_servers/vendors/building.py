"""A vendor from its profile: whatever that names no source for is taken for unverified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.sources import UNVERIFIED
from refreshproof.mock_servers.vendors.vendor import Vendor

_NAMES = ("name", "title", "issuer", "sources")
"""Fields that are names and no facts."""


def vendor(profile: Profile, *faults: FaultSpec) -> Vendor:
    """Return the vendor of a profile, with faults of its own; what the profile sets without a source is unverified."""
    assumed = dict.fromkeys(_unsourced(profile), UNVERIFIED)
    return Vendor(
        name=profile.name,
        title=profile.title,
        profile=replace(profile, sources={**profile.sources, **assumed}),
        faults=faults,
    )


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
