"""A vendor: a named profile with named faults, and the handler that serves it.

A well-behaved vendor has no faults. This file knows no vendor by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.layers import Faulty, apply
from refreshproof.mock_servers.profile.in_force import all_in_force, in_force
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.wire import Instant


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What can be chosen as a provider; the first fault stands nearest to the profile's own server.

    `profile` is the one in force on the day that the vendor was last looked at, or at `begins`; what it announces comes
    into force only where `begins` says at which date time begins: else a verdict would depend on the day of the run.
    `before` is the profile as it was before every change that is known. `is_future` says that everything announced is
    taken to have happened.
    """

    name: str
    title: str
    profile: Profile
    faults: tuple[FaultSpec, ...] = ()
    begins: Instant | None = None
    before: Profile | None = field(default=None, compare=False, repr=False)
    is_future: bool = False

    def at(self, date: Instant) -> Vendor:
        """Return the vendor as it was or will be at a date, at which its time begins."""
        before = self.before or self.profile
        found = all_in_force(before) if self.is_future else in_force(before, date)
        return replace(self, title=_title(self, found), profile=found, begins=date)

    def future(self) -> Vendor:
        """Return the vendor as it is when everything that it has announced has happened."""
        found = all_in_force(self.profile)
        return replace(
            self, title=_title(self, found), profile=found, before=self.before or self.profile, is_future=True
        )

    @property
    def lived(self) -> Profile:
        """The profile that a provider lives by: with announcements only where time begins at a date."""
        stays = self.begins is None and self.profile.announced
        return replace(self.profile, announced=()) if stays else self.profile

    def handler(self, provider: Provider) -> Faulty:
        """Return what answers requests: the provider inside this vendor's faults, with fresh counts."""
        return apply(provider.handle, self.faults, provider.sight)


def _title(vendor: Vendor, found: Profile) -> str:
    return found.title if vendor.title == vendor.profile.title else vendor.title


def well_behaved(profile: Profile) -> Vendor:
    """Return the vendor of a profile that keeps to it."""
    return Vendor(name=profile.name, title=profile.title, profile=profile)
