"""Playing a saved scenario again, on the client it was found with or any other, and judging it by its requirement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refreshproof.harness.run.saved import Saved, read_file, read_saved
from refreshproof.harness.run.under_test import UnderTest, client_named
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import numbered
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import SubjectFactory

SCENARIOS = "scenarios"
"""The folder of saved scenarios inside a report's folder."""

DEFAULT_SUBJECT = "engine"
"""The client on which a scenario is played that names none."""


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a scenario showed this time."""

    requirement: str
    provider: str
    scenario: Scenario
    verdict: Verdict
    journal: Journal

    @property
    def outcome(self) -> str:
        """The verdict in one word."""
        return self.verdict.outcome

    @property
    def anomaly(self) -> str | None:
        """The code of the violation, None if there was none."""
        return CATALOGUE[self.requirement].anomaly if self.outcome == "violated" else None

    @property
    def explanation(self) -> str:
        """The story as text: what was expected, what happened, and the steps."""
        where = f"{self.requirement} at {self.provider}"
        return f"{where}: {self.verdict.why}\n{self.verdict.expected}\n{numbered(self.scenario)}"


def replay(
    document: Mapping[str, Any],
    subject: str | SubjectFactory | None = None,
    vendors: Mapping[str, Vendor] = VENDORS,
) -> Replayed:
    """Play a scenario document, on the client that it names if no other is given; raises ValueError that names what is
    wrong with it, or with the subject's name."""
    return play_again(read_saved(dict(document)), subject, vendors)


def play_again(
    saved: Saved, subject: str | SubjectFactory | None = None, vendors: Mapping[str, Vendor] = VENDORS
) -> Replayed:
    """Play a saved scenario; raises ValueError as `replay` does."""
    vendor = saved.at(_with_file(saved, vendors))
    chosen = subject or saved.subject or DEFAULT_SUBJECT
    journal = play(vendor, _client(chosen), saved.scenario)
    return Replayed(
        requirement=saved.requirement,
        provider=vendor.name,
        scenario=saved.scenario,
        verdict=CATALOGUE[saved.requirement].check(Evidence(journal=journal, profile=vendor.profile)),
        journal=journal,
    )


def _client(subject: str | SubjectFactory) -> SubjectFactory:
    if isinstance(subject, str):
        return client_named(subject)
    return subject if isinstance(subject, UnderTest) else UnderTest(guarded(subject))


def _with_file(saved: Saved, vendors: Mapping[str, Vendor]) -> Mapping[str, Vendor]:
    """Add the vendor of the file that a scenario names, unless one of its name was given that is no built-in."""
    given = vendors.get(saved.provider)
    if saved.provider_file is None or given is not VENDORS.get(saved.provider):
        return vendors
    from refreshproof.mock_servers.profile_files.file import read_vendor  # pydantic takes time to import

    own = read_vendor(Path(saved.provider_file))
    return {**vendors, own.name: own}


def known_counterexamples(folder: Path) -> tuple[dict[tuple[str, str], Scenario], tuple[Trouble, ...]]:
    """Return the counterexamples saved in a report's folder by vendor and requirement, and what is wrong with files
    that are none; those are left alone."""
    known: dict[tuple[str, str], Scenario] = {}
    troubles: list[Trouble] = []
    for path in sorted((folder / SCENARIOS).glob("*.json")):
        try:
            saved = read_file(path)
            if saved.provider in VENDORS:
                saved.at(VENDORS)
            known[saved.provider, saved.requirement] = saved.scenario
        except ValueError as error:
            troubles.append(Trouble(where="saved scenario", what=f"{error}; it is not played", file=str(path)))
    return known, tuple(troubles)
