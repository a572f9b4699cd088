"""Reading a vendor from a profile file: TOML that extends a built-in vendor, or stands for itself.

A table of the file is laid over the table it extends; any other value takes the place of the one there was.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.causes import STANDARD_ERRORS, Cause
from refreshproof.mock_servers.profile.complaints import complaints, dotted, shown
from refreshproof.mock_servers.profile_files.announced import AnnouncementsError, with_announced
from refreshproof.mock_servers.profile_files.contradictions import contradictions
from refreshproof.mock_servers.profile_files.model import file_model, vendor_of
from refreshproof.mock_servers.profile_files.schema import NONE, schema
from refreshproof.mock_servers.strict_files import FileError, read_text
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor

LARGEST_FILE = 256 * 1024
"""Bytes of a profile file."""
LONGEST_LINE = 2000
"""Bytes; the time to read a dotted key grows with the square of its parts."""
DEEPEST = 16
"""Tables and arrays inside each other."""


class ProfileFileError(ValueError):
    """A profile file that cannot be used; the message has a line for everything that is wrong, each naming file and
    key."""


def read_vendor(path: str | Path) -> Vendor:
    """Read a vendor from a file; raises ProfileFileError."""
    path = Path(path)
    document = _document(path)
    _refuse(path, complaints(document, schema()))
    base = VENDORS.get(document.pop("extends", ""))
    try:
        vendor = vendor_of(file_model().model_validate_json(json.dumps(_laid_over(base, _nulls(document)))))
    except ValidationError as error:
        raise _error(path, [_left_over(one) for one in error.errors()]) from None
    _refuse(path, list(contradictions(vendor)))
    try:
        return with_announced(vendor)
    except AnnouncementsError as error:
        raise _error(path, error.lines) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        text = read_text(path, LARGEST_FILE)
        _refuse(path, list(_long_lines(text)))
        document = tomllib.loads(text)
    except FileError as error:
        raise ProfileFileError(str(error)) from None
    except ProfileFileError:
        raise
    except ValueError as error:
        raise ProfileFileError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise ProfileFileError(f"{path}: nested deeper than {DEEPEST} tables and arrays") from None
    _refuse(path, _oddities(document))
    return document


def _long_lines(text: str) -> Iterator[str]:
    for number, line in enumerate(text.encode().splitlines(), 1):
        if len(line) > LONGEST_LINE:
            yield f"line {number} has {len(line)} bytes; at most {LONGEST_LINE} are read"


def _oddities(document: dict[str, Any]) -> list[str]:
    """Return what TOML knows and JSON does not, and what is nested too deeply; walks without recursion."""
    found: list[str] = []
    ahead: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while ahead:
        path, value = ahead.pop()
        if len(path) > DEEPEST:
            return [f"{dotted(path[:3])}: nested deeper than {DEEPEST} tables and arrays"]
        if isinstance(value, dict):
            ahead += [((*path, name), one) for name, one in value.items()]
        elif isinstance(value, list):
            ahead += [((*path, number), one) for number, one in enumerate(value)]
        elif not isinstance(value, str | int | float) or value in (float("inf"), float("-inf")) or value != value:
            found.append(f"{dotted(path)}: found {shown(value)}; write it as a string, or as a finite number")
    return found[::-1]


def _nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _nulls(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_nulls(one) for one in value]
    return None if value == NONE else value


def _laid_over(base: Vendor | None, document: dict[str, Any]) -> Any:
    """Lay a document over a vendor; a source goes with the value it was for, as does what was announced of it, and a
    refusal that the vendor answers as the specification does is laid over that answer."""
    if base is None:
        return document
    profile = base.profile
    sources = {name: one for name, one in profile.sources.items() if not _says(document, name.split("."))}
    standard = {Cause(name): STANDARD_ERRORS[Cause(name)] for name in document.get("errors", ())}
    announced = tuple(_unsaid(one, document) for one in profile.announced)
    ground = replace(profile, sources=sources, errors=standard | dict(profile.errors), announced=announced)
    return to_jsonable_python({"faults": base.faults} | _merged(ground, document))


def _unsaid(announced: Announcement, document: Any) -> Announcement:
    kept = {name: value for name, value in announced.fields.items() if not _says(document, name.split("."))}
    return replace(announced, fields=kept)


def _says(document: Any, path: list[str]) -> bool:
    """Tell whether a document sets what a dotted name is for, or a part of it."""
    for part in path:
        if not isinstance(document, dict) or part not in document:
            return not isinstance(document, dict)
        document = document[part]
    return True


def _merged(base: Any, new: Any) -> Any:
    if not isinstance(new, dict):
        return new
    if is_dataclass(base):
        own = {one.name: getattr(base, one.name) for one in fields(base)}
        return own | {name: _merged(own.get(name), value) for name, value in new.items()}
    if isinstance(base, Mapping):
        merged = dict(base) | {name: _merged(base.get(name), value) for name, value in new.items()}
        return {name: value for name, value in merged.items() if name not in new or value is not None}
    return new


def _left_over(error: Any) -> str:
    """Describe what only shows when the file is laid over the vendor it extends."""
    path = dotted([part for part in error["loc"] if part != "[key]"])
    if error["type"] == "missing":
        return f"{path}: missing"
    return f"{path}: found {NONE if error['input'] is None else shown(error['input'])}; {error['msg']}"


def _refuse(path: Path, wrong: list[str]) -> None:
    if wrong:
        raise _error(path, wrong)


def _error(path: Path, wrong: list[str]) -> ProfileFileError:
    return ProfileFileError("\n".join(f"{path}: {line}" for line in wrong))
