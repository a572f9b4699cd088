"""Third-party clients in process: their HTTP goes to a provider, their clock is freezegun's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from freezegun import freeze_time

from kit.provider import Bench
from refreshproof.mock_servers.stacks import in_process
from refreshproof.mock_servers.stacks.carrier import straight
from refreshproof.mock_servers.wire import SECOND

requests: Any = pytest.importorskip("requests")


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
    """Put a bench behind every HTTP stack and stop the clock, for as long as the context lasts."""
    carrier = straight(lambda request, now: bench.handler(request, now), lambda: bench.now)
    with freeze_time(real_asyncio=True) as frozen, in_process(carrier):
        yield World(bench, frozen)
