"""Third-party clients on requests, in process: their HTTP goes to a provider, their clock is freezegun's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from freezegun import freeze_time

from provider_kit import Bench
from refreshproof.mock_servers.wire import SECOND

requests: Any = pytest.importorskip("requests")
urllib3: Any = pytest.importorskip("urllib3")


class World:
    """A bench whose time is also the client's."""

    def __init__(self, bench: Bench, frozen: Any) -> None:
        self.bench = bench
        self._frozen = frozen
        self.move_to(bench.now)

    def move_to(self, instant: int) -> None:
        self.bench.now = instant
        self._frozen.move_to(datetime.fromtimestamp(instant // SECOND, tz=UTC))

    def advance(self, seconds: int) -> None:
        self.move_to(self.bench.now + seconds * SECOND)

    def refreshes(self) -> list[str | None]:
        """Return the aliases of the refresh tokens that were presented, in order."""
        entries = self.bench.provider.ledger.entries
        return [entry.presented for entry in entries if entry.grant_type == "refresh_token"]


@contextmanager
def world(bench: Bench) -> Iterator[World]:
    """Put a bench behind every requests adapter and stop the clock, for as long as the context lasts."""

    def send(adapter: Any, request: Any, **settings: Any) -> Any:
        body = request.body or b""
        response = bench.send(
            request.method,
            request.url,
            tuple(request.headers.items()),
            body.encode() if isinstance(body, str) else body,
        )
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(response.body), headers=dict(response.headers), status=response.status,
            preload_content=False,
        )  # fmt: skip
        return adapter.build_response(request, raw)

    with freeze_time(real_asyncio=True) as frozen, mock.patch.object(requests.adapters.HTTPAdapter, "send", send):
        yield World(bench, frozen)
