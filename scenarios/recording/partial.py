"""Evidence that has gaps: whatever was not seen raises `NotObservedError` when a check asks for it, and is never taken
for something that did not happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NoReturn

from refreshproof.scenarios.evidence.evidence import Evidence, wants_nonce
from refreshproof.scenarios.evidence.journal import Exchange, Journal
from refreshproof.scenarios.evidence.sights import NotObservedError, Sight
from refreshproof.scenarios.recording.recording import NEVER_SEEN, Recorded

ALWAYS_MISSING: frozenset[Sight] = frozenset({"caller", "wish", "setting", "callback", "clock", "process"})
_GAPS: Mapping[str, Sight] = {
    "steps": "wish",
    "forced": "wish",
    "clock_moves": "clock",
    "span": "clock",
    "calls": "caller",
}
_ACTIONS: Mapping[str | None, Sight] = {"configure": "setting", "callback": "callback"}
_FIELDS = frozenset(one.name for one in fields(Exchange))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen(Exchange):
    """An exchange whose unseen fields raise when they are read."""

    unseen: Mapping[str, Sight] = field(repr=False)

    def __getattribute__(self, name: str) -> Any:
        if name in _FIELDS:
            unseen = object.__getattribute__(self, "unseen")
            if name in unseen:
                raise NotObservedError(unseen[name])
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class _Dark(Journal):
    """The journal of a recording, of which nothing but exchanges is known."""

    def __getattribute__(self, name: str) -> Any:
        raise NotObservedError("caller")


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialEvidence(Evidence):
    """What a recording shows; `missing` is what it leaves in the dark."""

    recorded: tuple[Exchange, ...]
    missing: frozenset[Sight]

    def __getattribute__(self, name: str) -> Any:
        if name in _GAPS:
            raise NotObservedError(_GAPS[name])
        return super().__getattribute__(name)

    def shows(self, sight: Sight) -> bool:
        """Tell whether something can be seen."""
        return sight not in self.missing

    def exchanges(self, view: str | None = None, grant_type: str | None = None) -> tuple[Exchange, ...]:
        """Return exchanges in the order in which they were sent, of one endpoint and grant if given."""
        return self._kept((Exchange, view, grant_type), lambda: tuple(self._chosen(view, grant_type)))

    def _chosen(self, view: str | None, grant_type: str | None) -> Iterator[Exchange]:
        for one in self.recorded:
            if view in (None, one.view) and (grant_type is None or one.grant_type == grant_type):
                yield one

    def outcomes(self, operation: str | None = None) -> NoReturn:
        """Know of no operation."""
        raise NotObservedError("caller")

    def actions(self, what: str | None = None) -> NoReturn:
        """Know nothing of what people did."""
        raise NotObservedError(_ACTIONS.get(what, "wish"))

    @property
    def nonce_requests(self) -> frozenset[int]:
        """The numbers of all requests that were told to come back with a nonce: callers cannot be told apart."""
        return frozenset(one.number for one in self.exchanges("token") if wants_nonce(one))


def partial_evidence(recorded: Iterable[Recorded], profile: Any, missing: Iterable[Sight] = ()) -> PartialEvidence:
    """Return what some exchanges show, and what else is `missing`."""
    seen = tuple(
        _Seen(
            **{name: getattr(one.exchange, name) for name in _FIELDS},
            unseen={**NEVER_SEEN, **one.unseen},
        )
        for one in recorded
    )
    return PartialEvidence(journal=_Dark(), profile=profile, recorded=seen, missing=ALWAYS_MISSING | frozenset(missing))
