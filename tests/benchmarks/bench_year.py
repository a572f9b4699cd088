"""A year of hourly use of the engine at Atlassian, in virtual time, against as many bare requests.

Run with `pytest tests/benchmarks/bench_year.py --benchmark-only`; `extra_info` holds the ratios to the floors of the
same run.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from refreshproof.harness.client import MemoryStorage, SqlStorage
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.stacks.carrier import straight
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireRequest
from refreshproof.scenarios.play.play import perform
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize
from refreshproof.scenarios.steps.subject import Subject
from refreshproof.scenarios.world.world import World

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
    """Log in and call once an hour for a year, in a world that records every request."""
    world = World(ATLASSIAN, partial(EngineSubject, storage=storage), Scenario(steps=()))
    recorder = Recorder(world)
    perform(world, Authorize())
    use_for_a_year(world, world.subject)
    return world, recorder


def plain_year(storage: Any) -> None:
    """Use the engine in the same way with nothing between it and the provider: no weather, no journal."""
    world = World(ATLASSIAN, partial(EngineSubject, storage=storage), Scenario(steps=()))
    carrier = straight(world.provider.handle, world.clock.now)
    subject = EngineSubject(replace(world.surroundings, carrier=carrier), storage=storage)
    assert subject.callback(world.visit(subject.authorize()) or "").kind == "ok"
    use_for_a_year(world, subject)


def use_for_a_year(world: World, subject: Subject) -> None:
    """Call once an hour; the journal is emptied as a long-lived client's would be."""
    for _ in range(HOURS):
        world.actors.begin()
        assert subject.call().kind == "ok"
        # The last call is made an hour before the family's 365 days are over.
        world.clock.advance(3_600)
        world.journal.records.clear()
    subject.close()


def bare_requests(requests: list[tuple[WireRequest, int]]) -> float:
    """Send recorded requests with an httpx client to a canned transport; returns processor seconds."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"ok": True}))
    with httpx.Client(transport=transport, trust_env=False) as client:
        began = time.process_time()
        for request, _ in requests:
            client.request(request.method, request.url, headers=list(request.headers), content=request.body).json()
        return time.process_time() - began


def bare(requests: list[tuple[WireRequest, int]]) -> float:
    """Play recorded traffic against a new provider with the same seed; returns processor seconds."""
    provider = Provider(ATLASSIAN.profile)
    provider.register(
        replace(next(iter(provider.state.applications.values())), redirect_uris=(redirect_uri(requests),))
    )
    began = time.process_time()
    for request, now in requests:
        provider.handle(request, now)
    return time.process_time() - began


def redirect_uri(requests: list[tuple[WireRequest, int]]) -> str:
    """Return the redirect URI that the recorded login used."""
    return dict(requests[0][0].query)["redirect_uri"]


@pytest.mark.parametrize("storage", [MemoryStorage, lambda: SqlStorage("sqlite://")], ids=["memory", "sqlite"])
def test_a_year_of_hourly_use(benchmark: Any, storage: Any) -> None:
    """8,760 calls, each of which needs a refresh, because an access token lives for an hour.

    Goal: at most 1.5 times as many bare httpx requests to a canned transport.
    """
    began = time.process_time()
    requests = benchmark.pedantic(lambda: year(storage)[1], rounds=1, iterations=1).requests
    seconds = time.process_time() - began
    began = time.process_time()
    plain_year(storage)
    plain, floor = time.process_time() - began, bare_requests(requests)
    benchmark.extra_info["requests"] = len(requests)
    benchmark.extra_info["ratio to bare httpx requests (goal 1.5)"] = round(seconds / floor, 2)
    benchmark.extra_info["the same without network and journal"] = round(plain / floor, 2)
    benchmark.extra_info["ratio to bare handler calls"] = round(seconds / bare(requests), 1)
