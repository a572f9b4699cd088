"""The catalogue of misbehaviours: what each is, who was seen doing it, and what brings it about here.

The facts stand in misbehaviours.json (one object each, with the grade of their evidence), the implementations in the
two modules joined in `IMPLEMENTATIONS`. To add one, add both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from refreshproof.mock_servers.misbehaviours import answers as answer_misbehaviours
from refreshproof.mock_servers.misbehaviours import grants as grant_misbehaviours
from refreshproof.mock_servers.misbehaviours.implementation import Implementation
from refreshproof.mock_servers.vendors.vendor import Vendor

IMPLEMENTATIONS: Mapping[str, Implementation] = {
    **grant_misbehaviours.ISSUANCE,
    **grant_misbehaviours.ROTATION,
    **grant_misbehaviours.CONCURRENCY,
    **grant_misbehaviours.CLOCK,
    **grant_misbehaviours.REVOCATION,
    **answer_misbehaviours.EXPIRY,
    **answer_misbehaviours.SHAPES,
    **answer_misbehaviours.ERRORS,
    **answer_misbehaviours.AUTHENTICATION,
    **answer_misbehaviours.TRANSPORT,
}
"""What brings each misbehaviour about, by its id."""


@dataclass(frozen=True, kw_only=True)
class Misbehaviour:
    """One way in which vendors were seen to depart from what clients expect.

    `spec_class` tells whether the RFC forbids it, `grade` how good the evidence is: A read in code or documentation or
    observed, B a report with a wire sample, C a claim, U unverified.
    """

    id: str
    category: str
    title: str
    vendors: str
    spec_class: str
    rfc: str
    evidence: str
    grade: str

    @property
    def implementation(self) -> Implementation:
        """What brings it about."""
        return IMPLEMENTATIONS[self.id]

    def on(self, vendor: Vendor) -> Vendor:
        """Return the vendor with this misbehaviour besides its own."""
        return self.implementation.on(vendor, self.id)

    def as_data(self) -> dict[str, Any]:
        """Return the facts and the implementation as JSON data."""
        implementation = self.implementation
        return asdict(self) | {
            "faults": [_plain(fault) for fault in implementation.faults],
            "profile": {name: _plain(value) for name, value in implementation.changes.items()},
            "endpoints": [_plain(endpoint) for endpoint in implementation.endpoints],
            "scenario": implementation.scenario,
        }


def _plain(value: Any) -> Any:
    """Turn a value of a profile or a fault into JSON data; members that hold nothing are left out."""
    if hasattr(value, "__dataclass_fields__"):
        members = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: _plain(item) for name, item in members.items() if item not in (None, (), {})}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@lru_cache(maxsize=1)
def misbehaviours() -> Mapping[str, Misbehaviour]:
    """Return every misbehaviour by its id, in the order of the catalogue."""
    rows = json.loads(Path(__file__).with_name("misbehaviours.json").read_text(encoding="utf-8"))
    return {row["id"]: Misbehaviour(**row) for row in rows}
