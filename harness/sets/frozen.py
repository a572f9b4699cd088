"""A frozen set, read from its data file beside this module, and a report scored by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from refreshproof.mock_servers.strict_files import read_toml
from refreshproof.reports import Apart, Report
from refreshproof.scenarios.requirements import CATALOGUE

LARGEST_FILE = 1_000_000
SUFFIX = ".toml"


@dataclass(frozen=True, kw_only=True)
class FrozenSet:
    """The requirements that count, each in the version that does, and those that do not, each with the reason."""

    name: str
    title: str
    scored: Mapping[str, int]
    not_scored: Mapping[str, str]

    def reason(self, requirement: str, version: int) -> str:
        """Say why a requirement in a version does not count; empty where it does."""
        if requirement in self.not_scored:
            return self.not_scored[requirement]
        known = self.scored.get(requirement)
        if known is None:
            return f"not in {self.name}"
        return "" if known == version else f"version {version}; {self.name} has version {known}"


@cache
def sets() -> Mapping[str, FrozenSet]:
    """Return every set by its name."""
    files = sorted(Path(__file__).parent.glob(f"*{SUFFIX}"))
    return MappingProxyType({file.stem: _read(file) for file in files})


def _read(file: Path) -> FrozenSet:
    document = read_toml(file, LARGEST_FILE)
    return FrozenSet(
        name=file.stem,
        title=document["title"],
        scored=MappingProxyType(document["scored"]),
        not_scored=MappingProxyType(document["not_scored"]),
    )


def scored(report: Report, by: FrozenSet) -> Report:
    """Return a report in which all that does not count in a set stands apart."""
    versions = {name: requirement.version for name, requirement in CATALOGUE.items()}
    reasons = {one.id: by.reason(one.id, versions.get(one.id, 1)) for one in report.requirements}
    apart = Apart(
        set=by.name,
        requirements=tuple(one for one in report.requirements if reasons[one.id]),
        results=tuple(one for one in report.results if reasons[one.requirement]),
        reasons={name: reason for name, reason in reasons.items() if reason},
    )
    return replace(
        report,
        requirements=tuple(one for one in report.requirements if not reasons[one.id]),
        results=tuple(one for one in report.results if not reasons[one.requirement]),
        apart=apart,
    )
