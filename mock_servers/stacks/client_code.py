"""Which line of the client's code was at work: the innermost one that is not Python's, a library's or ours."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TypeAlias

OURS = "refreshproof"
Frame: TypeAlias = tuple[FrameType, int]
"""A frame, and the line that it is at."""

_PYTHON = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib")})
_LIBRARIES = ("site-packages", "dist-packages")


@dataclass(frozen=True, kw_only=True)
class ClientLine:
    """A line of the client's code; `through` is the library that it had called, empty where it had called none."""

    file: str
    line: int
    through: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def line_of(error: BaseException | None = None) -> ClientLine | None:
    """Return the client's line that an exception came through, or that the thread which asks is at; None where none
    is found.

    A client that is itself an installed library, or one of ours, is found where no code outside is.
    """
    frames = list(_walk(sys._getframe(1)) if error is None else _trace(error.__traceback__))
    frames.reverse()  # the innermost first
    kinds: tuple[Callable[[FrameType], bool], ...] = (
        lambda frame: not _is_pythons(frame) and not _is_library(frame) and not _is_ours(frame),
        lambda frame: not _is_pythons(frame) and not _is_ours(frame),
        lambda frame: _is_ours(frame) and not _name(frame).startswith(f"{OURS}.mock_servers."),
    )
    for is_clients in kinds:
        for index, (frame, line) in enumerate(frames):
            if is_clients(frame):
                called = _name(frames[index - 1][0]).partition(".")[0] if index else ""
                return ClientLine(file=frame.f_code.co_filename, line=line, through="" if called == OURS else called)
    return None


def _walk(frame: FrameType | None) -> Iterable[Frame]:
    """Return the frames of a thread, the innermost last."""
    found: list[Frame] = []
    while frame is not None:
        found.append((frame, frame.f_lineno))
        frame = frame.f_back
    return reversed(found)


def _trace(trace: TracebackType | None) -> Iterator[Frame]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _name(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_ours(frame: FrameType) -> bool:
    return _name(frame).startswith(f"{OURS}.")


def _is_library(frame: FrameType) -> bool:
    return any(folder in frame.f_code.co_filename for folder in _LIBRARIES)


def _is_pythons(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    return name.startswith("<frozen") or (name.startswith(_PYTHON) and not _is_library(frame))
