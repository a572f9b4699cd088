"""The virtual clock with every clock and every wait of this process tied to it, for clients that read time
themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.clock import ClientClock, VirtualClock
from refreshproof.scenarios.clocks.escaped_clock import followed
from refreshproof.scenarios.clocks.waiting_async import advance, loops_waiting
from refreshproof.scenarios.clocks.waiting_clock import sleep, waiting
from refreshproof.scenarios.clocks.waits import ClockError, Waits
from refreshproof.scenarios.clocks.wall_clock import shown


class FrozenClock:
    """True time, and the client's wall clock that follows it: `time.time()`, `datetime.now()` and their kin.

    What waits for a time in this process, by whatever thread or event loop, wakes when it is advanced to that time, one
    after the other, before `advance` returns.
    """

    def __init__(self, world: VirtualClock, client: ClientClock, waits: Waits, is_shown: Callable[[], bool]) -> None:
        self._world = world
        self._client = client
        self._waits = waits
        self._is_shown = is_shown

    def now(self) -> float:
        """Return true time in seconds since the epoch."""
        return self._world.now() / SECOND

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass for everyone. Raises ClockError where the clock is frozen by somebody else too."""
        self._see_to_it()
        advance(self._waits, seconds)

    def skew(self, seconds: float) -> None:
        """Set the client's clock ahead of (positive) or behind true time. Raises ClockError as `advance` does."""
        self._see_to_it()
        self._client.set_offset(seconds)

    def _see_to_it(self) -> None:
        if not self._is_shown():
            raise ClockError(
                "freezegun (freeze_time, or the fixture freezer) was started under oauth_clock, so that client and "
                "vendor live in two times; allowed: one of them in a test"
            )


@contextmanager
def frozen(world: VirtualClock, client: ClientClock) -> Iterator[FrozenClock]:
    """Tie this process to the client's time for the length of a block."""
    with shown(world, client) as is_shown, followed(sleep), waiting(world) as waits, loops_waiting():
        yield FrozenClock(world, client, waits, is_shown)
