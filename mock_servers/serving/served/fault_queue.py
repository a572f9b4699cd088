"""Faults that a test queues while the server runs: for a client, an endpoint view or a grant type, so often, by chance.

The first queued fault that selects a request strikes it; with its last strike it leaves the queue.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.layers import Layer
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse


@dataclass(frozen=True, kw_only=True)
class QueuedFault:
    """A fault as data, the client it is for (None for any), and the chance with which it strikes, drawn from a seed."""

    spec: FaultSpec
    client_id: str | None = None
    probability: float = 1.0
    seed: int = 0


class _Queued(Layer):
    """A queued fault and what has become of it so far; `selected` counts the requests that chance has let it have."""

    def __init__(self, number: int, queued: QueuedFault) -> None:
        super().__init__(queued.spec)
        self.number = number
        self.queued = queued
        self.struck = 0
        self._random = random.Random(queued.seed)  # noqa: S311 - repeatable chance, no secret

    def takes(self, sighting: Sighting) -> bool:
        """Tell whether the fault strikes a request, and count it."""
        queued = self.queued
        if not queued.spec.matches(sighting) or queued.client_id not in (None, sighting.credentials.client_id):
            return False
        if queued.probability < 1.0 and self._random.random() >= queued.probability:
            return False
        strikes = self.strikes()
        self.struck += strikes
        return strikes

    @property
    def spent(self) -> bool:
        """Whether the fault has struck as often as it ever will."""
        return self.spec.every is None and self.spec.times is not None and self.struck >= self.spec.times

    def mark(self) -> Any:
        """Return what has become of it."""
        return super().mark(), self.struck, self._random.getstate()

    def return_to(self, mark: Any) -> None:
        """Be as at the mark."""
        own, self.struck, chance = mark
        super().return_to(own)
        self._random.setstate(chance)


class FaultQueue:
    """The queued faults of one provider."""

    def __init__(self, sight: Callable[[WireRequest], Sighting]) -> None:
        self._sight = sight
        self._layers: list[_Queued] = []
        self._next = 1

    def add(self, queued: QueuedFault) -> int:
        """Queue a fault and return its number; raises ValueError that names an unknown fault or parameter."""
        self._layers.append(_Queued(self._next, queued))
        self._next += 1
        return self._next - 1

    def clear(self) -> None:
        """Forget every queued fault."""
        self._layers.clear()

    def mark(self) -> Any:
        """Return what is queued, and what has become of each."""
        return self._next, [(layer, layer.mark()) for layer in self._layers]

    def return_to(self, mark: Any) -> None:
        """Have queued what was queued at the mark."""
        self._next, kept = mark
        self._layers = [layer for layer, _ in kept]
        for layer, its_mark in kept:
            layer.return_to(its_mark)

    def rows(self) -> list[dict[str, Any]]:
        """Return what is queued, as JSON values, in the order of the queue."""
        return [
            {
                "number": layer.number,
                "fault": layer.queued.spec.fault,
                "parameters": dict(layer.queued.spec.parameters),
                "view": layer.queued.spec.view,
                "grant_type": layer.queued.spec.grant_type,
                "client_id": layer.queued.client_id,
                "times": layer.queued.spec.times,
                "probability": layer.queued.probability,
                "strikes": layer.struck,
            }
            for layer in self._layers
        ]

    def wrap(self, handler: Handler) -> Handler:
        """Return the handler under the queue."""

        def faulty(request: WireRequest, now: Instant) -> WireResponse:
            fault = self._take(request) if self._layers else None
            return (handler if fault is None else fault(handler))(request, now)

        return faulty

    def _take(self, request: WireRequest) -> Fault | None:
        sighting = self._sight(request)
        layer = next((layer for layer in self._layers if layer.takes(sighting)), None)
        if layer is None:
            return None
        if layer.spent:
            self._layers.remove(layer)
        return layer.fault
