"""Where Hypothesis keeps the examples it found: a folder for one machine, Redis for many."""

from __future__ import annotations

from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase


def example_database(place: str | None) -> ExampleDatabase | None:
    """Return the database of a folder or of a `redis://host:port/n` URL; raises ValueError where Redis is not
    installed."""
    if place is None:
        return None
    if not place.startswith(("redis://", "rediss://")):
        return DirectoryBasedExampleDatabase(place)
    try:
        from hypothesis.extra.redis import RedisExampleDatabase
        from redis import Redis
    except ImportError:
        raise ValueError(f"database {place!r}: install the package redis to share examples") from None
    return RedisExampleDatabase(Redis.from_url(place))
