"""What runs of one client share through a database: the examples in which Hypothesis found something, and the short
stories of violations. A run is told of it before it begins, and adds to it when it is over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from hypothesis.database import ExampleDatabase

from refreshproof.harness.run.reporting import saved_scenarios
from refreshproof.harness.run.saved import Saved, read_saved
from refreshproof.reports import Report
from refreshproof.scenarios.exploration.example_database import KINDS, Examples, example_database, shown
from refreshproof.scenarios.steps.scenario import Scenario

STORIES = b".stories"


class SharedFinds:
    """What runs of a client share, at some vendors; raises ValueError for a place that cannot be read."""

    def __init__(self, place: str, subject: str, vendors: Iterable[str]) -> None:
        self._place, self._subject = place, subject
        self._database: ExampleDatabase = example_database(place)
        try:
            self._before = {
                vendor: {kind: frozenset(self._database.fetch(self._key(vendor, kind))) for kind in (*KINDS, STORIES)}
                for vendor in vendors
            }
        except Exception as error:  # whatever a database raises
            raise ValueError(f"database {shown(place)!r}: {shown(str(error))}") from None

    @property
    def examples(self) -> Mapping[str, Examples]:
        """The examples of other runs by vendor."""
        return {vendor: {kind: found[kind] for kind in KINDS} for vendor, found in self._before.items()}

    @property
    def stories(self) -> dict[tuple[str, str], Scenario]:
        """The stories of violations that other runs found, by vendor and requirement, the shortest of each; what is
        none is left alone."""
        known: dict[tuple[str, str], Scenario] = {}
        for vendor, found in self._before.items():
            for text in sorted(found[STORIES], key=lambda one: (-len(one), one)):
                saved = _read(text)
                if saved is not None and saved.requirement is not None and saved.provider == vendor:
                    known[vendor, saved.requirement] = saved.scenario
        return known

    def keep(self, examples: Mapping[str, Examples], report: Report) -> list[str]:
        """Keep what a run has found, and forget what it has shown to be over: stories that break no rule any more, and,
        if it has judged every rule, examples in which nothing is found. Returns why it could not be done."""
        judged = {(one.provider, one.requirement) for one in report.results}
        now = {vendor: dict(found) for vendor, found in self._before.items()}
        for vendor, found in examples.items():
            for kind in KINDS:
                left = now[vendor][kind] if report.unselected or not report.complete else frozenset()
                now[vendor][kind] = left.union(found.get(kind, ()))
        for vendor, found in now.items():
            others = (one for one in found[STORIES] if _place(one) not in judged)
            found[STORIES] = frozenset((*others, *_stories(report, vendor)))
        try:
            for vendor, found in now.items():
                for kind, values in found.items():
                    self._write(self._key(vendor, kind), self._before[vendor][kind], values)
        except Exception as error:  # whatever a database raises
            return [f"database {shown(self._place)!r}: {shown(str(error))}; what was found is not shared"]
        return []

    def _write(self, key: bytes, before: frozenset[bytes], now: frozenset[bytes]) -> None:
        for value in sorted(now - before):
            self._database.save(key, value)
        for value in sorted(before - now):
            self._database.delete(key, value)

    def _key(self, vendor: str, kind: bytes) -> bytes:
        return f"refreshproof {self._subject} at {vendor}".encode() + kind


def _stories(report: Report, vendor: str) -> Iterator[bytes]:
    for _, document in saved_scenarios(report):
        if document.get("provider") == vendor and "requirement" in document:
            yield json.dumps(document, sort_keys=True).encode()


def _place(text: bytes) -> tuple[str, str] | None:
    """Return of what vendor and requirement a story tells; None where it is none, which is left to who put it there."""
    saved = _read(text)
    return None if saved is None else (saved.provider, saved.requirement or "")


def _read(text: bytes) -> Saved | None:
    try:
        return read_saved(json.loads(text))
    except (ValueError, RecursionError):
        return None
