"""Reading files that a person or an earlier run wrote: regular files only, as many bytes as are allowed, plain data.

What is wrong is a `FileError` that names the file, the place, what was found and what is allowed; nothing else rises.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

DEEPEST = 64
"""Objects and arrays inside each other."""

BYTE_ORDER_MARK = "\ufeff"
"""What some writers put before JSON; a reader may pass over it (RFC 8259 s8.1)."""

_NESTING = re.compile(r'"(?:[^"\\]|\\[\s\S])*"?|[\[\]{}]')
_OTHERS = {
    stat.S_IFDIR: "a folder", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}  # fmt: skip


class FileError(ValueError):
    """A file that cannot be used."""


def read_bytes(path: Path, most: int) -> bytes:
    """Return what a regular file holds, at most so many bytes of what is read, whatever it says of its size."""
    try:
        # without O_NONBLOCK the opening of a pipe waits for its other end
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            kind = stat.S_IFMT(os.fstat(number).st_mode)
            if kind != stat.S_IFREG:
                raise FileError(f"{path}: found {_OTHERS.get(kind, 'something else')}; expected a file")
            with os.fdopen(number, "rb", closefd=False) as file:
                data = file.read(most + 1)
        finally:
            os.close(number)
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:  # a name that no file can have
        raise FileError(f"{str(path)!r}: {error}") from None
    if len(data) > most:
        raise FileError(f"{path}: found more than {most} bytes; at most {most} are read")
    return data


def read_text(path: Path, most: int) -> str:
    """Return the text of a UTF-8 file of at most so many bytes."""
    try:
        return read_bytes(path, most).decode()
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not UTF-8 at byte {error.start}") from None


def read_json(path: Path, most: int) -> Any:
    """Return the data of a JSON file: no key twice, finite numbers, text that can be written, bounded depth."""
    text = read_text(path, most).removeprefix(BYTE_ORDER_MARK)
    try:
        _check_depth(text)
        found = json.loads(
            text,
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_object,
        )
    except FileError:
        raise
    except RecursionError:
        raise FileError(f"{path}: nested too deeply; at most {DEEPEST} objects and arrays inside each other") from None
    except ValueError as error:
        raise FileError(f"{path}: not JSON: {error}") from None
    _check(path, found)
    return found


def read_toml(path: Path, most: int) -> dict[str, Any]:
    """Return the data of a TOML file of bounded depth."""
    try:
        found = tomllib.loads(read_text(path, most))
    except FileError:
        raise
    except RecursionError:
        raise FileError(f"{path}: nested too deeply; at most {DEEPEST} tables and arrays inside each other") from None
    except ValueError as error:
        raise FileError(f"{path}: not TOML: {error}") from None
    _check(path, found)
    return found


def _check_depth(text: str) -> None:
    """Raise RecursionError before a parser would: what else runs at the limit of the stack fails as well."""
    depth = 0
    for found in _NESTING.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > 2 * DEEPEST:
                raise RecursionError
        elif found[0] in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in an object")
    return members


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"found {text}; expected a finite number")


def _finite(text: str) -> float:
    return float(text) if isfinite(float(text)) else _no_number(text)


def _check(path: Path, document: Any) -> None:
    """Refuse what is nested too deeply and text that no UTF-8 can hold; walks without recursion."""
    ahead: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while ahead:
        place, value = ahead.pop()
        if len(place) > DEEPEST:
            raise FileError(
                f"{path}: nested too deeply at {place_of(place[:3])}; at most {DEEPEST} levels inside each other"
            )
        if isinstance(value, dict):
            for name, one in value.items():
                ahead.append(((*place, name), one))
                _check_text(path, place, name)
        elif isinstance(value, list):
            ahead += [((*place, number), one) for number, one in enumerate(value)]
        elif isinstance(value, str):
            _check_text(path, place, value)


def _check_text(path: Path, place: tuple[str | int, ...], text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FileError(
            f"{path}: {place_of(place)}: found {ascii(text)[:60]}; expected text without lone surrogates"
        ) from None


def place_of(place: tuple[str | int, ...]) -> str:
    """Return a place inside a document as people write it: `steps[2].seconds`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in place]
    text = "".join(parts).removeprefix(".") or "the file"
    return text.encode("utf-8", "backslashreplace").decode()
