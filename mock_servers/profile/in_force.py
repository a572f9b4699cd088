"""The profile in force at an instant: a function of a profile with its announcements, and a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.changes import applied
from refreshproof.mock_servers.profile.profile import Endpoint, Profile
from refreshproof.mock_servers.wire import Instant


def in_force(profile: Profile, now: Instant) -> Profile:
    """Return the profile with every announcement that is due at `now`, and those before it that are not.

    One without announcements that are due is the same object: asking costs nothing then.
    """
    due = due_at(profile, now)
    return _with(profile, due) if due else profile


def due_at(profile: Profile, now: Instant) -> tuple[Announcement, ...]:
    """Return the announcements of a profile that have come into force at `now`, in their order."""
    return tuple(one for one in profile.announced if one.begins <= now)


def all_in_force(profile: Profile) -> Profile:
    """Return the profile as it is when everything that was announced has happened."""
    return _with(profile, profile.announced)


def all_endpoints(profile: Profile) -> tuple[Endpoint, ...]:
    """Return the endpoints that a vendor has, and those that it will have."""
    found, ahead = profile.endpoints, profile.announced
    while ahead:
        profile = in_force(profile, ahead[0].begins)
        found, ahead = (*found, *(one for one in profile.endpoints if one not in found)), profile.announced
    return found


def _with(profile: Profile, due: Iterable[Announcement]) -> Profile:
    ahead = tuple(one for one in profile.announced if one not in due)
    for one in due:
        changed = applied(profile, one.fields)
        kept = {
            name: source
            for name, source in profile.sources.items()
            if not any(name == field or name.startswith(f"{field}.") for field in one.fields)
        }
        facts = dict.fromkeys((name for name in one.fields if name != "title"), one.source)
        profile = replace(changed, sources={**kept, **facts})
    return replace(profile, announced=ahead)
