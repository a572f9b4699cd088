"""Pruning: what is removed and what is spared, on schedule, once per cluster, told to the log and to listeners."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from kit.client_engine import START, World, first_token, refused
from refreshproof.harness.client import (
    DAY,
    SECOND,
    ClientToken,
    ClientTokenEntity,
    MemoryStorage,
    Pruned,
    ReauthorizationRequired,
    Settings,
    Status,
    TransientTokenError,
)
from refreshproof.harness.client.prune import expired

SKEW = 60 * SECOND
SUPPLIED: dict[str, Any] = {"refresh_expiration_supplied": True}


@pytest.mark.parametrize(
    ("token", "end"),
    [
        (first_token(**SUPPLIED), START + 30 * DAY),
        (first_token(lifetime=40 * 86_400, **SUPPLIED), START + 40 * DAY),
        (first_token(refresh_token=None, refresh_token_expiration=None), START + 3600 * SECOND),
        (first_token(lifetime=None, **SUPPLIED), START + 30 * DAY),
        (first_token(), START + 60 * DAY),
    ],
    ids=["both", "access outlives refresh", "access only", "unknown access lifetime", "assumed refresh expiry"],
)
def test_a_token_is_pruned_once_both_expiries_lie_before_now_less_the_skew(token: ClientToken, end: int) -> None:
    assert not expired(token, end + SKEW, Settings())
    assert expired(token, end + SKEW + 1, Settings())


def test_a_lone_access_token_of_unknown_lifetime_is_never_pruned_by_the_clock() -> None:
    token = first_token(lifetime=None, refresh_token=None, refresh_token_expiration=None)
    assert not expired(token, START + 10_000 * DAY, Settings())


def test_what_went_by_an_assumed_expiry_is_told_with_the_setting_that_decided(caplog: pytest.LogCaptureFixture) -> None:
    """An idle grant at a vendor whose refresh tokens live longer than the default of thirty days."""
    world = World()
    world.clock.advance(61 * 86_400)
    pruned = world.engine.pruning.run()
    assert pruned.assumed == pruned.expired != ()
    assert "default.refresh.token.duration.days" in pruned.summary
    assert pruned.summary in caplog.text


def test_what_went_by_a_supplied_expiry_is_told_by_number_alone() -> None:
    world = World(token=first_token(**SUPPLIED))
    world.clock.advance(61 * 86_400)
    pruned = world.engine.pruning.run()
    assert pruned.assumed == ()
    assert pruned.summary == "pruned 1 expired tokens, 0 unrecoverable tokens and 0 abandoned flows"


def test_a_grant_idle_for_sixty_days_is_spared_where_its_expiry_is_only_assumed() -> None:
    """The row lifecycle-prune: vendors' real inactivity limits (90 days, six months) are longer than our assumption."""
    world = World()
    world.clock.advance(60 * 86_400)
    assert world.engine.pruning.run().expired == ()
    assert world.call() == "AT2"


@pytest.mark.parametrize(("seconds", "gone"), [(30 * 86_400, False), (30 * 86_400 + 1, True)])
def test_an_unrecoverable_token_is_kept_for_its_lifetime_and_removed_after_it(seconds: int, gone: bool) -> None:
    """C-07; the access token's expiry does not matter here."""
    world = World(refused(), token=first_token(**SUPPLIED))
    world.clock.advance(31 * 86_400)
    with pytest.raises(ReauthorizationRequired):
        world.call()
    assert world.stored.health.status is Status.UNRECOVERABLE
    kept = replace(world.stored, refresh_token_expiration=START + 1_000 * DAY)
    assert world.storage.replace_token(kept)
    world.clock.advance(seconds)
    assert bool(world.engine.pruning.run().unrecoverable) is gone
    assert bool(world.engine.tokens.list()) is not gone


def test_a_failing_token_that_may_recover_is_spared() -> None:
    world = World(httpx.Response(503))
    world.clock.advance(3601)
    with pytest.raises(TransientTokenError):
        world.call()
    assert world.engine.pruning.run() == Pruned(at=world.clock.now(), expired=(), unrecoverable=(), flows=0)


