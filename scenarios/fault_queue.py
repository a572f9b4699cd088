"""Faults that a scenario sets during play: each strikes the next requests it is for, as often as it says, then is
gone."""

from __future__ import annotations

from collections.abc import Callable

from refreshproof.mock_servers.faults import FaultSpec
from refreshproof.mock_servers.sighting import Sighting
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse


class FaultQueue:
    """A fault that is whatever is queued at the moment; the first queued fault that matches a request strikes."""

    def __init__(self, sight: Callable[[WireRequest], Sighting]) -> None:
        self._sight = sight
        self._queue: list[tuple[FaultSpec, Fault, int | None]] = []

    def add(self, spec: FaultSpec) -> None:
        """Queue a fault; raises ValueError for an unknown one."""
        self._queue.append((spec, spec.build(), spec.times))

    def clear(self) -> None:
        """Forget all queued faults."""
        self._queue.clear()

    def wrap(self, handler: Handler) -> Handler:
        """Return the handler under the queue."""

        def faulty(request: WireRequest, now: Instant) -> WireResponse:
            fault = self._take(request)
            return (handler if fault is None else fault(handler))(request, now)

        return faulty

    def _take(self, request: WireRequest) -> Fault | None:
        if not self._queue:
            return None
        sighting = self._sight(request)
        for index, (spec, fault, left) in enumerate(self._queue):
            if spec.matches(sighting):
                remaining = None if left is None else left - 1
                self._queue[index : index + 1] = [] if remaining == 0 else [(spec, fault, remaining)]
                return fault
        return None
