"""What the client engine costs: handing out a token, refreshing one on each storage, and the floor of both parts.

The floor is a bare httpx client on a canned transport plus one SQL update of a token row, measured in the same run. Run
with `pytest tests/benchmarks/bench_client.py --benchmark-only`; compare medians, only their ratios carry over.
"""

from __future__ import annotations

import itertools
import sqlite3
import sys
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

sys.path.insert(0, str(Path(__file__).parent.parent))
from kit.client_engine import World, ok
from refreshproof.harness.client import Cipher, MemoryStorage, SqlStorage, Storage
from refreshproof.harness.client.storage.crypto import new_key

ISSUED = ok(access_token="A" * 1_000, refresh_token="R" * 1_000, expires_in=3600).content
HEADERS = {"content-type": "application/json"}
URL = "https://authorizationserver.com/oauth2/token"
REQUEST = {"grant_type": "refresh_token", "refresh_token": "R" * 1_000, "client_id": "c", "client_secret": "s"}


def canned(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=ISSUED, headers=HEADERS)


class Forgetful(list[httpx.Request]):
    """Keeps no requests, so that memory stays flat over a long run."""

    def append(self, _: httpx.Request) -> None:
        """Forget the request."""


@pytest.fixture(params=["memory", "sqlite-memory", "sqlite-wal"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    storages: dict[str, Callable[[], Storage]] = {
        "memory": MemoryStorage,
        "sqlite-memory": SqlStorage,
        "sqlite-wal": lambda: SqlStorage(f"sqlite:///{tmp_path}/client.db", Cipher((new_key(),))),
    }
    world = World(canned, storage=storages[request.param]())
    world.endpoint.requests = Forgetful()
    yield world
    world.engine.close()


def quickest(work: Callable[[], object], turns: int = 7, times: int = 200) -> float:
    """Return the microseconds that a piece of work takes in the quickest of some turns."""
    return min(timeit.repeat(work, number=times, repeat=turns)) / times * 1e6


def test_execute_when_no_refresh_is_needed(benchmark: BenchmarkFixture, world: World) -> None:
    """Goal: within 5 us plus one storage read."""
    assert benchmark(world.call) == "AT1"
    read = quickest(lambda: world.storage.load(world.token_id))
    benchmark.extra_info["us over one storage read (goal 5)"] = round(quickest(world.call) - read, 1)


def test_refresh(benchmark: BenchmarkFixture, world: World) -> None:
    """Goal: at most 1.5 times a bare httpx request to a canned transport plus one storage write."""

    def refresh() -> str:
        world.clock.advance(3601)
        return world.call()

    assert benchmark(refresh) == "A" * 1_000
    with httpx.Client(transport=httpx.MockTransport(canned)) as client:
        request = quickest(lambda: client.post(URL, data=REQUEST).json())
    write = quickest(lambda: world.storage.replace_token(world.stored)) - quickest(lambda: world.stored)
    benchmark.extra_info["ratio to a request and a write (goal 1.5)"] = round(quickest(refresh) / (request + write), 2)


def test_floor_of_a_bare_httpx_client(benchmark: BenchmarkFixture) -> None:
    with httpx.Client(transport=httpx.MockTransport(canned)) as client:
        assert benchmark(lambda: client.post(URL, data=REQUEST).json())["expires_in"] == 3600


def test_floor_of_a_bare_httpx_client_and_one_sql_update(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "floor.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE token (id TEXT PRIMARY KEY, access_token TEXT, refresh_token TEXT)")
    database.execute("INSERT INTO token VALUES ('1', 'a', 'r')")
    numbers = itertools.count()
    statement = "UPDATE token SET access_token = ?, refresh_token = ? WHERE id = '1'"
    with httpx.Client(transport=httpx.MockTransport(canned)) as client:

        def refresh() -> int:
            issued = client.post(URL, data=REQUEST).json()
            # Tokens differ every time: SQLite does not write a page that does not change.
            pair = (f"{next(numbers)}{issued['access_token']}", issued["refresh_token"])
            return database.execute(statement, pair).rowcount

        assert benchmark(refresh) == 1
    database.close()


def test_building_an_engine_for_one_scenario(benchmark: BenchmarkFixture) -> None:
    assert benchmark(World).token_id


def test_building_an_engine_on_a_database_in_memory(benchmark: BenchmarkFixture) -> None:
    def build() -> World:
        world = World(storage=SqlStorage())
        world.engine.close()
        return world

    assert benchmark(build).token_id
