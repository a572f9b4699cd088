"""The virtual clock with the wall clock tied to it by freezegun, for clients that read time themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from freezegun import freeze_time

from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.clock import ClientClock, VirtualClock


class FrozenClock:
    """True time, and the client's wall clock that follows it: `time.time()`, `datetime.now()` and their kin."""

    def __init__(self, world: VirtualClock, client: ClientClock, frozen: Any) -> None:
        self._world = world
        self._client = client
        self._frozen = frozen
        self.follow()

    def now(self) -> float:
        """Return true time in seconds since the epoch."""
        return self._world.now() / SECOND

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass for everyone."""
        self._world.advance(seconds)
        self.follow()

    def skew(self, seconds: float) -> None:
        """Set the client's clock ahead of (positive) or behind true time."""
        self._client.set_offset(seconds)
        self.follow()

    def follow(self) -> None:
        """Set the wall clock to the client's time; a request that took virtual time has moved it."""
        self._frozen.move_to(datetime.fromtimestamp(self._client.now() / SECOND, tz=UTC))


@contextmanager
def frozen(world: VirtualClock, client: ClientClock) -> Iterator[FrozenClock]:
    """Freeze the wall clock at the client's time for the length of a block."""
    start = datetime.fromtimestamp(client.now() / SECOND, tz=UTC)
    with freeze_time(start, real_asyncio=True) as frozen_time:
        yield FrozenClock(world, client, frozen_time)
