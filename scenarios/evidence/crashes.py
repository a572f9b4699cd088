"""Exceptions that leave a client under test: what was raised, where in whose code, in which step of a scenario.

They stand beside a journal and not in it, because a place is a matter of a machine, and equal runs give equal bytes.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import refreshproof.scenarios

_ROOTS = {Path(refreshproof.scenarios.__file__).parents[1], Path(refreshproof.scenarios.__file__).resolve().parents[1]}
OURS = tuple(root / name for root in _ROOTS for name in ("harness", "mock_servers", "reports", "scenarios"))
LIBRARIES = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib"))
STANDARD = Path(sysconfig.get_path("stdlib")).resolve()
LONGEST_TEXT = 500
"""Characters of an exception's text that are kept."""


@dataclass(frozen=True, kw_only=True)
class Crash:
    """An exception of the client in one of its operations; `exception` is its type and redacted text, one line.

    `file` and `line` are the last place in the user's own code that it came through, or else in a library's, or in
    ours; a path is relative to the working folder, to the libraries' or to ours. They are empty and 0 where it has
    none.
    """

    step: int
    operation: str
    exception: str
    file: str = ""
    line: int = 0


def crash_of(error: BaseException, step: int, operation: str, redact: Callable[[str], str] = str) -> Crash:
    """Return what is told of an exception."""
    file, line = place_of(error)
    return Crash(step=step, operation=operation, exception=told(error, redact), file=file, line=line)


def told(error: BaseException, redact: Callable[[str], str] = str) -> str:
    """Return an exception as one line: its type, and its text without secrets."""
    try:
        text = str(error)
    except Exception as worse:
        text = f"(its text cannot be had: {type(worse).__name__})"
    return f"{type(error).__name__}: {redact(' '.join(text.split()))[:LONGEST_TEXT]}".rstrip(": ")


def place_of(error: BaseException) -> tuple[str, int]:
    """Return file and line of the last place that tells its reader most: user's code before libraries, these before
    ours; ("", 0) without any. An exception that stands for something without a traceback has a `place` of its own."""
    own = getattr(error, "place", None)
    if isinstance(own, tuple):
        return shown_place(own)
    places = [(Path(frame), line) for frame, line in _frames(error.__traceback__)]
    for wanted in (_is_users, _is_a_librarys, _is_ours):
        for path, line in reversed(places):
            if wanted(path):
                return _shown(path), line
    return "", 0


def shown_place(place: tuple[str, int] | None) -> tuple[str, int]:
    """Return a place with its path as a reader knows it."""
    return ("", 0) if place is None or not place[0] else (_shown(Path(place[0])), place[1])


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _is_users(path: Path) -> bool:
    return path.is_absolute() and not (_is_a_librarys(path) or _is_ours(path) or _below(path, STANDARD))


def _is_a_librarys(path: Path) -> bool:
    return any(_below(path, folder) for folder in LIBRARIES) and not _is_ours(path)


def _is_ours(path: Path) -> bool:
    return any(_below(path, folder) for folder in OURS)


def _below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or path.resolve().is_relative_to(folder)


def _shown(path: Path) -> str:
    for folder in (Path.cwd(), *LIBRARIES, *map(Path, sys.path)):
        if path.is_relative_to(folder) and folder != Path("/"):
            return str(path.relative_to(folder))
    return str(path)
