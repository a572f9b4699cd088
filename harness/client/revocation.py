"""Disconnecting: the newest token is deleted locally whatever happens, then revoked where possible (RFC 7009)."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from refreshproof.harness.client.model.clock import Clock
from refreshproof.harness.client.model.configuration import ClientConfiguration
from refreshproof.harness.client.model.status import next_attempt
from refreshproof.harness.client.model.token import ClientTokenEntity
from refreshproof.harness.client.refresh.driver import Driver
from refreshproof.harness.client.refresh.effects import (
    Acquire,
    Delete,
    Effect,
    Keep,
    Kept,
    Load,
    Now,
    Release,
    Send,
    Sleep,
)
from refreshproof.harness.client.refresh.refresh import FIRST_WAIT, LONGEST_WAIT, Policy
from refreshproof.harness.client.storage.storage import Held, Revocation, Storage
from refreshproof.harness.client.token_endpoint.token_request import revocation_request
from refreshproof.harness.client.token_endpoint.token_response import retry_after
from refreshproof.harness.client.token_endpoint.transport import Answered, Sent

MOST_ATTEMPTS = 12
"""A provider that fails so often, over about an hour, is not asked again; its token expires by itself."""


def disconnect(token_id: str, policy: Policy) -> Generator[Effect, Any, Held]:
    """Delete a token once nobody refreshes it, and return it as it was last: an open refresh cannot bring it back."""
    yield Acquire(token_id)
    pause = FIRST_WAIT
    while True:
        held: Held = yield Load(token_id)
        now: int = yield Now()
        if held.token.lease is None or policy.orphaned(held.token.lease, now, locked=True):
            deleted: bool = yield Delete(held.token)
            if deleted:
                break
        else:
            yield Sleep(pause)
            pause = min(pause * 2, LONGEST_WAIT)
    kept: ClientTokenEntity | None = yield Kept(token_id)
    yield Keep(token_id, None)
    yield Release(token_id)
    return replace(held, token=kept or held.token)


def revoke(
    configuration: ClientConfiguration, token: str, policy: Policy
) -> Generator[Effect, Any, tuple[bool, int | None]]:
    """Ask the provider to revoke a token: whether that is settled, and when to ask again if it is not.

    Every answer but an outage settles it: a token the provider does not know is as good as revoked (RFC 7009 2.2).
    """
    now: int = yield Now()
    request = revocation_request(configuration, token)
    sent: Sent = yield Send(request, now + policy.settings.server_delay)
    received: int = yield Now()
    if not isinstance(sent, Answered):
        return False, None
    settled = sent.answer.status < 500 and sent.answer.status != 429
    return settled, retry_after(sent.answer.headers, received)


@dataclass(frozen=True, kw_only=True)
class Disconnector:
    """Disconnects tokens and repeats the revocations that met an outage."""

    driver: Driver
    policy: Policy
    storage: Storage
    clock: Clock
    rng: random.Random

    def disconnect(self, token_id: str) -> bool:
        """Delete the token and revoke it; return whether that is settled. Raises NotFoundError for an unknown id."""
        held: Held = self.driver.run(disconnect(token_id, self.policy))
        if not held.configuration.revocation_endpoint:
            return True
        token = held.token.refresh_token or held.token.access_token
        pending = Revocation(id=token_id, config_id=held.token.config_id, token=token, attempts=0, retry_at=0)
        return self._attempt(held.configuration, pending)

    def retry_due(self) -> int:
        """Repeat the revocations whose pause is over; return how many were settled."""
        settled = 0
        for pending in self.storage.revocations(self.clock.now()):
            configuration = self.storage.configuration(pending.config_id)
            if configuration is not None:
                settled += self._attempt(configuration, pending)
        return settled

    def _attempt(self, configuration: ClientConfiguration, pending: Revocation) -> bool:
        settled, wish = self.driver.run(revoke(configuration, pending.token, self.policy))
        attempts = pending.attempts + 1
        if settled or attempts >= MOST_ATTEMPTS:
            self.storage.delete_revocation(pending.id)
            return settled
        retry_at = next_attempt(self.clock.now(), attempts, wish, self.rng.random())
        self.storage.save_revocation(replace(pending, attempts=attempts, retry_at=retry_at))
        return False
