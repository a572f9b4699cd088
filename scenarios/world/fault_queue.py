"""Faults that a scenario sets during play: each strikes the next requests it is for, as often as it says, then is
gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.layers import build
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse


@dataclass(kw_only=True)
class _Queued:
    """A fault and how many requests it still lets pass, and how many it then strikes (None: all)."""

    spec: FaultSpec
    fault: Fault
    skip: int
    left: int | None


class FaultQueue:
    """A fault that is whatever is queued at the moment; the first queued fault that matches a request strikes."""

    def __init__(self, sight: Callable[[WireRequest], Sighting]) -> None:
        self._sight = sight
        self._queue: list[_Queued] = []

    def add(self, spec: FaultSpec) -> None:
        """Queue a fault; raises ValueError for an unknown one."""
        self._queue.append(_Queued(spec=spec, fault=build(spec), skip=spec.skip, left=spec.times))

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
        for queued in [one for one in self._queue if one.spec.matches(sighting)]:
            if queued.skip:
                queued.skip -= 1
                continue
            if queued.left is not None:
                queued.left -= 1
                self._queue = [one for one in self._queue if one.left != 0]
            return queued.fault
        return None
