"""A provider as it stood at one moment, to be put back: what is kept of its state, and how it is copied.

Records are copied, with everything they refer to, when a snapshot is taken and again when it is put back: a fraction of
a millisecond after a login, thirty microseconds for each refresh since. What never changes is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Any

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.state.consent import Decision
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.provider.state.records import AccessToken, Code, Device, Family, Grant, RefreshToken
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.provider.state.vault import Mark
from refreshproof.mock_servers.wire import Instant

_RECORDS = {
    kind: [one.name for one in fields(kind)] for kind in (Grant, Code, Device, Family, RefreshToken, AccessToken)
}
"""What changes after it was made, with its fields."""
_APART = ("vault", "user", "ask")
"""What a state knows that knows how to keep itself, and who it asks."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a provider kept at one moment; it holds secrets and shows none."""

    profile: Profile = field(repr=False)
    latest: Instant
    kept: Mapping[str, Any] = field(repr=False)
    mark: Mark = field(repr=False)
    decisions: tuple[Decision, ...]
    ledger: tuple[LedgerEntry, ...] = field(repr=False)


def kept_of(state: State) -> dict[str, Any]:
    """Return a copy of what a state holds, records and all."""
    return copied({name: value for name, value in vars(state).items() if name not in _APART})


def copied(containers: Mapping[str, Any]) -> dict[str, Any]:
    """Copy lists and mappings of records and every record within reach.

    Without recursion, as `copy.deepcopy` would: each refresh token refers to its successor, for as long as a family
    lives.
    """
    twins: dict[int, Any] = {}
    ahead = [one for value in containers.values() for one in _records_in(value)]
    while ahead:
        record = ahead.pop()
        if id(record) not in twins:
            twins[id(record)] = copy(record)
            ahead += [one for name in _RECORDS[type(record)] for one in _records_in(getattr(record, name))]
    for twin in twins.values():
        for name in _RECORDS[type(twin)]:
            setattr(twin, name, _rewired(getattr(twin, name), twins))
    return {name: _rewired(value, twins) for name, value in containers.items()}


def _records_in(value: Any) -> Iterable[Any]:
    """Return the records that a value is or holds."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
    return [one for one in held if type(one) in _RECORDS]


def _rewired(value: Any, twins: Mapping[int, Any]) -> Any:
    """Return a value with the twins of records in their places, and containers of its own."""
    if isinstance(value, dict):
        twin = copy(value)
        twin.update({key: twins.get(id(one), one) for key, one in value.items()})
        return twin
    if isinstance(value, list):
        return [twins.get(id(one), one) for one in value]
    return twins.get(id(value), value)
