"""The tables of the client's database, and the steps that bring an older database forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from refreshproof.harness.client.model.errors import ConfigurationError

METADATA = MetaData()

VERSION = Table("refreshproof_schema", METADATA, Column("version", Integer, nullable=False))

CONFIGURATION = Table(
    "client_configuration",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("client_secret", Text, nullable=False),  # encrypted
    Column("document", Text, nullable=False),  # JSON of everything but the secret
    Column("alarm", Text),  # JSON, null while the provider takes the client
)

TOKEN = Table(
    "client_token",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("config_id", ForeignKey(CONFIGURATION.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("access_token", Text, nullable=False),  # encrypted
    Column("access_token_expiration", BigInteger),
    Column("refresh_token", Text),  # encrypted
    Column("refresh_token_expiration", BigInteger),
    Column("refresh_expiration_supplied", Boolean, nullable=False),
    Column("issued_at", BigInteger),
    Column("token_type", Text, nullable=False),
    Column("scope", Text),  # JSON
    Column("status", String(20), nullable=False),
    Column("health", Text, nullable=False),  # JSON of the rest of the health
    Column("lease_holder", Text),
    Column("lease_until", BigInteger),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("authorization_expiration", BigInteger),
)

FLOW = Table(
    "flow_request",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("config_id", ForeignKey(CONFIGURATION.c.id, ondelete="CASCADE"), nullable=False),
    Column("state", String(64), unique=True),  # digest
    Column("created_at", BigInteger, nullable=False, index=True),
    Column("document", Text, nullable=False),  # JSON without verifier and result
    Column("secret", Text, nullable=False),  # encrypted JSON of verifier and result
    Column("version", Integer, nullable=False),
)

SLOT = Table(
    "job_slot",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("slot", BigInteger, nullable=False),
)


REVOCATION = Table(
    "pending_revocation",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("config_id", ForeignKey(CONFIGURATION.c.id, ondelete="CASCADE"), nullable=False),
    Column("token", Text, nullable=False),  # encrypted
    Column("attempts", Integer, nullable=False),
    Column("retry_at", BigInteger, nullable=False),
)


def _add_job_slots(connection: Connection) -> None:
    """Version 1 had no jobs that run once per cluster."""
    SLOT.create(connection)


def _add_revocations(connection: Connection) -> None:
    """Version 2 forgot a token as soon as it was deleted."""
    REVOCATION.create(connection)


def _add_ends_of_consent(connection: Connection) -> None:
    """Version 3 knew no end of a user's consent."""
    connection.exec_driver_sql("ALTER TABLE client_token ADD COLUMN authorization_expiration BIGINT")


MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {
    2: _add_job_slots,
    3: _add_revocations,
    4: _add_ends_of_consent,
}
"""Target version to the step from the version before."""

CURRENT = 4


_COMPILED: dict[str, tuple[str, ...]] = {}
"""DDL by database kind: compiling it takes longer than a database in memory takes to run it."""


def _ddl(name: str, dialect: Dialect) -> tuple[str, ...]:
    if name not in _COMPILED:
        tables = METADATA.sorted_tables
        indexes = sorted((index for table in tables for index in table.indexes), key=lambda index: str(index.name))
        parts: list[ExecutableDDLElement] = [*map(CreateTable, tables), *map(CreateIndex, indexes)]
        _COMPILED[name] = tuple(str(part.compile(dialect=dialect)) for part in parts)
    return _COMPILED[name]


def migrate(connection: Connection) -> None:
    """Create the tables in an empty database, or bring an older one forward; a newer one is refused."""
    if not inspect(connection).has_table(VERSION.name):
        for statement in _ddl(connection.dialect.name, connection.dialect):
            connection.exec_driver_sql(statement)
        connection.execute(VERSION.insert().values(version=CURRENT))
        return
    found = connection.execute(select(VERSION.c.version)).scalar_one()
    if found > CURRENT:
        raise ConfigurationError(f"database: schema version {found} is newer than this program's, {CURRENT}")
    for version in range(found + 1, CURRENT + 1):
        MIGRATIONS[version](connection)
    connection.execute(VERSION.update().values(version=CURRENT))
