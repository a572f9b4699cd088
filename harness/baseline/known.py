"""An entry of a baseline's file, and the file as a whole: what it may hold, and which entries are about a client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from refreshproof.mock_servers.strict_files import FileError, read_toml
from refreshproof.reports import ANOMALIES, Baseline, Entry
from refreshproof.scenarios.requirements import CATALOGUE

LARGEST_FILE = 4_000_000
"""Bytes of a baseline that are read."""
TABLE = "known"
ANY = "*"
"""A version range that every version is in."""
TEXTS = ("subject", "versions", "requirement", "provider", "anomaly", "reason", "link")
NEEDED = ("subject", "requirement", "provider")
LONGEST_TEXT = 4_000


class BaselineError(FileError):
    """A baseline that cannot be used; the message names the file, the entry, what was found and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A finding of a client in some of its versions that is known. `anomaly` is None where a rule was never exercised;
    `versions` is a range as pip writes it, `*` for all, or a text that a version is."""

    subject: str
    requirement: str
    provider: str
    versions: str = ANY
    anomaly: str | None = None
    reason: str = ""
    link: str = ""
    expires: date | None = None

    def is_about(self, subject: str, version: str) -> bool:
        """Tell whether a client in a version is among those that it is about."""
        if self.subject != subject:
            return False
        if self.versions in (ANY, version):
            return True
        from packaging.specifiers import InvalidSpecifier, SpecifierSet  # here: a run without a baseline needs none
        from packaging.version import InvalidVersion, Version

        try:
            return SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except (InvalidSpecifier, InvalidVersion):
            return False

    def at(self, today: date) -> Entry:
        """Return it as a report shows it on a day; it may stand until its day is over."""
        return Entry(
            requirement=self.requirement,
            provider=self.provider,
            anomaly=self.anomaly,
            reason=self.reason,
            link=self.link,
            expires="" if self.expires is None else self.expires.isoformat(),
            expired=self.expires is not None and self.expires < today,
        )


def read_known(file: Path) -> tuple[Known, ...]:
    """Read a baseline; raises BaselineError."""
    try:
        document = read_toml(file, LARGEST_FILE)
    except FileError as error:
        raise BaselineError(str(error)) from None
    return entries_of(document, str(file))


def entries_of(document: Mapping[str, Any], name: str) -> tuple[Known, ...]:
    """Return the entries of a document; raises BaselineError that calls it by its name."""
    strange = next((key for key in document if key != TABLE), None)
    if strange is not None:
        raise BaselineError(f"{name}: unknown key {strange!r}; allowed is [[{TABLE}]]")
    rows = document.get(TABLE, [])
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise BaselineError(f"{name}: {TABLE}: expected tables, each below its own [[{TABLE}]]")
    known = tuple(_entry(row, f"{name}: {TABLE}[{number}]") for number, row in enumerate(rows))
    _check_once(known, name)
    return known


def _entry(row: Mapping[str, Any], place: str) -> Known:
    allowed = (*TEXTS, "expires")
    for key, value in row.items():
        if key not in allowed:
            raise BaselineError(f"{place}: unknown key {key!r}; allowed are {', '.join(allowed)}")
        if key in TEXTS and (not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TEXT):
            raise BaselineError(f"{place}: {key}: found {value!r:.60}; expected a text on one line")
    for key in NEEDED:
        if not row.get(key):
            raise BaselineError(f"{place}: {key}: missing; every entry names {', '.join(NEEDED)}")
    if row["requirement"] not in CATALOGUE:
        known = "`refreshproof list requirements` names those there are"
        raise BaselineError(f"{place}: requirement: found {row['requirement']!r:.60}; {known}")
    if row.get("anomaly", "A0") not in ANOMALIES:
        raise BaselineError(f"{place}: anomaly: found {row['anomaly']!r:.60}; allowed are {', '.join(ANOMALIES)}")
    if not re.fullmatch(r"(https?://\S+)?", row.get("link", "")):
        raise BaselineError(f"{place}: link: found {row['link']!r:.60}; expected an address with https://")
    if type(row.get("expires", date.min)) is not date:
        raise BaselineError(f"{place}: expires: found {row['expires']!r:.60}; expected a date such as 2027-01-31")
    _check_versions(row.get("versions", ANY), place)
    return Known(**row)


def _check_versions(versions: str, place: str) -> None:
    if versions == ANY or versions[:1] not in "<>=!~":
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(versions)
    except InvalidSpecifier:
        expected = "expected a range such as >=1.4,<2, a version, or *"
        raise BaselineError(f"{place}: versions: found {versions!r:.60}; {expected}") from None


def _check_once(known: Iterable[Known], name: str) -> None:
    met: dict[tuple[Any, ...], int] = {}
    for number, one in enumerate(known):
        key = (one.subject, one.versions, one.requirement, one.provider, one.anomaly)
        if key in met:
            raise BaselineError(
                f"{name}: {TABLE}[{number}] says the same as {TABLE}[{met[key]}]; one of them is enough"
            )
        met[key] = number


def baseline_of(known: Iterable[Known], file: Path, subject: str, version: str, today: date) -> Baseline:
    """Return what is known of a client in a version, as a report holds it."""
    return Baseline(file=str(file), entries=tuple(one.at(today) for one in known if one.is_about(subject, version)))
