"""Which values of a vendor's profile decided: those that a rule reads of it, and those by which the vendor acted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.struck import struck

ABOUT = ("name", "title", "sources")
"""Fields that tell of a profile, and decide nothing."""


ACTS: Mapping[TokenEvent, tuple[str, ...]] = {
    TokenEvent.ROTATED: ("refresh.rotation",),
    TokenEvent.KEPT: ("refresh.rotation", "refresh.refresh_token_on_refresh"),
    TokenEvent.REPLAYED: ("refresh.on_replay", "refresh.window"),
    TokenEvent.BREACHED: ("refresh.on_breach",),
}
"""By which fields a vendor did what it did with a refresh token."""


def acted_by(evidence: Evidence) -> set[str]:
    """Return the fields by which a vendor answered as it did, where no fault of the scenario answered for it."""
    hit, found = struck(evidence), set[str]()
    for one in evidence.exchanges():
        if one.arrived_at is not None and one.number not in hit:
            found.update(ACTS.get(one.event, ()) if one.event is not None else ())
            found.update(() if one.cause is None else (f"errors.{one.cause}",))
    return found


class Reads:
    """A vendor as a rule may look at it, and the names of the fields that were read since they were last taken."""

    def __init__(self, vendor: Vendor) -> None:
        self._read: set[str] = set()
        self.vendor = replace(vendor, profile=self._watched(vendor.profile))

    @property
    def profile(self) -> Profile:
        """The vendor's profile, watched."""
        return self.vendor.profile

    def take(self) -> set[str]:
        """Return the dotted names of the fields that were read, and forget them."""
        taken, self._read = self._read, set()
        return taken

    def note(self, name: str) -> None:
        """Write down that a field was read."""
        self._read.add(name)

    def _watched(self, profile: Profile) -> Profile:
        watched: Profile = _watched(profile, "", self)
        return watched


def _watched(value: Any, path: str, reads: Reads) -> Any:
    """Return a value that is equal to another one in all its fields, and tells which are read."""
    made: Any = object.__new__(_kind(type(value)))
    vars(made).update(vars(value), _watch=(path, reads))
    return made


_KINDS: dict[type[Any], type[Any]] = {}
"""Watched kinds by what they watch, each made once."""


def _kind(base: type[Any]) -> type[Any]:
    if base not in _KINDS:
        _KINDS[base] = _watching(base)
    return _KINDS[base]


def _watching(base: type[Any]) -> type[Any]:
    names = frozenset(one.name for one in fields(base)) - set(ABOUT)

    class Watched(base):  # type: ignore[misc]
        """A value whose fields tell when they are read."""

        def __getattribute__(self, name: str) -> Any:
            value = super().__getattribute__(name)
            if name not in names:
                return value
            watch = super().__getattribute__("__dict__").get("_watch")
            if watch is None:  # a copy with changes: nobody knows any more where a value came from
                return value
            path, reads = watch
            full = f"{path}.{name}" if path else name
            if is_dataclass(value) and not isinstance(value, type):
                return _watched(value, full, reads)
            if name == "errors":
                return _Errors(value, full, reads)
            reads.note(full)
            return value

    return Watched


class _Errors(dict[Any, Any]):
    """What a vendor answers, by cause; tells which causes were asked for."""

    def __init__(self, known: Any, path: str, reads: Reads) -> None:
        super().__init__(known)
        self._watch = path, reads

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        path, reads = self._watch
        reads.note(path)
        return super().__iter__()

    def get(self, key: Any, default: Any = None) -> Any:
        """Return what is answered for a cause."""
        self._note(key)
        return super().get(key, default)

    def _note(self, key: object) -> None:
        path, reads = self._watch
        reads.note(f"{path}.{key}")
