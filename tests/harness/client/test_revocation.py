"""Disconnecting: local data goes whatever the answer, the newest token is revoked, an outage is repeated."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kit.client_engine import World, first_token, pairs, parameters
from refreshproof.harness.client import ClientTokenEntity, MemoryStorage, NotFoundError, SqlStorage, StorageError
from refreshproof.harness.client.revocation import MOST_ATTEMPTS

REVOKE = "https://authorizationserver.com/oauth2/revoke"


def revocations(world: World) -> list[dict[str, Any]]:
    return [parameters(request) for request in world.endpoint.requests if str(request.url) == REVOKE]


def test_the_newest_refresh_token_is_revoked_with_the_client_s_authentication() -> None:
    world = World(pairs(), revocation_endpoint=REVOKE)
    world.clock.advance(3601)
    world.call()
    world.endpoint.script = [httpx.Response(200)]
    assert world.engine.disconnect(world.token_id)
    assert revocations(world) == [{"token": "RT2", "client_id": "someclientid", "client_secret": "secretP4ssw0rd"}]
    for act in (world.call, lambda: world.engine.disconnect(world.token_id)):
        with pytest.raises(NotFoundError):
            act()


def test_a_lone_access_token_is_revoked_itself() -> None:
    token = first_token(refresh_token=None, refresh_token_expiration=None)
    world = World(httpx.Response(200), revocation_endpoint=REVOKE, token=token)
    assert world.engine.disconnect(world.token_id)
    assert revocations(world)[0]["token"] == "AT1"


def test_without_a_revocation_endpoint_only_the_local_data_goes() -> None:
    world = World()
    assert world.engine.disconnect(world.token_id)
    assert world.endpoint.requests == []
    assert world.engine.tokens.list() == []


ANSWERS = [
    httpx.Response(400, json={"error": "invalid_token"}),
    httpx.Response(401),
    httpx.Response(307),
    httpx.Response(204),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: str(answer.status_code))
def test_any_answer_but_an_outage_settles_it(answer: httpx.Response) -> None:
    world = World(answer, revocation_endpoint=REVOKE)
    assert world.engine.disconnect(world.token_id)
    world.clock.advance(86_400)
    world.engine.tick()
    assert len(revocations(world)) == 1


@pytest.mark.parametrize("storage", [MemoryStorage, SqlStorage])
def test_an_outage_is_repeated_when_the_provider_says_and_by_whatever_node_is_alive(storage: Any) -> None:
    outage = httpx.Response(503, headers={"Retry-After": "120"})
    world = World(outage, httpx.Response(200), revocation_endpoint=REVOKE, storage=storage())
    assert not world.engine.disconnect(world.token_id)
    assert world.engine.tokens.list() == []
    other = world.another_engine("node-b")
    world.clock.advance(119)
    other.tick()
    assert len(revocations(world)) == 1
    world.clock.advance(1)
    other.tick()
    other.tick()
    assert [one["token"] for one in revocations(world)] == ["RT1", "RT1"]
    world.engine.close()


OUTAGES = [httpx.Response(500), httpx.Response(429), httpx.ConnectError(""), httpx.ReadTimeout("")]


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_endless_outage_is_given_up(outage: Any) -> None:
    world = World(outage, revocation_endpoint=REVOKE)
    assert not world.engine.disconnect(world.token_id)
    for _ in range(200):
        world.clock.advance(60)
        world.engine.tick()
    assert len(revocations(world)) == MOST_ATTEMPTS


class FullDisk(MemoryStorage):
    """Writes markers and nothing else."""

    full = False

    def replace_token(self, token: ClientTokenEntity) -> ClientTokenEntity | None:
        if self.full and token.lease is None:
            raise StorageError("the database failed: disk full")
        return super().replace_token(token)


def test_a_pair_that_could_not_be_written_is_the_newest_and_is_the_one_revoked() -> None:
    storage = FullDisk()
    world = World(pairs(), revocation_endpoint=REVOKE, storage=storage)
    world.clock.advance(3601)
    storage.full = True
    with pytest.raises(StorageError):
        world.call()
    world.endpoint.script = [httpx.Response(200)]
    assert world.engine.disconnect(world.token_id)
    assert [one["token"] for one in revocations(world)] == ["RT2"]


def test_a_refresh_open_on_another_node_is_waited_for_and_its_successor_is_revoked() -> None:
    """No live grant is left in the race: the other node's pair is the one that goes."""
    world = World(revocation_endpoint=REVOKE)
    other = world.another_engine("node-b")
    marked = world.storage.mark(world.stored, other.policy.lease(world.clock.now()))
    assert marked is not None
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        world.clock.advance(seconds)
        waited.append(seconds)
        if len(waited) == 3:
            fresh = first_token(access_token="AT2", refresh_token="RT2")
            changes = {**vars(marked), **vars(fresh), "lease": None, "generation": 2}
            assert world.storage.replace_token(type(marked)(**changes))

    waiting = World(storage=world.storage, name="waiting", seed=5)
    waiting.clock.sleep = sleep  # type: ignore[method-assign]  # the other node finishes while this one sleeps
    waiting.endpoint.script = [httpx.Response(200)]
    assert waiting.engine.disconnect(world.token_id)
    assert [one["token"] for one in revocations(waiting)] == ["RT2"]
    assert world.storage.load(world.token_id) is None
