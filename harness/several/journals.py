"""The journals of the shards of one run put together, in the order of the whole report.

A journal is a line for every cell, `{"record": "Cell", ...}`, and after it the records of its story, a line each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from refreshproof.harness.run.reporting import JOURNAL
from refreshproof.mock_servers.strict_files import FileError, read_text
from refreshproof.reports import Report

LARGEST = 1_000_000_000
"""Bytes of a journal that are read."""
Place = tuple[str, str]


class AbsentError(FileError):
    """A shard without a journal."""


def merged_journal(report: Report, journals: Iterable[Mapping[Place, str]]) -> Iterator[str]:
    """Yield the lines of each cell of a report, from the first journal that has it; what is set apart comes last."""
    shards = tuple(journals)
    apart = () if report.apart is None else report.apart.results
    for result in (*report.results, *apart):
        place = (result.requirement, result.provider)
        yield next((shard[place] for shard in shards if place in shard), "")


def read_journal(folder: Path) -> Mapping[Place, str]:
    """Return the lines of each cell of a shard; raises FileError that names the file, the line and what is wrong."""
    file = folder / JOURNAL
    if not file.is_file():
        raise AbsentError(f"{file}: there is no such file")
    cells: dict[Place, list[str]] = {}
    lines: list[str] = []
    for number, line in enumerate(read_text(file, LARGEST).splitlines(keepends=True), 1):
        record = _record(line, f"{file}, line {number}")
        if record.get("record") == "Cell":
            lines = cells.setdefault(_place(record, f"{file}, line {number}"), [])
        elif not cells:
            raise FileError(
                f"{file}, line {number}: found {record.get('record')!r:.60}; expected a Cell at the beginning"
            )
        lines.append(line)
    return {place: "".join(found) for place, found in cells.items()}


def _record(line: str, place: str) -> Mapping[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{place}: not JSON: {error}") from None
    if not isinstance(record, dict):
        raise FileError(f"{place}: found {type(record).__name__}; expected an object")
    return record


def _place(record: Mapping[str, object], place: str) -> Place:
    requirement, provider = record.get("requirement"), record.get("provider")
    if not isinstance(requirement, str) or not isinstance(provider, str):
        raise FileError(
            f"{place}: found {requirement!r:.60} and {provider!r:.60}; expected a requirement and a provider"
        )
    return requirement, provider
