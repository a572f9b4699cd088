"""Playing a saved scenario again, on any subject, and judging it by its requirement."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import numbered
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.verdict import Verdict
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario, read_scenario
from refreshproof.scenarios.steps.subject import SubjectFactory

logger = logging.getLogger("refreshproof")

SCENARIOS = "scenarios"
"""The folder of saved scenarios inside a report's folder."""

LARGEST_FILE = 1_000_000
"""Bytes of a scenario file that are read."""


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
    def explanation(self) -> str:
        """The story as text: what was expected, what happened, and the steps."""
        where = f"{self.requirement} at {self.provider}"
        return f"{where}: {self.verdict.why}\n{self.verdict.expected}\n{numbered(self.scenario)}"


def replay(
    document: Mapping[str, Any],
    subject: str | SubjectFactory = "engine",
    vendors: Mapping[str, Vendor] = VENDORS,
) -> Replayed:
    """Play a scenario document; raises ValueError that names what is wrong with it, or with the subject's name."""
    scenario = read_scenario(dict(document))
    vendor = vendors[_named(document, "provider", vendors)]
    requirement = _named(document, "requirement", CATALOGUE)
    factory = subject_factory(subject) if isinstance(subject, str) else subject
    journal = play(vendor, factory, scenario)
    return Replayed(
        requirement=requirement,
        provider=vendor.name,
        scenario=scenario,
        verdict=CATALOGUE[requirement].check(Evidence(journal=journal, profile=vendor.profile)),
        journal=journal,
    )


def read_document(path: Path) -> dict[str, Any]:
    """Read a scenario file; raises ValueError that names the file and the line."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path}: a scenario file has at most {LARGEST_FILE} bytes")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise ValueError(f"{path}: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path}: not a scenario file: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{path}: expected an object, found {type(document).__name__}")
    return document


def known_counterexamples(folder: Path) -> dict[tuple[str, str], Scenario]:
    """Return the counterexamples saved in a report's folder by vendor and requirement; files that are none are left
    alone."""
    known: dict[tuple[str, str], Scenario] = {}
    for path in sorted((folder / SCENARIOS).glob("*.json")):
        try:
            document = read_document(path)
            known[str(document["provider"]), str(document["requirement"])] = read_scenario(document, str(path))
        except (KeyError, ValueError) as error:
            logger.warning("%s is not played: %s", path, error)
    return known


def _named(document: Mapping[str, Any], key: str, known: Mapping[str, Any]) -> str:
    value = document.get(key)
    if value not in known:
        raise ValueError(f"scenario: {key} is {value!r}; `refreshproof list {key}s` names those there are")
    return str(value)
