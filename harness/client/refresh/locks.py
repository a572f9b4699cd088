"""The process's locks: a fixed number of stripes, so that any number of tokens shares them (setting: stripe count)."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from typing import Any, Protocol


class Lock(Protocol):
    """What the engine needs of a lock; `threading.Lock` is one."""

    def acquire(self) -> Any:
        """Wait for the lock."""

    def release(self) -> None:
        """Give it back."""


class StripedLocks:
    """One lock per stripe, made when first needed; a token id always falls on the same stripe."""

    def __init__(self, stripes: int, lock_factory: Callable[[], Lock] = threading.Lock) -> None:
        self._stripes = stripes
        self._factory = lock_factory
        self._locks: dict[int, Lock] = {}
        self._guard = threading.Lock()

    def of(self, token_id: str) -> Lock:
        """Return the lock of this token's stripe."""
        stripe = zlib.crc32(token_id.encode()) % self._stripes
        with self._guard:
            if stripe not in self._locks:
                self._locks[stripe] = self._factory()
            return self._locks[stripe]
