"""Faults that are queued while a provider runs: for a client, an endpoint view or a grant type, so often, by chance.

The first queued fault that selects a request strikes it; with its last strike it leaves the queue. Scenarios and served
vendors queue theirs here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.faults.layers import Layer
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse


class _Queued(Layer):
    """A queued fault, the client it is for (None for any), the chance with which it strikes, drawn from a seed, and
    what has become of it: `struck` counts its strikes, `selected` the requests that it was for and that chance let it
    have."""

    def __init__(self, number: int, spec: FaultSpec, client_id: str | None, probability: float, seed: int) -> None:
        super().__init__(spec)
        self.number = number
        self.client_id = client_id
        self.probability = probability
        self.struck = 0
        self._random = random.Random(seed)  # noqa: S311 - repeatable chance, no secret

    def takes(self, sighting: Sighting) -> bool:
        """Tell whether the fault strikes a request, and count it."""
        if not self.spec.matches(sighting):
            return False
        if self.client_id is not None and self.client_id != sighting.credentials.client_id:
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
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

    def add(self, spec: FaultSpec, *, client_id: str | None = None, probability: float = 1.0, seed: int = 0) -> int:
        """Queue a fault for a client (None for any), to strike by chance; returns its number.

        Raises ValueError that names an unknown fault or parameter.
        """
        self._layers.append(_Queued(self._next, spec, client_id, probability, seed))
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
                "fault": layer.spec.fault,
                "parameters": dict(layer.spec.parameters),
                "view": layer.spec.view,
                "grant_type": layer.spec.grant_type,
                "client_id": layer.client_id,
                "times": layer.spec.times,
                "probability": layer.probability,
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
