"""How a misbehaviour is brought about: faults, changes to a profile, endpoints of its own, or a scenario in words.

Shorthands for faults that select requests; knows no misbehaviour by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.changes import changed
from refreshproof.mock_servers.profile.profile import Endpoint
from refreshproof.mock_servers.vendors.vendor import Vendor

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
KEEPS: Mapping[str, Any] = {"refresh.rotation": "never", "refresh.refresh_token_on_refresh": "omitted"}
"""The changes that make a provider keep its refresh tokens."""


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """What brings a misbehaviour about; `changes` are dotted names of profile fields with their new values.

    `endpoints` stand before the profile's own. A `scenario` tells in words what the client or the user does to a
    provider that behaves as the rest says.
    """

    faults: tuple[FaultSpec, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    endpoints: tuple[Endpoint, ...] = ()
    scenario: str | None = None

    def on(self, vendor: Vendor, name: str) -> Vendor:
        """Return a vendor that misbehaves so besides all it did before."""
        plain = changed(vendor.profile, self.changes)
        name = f"{vendor.name}+{name}"
        odd = replace(plain, name=name, endpoints=(*self.endpoints, *plain.endpoints))
        return replace(vendor, name=name, profile=odd, faults=(*vendor.faults, *self.faults))


def faulty(*faults: FaultSpec, **changes: Any) -> Implementation:
    """Return faults with changes to the profile; a keyword may have two underscores for a dot."""
    return Implementation(faults=faults, changes=_dotted(changes))


def profile(**changes: Any) -> Implementation:
    """Return changes to the profile alone; a keyword may have two underscores for a dot."""
    return Implementation(changes=_dotted(changes))


def refresh_policy(**fields: Any) -> Implementation:
    """Return changes to the refresh policy."""
    return Implementation(changes={f"refresh.{name}": value for name, value in fields.items()})


def scenario(words: str, **changes: Any) -> Implementation:
    """Return a scenario in words, with changes to the profile it is played against."""
    return Implementation(scenario=words, changes=_dotted(changes))


def on_refresh(fault: str, **parameters: Any) -> FaultSpec:
    """Return a fault that strikes every refresh."""
    return FaultSpec(fault=fault, parameters=parameters)


def now_and_then(fault: str, skip: int = 0, every: int = 2, **parameters: Any) -> FaultSpec:
    """Return a fault that strikes one refresh in each round of `every`, by default the first of two."""
    return FaultSpec(fault=fault, parameters=parameters, skip=skip, every=every)


def on_token(fault: str, **parameters: Any) -> FaultSpec:
    """Return a fault that strikes every request at the token endpoint."""
    return FaultSpec(fault=fault, parameters=parameters, grant_type=None)


def on_view(view: str | None, fault: str, **parameters: Any) -> FaultSpec:
    """Return a fault that strikes every request of one view, or of all with None."""
    return FaultSpec(fault=fault, parameters=parameters, view=view, grant_type=None)


def _dotted(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "."): value for name, value in changes.items()}
