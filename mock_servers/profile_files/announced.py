"""What a profile file announces: each change is tried on the profile that it will meet, and judged as the file is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.changes import applied, dotted_changes, value_at
from refreshproof.mock_servers.profile.complaints import dotted, shown
from refreshproof.mock_servers.profile_files.contradictions import contradictions
from refreshproof.mock_servers.profile_files.model import file_model, vendor_of
from refreshproof.mock_servers.vendors.vendor import Vendor

KEPT = ("name", "sources", "not_measured", "announced")
"""Fields of a profile that are no facts which a vendor could change."""


class AnnouncementsError(ValueError):
    """Announcements that cannot come true; `lines` are what is wrong, each with its key."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def with_announced(vendor: Vendor) -> Vendor:
    """Return a vendor of a file with the fields of its announcements as a profile holds them; raises
    AnnouncementsError."""
    made: list[Announcement] = []
    met: Vendor = vendor
    last: Announcement | None = None
    for number, one in enumerate(vendor.profile.announced):
        place = f"announced[{number}]"
        wrong = list(_wrong_day(one, last))
        if wrong:
            raise AnnouncementsError([f"{place}.effective: {line}" for line in wrong])
        changes = dict(dotted_changes(met.profile, one.fields))
        met, last = _after(met, changes, f"{place}.fields"), one
        made.append(replace(one, fields={name: value_at(met.profile, name) for name in changes}))
    return replace(vendor, profile=replace(vendor.profile, announced=tuple(made)))


def _wrong_day(one: Announcement, last: Announcement | None) -> Iterator[str]:
    try:
        begins = one.begins
    except ValueError:
        yield f"found {shown(one.effective)}; expected a day such as 2027-04-01"
        return
    if last is not None and begins < last.begins:
        earliest = f"expected {last.effective} or later: announcements stand in the order of their days"
        yield f"found {shown(one.effective)}; {earliest}"


def _after(vendor: Vendor, changes: Mapping[str, Any], place: str) -> Vendor:
    """Return the vendor after a change."""
    kept = [name for name in changes if name.partition(".")[0] in KEPT]
    if kept:
        raise AnnouncementsError([f"{place}.{json.dumps(kept[0])}: no vendor changes that; leave it out"])
    try:
        profile = applied(vendor.profile, changes)
    except (ValueError, TypeError, AttributeError) as error:
        raise AnnouncementsError([f"{place}: {str(error).removeprefix('profile: ')}"]) from None
    values = {one.name: getattr(profile, one.name) for one in fields(profile) if one.name != "announced"}
    try:
        document = json.dumps(to_jsonable_python({"faults": vendor.faults} | values))
        found = vendor_of(file_model().model_validate_json(document))
    except ValidationError as error:
        raise AnnouncementsError([_told(one, place) for one in error.errors()]) from None
    wrong = [f"{place}: {line}" for line in contradictions(found)]
    if wrong:
        raise AnnouncementsError(wrong)
    return found


def _told(error: Any, place: str) -> str:
    path = dotted([part for part in error["loc"] if part != "[key]"])
    return f"{place}: {path}: found {shown(error['input'])}; {error['msg']}"
