"""Plays of one client that are remembered: equal scenarios give equal journals, so that none has to be played twice.

Whoever accuses a client plays the story itself again, and more than once: what is remembered shows no client that is
not steady.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeAlias

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import SubjectFactory

MOST_RECORDS = 4_000
"""Records of journals that are kept, some five megabytes; equal plays follow close on each other, and ten times as many
records spare one play in a hundred more."""

Key: TypeAlias = tuple[str, str]


class Playing(Protocol):
    """Plays a scenario, as `play` does, or knows the journal already."""

    def __call__(self, vendor: Vendor, factory: SubjectFactory, scenario: Scenario, /) -> Journal:
        """Return the journal."""
        ...


@dataclass(kw_only=True)
class Remembered:
    """Plays scenarios as `play` does, equal ones once: those with the same steps, seed and changes at one vendor,
    whatever they are called. To be used for one client, and vendors of different names."""

    most: int = MOST_RECORDS
    _known: dict[Key, Journal] = field(default_factory=dict)
    _records: int = 0

    def __call__(self, vendor: Vendor, factory: SubjectFactory, scenario: Scenario, /) -> Journal:
        """Return the journal of a scenario; what a play raises is not remembered."""
        key = (vendor.name, repr(replace(scenario, name="")))
        if key not in self._known:
            journal = play(vendor, factory, scenario)
            self._known[key] = journal
            self._records += len(journal.records)
            while self._records > self.most and len(self._known) > 1:
                self._forget(next(iter(self._known)))
        return self._known[key]

    def __reduce__(self) -> tuple[Callable[..., Remembered], tuple[()]]:
        """Begin anew in another process: what is remembered is cheaper to play than to send."""
        return partial(Remembered, most=self.most), ()

    def _forget(self, key: Key) -> None:
        self._records -= len(self._known.pop(key).records)
