"""Signals that end a command: whichever comes, the command ends what it has started and tells what it has found."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let every signal that ends a process be a KeyboardInterrupt inside the block, though a shell had it ignored."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        hush()  # one is enough: what follows is the ending
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hush() -> None:
    """Hear none of them from now on, until the block ends."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
