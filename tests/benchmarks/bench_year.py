"""A year of hourly use of the engine at Atlassian, in virtual time, against the same requests made by bare handler
calls.

`python -m pytest tests/benchmarks/bench_year.py` prints wall times; `extra_info` holds the ratio of the two medians'
runs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from refreshproof.harness.client import MemoryStorage, SqlStorage
from refreshproof.harness.engine_subject import EngineSubject
from refreshproof.harness.wall_clock import Stopwatch
from refreshproof.mock_servers.provider import Provider
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireRequest
from refreshproof.scenarios.play import perform
from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.steps import Authorize
from refreshproof.scenarios.world import World

HOURS = 8_760
ATLASSIAN = VENDORS["atlassian"]


class Recorder:
    """Carries requests to a handler and keeps them, so that the same traffic can be played without a client."""

    def __init__(self, world: World) -> None:
        self.requests: list[tuple[WireRequest, int]] = []
        self._world = world
        self._handler = world.network.handler
        world.network.handler = self._keep

    def _keep(self, request: WireRequest, now: int) -> Any:
        self.requests.append((request, now))
        return self._handler(request, now)


def year(storage: Any) -> tuple[World, Recorder]:
    """Log in and call once an hour for a year; the journal is emptied as a long-lived client's would be."""
    world = World(ATLASSIAN, partial(EngineSubject, storage=storage), Scenario(steps=()))
    recorder = Recorder(world)
    perform(world, Authorize())
    for _ in range(HOURS):
        assert world.subject.call().kind == "ok"
        # The last call is made an hour before the family's 365 days are over.
        world.clock.advance(3_600)
        world.journal.records.clear()
    world.subject.close()
    return world, recorder


def bare(requests: list[tuple[WireRequest, int]]) -> float:
    """Play recorded traffic against a new provider with the same seed; returns seconds."""
    provider = Provider(ATLASSIAN.profile)
    provider.register(
        replace(next(iter(provider.state.applications.values())), redirect_uris=(redirect_uri(requests),))
    )
    watch = Stopwatch()
    for request, now in requests:
        provider.handle(request, now)
    return watch.seconds


def redirect_uri(requests: list[tuple[WireRequest, int]]) -> str:
    """Return the redirect URI that the recorded login used."""
    return dict(requests[0][0].query)["redirect_uri"]


@pytest.mark.parametrize("storage", [MemoryStorage, lambda: SqlStorage("sqlite://")], ids=["memory", "sqlite"])
def test_a_year_of_hourly_use(benchmark: Any, storage: Any) -> None:
    """8,760 calls, each of which needs a refresh, because an access token lives for an hour."""
    kept: list[Recorder] = []
    benchmark.pedantic(lambda: kept.append(year(storage)[1]), rounds=1, iterations=1)
    requests = kept[-1].requests
    floor = bare(requests)
    benchmark.extra_info["requests"] = len(requests)
    benchmark.extra_info["bare handler calls, s"] = round(floor, 3)
    benchmark.extra_info["ratio to bare handler calls"] = round(benchmark.stats.stats.median / floor, 1)
