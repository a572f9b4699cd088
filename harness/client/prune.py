"""Which tokens are pruned, as a function of token and time, and the job that does it on schedule, once per cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from refreshproof.harness.client.model.clock import DAY, Clock
from refreshproof.harness.client.model.cron import Schedule
from refreshproof.harness.client.model.settings import Settings, key
from refreshproof.harness.client.model.token import ClientToken, ClientTokenEntity
from refreshproof.harness.client.storage.storage import Storage

logger = logging.getLogger("refreshproof.client")

JOB = "prune"

FLOW_LIFETIME = DAY
"""Abandoned flows are kept no longer: every leg of a flow is bounded by minutes."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What one run removed: ids of expired and of unrecoverable tokens, and the number of abandoned flows.

    `assumed` are those of the expired whose refresh token's expiry no provider had told.
    """

    at: int
    expired: tuple[str, ...]
    unrecoverable: tuple[str, ...]
    flows: int
    assumed: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What was removed, by number, and which setting decided where the provider had not."""
        counts = (
            f"pruned {len(self.expired)} expired tokens, {len(self.unrecoverable)} unrecoverable tokens and "
            f"{self.flows} abandoned flows"
        )
        if not self.assumed:
            return counts
        return (
            f"{counts}; {len(self.assumed)} by an expiry that the provider had not told: if its refresh tokens live "
            f"longer than {key('default_refresh_token_duration_days')}, set that to their lifetime"
        )


def expired(token: ClientToken, now: int, settings: Settings) -> bool:
    """Tell whether access and refresh token both expired before now - skew (ST-07).

    A refresh-token expiry that no provider supplied is an assumption of ours, and vendors' real ones are often longer:
    such a grant is kept for the lifetime of an invalid token beyond it.
    """
    before = now - settings.skew
    access, refresh = token.access_token_expiration, token.refresh_token_expiration
    if refresh is None:
        return access is not None and access < before
    kept = 0 if token.refresh_expiration_supplied else settings.invalid_lifetime
    return refresh + kept < before and (access is None or access < before)


def _assumed(token: ClientToken) -> bool:
    return token.refresh_token_expiration is not None and not token.refresh_expiration_supplied


def outlived(token: ClientTokenEntity, now: int, settings: Settings) -> bool:
    """Tell whether an unrecoverable token is older than its lifetime; exactly at the limit it is kept."""
    since = token.health.unrecoverable_since
    return since is not None and now - since > settings.invalid_lifetime


@dataclass(kw_only=True)
class PruneJob:
    """The scheduled job; `listeners` are called with every run's result."""

    storage: Storage
    settings: Settings
    clock: Clock
    listeners: list[Callable[[Pruned], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note the firing before the first start as done, so that the job waits for the next one."""
        self._schedule = Schedule(self.settings.prune_expired_tokens_schedule)
        slot = self._schedule.latest_until(self.clock.now())
        self.storage.open_slot(JOB, -1 if slot is None else slot)

    def next_run(self) -> int | None:
        """Return the next firing, in microseconds."""
        return self._schedule.next_after(self.clock.now())

    def run_if_due(self) -> Pruned | None:
        """Prune if a firing has passed that no node of the cluster has taken; return what was removed, or None."""
        slot = self._schedule.latest_until(self.clock.now())
        if slot is None or not self.storage.claim_slot(JOB, slot):
            return None
        return self.run()

    def run(self) -> Pruned:
        """Prune now. A token that changes or is being refreshed meanwhile stays."""
        now = self.clock.now()
        tokens = [token for token in self.storage.tokens() if token.lease is None or now > token.lease.until + DAY]
        late = [token for token in tokens if outlived(token, now, self.settings)]
        old = [token for token in tokens if token not in late and expired(token, now, self.settings)]
        gone = self._delete(old)
        pruned = Pruned(
            at=now,
            expired=gone,
            assumed=tuple(one.id for one in old if one.id in gone and _assumed(one)),
            unrecoverable=self._delete(late),
            flows=self.storage.delete_flows(now - FLOW_LIFETIME),
        )
        logger.log(logging.WARNING if pruned.assumed else logging.INFO, "%s", pruned.summary)
        for listener in self.listeners:
            listener(pruned)
        return pruned

    def _delete(self, tokens: list[ClientTokenEntity]) -> tuple[str, ...]:
        return tuple(token.id for token in tokens if self.storage.delete_token(token.id, token.version))
