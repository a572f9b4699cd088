"""What a check found: values, what is missing and why, what was asked; data only, and its JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from refreshproof.harness.vendor_check.asking.aliases import Entry

FORMAT = "refreshproof vendor check 1"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One check of one server.

    `values` holds fields of a profile, by their dotted names, and facts, whose names begin with `fact.`;
    `settled_by` the probe of each. `missing` are fields that stay unknown, with the reason. `troubles` are probes
    that met something else than an answer, `faults` those that broke by a mistake of Refreshproof's own, with its
    place. `seen` is the day, as ISO 8601 has it.
    """

    name: str
    title: str
    seen: str
    endpoints: Mapping[str, str]
    scopes: tuple[str, ...]
    parameters: Mapping[str, str]
    values: Mapping[str, Any]
    settled_by: Mapping[str, str]
    missing: Mapping[str, str]
    skipped: Mapping[str, str]
    troubles: Mapping[str, str]
    faults: Mapping[str, str]
    requests: int
    logins: int
    journal: tuple[Entry, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """The values that are fields of a profile."""
        return {name: value for name, value in self.values.items() if not name.startswith("fact.")}

    @property
    def facts(self) -> dict[str, Any]:
        """The values that are not, without the prefix."""
        return {name[5:]: value for name, value in self.values.items() if name.startswith("fact.")}

    @property
    def unfinished(self) -> dict[str, list[str]]:
        """The probes that came to no end, by the reason."""
        return by_reason({**self.troubles, **self.faults})

    def document(self) -> dict[str, Any]:
        """Return the recording as JSON data."""
        return {"format": FORMAT} | asdict(self)


def by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """Return names by what is said of them, in the order in which it was said first."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, why in reasons.items():
        names[why].append(name)
    return dict(names)
