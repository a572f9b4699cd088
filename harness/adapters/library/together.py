"""A block that several callers may be in at once: it knows nothing of what the block does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from threading import Lock


class Together(AbstractContextManager[None]):
    """The first that enters opens the block, the last that leaves closes it; `close` does so whoever is still inside.

    What the block patches is then undone once and in order, however its callers come and go.
    """

    def __init__(self, block: Callable[[], AbstractContextManager[None]]) -> None:
        self._block = block
        self._opened = ExitStack()
        self._inside = 0
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._opened.enter_context(self._block())
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._opened.close()

    def close(self) -> None:
        """Close the block though callers may be inside who will never leave."""
        self._opened.close()
