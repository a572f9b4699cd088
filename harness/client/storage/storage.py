"""What the engine asks of a storage, and the value it reads a token with.

Two implement it: `memory.MemoryStorage` and `sql.SqlStorage`. Writes of tokens and flows compare and set `version`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from refreshproof.harness.client.model.configuration import ClientConfiguration
from refreshproof.harness.client.model.flow import FlowRequest
from refreshproof.harness.client.model.token import ClientTokenEntity, Lease


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A provider that refuses the client: since when, how often in a row, and when it is asked again (microseconds)."""

    since: int
    failures: int
    retry_at: int
    error: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """A token with all that a decision about it needs, read at once."""

    token: ClientTokenEntity
    configuration: ClientConfiguration
    alarm: Alarm | None


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """A token that was disconnected while its provider could not be asked to revoke it; `retry_at` in microseconds."""

    id: str
    config_id: str
    token: str = field(repr=False)
    attempts: int
    retry_at: int


class Storage(Protocol):
    """Configurations, tokens, flows, alarms and pruning slots of one cluster. Every method may raise StorageError."""

    def save_configuration(self, configuration: ClientConfiguration) -> None:
        """Insert or replace by id, and clear the configuration's alarm; a taken name raises FieldErrors."""

    def configuration(self, config_id: str) -> ClientConfiguration | None:
        """Return the configuration with this id."""

    def configurations(self) -> list[ClientConfiguration]:
        """Return all configurations, by name."""

    def delete_configuration(self, config_id: str) -> bool:
        """Delete a configuration with its tokens, flows and alarm; return whether there was one."""

    def insert_token(self, token: ClientTokenEntity) -> None:
        """Store a new token under its id."""

    def load(self, token_id: str) -> Held | None:
        """Return a token with its configuration and that one's alarm."""

    def tokens(self, config_id: str | None = None) -> list[ClientTokenEntity]:
        """Return the tokens of a configuration, or all, by id."""

    def replace_token(self, token: ClientTokenEntity) -> ClientTokenEntity | None:
        """Write if the stored version is the token's; return it with its new version, or None if it is not."""

    def mark(self, token: ClientTokenEntity, lease: Lease) -> ClientTokenEntity | None:
        """Write only the lease, by the same rule as `replace_token`."""

    def delete_token(self, token_id: str, version: int | None = None) -> bool:
        """Delete a token, if a version is given only in that version; return whether it was there."""

    def leased_tokens(self) -> list[ClientTokenEntity]:
        """Return the tokens that carry a lease."""

    def save_alarm(self, config_id: str, alarm: Alarm | None) -> None:
        """Set or clear the alarm of a configuration."""

    def insert_flow(self, flow: FlowRequest) -> None:
        """Store a new flow."""

    def flow(self, flow_id: str) -> FlowRequest | None:
        """Return the flow with this id."""

    def flow_by_state(self, state: str) -> FlowRequest | None:
        """Return the flow that waits for this state digest."""

    def replace_flow(self, flow: FlowRequest) -> bool:
        """Write if the stored version is the flow's, and count it up; return whether it was."""

    def delete_flow(self, flow_id: str, version: int) -> bool:
        """Delete the flow in this version; return whether it was there: a result is read once."""

    def delete_flows(self, before: int) -> int:
        """Delete the flows created before an instant; return how many."""

    def save_revocation(self, revocation: Revocation) -> None:
        """Insert or replace a revocation that is still to be made."""

    def revocations(self, due: int) -> list[Revocation]:
        """Return the revocations to be made at or before an instant, by id."""

    def delete_revocation(self, revocation_id: str) -> None:
        """Forget a revocation, if it is there."""

    def open_slot(self, name: str, slot: int) -> None:
        """Note a job's slot as taken if the job has none yet."""

    def claim_slot(self, name: str, slot: int) -> bool:
        """Claim a job's slot for the whole cluster; return False if it or a later one is taken."""

    def close(self) -> None:
        """Release what the storage holds open."""
