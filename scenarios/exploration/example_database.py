"""Where Hypothesis keeps the examples it found: a folder for one machine, Redis for many."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

SCHEMES = ("redis://", "rediss://")


def example_database(place: str | None) -> ExampleDatabase | None:
    """Return the database of a folder or of a `redis://host:port/n` URL; raises ValueError where Redis is not
    installed."""
    if place is None:
        return None
    if not place.startswith(SCHEMES):
        return DirectoryBasedExampleDatabase(place)
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis
    except ImportError:
        raise ValueError(f"database {place!r}: install the package redis to share examples") from None
    return RedisExampleDatabase(Redis.from_url(place))


def check_place(place: str | None) -> None:
    """See that examples can be kept there, of which Hypothesis itself says nothing; raises ValueError that says why
    not."""
    if place is None:
        return
    if not place.startswith(SCHEMES):
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
        with Redis.from_url(place, socket_connect_timeout=2, socket_timeout=2) as server:
            server.ping()
    except (RedisError, OSError, ValueError) as error:
        raise ValueError(f"database {place!r}: {error}") from None
