"""Where Hypothesis keeps the examples it found: a folder for one machine, Redis for many; and what one search is shown
of it, so that a run comes to the same whoever else writes there meanwhile.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

SCHEMES = ("redis://", "rediss://")
PATIENCE = 2
"""Seconds in which a Redis has to answer."""
KINDS = (b".secondary", b".pareto", b"")
"""What Hypothesis puts after the key of a test, by what it keeps there."""

Examples: TypeAlias = Mapping[bytes, Collection[bytes]]
"""Examples by their kind."""


class OneSearch(ExampleDatabase):
    """What one search is shown of the examples that others found, and `found`, those in which it finds something.

    Hypothesis forgets an example as soon as a search for the next finding does not stop at it; this does not.
    """

    def __init__(self, known: Examples) -> None:
        super().__init__()
        self._known = known
        self.found: dict[bytes, set[bytes]] = {kind: set() for kind in KINDS}

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """Return what others found, in one order."""
        return sorted(self._known.get(_kind(key), ()))

    def save(self, key: bytes, value: bytes) -> None:
        """Take down one more."""
        self.found[_kind(key)].add(value)

    def delete(self, key: bytes, value: bytes) -> None:
        """Keep it all the same."""


def _kind(key: bytes) -> bytes:
    return next(kind for kind in KINDS if key.endswith(kind))


def example_database(place: str) -> ExampleDatabase:
    """Return the database of a folder or of a `redis://host:port/n` URL; raises ValueError where Redis is not
    installed."""
    if not place.startswith(SCHEMES):
        return DirectoryBasedExampleDatabase(place)
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis
    except ImportError:
        raise ValueError(f"database {shown(place)!r}: install the package redis to share examples") from None
    return RedisExampleDatabase(Redis.from_url(place, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE))


def shown(place: str) -> str:
    """Return a place, or a command that names one, without the password in it."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", place)


def check_place(place: str | None) -> None:
    """See that examples can be kept there, of which Hypothesis itself says nothing; raises ValueError that says why
    not."""
    if place is None:
        return
    if not place.startswith(SCHEMES):
        if not place or "://" in place:  # no folder that anybody means
            raise ValueError(f"database {shown(place)!r}: expected a folder, or {' or '.join(SCHEMES)} with a host")
        try:
            folder = Path(place)
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise ValueError(f"database {place!r}: {why}; name a folder that can be written to") from None
        return
    try:
        from redis import Redis, RedisError
    except ImportError:
        example_database(place)
        return
    try:
        with Redis.from_url(place, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as server:
            server.ping()
    except (RedisError, OSError, ValueError) as error:
        why = shown(str(error))
        raise ValueError(f"database {shown(place)!r}: {why}; start it, or name a folder or another Redis") from None
