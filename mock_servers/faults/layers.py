"""Faults at work: each is judged and built from its data, counts the requests it is for, and wraps a handler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.faults.memory import Remembering
from refreshproof.mock_servers.faults.plain import is_plain
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse


def build(spec: FaultSpec) -> Fault:
    """Return the fault itself; raises ValueError that names what is unknown or wrong, and what is allowed."""
    if spec.fault not in FAULTS:
        raise ValueError(f"unknown fault {spec.fault!r}; known are {', '.join(FAULTS)}")
    try:
        if not is_plain(spec):
            from refreshproof.mock_servers.faults.model import check  # pydantic takes longer to import than a server

            check(spec)
        return FAULTS[spec.fault](**spec.parameters)
    except ValueError as error:
        raise ValueError(f"fault {spec.fault!r}: {error}") from None


class Layer:
    """A fault at work: whom it is for, and how many requests it has been counted for."""

    def __init__(self, spec: FaultSpec) -> None:
        self.spec = spec
        self.fault = build(spec)
        self.selected = 0
        self._lock = threading.Lock()

    def strikes(self) -> bool:
        """Count a request that the fault is for; tell whether it strikes."""
        with self._lock:
            self.selected += 1
            return self.spec.strikes(self.selected - 1)

    def mark(self) -> tuple[int, Any]:
        """Return the count, and what the fault remembers."""
        return self.selected, self.fault.mark() if isinstance(self.fault, Remembering) else None

    def return_to(self, mark: tuple[int, Any]) -> None:
        """Count and remember as at the mark."""
        self.selected, memory = mark
        if isinstance(self.fault, Remembering):
            self.fault.return_to(memory)


class Faulty:
    """A handler inside faults; the first is the innermost, and each counts every request it selects."""

    def __init__(self, handler: Handler, layers: tuple[Layer, ...], sight: Callable[[WireRequest], Sighting]) -> None:
        self._handler = handler
        self._layers = layers
        self._sight = sight

    def __call__(self, request: WireRequest, now: Instant) -> WireResponse:
        """Answer a request."""
        if not self._layers:
            return self._handler(request, now)
        sighting, inner = self._sight(request), self._handler
        for layer in self._layers:
            # Every fault counts on its own, also where an outer one answers in the provider's stead.
            if layer.spec.matches(sighting) and layer.strikes():
                inner = layer.fault(inner)
        return inner(request, now)

    def mark(self) -> tuple[tuple[int, Any], ...]:
        """Return what the faults have counted and remember."""
        return tuple(layer.mark() for layer in self._layers)

    def return_to(self, mark: tuple[tuple[int, Any], ...]) -> None:
        """Have the faults go on as from the mark."""
        for layer, its_mark in zip(self._layers, mark, strict=True):
            layer.return_to(its_mark)


def apply(handler: Handler, specs: tuple[FaultSpec, ...], sight: Callable[[WireRequest], Sighting]) -> Faulty:
    """Wrap a handler in faults, with fresh counts."""
    return Faulty(handler, tuple(Layer(spec) for spec in specs), sight)
