"""The facade: one object that holds the engine's services, wired to clock, HTTP client, storage and randomness."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from functools import partial

import httpx

from refreshproof.harness.client.authorization.discovery import DiscoveryService
from refreshproof.harness.client.authorization.flow_service import FlowRequestService
from refreshproof.harness.client.authorization.services import ClientConfigStorageService, ClientTokenStorageService
from refreshproof.harness.client.model.clock import Clock, SystemClock
from refreshproof.harness.client.model.configuration import endpoint_fault
from refreshproof.harness.client.model.errors import ClientEngineError, ConfigurationError
from refreshproof.harness.client.model.settings import Settings, key
from refreshproof.harness.client.model.status import Listener, Move
from refreshproof.harness.client.prune import PruneJob
from refreshproof.harness.client.refresh.decide import Wish
from refreshproof.harness.client.refresh.driver import Driver
from refreshproof.harness.client.refresh.handler import TokenHandler, TokenService
from refreshproof.harness.client.refresh.locks import Lock, StripedLocks
from refreshproof.harness.client.refresh.refresh import Policy, ensure
from refreshproof.harness.client.revocation import Disconnector
from refreshproof.harness.client.storage.storage import Storage
from refreshproof.harness.client.token_endpoint.transport import fetch

logger = logging.getLogger("refreshproof.client")


class ClientEngine:
    """The reference client. The page's Java calls are these:

    | page | here |
    | --- | --- |
    | `clientConfigStorageService.save(ClientConfigurationEntity.builder()...build())` | `engine.configurations.save(ClientConfiguration(...))` |
    | `.getByIdOrFail` `.findByIdOrFail` `.getByName` `.list` `.delete` | `.get_by_id_or_fail` `.find_by_id_or_fail` `.get_by_name` `.list` `.delete` |
    | `flowRequestService.create(session, configuration, id -> page)` | `engine.flows.create(session, configuration, lambda id: page)` |
    | `flowRequestService.getFlowRequest(session, id)` | `engine.flows.get_flow_request(session, id)` |
    | `flowResult.indicatesSuccess()` `.toSuccessResult()` `.toErrorResult()` | `.indicates_success()` `.to_success_result()` `.to_error_result()` |
    | `clientTokenStorageService.save(ClientTokenEntity.builder(token).configId(id).build())` | `engine.tokens.save(ClientTokenEntity.of(token, config_id=id))` |
    | `tokenHandler.execute(id, token -> ...)` | `engine.handler.execute(id, lambda token: ...)` |
    | `tokenHandler.getRefreshedToken(id)` | `engine.handler.get_refreshed_token(id)` |
    | `tokenService.forceRefresh(configuration, token)` | `engine.service.force_refresh(configuration, token)` |
    | `tokenService.refreshIfNeeded(configuration, token, margin)` | `engine.service.refresh_if_needed(configuration, token, timedelta(days=1))` |

    `listeners` are told of every move of a token's status, after it is stored.

    `node` names this engine in a cluster: unique among the running ones, and the same after a restart, so that a refresh
    the previous life did not finish is repeated at once. Without a name that refresh waits until its lease has run out.

    `plain_http` allows a base URL that is not https without the setting that would: for one on the loopback interface.
    """  # noqa: E501  # a table row cannot be wrapped

    def __init__(
        self,
        *,
        storage: Storage,
        http: httpx.Client,
        base_url: str,
        settings: Settings | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        lock_factory: Callable[[], Lock] = threading.Lock,
        node: str | None = None,
        plain_http: bool = False,
    ) -> None:
        self.settings = settings or Settings()
        self.clock: Clock = clock or SystemClock()
        self.rng = rng or random.SystemRandom()
        self.storage = storage
        self.http = http
        self.base_url = checked_base_url(base_url, self.settings, plain_http=plain_http)
        self.listeners: list[Listener] = []
        self.policy = Policy(
            settings=self.settings, node=node or self.rng.randbytes(8).hex(), life=self.rng.randbytes(4).hex()
        )
        locks = StripedLocks(self.settings.default_monitor_stripe_count, lock_factory)
        self.driver = Driver(storage=storage, http=http, clock=self.clock, locks=locks, rng=self.rng, tell=self._tell)
        self.configurations = ClientConfigStorageService(
            storage=storage, settings=self.settings, clock=self.clock, rng=self.rng, tell=self._tell
        )
        self.tokens = ClientTokenStorageService(storage=storage, rng=self.rng, tell=self._tell)
        self.flows = FlowRequestService(
            storage=storage,
            tokens=self.tokens,
            settings=self.settings,
            clock=self.clock,
            http=http,
            rng=self.rng,
            base_url=self.base_url,
        )
        self.discovery = DiscoveryService(
            configurations=self.configurations,
            flows=self.flows,
            settings=self.settings,
            fetch=partial(fetch, http, self.clock, self.settings.server_delay),
        )
        self.service = TokenService(settings=self.settings, clock=self.clock, http=http)
        self.pruning = PruneJob(storage=storage, settings=self.settings, clock=self.clock)
        self.disconnector = Disconnector(
            driver=self.driver, policy=self.policy, storage=storage, clock=self.clock, rng=self.rng
        )
        self.handler = TokenHandler(driver=self.driver, policy=self.policy, storage=storage)

    def recover(self) -> int:
        """Finish what an earlier life of this node left in flight (REF-09); return how many tokens were looked at.

        What fails is recorded with the token and told by the next call for it.
        """
        left = [
            token
            for token in self.storage.leased_tokens()
            if self.policy.orphaned(token.lease, self.clock.now(), locked=False)
        ]
        for token in left:
            try:
                self.driver.run(ensure(token.id, Wish(), self.policy))
            except ClientEngineError as error:
                logger.warning("token %s: the refresh in flight could not be repeated: %s", token.id, error)
        return len(left)

    def disconnect(self, token_id: str) -> bool:
        """Delete a token and revoke it where the provider can; return whether no revocation is left to repeat."""
        return self.disconnector.disconnect(token_id)

    def tick(self) -> None:
        """Do what is due: pruning on its schedule, once per cluster, and revocations that met an outage."""
        self.pruning.run_if_due()
        self.disconnector.retry_due()

    def _tell(self, move: Move) -> None:
        for listener in self.listeners:
            listener(move)

    def close(self) -> None:
        """Release the storage; the HTTP client belongs to the caller."""
        self.storage.close()


def checked_base_url(base_url: str, settings: Settings, *, plain_http: bool = False) -> str:
    """Return the base URL without a trailing slash; raise ConfigurationError if it may not be used (CFG-06)."""
    skip = settings.skip_base_url_https_requirement
    reason = endpoint_fault(base_url, skip or plain_http, "skip_base_url_https_requirement")
    if reason:
        raise ConfigurationError(f"base URL {base_url!r}: {reason}")
    if skip and base_url.lower().startswith("http:"):
        logger.warning("%s is on: the base URL uses http", key("skip_base_url_https_requirement"))
    return base_url.rstrip("/")
