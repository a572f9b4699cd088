"""What a client lets out besides requests: its log while an operation runs, and the secrets in any text of its own."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import threading
from types import TracebackType

from refreshproof.mock_servers.provider.state.vault import Vault

PREFIX = 12
"""Characters of a secret that are enough to count as the secret in a text for people."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_WHOLE = logging.Formatter("%(message)s")


class Output(logging.Handler):
    """Collects what is logged while it is entered: `said` holds warnings and worse, `everything` every line with its
    traceback."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.said: list[str] = []
        self.everything: list[str] = []
        self.talkative = False
        self._entered = 0
        self._level: int | None = None
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.everything.append(_WHOLE.format(record))
        if record.levelno >= logging.WARNING:
            self.said.append(record.getMessage())

    def drain(self) -> tuple[list[str], list[str]]:
        """Return what was said, and everything, since the last time."""
        said, everything = self.said, self.everything
        self.said, self.everything = [], []
        return said, everything

    def __enter__(self) -> Output:
        """Listen; several callers may."""
        with self._guard:
            self._entered += 1
            if self._entered == 1:
                root = logging.getLogger()
                root.addHandler(self)
                if self.talkative:
                    self._level = root.level
                    root.setLevel(logging.DEBUG)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._entered -= 1
            if self._entered == 0:
                root = logging.getLogger()
                root.removeHandler(self)
                if self._level is not None:
                    root.setLevel(self._level)
                self._level = None


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
