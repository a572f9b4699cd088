"""Playing a saved scenario again, on the client it was found with or any other, and judging it by its requirement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refreshproof.harness.run.saved import Saved, read_file, read_saved
from refreshproof.harness.run.smoke import SMOKE, troubles
from refreshproof.harness.run.troubles import told_once, trouble_of
from refreshproof.harness.run.under_test import UnderTest, client_named
from refreshproof.harness.subjects.guarded import guarded
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import crashes_told, numbered
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import SubjectFactory

SCENARIOS, TROUBLES = "scenarios", "troubles"
"""The folders inside a report's folder: of scenarios that show violations, and of those in which trouble was met."""

DEFAULT_SUBJECT = "engine"
"""The client on which a scenario is played that names none."""


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a scenario showed this time: the verdict of its requirement, or what went wrong around the client where it
    was saved for that. `weaker` tells that it was saved for what is allowed but not the best."""

    provider: str
    scenario: Scenario
    journal: Journal
    requirement: str | None = None
    verdict: Verdict | None = None
    troubles: tuple[Trouble, ...] = ()
    weaker: bool = False

    @property
    def outcome(self) -> str:
        """What came of it in one word: a verdict, or whether there was trouble again."""
        if self.verdict is None:
            return "trouble" if self.troubles else "no trouble"
        return self.verdict.outcome

    @property
    def shows(self) -> bool:
        """Whether it still shows what it was saved for."""
        return self.outcome in ("violated", "trouble") or (self.weaker and self.outcome == "alternative")

    @property
    def in_words(self) -> str:
        """Say what came of it."""
        if self.outcome != "alternative":
            return self.outcome
        again = "the weaker way again" if self.weaker else "the violation no more, but a weaker way"
        return f"{again}, which is allowed and not the best"

    @property
    def what(self) -> str:
        """What was looked at, and where."""
        return f"{self.requirement or 'the client'} at {self.provider}"

    @property
    def why(self) -> str:
        """How it came to that."""
        if self.verdict is None:
            return "; ".join(one.what for one in self.troubles) or "The client came through."
        return self.verdict.why

    @property
    def anomaly(self) -> str | None:
        """The code of the violation, None if there was none."""
        if self.requirement is None or self.verdict is None or self.outcome != "violated":
            return None
        return CATALOGUE[self.requirement].anomaly_of(self.verdict)

    @property
    def explanation(self) -> str:
        """The story as text: what was expected, what happened, and the steps."""
        expected = () if self.verdict is None else (self.verdict.expected,)
        return "\n".join((f"{self.what}: {self.why}", *expected, numbered(self.scenario)))


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
    vendor = saved.vendor(_with_file(saved, vendors))
    chosen = subject or saved.subject or DEFAULT_SUBJECT
    requirement = None if saved.requirement is None else CATALOGUE[saved.requirement]
    if requirement is not None and not requirement.applies(vendor):
        raise ValueError(f"requirement is {requirement.id!r}; {vendor.name} has no such case")
    journal = play(vendor, _client(chosen), saved.scenario)
    return Replayed(
        provider=vendor.name,
        scenario=saved.scenario,
        journal=journal,
        requirement=saved.requirement,
        verdict=None if requirement is None else requirement.check(Evidence(journal=journal, profile=vendor.profile)),
        troubles=_troubles(saved, vendor, journal),
        weaker=saved.shows == "alternative",
    )


def _troubles(saved: Saved, vendor: Vendor, journal: Journal) -> tuple[Trouble, ...]:
    """Return what went wrong around the client; in a plain flow also an ending that is no exception."""
    raised = tuple(trouble_of(crash, step, vendor.name) for crash, step in crashes_told(journal))
    return told_once(raised) or (tuple(troubles(journal, vendor)) if saved.scenario.steps == SMOKE.steps else ())


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

    own = read_vendor(Path(saved.folder or "", saved.provider_file))
    return {**vendors, own.name: own}


def known_counterexamples(folder: Path) -> tuple[dict[tuple[str, str], Scenario], tuple[Trouble, ...]]:
    """Return the counterexamples saved in a report's folder by vendor and requirement, and what is wrong with files
    that are none; those are left alone."""
    known: dict[tuple[str, str], Scenario] = {}
    wrong: list[Trouble] = []
    for path in sorted((folder / SCENARIOS).glob("*.json")):
        try:
            saved = read_file(path)
            if saved.provider in VENDORS:
                saved.vendor(VENDORS)
            if saved.requirement is not None:
                known[saved.provider, saved.requirement] = saved.scenario
        except ValueError as error:
            wrong.append(Trouble(where="saved scenario", what=f"{error}; it is not played", file=str(path)))
    return known, tuple(wrong)
