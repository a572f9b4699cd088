"""Code that is no generator, played as a probe: it runs in a thread, and what it asks for is yielded.

Only one of the two runs at a time, so that what is asked stays in order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from refreshproof.harness.vendor_check.asking.asks import Ask, Play
from refreshproof.harness.vendor_check.asking.trouble import StopError

T = TypeVar("T")
Asking: TypeAlias = Callable[[Ask], Any]
"""Asks for something and returns what came of it; raises what a probe would be thrown."""


class _Talk:
    """What one thread asks and another answers; once it is over, whatever is asked raises `StopError`."""

    def __init__(self) -> None:
        self.said: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self.answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        self.over = False

    def ask(self, what: Ask) -> Any:
        if not self.over:
            self.said.put(("ask", what))
            answer, thrown = self.answers.get()
            if thrown is None:
                return answer
            raise thrown
        raise StopError("the check is over")

    def run(self, work: Callable[[Asking], Any]) -> None:
        try:
            self.said.put(("result", work(self.ask)))
        except Exception as failure:  # it is the probe's, and raised there
            self.said.put(("failure", failure))


def spoken(work: Callable[[Asking], T]) -> Play[T]:
    """Play code that asks by a function; returns what it returns, raises what it raises."""
    talk = _Talk()
    thread = threading.Thread(target=talk.run, args=(work,), daemon=True)
    thread.start()
    try:
        while True:
            kind, what = talk.said.get()
            if kind == "result":
                return what  # type: ignore[no-any-return]  # what `work` returned
            if kind == "failure":
                raise what
            try:
                answer = yield what
            except Exception as thrown:
                talk.answers.put((None, thrown))
            else:
                talk.answers.put((answer, None))
    finally:
        talk.over = True
        talk.answers.put((None, StopError("the check is over")))
        thread.join()
