"""The storage in a database through SQLAlchemy Core: SQLite as a WAL file or in memory, or PostgreSQL by URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from refreshproof.harness.client.model.configuration import ClientConfiguration
from refreshproof.harness.client.model.errors import ConfigurationError, FieldErrors, StorageError
from refreshproof.harness.client.model.flow import FlowRequest
from refreshproof.harness.client.model.token import ClientTokenEntity, Lease
from refreshproof.harness.client.storage import rows
from refreshproof.harness.client.storage.crypto import Cipher, new_key
from refreshproof.harness.client.storage.database import WRITES, open_database, read_url
from refreshproof.harness.client.storage.schema import CONFIGURATION, FLOW, REVOCATION, SLOT, TOKEN, migrate
from refreshproof.harness.client.storage.storage import Alarm, Held, Revocation

LOAD = (
    select(TOKEN, CONFIGURATION.c.client_secret, CONFIGURATION.c.document, CONFIGURATION.c.alarm)
    .join_from(TOKEN, CONFIGURATION)
    .where(TOKEN.c.id == bindparam("token_id"))
)

COMPARED_TOKEN = (TOKEN.c.id == bindparam("old_id"), TOKEN.c.version == bindparam("old_version"))
MARK = (
    update(TOKEN)
    .where(*COMPARED_TOKEN)
    .values({name: bindparam(name) for name in ("lease_holder", "lease_until", "version")})
)
REPLACE = update(TOKEN).where(*COMPARED_TOKEN).values({c.name: bindparam(c.name) for c in TOKEN.c if c.name != "id"})


class SqlStorage:
    """Implements Storage on a database URL; `cipher` encrypts the secrets and may be left out for `sqlite://` alone."""

    def __init__(self, url: str | URL = "sqlite://", cipher: Cipher | None = None) -> None:
        self._url = read_url(url)
        in_memory = self._url.get_backend_name() == "sqlite" and self._url.database in (None, "", ":memory:")
        if cipher is None and not in_memory:
            raise ConfigurationError("database: an encryption key is needed for a database that outlives the process")
        self.cipher = cipher or Cipher((new_key(),))
        self._engine = open_database(self._url, in_memory=in_memory)
        # A database in memory is one connection, and a connection is one transaction: threads take turns.
        self._guard: AbstractContextManager[object] = threading.RLock() if in_memory else nullcontext()
        self._writer = self._engine.execution_options(**{WRITES: "FULL"})
        self._marker = self._engine.execution_options(**{WRITES: "NORMAL"})
        try:
            self._prepare()
        except BaseException:
            self._engine.dispose()
            raise

    def _prepare(self) -> None:
        """Create or migrate the tables; when several nodes open an empty database at once, all but one look again."""
        for last in (False, False, True):
            try:
                with self._transaction() as connection:
                    migrate(connection)
            except (IntegrityError, StorageError):
                if last:
                    raise
            else:
                return

    @contextmanager
    def _transaction(self, engine: sqlalchemy.Engine | None = None) -> Iterator[Connection]:
        try:
            with self._guard, (engine or self._writer).begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StorageError(f"the database failed: {type(error).__name__}") from None

    def save_configuration(self, configuration: ClientConfiguration) -> None:
        """Insert or replace by id; a name belongs to one configuration."""
        row = rows.configuration_row(configuration, self.cipher)
        try:
            with self._transaction() as connection:
                where = CONFIGURATION.c.id == configuration.id
                if not connection.execute(update(CONFIGURATION).where(where).values(row)).rowcount:
                    connection.execute(CONFIGURATION.insert().values(row))
        except IntegrityError:
            raise FieldErrors({"name": "is taken by another configuration"}) from None

    def configuration(self, config_id: str) -> ClientConfiguration | None:
        """Return the configuration with this id."""
        found = self._rows(select(CONFIGURATION).where(CONFIGURATION.c.id == config_id))
        return rows.configuration_from(found[0], self.cipher) if found else None

    def configurations(self) -> list[ClientConfiguration]:
        """Return all configurations, by name."""
        found = self._rows(select(CONFIGURATION).order_by(CONFIGURATION.c.name))
        return [rows.configuration_from(row, self.cipher) for row in found]

    def delete_configuration(self, config_id: str) -> bool:
        """Delete a configuration with everything that belongs to it."""
        return self._write(delete(CONFIGURATION).where(CONFIGURATION.c.id == config_id))

    def insert_token(self, token: ClientTokenEntity) -> None:
        """Store a new token."""
        self._write(TOKEN.insert().values(rows.token_row(token, self.cipher)))

    def load(self, token_id: str) -> Held | None:
        """Return a token with its configuration and alarm, in one statement."""
        found = self._rows(LOAD, {"token_id": token_id})
        if not found:
            return None
        return Held(
            token=rows.token_from_row(found[0], self.cipher),
            configuration=rows.configuration_from(found[0], self.cipher),
            alarm=rows.alarm_from(found[0]["alarm"]),
        )

    def tokens(self, config_id: str | None = None) -> list[ClientTokenEntity]:
        """Return tokens by id."""
        statement = select(TOKEN).order_by(TOKEN.c.id)
        if config_id is not None:
            statement = statement.where(TOKEN.c.config_id == config_id)
        return [rows.token_from_row(row, self.cipher) for row in self._rows(statement)]

    def replace_token(self, token: ClientTokenEntity) -> ClientTokenEntity | None:
        """Compare and set."""
        stored = replace(token, version=token.version + 1)
        row = rows.token_row(stored, self.cipher)
        del row["id"]
        return stored if self._write(REPLACE, row | _compared(token)) else None

    def mark(self, token: ClientTokenEntity, lease: Lease) -> ClientTokenEntity | None:
        """Compare and set the lease."""
        stored = replace(token, lease=lease, version=token.version + 1)
        row = {"lease_holder": lease.holder, "lease_until": lease.until, "version": stored.version}
        with self._transaction(self._marker) as connection:
            return stored if connection.execute(MARK, row | _compared(token)).rowcount else None

    def delete_token(self, token_id: str, version: int | None = None) -> bool:
        """Delete a token, if a version is given only in that version."""
        statement = delete(TOKEN).where(TOKEN.c.id == token_id)
        return self._write(statement if version is None else statement.where(TOKEN.c.version == version))

    def leased_tokens(self) -> list[ClientTokenEntity]:
        """Return the tokens that carry a lease."""
        found = self._rows(select(TOKEN).where(TOKEN.c.lease_holder.is_not(None)).order_by(TOKEN.c.id))
        return [rows.token_from_row(row, self.cipher) for row in found]

    def save_alarm(self, config_id: str, alarm: Alarm | None) -> None:
        """Set or clear an alarm."""
        statement = update(CONFIGURATION).where(CONFIGURATION.c.id == config_id)
        self._write(statement.values(alarm=rows.alarm_text(alarm)))

    def insert_flow(self, flow: FlowRequest) -> None:
        """Store a new flow."""
        self._write(FLOW.insert().values(rows.flow_row(flow, self.cipher)))

    def flow(self, flow_id: str) -> FlowRequest | None:
        """Return the flow with this id."""
        found = self._rows(select(FLOW).where(FLOW.c.id == flow_id))
        return rows.flow_from(found[0], self.cipher) if found else None

    def flow_by_state(self, state: str) -> FlowRequest | None:
        """Return the flow that waits for this state digest."""
        found = self._rows(select(FLOW).where(FLOW.c.state == state))
        return rows.flow_from(found[0], self.cipher) if found else None

    def replace_flow(self, flow: FlowRequest) -> bool:
        """Compare and set."""
        row = rows.flow_row(replace(flow, version=flow.version + 1), self.cipher)
        return self._write(update(FLOW).where(FLOW.c.id == flow.id, FLOW.c.version == flow.version).values(row))

    def delete_flow(self, flow_id: str, version: int) -> bool:
        """Delete the flow in this version."""
        return self._write(delete(FLOW).where(FLOW.c.id == flow_id, FLOW.c.version == version))

    def delete_flows(self, before: int) -> int:
        """Delete the flows created before an instant."""
        with self._transaction() as connection:
            return connection.execute(delete(FLOW).where(FLOW.c.created_at < before)).rowcount

    def save_revocation(self, revocation: Revocation) -> None:
        """Insert or replace."""
        row = {**vars(revocation), "token": self.cipher.encrypt(revocation.token)}
        with self._transaction() as connection:
            connection.execute(delete(REVOCATION).where(REVOCATION.c.id == revocation.id))
            connection.execute(REVOCATION.insert().values(row))

    def revocations(self, due: int) -> list[Revocation]:
        """Return what is due."""
        found = self._rows(select(REVOCATION).where(REVOCATION.c.retry_at <= due).order_by(REVOCATION.c.id))
        return [Revocation(**{**row, "token": self.cipher.decrypt(row["token"])}) for row in found]

    def delete_revocation(self, revocation_id: str) -> None:
        """Forget a revocation."""
        self._write(delete(REVOCATION).where(REVOCATION.c.id == revocation_id))

    def open_slot(self, name: str, slot: int) -> None:
        """Note a first slot."""
        if self._rows(select(SLOT.c.slot).where(SLOT.c.name == name)):
            return
        with suppress(IntegrityError):  # another node was first
            self._write(SLOT.insert().values(name=name, slot=slot))

    def claim_slot(self, name: str, slot: int) -> bool:
        """Claim a job's slot."""
        return self._write(update(SLOT).where(SLOT.c.name == name, SLOT.c.slot < slot).values(slot=slot))

    def rotate_keys(self) -> None:
        """Encrypt every secret again with the cipher's newest key."""
        with self._transaction() as connection:
            for table, columns in ENCRYPTED.items():
                for row in connection.execute(select(table.c.id, *columns)).mappings().all():
                    fresh = {column.name: self.cipher.rotate(row[column.name]) for column in columns}
                    connection.execute(update(table).where(table.c.id == row["id"]).values(fresh))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _rows(self, statement: Any, parameters: dict[str, Any] | None = None) -> list[Any]:
        with self._transaction(self._engine) as connection:
            return list(connection.execute(statement, parameters or {}).mappings())

    def _write(self, statement: Any, parameters: dict[str, Any] | None = None) -> bool:
        with self._transaction() as connection:
            return connection.execute(statement, parameters or {}).rowcount > 0


def _compared(token: ClientTokenEntity) -> dict[str, Any]:
    return {"old_id": token.id, "old_version": token.version}


ENCRYPTED = {
    CONFIGURATION: (CONFIGURATION.c.client_secret,),
    TOKEN: (TOKEN.c.access_token, TOKEN.c.refresh_token),
    FLOW: (FLOW.c.secret,),
    REVOCATION: (REVOCATION.c.token,),
}
"""What key rotation goes over."""
