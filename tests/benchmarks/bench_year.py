"""A year of hourly use of the engine at Atlassian, in virtual time, against as many bare requests.

Run with `pytest tests/benchmarks/bench_year.py --benchmark-only`; `extra_info` holds the ratios to the floors of the
same run. A month is lived unless `--hours 8760` is given, in turns with its floors, so that all meet the same machine;
each is measured by the processor time that it spends outside of the kernel.
"""

from __future__ import annotations

import resource
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import httpx
import pytest

from refreshproof.harness.client import MemoryStorage, SqlStorage
from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.stacks.carrier import straight
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import WireRequest
from refreshproof.scenarios.play.play import perform
from refreshproof.scenarios.steps.logins import Authorize
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Subject
from refreshproof.scenarios.world.world import World

ATLASSIAN = VENDORS["atlassian"]
TURNS = 10

Traffic: TypeAlias = list[tuple[WireRequest, int]]


class Life:
    """The engine, logged in, in a world; what passes there goes through the network with its weather and its journal.

    `traffic` are the requests since it was emptied.
    """

    def __init__(self, storage: Any) -> None:
        self.traffic: Traffic = []
        self.world = World(ATLASSIAN, partial(EngineSubject, storage=storage), Scenario(steps=()))
        self._handler = self.world.network.handler
        self.world.network.handler = self._keep
        self.subject = self.logged_in(storage)

    def logged_in(self, storage: Any) -> Subject:
        """Log in; returns who is used."""
        perform(self.world, Authorize())
        return self.world.subject

    def use(self, hours: int) -> None:
        """Call once an hour; the journal is emptied as a long-lived client's would be."""
        for _ in range(hours):
            self.world.actors.begin()
            assert self.subject.call().kind == "ok"
            # The last call of a year is made an hour before the family's 365 days are over.
            self.world.clock.advance(3_600)
            self.world.journal.records.clear()

    def _keep(self, request: WireRequest, now: int) -> Any:
        self.traffic.append((request, now))
        return self._handler(request, now)


class PlainLife(Life):
    """The same with nothing between the engine and the provider: no weather, no journal."""

    def logged_in(self, storage: Any) -> Subject:
        """Log in past the network."""
        world = self.world
        carrier = straight(world.provider.handle, world.clock.now)
        subject = EngineSubject(replace(world.surroundings, carrier=carrier), storage=storage)
        assert subject.callback(world.visit(subject.authorize()) or "").kind == "ok"
        return subject


class Bare:
    """The same traffic without a client: by httpx to a canned transport, and to a provider with the same seed."""

    def __init__(self, login: Traffic) -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"ok": True}))
        self.client = httpx.Client(transport=transport, trust_env=False)
        self.provider = Provider(ATLASSIAN.profile)
        redirect_uri = dict(login[0][0].query)["redirect_uri"]
        known = next(iter(self.provider.state.applications.values()))
        self.provider.register(replace(known, redirect_uris=(redirect_uri,)))
        self.handle(login)

    def send(self, traffic: Traffic) -> None:
        """Send requests by httpx."""
        for one, _ in traffic:
            self.client.request(one.method, one.url, headers=list(one.headers), content=one.body).json()

    def handle(self, traffic: Traffic) -> None:
        """Have requests answered by a provider."""
        for request, now in traffic:
            self.provider.handle(request, now)


def spent(work: Callable[..., object], *values: Any) -> float:
    """Return the seconds of the processor that some work takes outside of the kernel."""
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    work(*values)
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - began


@pytest.mark.parametrize("storage", [MemoryStorage, lambda: SqlStorage("sqlite://")], ids=["memory", "sqlite"])
def test_a_year_of_hourly_use(benchmark: Any, storage: Any, pytestconfig: pytest.Config) -> None:
    """A call an hour, each of which needs a refresh, because an access token lives for an hour.

    Goal: at most 1.5 times as many bare httpx requests to a canned transport. The ratio of the last turn tells whether
    a year costs more than so many months.
    """
    life, plain = Life(storage), PlainLife(storage)
    bare = Bare(life.traffic)
    seconds: dict[str, list[float]] = defaultdict(list)
    requests = 0

    def turn() -> None:
        nonlocal requests
        life.traffic.clear()
        hours = pytestconfig.getoption("hours") // TURNS
        seconds["life"].append(spent(life.use, hours))
        seconds["plain"].append(spent(plain.use, hours))
        seconds["httpx"].append(spent(bare.send, life.traffic))
        seconds["handler"].append(spent(bare.handle, life.traffic))
        requests += len(life.traffic)

    benchmark.pedantic(turn, rounds=TURNS, iterations=1)
    life.subject.close()
    plain.subject.close()
    floor = sum(seconds["httpx"])
    benchmark.extra_info["requests"] = requests
    benchmark.extra_info["ratio to bare httpx requests (goal 1.5)"] = round(sum(seconds["life"]) / floor, 2)
    benchmark.extra_info["the same without network and journal"] = round(sum(seconds["plain"]) / floor, 2)
    benchmark.extra_info["ratio in the last turn"] = round(seconds["life"][-1] / seconds["httpx"][-1], 2)
    benchmark.extra_info["ratio to bare handler calls"] = round(sum(seconds["life"]) / sum(seconds["handler"]), 1)
