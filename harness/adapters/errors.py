"""What can be wrong with an adapter, or with the client in it: one exception a kind, each of which says what came and
what is allowed, and names a line of the client's code where there is one.

None of them says anything of a requirement: a run tells them as BROKEN.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from refreshproof.mock_servers.stacks import line_of


class SubjectError(Exception):
    """The client under test, or the code around it, cannot be worked with. `line` is where, as file:line, or empty."""

    def __init__(self, what: str, line: str = "") -> None:
        super().__init__(f"{what} ({line})" if line else what)
        self.what = what
        self.line = line


class IncompleteError(SubjectError):
    """It lacks a method that every subject has, or one that it claims."""


class FactoryError(SubjectError):
    """What was named as a subject raised, or made something that is none; the cause is the client's own exception."""


class ReturnError(SubjectError):
    """A method returned something else than it should have."""


class CapabilityError(SubjectError):
    """It claims what there is not."""


def place_of(code: Any) -> str:
    """Return where a class or function is written, empty where that is not known."""
    try:
        return f"{inspect.getsourcefile(code)}:{inspect.getsourcelines(code)[1]}"
    except (OSError, TypeError):
        return ""


def told(error: BaseException) -> str:
    """Return an exception in one line, with its type and the client's line that it came through."""
    line = line_of(error)
    return f"{type(error).__name__}: {error}" + ("" if line is None else f" ({line})")


def listed(names: Iterable[str]) -> str:
    """Return names as they are read in a sentence."""
    return ", ".join(sorted(names)) or "none"
