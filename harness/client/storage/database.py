"""Opening a database: the URL, the engine, and what SQLite has to be told about files, transactions and durability."""

from __future__ import annotations

import os
import sqlite3
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from refreshproof.harness.client.model.errors import ConfigurationError

BUSY_MILLISECONDS = 10_000
"""How long a SQLite writer waits for another process's write."""

WRITES = "refreshproof_writes"
"""Execution option of the connections that write: SQLite's durability of the write.

A pair has to survive a power failure, for the provider has forgotten the one before. The in-flight marker only has to
survive the process: without it the same refresh is made again.
"""

PRAGMAS = (f"busy_timeout = {BUSY_MILLISECONDS}", "journal_mode = WAL", "foreign_keys = ON")


def read_url(url: str | URL) -> URL:
    """Read a database URL; raise ConfigurationError."""
    try:
        return make_url(url)
    except ArgumentError:
        raise ConfigurationError(
            "database: not a database URL; expected sqlite:///FILE or postgresql+psycopg://..."
        ) from None


def open_database(url: URL, *, in_memory: bool) -> sqlalchemy.Engine:
    """Build the engine of a database; a SQLite file is made for its owner only. Raise ConfigurationError."""
    options: dict[str, Any] = {}
    if in_memory:
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    try:
        engine = sqlalchemy.create_engine(url, hide_parameters=True, **options)
    except (NoSuchModuleError, ImportError, ArgumentError) as error:
        raise ConfigurationError(f"database: {error}") from None
    if url.get_backend_name() == "sqlite":
        if not in_memory and url.database:
            _own(url.database)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _own(path: str) -> None:
    """Make a new database file readable for its owner only; SQLite gives its WAL the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise ConfigurationError(f"database: {path} cannot be opened: {error.strerror}") from None


def _configure_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the module would begin transactions late, and never for DDL
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start of a writing transaction; a lone read needs no transaction."""
    durability = connection.get_execution_options().get(WRITES)
    if durability:
        connection.exec_driver_sql(f"PRAGMA synchronous = {durability}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
