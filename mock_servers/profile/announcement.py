"""What a vendor has announced to change at a date: the fields of its profile that have other values from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from refreshproof.mock_servers.dates import day
from refreshproof.mock_servers.profile.sources import Source
from refreshproof.mock_servers.wire import Instant


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A change that comes into force when the day `effective` begins in UTC, told in the words of `what`.

    `fields` are new values by dotted name, such as lifetimes.access_token. `ends_long_lived` says that access
    tokens which would live on for longer than a new one are over then, too.
    """

    effective: str
    what: str
    source: Source
    fields: Mapping[str, Any] = field(default_factory=dict)
    ends_long_lived: bool = False

    @cached_property
    def begins(self) -> Instant:
        """The instant from which on it is in force."""
        return day(self.effective)
