"""A stand-in for a standard stream that tells what is written to it and passes it on. Knows nothing of clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TextIO

STREAMS = ("stdout", "stderr")
"""The streams of a process that people read, by their names in `sys`."""


class Tee:
    """Stands in for a text stream; in everything else it is the stream `under` it."""

    def __init__(self, under: TextIO, wrote: Callable[[str], None]) -> None:
        self.under = under
        self._wrote = wrote

    def write(self, text: str) -> int:
        """Tell, and pass on."""
        self._wrote(text)
        return self.under.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write line by line."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> _Bytes:
        """The bytes under the text, told too."""
        return _Bytes(self.under.buffer, self._wrote)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.under, name)


class _Bytes:
    def __init__(self, under: Any, wrote: Callable[[str], None]) -> None:
        self._under = under
        self._wrote = wrote

    def write(self, data: bytes) -> int:
        """Tell, and pass on."""
        self._wrote(bytes(data).decode(errors="replace"))
        return int(self._under.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._under, name)
