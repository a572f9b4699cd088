"""What a test wants of its vendor: the arguments of `@pytest.mark.oauth` and the command line's options, compared with
what there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from refreshproof.mock_servers.dates import instant_of
from refreshproof.mock_servers.profile.changes import dotted_changes
from refreshproof.mock_servers.profile.complaints import one_of, shown
from refreshproof.mock_servers.profile_files.fitting import changed_vendor
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A vendor, the seed of its tokens, and when its time begins: None for now."""

    vendor: Vendor
    seed: int
    at: Instant | None


def wanted(marker: pytest.Mark | None, options: Mapping[str, Any]) -> Wanted:
    """Return what a test wants; raises ValueError that names the argument, what was found and what is allowed."""
    given = {} if marker is None else dict(marker.kwargs)
    if marker is not None and marker.args:
        if len(marker.args) > 1 or "provider" in given:
            found = ", ".join(map(shown, marker.args))
            raise ValueError(f"oauth marker: found {found}; allowed: the provider, and arguments by name")
        given["provider"] = marker.args[0]
    name, seed, date = (given.pop(key, options[key]) for key in ("provider", "seed", "at"))
    if not isinstance(name, str) or name not in VENDORS:
        raise ValueError(f"oauth provider: found {shown(name)}; {one_of(str(name), list(VENDORS))}")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ValueError(f"oauth seed: found {shown(seed)}; allowed: a whole number")
    at = _date(date)
    vendor = VENDORS[name] if at is None else VENDORS[name].at(at)
    changes = dict(dotted_changes(vendor.profile, {key.replace("__", "."): value for key, value in given.items()}))
    try:
        changed = changed_vendor(vendor, changes) if changes else vendor
    except ValueError as error:
        raise ValueError(f"oauth marker: {error}; and beside the profile: {', '.join(options)}") from None
    return Wanted(vendor=changed, seed=seed, at=at)


def _date(found: Any) -> Instant | None:
    if found == "":
        return None
    try:
        return instant_of(found)
    except (ValueError, TypeError):
        raise ValueError(
            f"oauth at: found {shown(found)}; allowed: a date, such as 2030-03-17T17:46:40+00:00"
        ) from None
