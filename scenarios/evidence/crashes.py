"""Exceptions that leave a client under test: what was raised, where in whose code, in which step of a scenario.

They stand beside a journal and not in it, because a place is a matter of a machine, and equal runs give equal bytes.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from refreshproof.mock_servers.stacks import line_of
from refreshproof.scenarios.steps.scenario import Scenario

LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
LONGEST_TEXT = 500
"""Characters of an exception's text that are kept."""


@dataclass(frozen=True, kw_only=True)
class Crash:
    """An exception of the client in one of its operations; `exception` is its type and redacted text, one line.

    `file` and `line` are the client's line that it came through; a path is relative to the working folder or to the
    libraries'. They are empty and 0 where there is none. `scenario` is what had been played until then, the step it
    came in included.
    """

    step: int
    operation: str
    exception: str
    file: str = ""
    line: int = 0
    scenario: Scenario | None = None


class BrokenOffError(RuntimeError):
    """An operation of the client ended in what would have ended more than itself; `line` is where it did."""

    def __init__(self, message: str, place: tuple[str, int]) -> None:
        super().__init__(message)
        self.line = f"{place[0]}:{place[1]}" if place[0] else ""


def crash_of(
    error: BaseException,
    step: int,
    operation: str,
    redact: Callable[[str], str] = str,
    scenario: Scenario | None = None,
) -> Crash:
    """Return what is told of an exception."""
    file, line = place_of(error)
    return Crash(step=step, operation=operation, exception=told(error, redact), file=file, line=line, scenario=scenario)


def told(error: BaseException, redact: Callable[[str], str] = str) -> str:
    """Return an exception as one line: its type, and its text without secrets."""
    try:
        text = str(getattr(error, "what", error))
    except Exception as worse:
        text = f"(its text cannot be had: {type(worse).__name__})"
    return f"{type(error).__name__}: {redact(' '.join(text.split()))[:LONGEST_TEXT]}".rstrip(": ")


def place_of(error: BaseException) -> tuple[str, int]:
    """Return file and line of the client's code that an exception came through, or that it names itself as `line`; ("",
    0) without any."""
    named = getattr(error, "line", None)
    found = str(named) if named else str(line_of(error) or "")
    file, _, line = found.rpartition(":")
    return (_shown(Path(file)), int(line)) if file and line.isdecimal() else ("", 0)


def _shown(path: Path) -> str:
    for folder in (Path.cwd(), *LIBRARIES, *map(Path, sys.path)):
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return str(path)
