"""Whose requests go to which carrier: what an HTTP stack's hook asks, for every request, before it lets it out.

A thread is led by the innermost block that it is in. One that is in none, because a client made it for its own work,
is led by the block that was entered last, and where nobody is in a block by the one that it was started in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, NoReturn, TypeAlias

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.wire import WireRequest

Ask: TypeAlias = Callable[[Callable[[], Any]], Any]
"""Has some work done outside of an event loop; returns the loop's future of its result."""


class Led:
    """A block whose requests go to a carrier. `refused` is the first that would have left the machine in it, and
    `advice` what is said of it besides.

    `outer` is the block around it in the same thread. `caller` tells who carries the requests of the task that asks
    outside of its event loop, so that they can take virtual time; None where they are carried in it.

    The hooks of `hooks.HOOKS` have to stand for as long as it lasts.
    """

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.advice = ""
        self.refused: Exception | None = None
        self.outer: Led | None = None
        self.caller: Callable[[], Ask | None] = lambda: None

    def refuse(self, error: Exception) -> None:
        """Note what would have left the machine, in this block and in those around it."""
        for led in self.around():
            led.refused = led.refused or error

    def around(self) -> Iterator[Led]:
        """Return this block and those around it."""
        led: Led | None = self
        while led is not None:
            yield led
            led = led.outer

    def end(self) -> None:
        """Lead nobody any more, nor in the blocks within, though a thread may be there that never leaves."""
        for led in tuple(_EVERYWHERE):
            if self in led.around():
                led._leave()

    def _leave(self) -> None:
        with suppress(ValueError):
            _EVERYWHERE.remove(self)

    def __enter__(self) -> Led:
        self.outer = getattr(_HERE, "block", None)
        _HERE.block = self
        _EVERYWHERE.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _HERE.block = self.outer
        self._leave()


class Walled(Led):
    """A block that leads nobody, and lets nobody out of the machine either."""

    def __init__(self, advice: str) -> None:
        super().__init__(_nowhere)
        self.advice = advice


def _nowhere(request: WireRequest, timeout: float | None) -> NoReturn:
    raise AssertionError("nobody is led there")


_HERE = threading.local()
_EVERYWHERE: list[Led] = []


def block() -> Led | None:
    """Return the block that the thread which asks is led by, None where its requests take their own way."""
    led = wall()
    return None if isinstance(led, Walled) else led


def wall() -> Led | None:
    """Return the block that does not let the thread which asks out of the machine."""
    here: Led | None = getattr(_HERE, "block", None)
    return here or next(reversed(_EVERYWHERE), None) or getattr(_HERE, "home", None)


def hooks() -> tuple[Hook, ...]:
    """Return the hook of threads: what a client starts in a block never leaves the machine, however long it lives."""
    return (Hook(owner=threading.Thread, name="start", around=_starting),)


def _starting(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    def started(self: threading.Thread) -> None:
        home = wall()
        if home is not None:
            run = self.run

            def at_home() -> None:
                _HERE.home = home
                run()

            self.run = at_home  # type: ignore[method-assign]
        start(self)

    return started
