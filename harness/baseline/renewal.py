"""A baseline written anew after a run: what is fixed goes, what is new comes, comments and all else stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import tomlkit
from packaging.version import InvalidVersion, Version

from refreshproof.harness.baseline.known import TABLE, BaselineError, Known, baseline_of, entries_of
from refreshproof.mock_servers.strict_files import read_text
from refreshproof.reports import Outcome, Report, Result, gates, unjudged
from refreshproof.reports.verdict import SETTLED, is_owed

HEADER = """\
# Findings of `refreshproof run` that are known and allowed for now: `refreshproof run --baseline FILE` fails for any
# other, and says which of these are fixed. Each entry may have reason, link and expires (a date).
"""
_HEAD = re.compile(rf"^[ \t]*\[\[[ \t]*{TABLE}[ \t]*\]\]", re.MULTILINE)
LARGEST_FILE = 4_000_000


class PartialRunError(ValueError):
    """A run that has not come to its end: no baseline can be made of it."""


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """A baseline's new text, the entries that came and those that went."""

    text: str
    added: tuple[Known, ...]
    removed: tuple[Known, ...]


def renewed(file: Path, report: Report, *, today: date, reason: str, link: str, expires: date | None) -> Renewed:
    """Return a baseline as it is after a run; an entry that comes gets reason, link and day.

    Raises PartialRunError for a run that has not judged all that was selected, BaselineError for a file that is none.
    """
    if unjudged(report):
        raise PartialRunError("the run was broken off, or something in it could not be judged; finish one first")
    text = read_text(file, LARGEST_FILE) if file.exists() else HEADER
    known = _entries(text, file)
    subject, version = report.subject.name, report.subject.version
    gone = [number for number, one in enumerate(known) if one.is_about(subject, version) and _is_over(one, report)]
    kept = [one for number, one in enumerate(known) if number not in gone]
    before = {one.identity for one in baseline_of(kept, file, subject, version, today).entries}
    added = tuple(
        Known(
            subject=subject,
            versions=_from(version),
            requirement=result.requirement,
            provider=result.provider,
            anomaly=result.anomaly,
            reason=reason,
            link=link,
            expires=expires,
        )
        for result in report.results
        if _fails(result, report) and result.identity not in before
    )
    new = _without(text, gone, file, len(known)) + "".join(f"\n[[{TABLE}]]\n{_written(one)}" for one in added)
    _entries(new, file)
    return Renewed(text=new.lstrip("\n"), added=added, removed=tuple(known[number] for number in gone))


def _entries(text: str, file: Path) -> tuple[Known, ...]:
    try:
        return entries_of(tomlkit.parse(text).unwrap(), str(file))
    except (tomlkit.exceptions.TOMLKitError, RecursionError) as error:
        raise BaselineError(f"{file}: not TOML: {error}") from None


def _fails(result: Result, report: Report) -> bool:
    return gates(result, report.run.grading) or is_owed(result, report.run.grading)


def _is_over(known: Known, report: Report) -> bool:
    """Tell whether a run has seen that an entry is fixed, or that something else goes wrong in its place."""
    for result in report.results:
        if (result.requirement, result.provider) == (known.requirement, known.provider):
            another = result.outcome is Outcome.VIOLATED and result.anomaly != known.anomaly
            return result.outcome in SETTLED or another
    return False


def _from(version: str) -> str:
    """Return the range of a version and all later ones, of one that cannot be compared the version itself."""
    try:
        return f">={Version(version)}"
    except InvalidVersion:
        return version or "*"


def _written(known: Known) -> str:
    table = tomlkit.table()
    for name, value in vars(known).items():
        if value not in (None, ""):
            table.add(name, value)
    return tomlkit.dumps(table)


def _without(text: str, gone: Sequence[int], file: Path, number: int) -> str:
    """Take entries out of a text, each with the comment right above it."""
    starts = [found.start() for found in _HEAD.finditer(text)]
    if len(starts) != number:
        raise BaselineError(f"{file}: a text holds [[{TABLE}]], or entries stand in an array; edit it by hand")
    bounds = [*starts, len(text)]
    parts, blocks = [text[: bounds[0]]], [text[a:b] for a, b in pairwise(bounds)]
    for place, block in enumerate(blocks):
        if place not in gone:
            parts.append(block)
            continue
        parts[-1] = _without_comment(parts[-1])
        parts.append(_after(block))
    return "".join(parts).rstrip("\n") + "\n"


def _without_comment(text: str) -> str:
    """Drop the comment lines that stand right above the end of a text."""
    lines = text.splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        lines.pop()
    return "".join(lines)


def _after(block: str) -> str:
    """Return the blank lines and comments at the end of an entry: they are about what follows."""
    lines = block.splitlines(keepends=True)
    behind: list[str] = []
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        behind.insert(0, lines.pop())
    return "".join(behind)
