"""When a world begins, and which announcements of its vendor are for its clock to reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import DAY, Instant
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.steps.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The instant at which a world begins, and the vendor's profile there with what is ahead of it."""

    start: Instant
    profile: Profile


def calendar_of(vendor: Vendor, scenario: Scenario, start: Instant) -> Calendar:
    """Return the dates of a scenario at a vendor.

    A vendor whose time begins at a date changes on the days that it has announced. At any other a world begins at
    `start`, and the vendor stays as it is. A scenario may say that it begins where every world does at every vendor, or
    the day before the vendor's next change.
    """
    ahead = vendor.profile.announced
    if scenario.begins == "before_the_next_change" and ahead:
        return Calendar(start=ahead[0].begins - DAY, profile=vendor.profile)
    if scenario.begins == "fixed" and vendor.begins is not None:
        return Calendar(start=START, profile=replace(vendor, begins=None).lived)
    return Calendar(start=start if vendor.begins is None else vendor.begins, profile=vendor.lived)
