"""A storage in plain dictionaries, for one process: the values are immutable, so a snapshot is the value itself."""

from __future__ import annotations

import threading
from dataclasses import replace

from refreshproof.harness.client.model.configuration import ClientConfiguration
from refreshproof.harness.client.model.errors import FieldErrors
from refreshproof.harness.client.model.flow import FlowRequest
from refreshproof.harness.client.model.token import ClientTokenEntity, Lease
from refreshproof.harness.client.storage.storage import Alarm, Held, Revocation


class MemoryStorage:
    """Implements Storage; forgets everything with the process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._configurations: dict[str, ClientConfiguration] = {}
        self._tokens: dict[str, ClientTokenEntity] = {}
        self._flows: dict[str, FlowRequest] = {}
        self._alarms: dict[str, Alarm] = {}
        self._revocations: dict[str, Revocation] = {}
        self._slots: dict[str, int] = {}

    def save_configuration(self, configuration: ClientConfiguration) -> None:
        """Insert or replace by id; a name belongs to one configuration."""
        with self._lock:
            if any(c.name == configuration.name and c.id != configuration.id for c in self._configurations.values()):
                raise FieldErrors({"name": "is taken by another configuration"})
            self._configurations[configuration.id] = configuration
            self._alarms.pop(configuration.id, None)

    def configuration(self, config_id: str) -> ClientConfiguration | None:
        """Return the configuration with this id."""
        return self._configurations.get(config_id)

    def configurations(self) -> list[ClientConfiguration]:
        """Return all configurations, by name."""
        with self._lock:
            return sorted(self._configurations.values(), key=lambda configuration: configuration.name)

    def delete_configuration(self, config_id: str) -> bool:
        """Delete a configuration with everything that belongs to it."""
        with self._lock:
            self._tokens = {key: one for key, one in self._tokens.items() if one.config_id != config_id}
            self._flows = {key: one for key, one in self._flows.items() if one.config_id != config_id}
            self._revocations = {key: one for key, one in self._revocations.items() if one.config_id != config_id}
            self._alarms.pop(config_id, None)
            return self._configurations.pop(config_id, None) is not None

    def insert_token(self, token: ClientTokenEntity) -> None:
        """Store a new token."""
        with self._lock:
            self._tokens[token.id] = token

    def load(self, token_id: str) -> Held | None:
        """Return a token with its configuration and alarm."""
        with self._lock:
            token = self._tokens.get(token_id)
            if token is None:
                return None
            configuration = self._configurations[token.config_id]
            return Held(token=token, configuration=configuration, alarm=self._alarms.get(token.config_id))

    def tokens(self, config_id: str | None = None) -> list[ClientTokenEntity]:
        """Return tokens by id."""
        with self._lock:
            found = [one for one in self._tokens.values() if config_id in (None, one.config_id)]
        return sorted(found, key=lambda token: token.id)

    def replace_token(self, token: ClientTokenEntity) -> ClientTokenEntity | None:
        """Compare and set."""
        with self._lock:
            stored = self._tokens.get(token.id)
            if stored is None or stored.version != token.version:
                return None
            self._tokens[token.id] = replace(token, version=token.version + 1)
            return self._tokens[token.id]

    def mark(self, token: ClientTokenEntity, lease: Lease) -> ClientTokenEntity | None:
        """Compare and set the lease."""
        return self.replace_token(replace(token, lease=lease))

    def delete_token(self, token_id: str, version: int | None = None) -> bool:
        """Delete a token, if a version is given only in that version."""
        with self._lock:
            stored = self._tokens.get(token_id)
            if stored is None or version not in (None, stored.version):
                return False
            del self._tokens[token_id]
            return True

    def leased_tokens(self) -> list[ClientTokenEntity]:
        """Return the tokens that carry a lease."""
        return [token for token in self.tokens() if token.lease]

    def save_alarm(self, config_id: str, alarm: Alarm | None) -> None:
        """Set or clear an alarm."""
        with self._lock:
            self._alarms.pop(config_id, None)
            if alarm is not None and config_id in self._configurations:
                self._alarms[config_id] = alarm

    def insert_flow(self, flow: FlowRequest) -> None:
        """Store a new flow."""
        with self._lock:
            self._flows[flow.id] = flow

    def flow(self, flow_id: str) -> FlowRequest | None:
        """Return the flow with this id."""
        return self._flows.get(flow_id)

    def flow_by_state(self, state: str) -> FlowRequest | None:
        """Return the flow that waits for this state digest."""
        with self._lock:
            return next((flow for flow in self._flows.values() if flow.state == state), None)

    def replace_flow(self, flow: FlowRequest) -> bool:
        """Compare and set."""
        with self._lock:
            stored = self._flows.get(flow.id)
            if stored is None or stored.version != flow.version:
                return False
            self._flows[flow.id] = replace(flow, version=flow.version + 1)
            return True

    def delete_flow(self, flow_id: str, version: int) -> bool:
        """Delete the flow in this version."""
        with self._lock:
            stored = self._flows.get(flow_id)
            return stored is not None and stored.version == version and self._flows.pop(flow_id) is not None

    def delete_flows(self, before: int) -> int:
        """Delete the flows created before an instant."""
        with self._lock:
            old = [flow.id for flow in self._flows.values() if flow.created_at < before]
            for flow_id in old:
                del self._flows[flow_id]
            return len(old)

    def save_revocation(self, revocation: Revocation) -> None:
        """Insert or replace."""
        with self._lock:
            self._revocations[revocation.id] = revocation

    def revocations(self, due: int) -> list[Revocation]:
        """Return what is due."""
        with self._lock:
            return sorted((one for one in self._revocations.values() if one.retry_at <= due), key=lambda one: one.id)

    def delete_revocation(self, revocation_id: str) -> None:
        """Forget a revocation."""
        with self._lock:
            self._revocations.pop(revocation_id, None)

    def open_slot(self, name: str, slot: int) -> None:
        """Note a first slot."""
        with self._lock:
            self._slots.setdefault(name, slot)

    def claim_slot(self, name: str, slot: int) -> bool:
        """Claim a job's slot."""
        with self._lock:
            if self._slots[name] >= slot:
                return False
            self._slots[name] = slot
            return True

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
