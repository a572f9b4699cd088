"""What the client tests share: a clock that only moves when told, a scripted token endpoint, and engines on them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from refreshproof.harness.client import (
    SECOND,
    ClientConfiguration,
    ClientEngine,
    ClientToken,
    ClientTokenEntity,
    Clock,
    MemoryStorage,
    ProviderType,
    Settings,
    Storage,
)

START = 1_800_000_000 * SECOND
BASE = "https://client.example"
SESSION = "session-of-the-user"

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class ManualClock:
    """Stands still; sleeping advances it."""

    def __init__(self, now: int = START) -> None:
        self.instant = now

    def now(self) -> int:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.instant += round(seconds * SECOND)

    def advance(self, seconds: float) -> None:
        self.sleep(seconds)


class Endpoint:
    """A token endpoint that plays a script and records the parameters of every request."""

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(reply, Exception):
            raise reply
        # A response object is spent by reading it, so a copy is handed out.
        return reply(request) if not isinstance(reply, httpx.Response) else copy(reply)

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return [parameters(request) for request in self.requests]

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self))


def copy(response: httpx.Response) -> httpx.Response:
    return httpx.Response(response.status_code, headers=dict(response.headers), content=response.content)


def parameters(request: httpx.Request) -> dict[str, Any]:
    if request.headers["content-type"] == "application/json":
        return dict(json.loads(request.content))
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


def pairs(lifetime: int = 3600, **members: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A reply that issues AT2/RT2, AT3/RT3 and so on."""
    numbers: Iterator[int] = iter(range(2, 1_000_000))

    def reply(_: httpx.Request) -> httpx.Response:
        number = next(numbers)
        issued = {"access_token": f"AT{number}", "refresh_token": f"RT{number}", "expires_in": lifetime}
        return ok(**{**issued, "token_type": "Bearer", **members})

    return reply


def ok(**members: Any) -> httpx.Response:
    return httpx.Response(200, json=members)


def refused(status: int = 400, error: str = "invalid_grant", **members: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": error, **members})


def configuration(**changes: Any) -> ClientConfiguration:
    fields: dict[str, Any] = {
        "name": "Test client",
        "provider_type": ProviderType.GENERIC,
        "client_id": "someclientid",
        "client_secret": "secretP4ssw0rd",
        "authorization_endpoint": "https://authorizationserver.com/oauth2/authorize",
        "token_endpoint": "https://authorizationserver.com/oauth2/token",
        "scopes": ("offline_access", "Mail.Read"),
    }
    return ClientConfiguration(**{**fields, **changes})


def first_token(lifetime: int | None = 3600, now: int = START, **changes: Any) -> ClientToken:
    fields: dict[str, Any] = {
        "access_token": "AT1",
        "access_token_expiration": None if lifetime is None else now + lifetime * SECOND,
        "refresh_token": "RT1",
        "refresh_token_expiration": now + 30 * 86_400 * SECOND,
        "issued_at": now,
    }
    return ClientToken(**{**fields, **changes})


class World:
    """One engine with one configuration and one stored token."""

    def __init__(
        self,
        *script: Reply,
        storage: Storage | None = None,
        settings: Settings | None = None,
        clock: ManualClock | None = None,
        token: ClientToken | None = None,
        http: httpx.Client | None = None,
        node: str = "node-a",
        seed: int = 1,
        **changes: Any,
    ) -> None:
        self.endpoint = Endpoint(*(script or (pairs(),)))
        self.clock = clock or ManualClock()
        self.storage = storage or MemoryStorage()
        self.http = http or self.endpoint.client()
        self.engine = self.another_engine(node, settings=settings, seed=seed)
        self.configuration = self.engine.configurations.save(configuration(**changes))
        issued = token or first_token(now=self.clock.now())
        self.token_id = self.engine.tokens.save(ClientTokenEntity.of(issued, config_id=self.configuration.id)).id

    def another_engine(
        self,
        node: str,
        clock: Clock | None = None,
        settings: Settings | None = None,
        seed: int = 2,
        storage: Storage | None = None,
    ) -> ClientEngine:
        return ClientEngine(
            storage=storage or self.storage,
            http=self.http,
            base_url=BASE,
            settings=settings,
            clock=clock or self.clock,
            rng=random.Random(seed),  # noqa: S311  # a seed has to reproduce the run
            node=node,
        )

    def call(self) -> str:
        """One resource call: the access token it would carry."""
        return self.engine.handler.execute(self.token_id, lambda token: token.access_token)

    @property
    def stored(self) -> ClientTokenEntity:
        return self.engine.tokens.get_by_id_or_fail(self.token_id)

    @property
    def presented(self) -> list[str]:
        return [one["refresh_token"] for one in self.endpoint.parameters if "refresh_token" in one]


def query(url: str) -> dict[str, str]:
    found = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(found) == len(dict(found)), "a parameter stands twice"
    return dict(found)
