"""Writing the files of a folder: whether that can be done is found out before there is anything to write, and a file
is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

PROBE = b"\0" * 65_536
"""What has to find room in a folder before a run begins."""

Planned: TypeAlias = tuple[Path, Callable[[], str | Iterable[str]]]
"""A file, and what gives its text, or the parts of it."""


class UnwritableError(ValueError):
    """A folder that cannot be written to; the message names it and says why."""


def prepare(folder: Path) -> None:
    """Make a folder and see that files can be written there; raises UnwritableError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".refreshproof-") as probe:
            probe.write(PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UnwritableError(f"{folder}: {why}; name a folder that can be written to") from None


def write_all(texts: Iterable[Planned]) -> tuple[list[Path], list[str]]:
    """Write what each file is to hold; returns the files that are there, and why others are not."""
    written, failures = list[Path](), list[str]()
    for file, text_of in texts:
        try:
            write(file, text_of())
            written.append(file)
        except OSError as error:
            failures.append(f"{file}: {error.strerror or error}")
    return written, failures


def write(file: Path, text: str | Iterable[str]) -> None:
    """Write a text, or its parts, beside a file and then put it in the file's place; raises OSError, and leaves no
    half."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    try:
        # a client may say what no encoding can hold, half a character for one
        with beside.open("w", encoding="utf-8", errors="backslashreplace") as new:
            new.writelines([text] if isinstance(text, str) else text)
        beside.replace(file)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
