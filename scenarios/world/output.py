"""What a client lets out besides requests while an operation runs: what it logs, prints, warns of and raises, and the
secrets in any text of its own.

What a program writes past Python's streams (`os.write`, a child process) is not seen here.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import TextIO
from weakref import WeakSet

from refreshproof.mock_servers.provider.state.vault import Vault
from refreshproof.scenarios.world.streams import STREAMS, Tee

PREFIX = 12
"""Characters of a secret that are enough to count as the secret in a text for people."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_WHOLE = logging.Formatter("%(message)s")
_SHOWN: set[str] = set()
"""The warnings that a person has been shown."""


class Output(logging.Handler):
    """Collects what is let out while it is entered.

    `said` holds what a person is meant to read: warnings and worse in the log, what is printed or written to stderr,
    and Python's own warnings; `everything` besides every other line of the log, and tracebacks. All of it goes on to
    where it went before.
    """

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.said: list[str] = []
        self.everything: list[str] = []
        self.talkative = False
        self._entered = 0
        self._level: int | None = None
        self._guard = threading.Lock()
        self._tees: dict[str, Tee] = {}
        self._show = warnings.showwarning
        with warnings.catch_warnings():
            pass  # Python forgets what it has warned of, so that a life that is played again says the same again
        # What threads of the harness write, such as one that draws progress, is none of the client's.
        self._foreign = WeakSet(threading.enumerate())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line of the log."""
        self.everything.append(_WHOLE.format(record))
        if record.levelno >= logging.WARNING:
            self.said.append(record.getMessage())

    def wrote(self, text: str) -> None:
        """Keep what was written to a stream."""
        if text.strip() and threading.current_thread() not in self._foreign:
            self.said.append(text.removesuffix("\n"))
            self.everything.append(text)

    def raised(self, error: BaseException) -> None:
        """Keep what whoever prints an exception would see: its text, its notes and its causes."""
        self.everything.append("".join(traceback.format_exception(error)))

    def drain(self) -> tuple[list[str], list[str]]:
        """Return what was said, and everything, since the last time."""
        said, everything = self.said, self.everything
        self.said, self.everything = [], []
        return said, everything

    def __enter__(self) -> Output:
        """Listen; several callers may."""
        with self._guard:
            self._foreign.discard(threading.current_thread())
            self._entered += 1
            if self._entered == 1:
                self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._entered -= 1
            if self._entered == 0:
                self._leave()

    def _listen(self) -> None:
        root = logging.getLogger()
        root.addHandler(self)
        if self.talkative:
            self._level = root.level
            root.setLevel(logging.DEBUG)
        for name in STREAMS:
            under, tee = getattr(sys, name), self._tees.get(name)
            if tee is None or tee.under is not under:
                tee = self._tees[name] = Tee(under, self.wrote)
            setattr(sys, name, tee)
        self._show, warnings.showwarning = warnings.showwarning, self._warned

    def _leave(self) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        if self._level is not None:
            root.setLevel(self._level)
        self._level = None
        if warnings.showwarning == self._warned:
            warnings.showwarning = self._show
        for name, tee in self._tees.items():
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.under)

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Keep a warning; a person is shown it once, as Python does."""
        text = warnings.formatwarning(message, category, filename, lineno, line)
        self.wrote(text)
        if text not in _SHOWN:
            _SHOWN.add(text)
            self._show(message, category, filename, lineno, file or self._tees["stderr"].under, line)


def spilled(vault: Vault, text: str) -> tuple[str, ...]:
    """Return the aliases of the secrets in a text: in clear, percent-encoded, in base64, or by their first
    characters."""
    if not text.strip():
        return ()
    decoded = (_decoded(match.group()) for match in _BASE64.finditer(text))
    return tuple(vault.leaks("\n".join((text, *decoded)), prefix=PREFIX))


def _decoded(run: str) -> str:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
