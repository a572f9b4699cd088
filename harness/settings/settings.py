"""What is read from a file beside the client's code, so that nobody has to type it: `refreshproof.toml`, or
`[tool.refreshproof]` in `pyproject.toml`, from a folder upwards.

Paths in the file are found from the file's own folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from refreshproof.harness.adapters.suggestion import hint
from refreshproof.harness.subjects.own import is_file
from refreshproof.mock_servers.dates import instant_of
from refreshproof.mock_servers.strict_files import FileError, read_toml
from refreshproof.reports import FORMATS
from refreshproof.reports.formats.registry import STORY_FORMATS

OWN, SHARED, TABLE = "refreshproof.toml", "pyproject.toml", ("tool", "refreshproof")
LARGEST_FILE = 4_000_000
"""Bytes of a settings file that are read."""
LONGEST_TEXT = 4_000
CHOICES = tuple(sorted((*FORMATS, *STORY_FORMATS)))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The values of a settings file by the names of `run`'s parameters, and the file."""

    file: Path
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key of the file: the parameter of `run` that it stands for, what it may be, what a path becomes when the file
    is in another folder than the present one, and what a value becomes on any account."""

    parameter: str
    expected: str
    allows: Callable[[Any], bool]
    placed: Callable[[Path, Any], Any] = lambda folder, value: value
    read: Callable[[Any], Any] = lambda value: value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= LONGEST_TEXT


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_list_of_formats(value: Any) -> bool:
    return _is_list(value) and all(one in CHOICES for one in value)


def _is_count(most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and 0 <= value <= most


def _is_date(value: Any) -> bool:
    if not isinstance(value, str | date):
        return False
    try:
        instant_of(_in_iso(value))
    except ValueError:
        return False
    return True


def _in_iso(value: str | date) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _path(folder: Path, value: str) -> str:
    return str(folder / value)


def _paths(folder: Path, value: list[str]) -> list[str]:
    return [_path(folder, one) for one in value]


def _subject(folder: Path, value: str) -> str:
    return _path(folder, value) if is_file(value) else value


A_LIST = "a list of texts, not empty"
A_TEXT = "a text on one line"
KEYS: Mapping[str, Key] = {
    "subject": Key(parameter="subject", expected=A_TEXT, allows=_is_text, placed=_subject),
    "providers": Key(parameter="providers", expected=A_LIST, allows=_is_list),
    "requirements": Key(parameter="requirements", expected=A_LIST, allows=_is_list),
    "profiles": Key(parameter="profiles", expected=f"{A_LIST}: files", allows=_is_list, placed=_paths),
    "baseline": Key(parameter="baseline", expected="a file", allows=_is_text, placed=_path),
    "set": Key(parameter="frozen", expected="the name of a frozen set", allows=_is_text),
    "at": Key(parameter="at", expected="a date from 1970 to 2199, such as 2027-03-31", allows=_is_date, read=_in_iso),
    "seed": Key(parameter="seed", expected="a number from 0 to 2**63 - 1", allows=_is_count(2**63 - 1)),
    "examples": Key(parameter="examples", expected="a number from 0 to 1000000", allows=_is_count(1_000_000)),
    "reports": Key(parameter="formats", expected=f"a list of {', '.join(CHOICES)}", allows=_is_list_of_formats),
    "out": Key(parameter="out", expected="a folder", allows=_is_text, placed=_path),
}
"""Every key there is."""


def found(folder: Path) -> Path | None:
    """Return the settings file of a folder: the nearest upwards; a `pyproject.toml` without the table is none."""
    for place in (folder, *folder.parents):
        if os.path.lexists(place / OWN):
            return place / OWN
        if os.path.lexists(place / SHARED) and _table(place / SHARED) is not None:
            return place / SHARED
    return None


def read_settings(file: Path, present: Path) -> Settings:
    """Read a settings file, of which the paths become such as are right in the present folder.

    Raises FileError that names the file, the key, what was found and what is allowed.
    """
    table = _table(file)
    prefix = ".".join((*TABLE, "")) if file.name == SHARED else ""
    if table is None:
        raise FileError(f"{file}: has no table [{'.'.join(TABLE)}]")
    return Settings(file=file, values=dict(_values(table, f"{file}: {prefix}", file.parent, present)))


def _values(table: Mapping[str, Any], place: str, folder: Path, present: Path) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if name not in KEYS:
            meant = hint(name, KEYS, "").strip()
            raise FileError(
                f"{place}{name!s:.60}: unknown key; {meant}{' ' * bool(meant)}allowed are {', '.join(KEYS)}"
            )
        key = KEYS[name]
        if not key.allows(value):
            raise FileError(f"{place}{name}: found {_shown(value)}; expected {key.expected}")
        yield key.parameter, key.read(value if folder == present else key.placed(folder, value))


def _shown(value: Any) -> str:
    return f"{value}" if isinstance(value, date | time) else f"{value!r:.60}"


def _table(file: Path) -> Mapping[str, Any] | None:
    """Return what a file says of us; of a `pyproject.toml` it is one table, and None without it."""
    document: Any = read_toml(file, LARGEST_FILE)
    if file.name != SHARED:
        return dict(document)
    for part in TABLE:
        document = document.get(part)
        if document is None:
            return None
        if not isinstance(document, dict):
            raise FileError(f"{file}: {'.'.join(TABLE)}: found {document!r:.60}; expected a table")
    return dict(document)