def at(world: World, hour: float, day: int = 0) -> None:
    """Set the world's clock to an hour of its day (the start is a Friday, 08:00 UTC)."""
    world.clock.instant = START - 8 * 3600 * SECOND + day * DAY + round(hour * 3600 * SECOND)


def test_the_job_fires_at_23_00_and_once() -> None:
    world = World()
    assert world.engine.pruning.run_if_due() is None, "nothing was missed before the first start"
    at(world, 23 - 1 / 3600)
    assert world.engine.pruning.run_if_due() is None
    at(world, 23)
    assert world.engine.pruning.run_if_due() is not None
    at(world, 23 + 1 / 3600)
    assert world.engine.pruning.run_if_due() is None
    at(world, 23.5, day=1)
    assert world.engine.pruning.run_if_due() is not None


def test_another_schedule_is_honoured() -> None:
    world = World(settings=Settings(prune_expired_tokens_schedule="0 0/5 * * * ?"))
    fired = 0
    for _ in range(60):
        fired += world.engine.pruning.run_if_due() is not None
        world.clock.advance(60)
    assert fired == 11
    assert world.engine.pruning.next_run() == START + 3600 * SECOND + 300 * SECOND


def test_the_job_runs_once_in_a_cluster_and_a_restart_neither_repeats_nor_forgets_it() -> None:
    world = World()
    nodes = [world.engine, world.another_engine("node-b"), world.another_engine("node-c")]
    at(world, 23)
    assert [node.pruning.run_if_due() is not None for node in nodes] == [True, False, False]
    assert world.another_engine("node-a").pruning.run_if_due() is None
    at(world, 23.5, day=1)
    assert world.another_engine("node-a").pruning.run_if_due() is not None


def test_counts_are_logged_and_what_was_removed_is_an_event(caplog: pytest.LogCaptureFixture) -> None:
    world = World(token=first_token(**SUPPLIED))
    world.engine.flows.create("session", world.configuration, str)
    events: list[Pruned] = []
    world.engine.pruning.listeners.append(events.append)
    world.clock.advance(31 * 86_400)
    with caplog.at_level(logging.INFO):
        pruned = world.engine.pruning.run()
    assert events == [pruned]
    assert pruned == Pruned(at=world.clock.now(), expired=(world.token_id,), unrecoverable=(), flows=1)
    assert "pruned 1 expired tokens, 0 unrecoverable tokens and 1 abandoned flows" in caplog.messages


class RacingStorage(MemoryStorage):
    """Lets something happen right after the job has listed the tokens."""

    rival: Callable[[], object] | None = None

    def tokens(self, config_id: str | None = None) -> list[ClientTokenEntity]:
        found = super().tokens(config_id)
        if self.rival is not None:
            rival, self.rival = self.rival, None
            rival()
        return found


def test_a_token_that_is_refreshed_while_the_job_looks_at_it_stays() -> None:
    storage = RacingStorage()
    world = World(token=first_token(**SUPPLIED), storage=storage)
    world.clock.advance(31 * 86_400)
    storage.rival = world.call
    assert world.engine.pruning.run().expired == ()
    assert world.stored.refresh_token == "RT2"


def test_a_token_whose_refresh_is_in_flight_stays() -> None:
    def prune_meanwhile(_: httpx.Request) -> httpx.Response:
        assert world.engine.pruning.run().expired == ()
        return httpx.Response(200, json={"access_token": "AT2", "expires_in": 3600, "refresh_token": "RT2"})

    world = World(prune_meanwhile, token=first_token(**SUPPLIED))
    world.clock.advance(31 * 86_400)
    assert world.call() == "AT2"


def test_many_tokens_are_sorted_out_together() -> None:
    world = World()
    dead = first_token(refresh_token=None, refresh_token_expiration=None)
    ids = {world.engine.tokens.save(ClientTokenEntity.of(dead, config_id=world.configuration.id)).id for _ in range(20)}
    world.clock.advance(3600 + 61)
    assert set(world.engine.pruning.run().expired) == ids
    assert [token.id for token in world.engine.tokens.list()] == [world.token_id]
