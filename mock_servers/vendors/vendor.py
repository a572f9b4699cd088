"""A vendor: a named profile with named faults, and the handler that serves it.

A well-behaved vendor has no faults. This file knows no vendor by name.
"""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.layers import Faulty, apply
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import Provider


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What can be chosen as a provider; the first fault stands nearest to the profile's own server."""

    name: str
    title: str
    profile: Profile
    faults: tuple[FaultSpec, ...] = ()

    def handler(self, provider: Provider) -> Faulty:
        """Return what answers requests: the provider inside this vendor's faults, with fresh counts."""
        return apply(provider.handle, self.faults, provider.sight)


def well_behaved(profile: Profile) -> Vendor:
    """Return the vendor of a profile that keeps to it."""
    return Vendor(name=profile.name, title=profile.title, profile=profile)
