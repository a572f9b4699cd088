"""The faults by name, and a fault as data: which fault, with which parameters, for which requests.

Misbehaviour is a function `Handler -> Handler` and composes by application; the modules imported here hold them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.mock_servers.faults import answer as answer_faults
from refreshproof.mock_servers.faults import body as body_faults
from refreshproof.mock_servers.faults import memory as memory_faults
from refreshproof.mock_servers.faults import request as request_faults
from refreshproof.mock_servers.faults import transport as transport_faults
from refreshproof.mock_servers.faults.memory import Remembering
from refreshproof.mock_servers.profile.units import AtLeastOne, Count
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse

FAULTS: Mapping[str, Callable[..., Fault]] = {
    "accept_late": memory_faults.accept_late,
    "busy": memory_faults.busy,
    "convert": body_faults.convert,
    "cut": body_faults.cut,
    "deepen": body_faults.deepen,
    "delay": transport_faults.delay,
    "demand": request_faults.demand,
    "demand_certificate": request_faults.demand_certificate,
    "document": body_faults.document,
    "drip": transport_faults.drip,
    "drop": transport_faults.drop,
    "duplicate": transport_faults.duplicate,
    "echo": answer_faults.echo,
    "encode": body_faults.encode,
    "error_body": answer_faults.error_body,
    "frame": transport_faults.frame,
    "header": body_faults.header,
    "html": answer_faults.html,
    "lose_request": transport_faults.lose_request,
    "member": body_faults.member,
    "nest": body_faults.nest,
    "one_token": memory_faults.one_token,
    "only_if_asked": request_faults.only_if_asked,
    "outrun": memory_faults.outrun,
    "pad": body_faults.pad,
    "parameters_in_query": request_faults.parameters_in_query,
    "prefix": body_faults.prefix,
    "redirect_to": answer_faults.redirect_to,
    "refresh_at": request_faults.refresh_at,
    "refuse_connection": transport_faults.refuse_connection,
    "relabel": body_faults.relabel,
    "remember": memory_faults.remember,
    "rename": body_faults.rename,
    "rename_callback": request_faults.rename_callback,
    "rename_parameter": request_faults.rename_parameter,
    "restyle": answer_faults.restyle,
    "rewrite": body_faults.rewrite,
    "stamp": body_faults.stamp,
    "status": answer_faults.status,
    "too_early": memory_faults.too_early,
    "truncate": transport_faults.truncate,
}
"""Every fault that a `FaultSpec` can name."""


@dataclass(frozen=True, kw_only=True)
class FaultSpec:
    """A fault as data: its name in `FAULTS`, its parameters, and the requests it is for.

    `view` and `grant_type` select requests (None for any). Of the selected ones the fault lets `skip` pass and strikes
    the next `times` (None for all of them). With `every` it strikes the first `times` (None for one) of each round of
    `every` requests.
    """

    fault: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    skip: Count = 0
    times: Count | None = None
    every: AtLeastOne | None = None

    def build(self) -> Fault:
        """Return the fault itself; raises ValueError that names what is unknown or wrong, and what is allowed."""
        if self.fault not in FAULTS:
            raise ValueError(f"unknown fault {self.fault!r}; known are {', '.join(FAULTS)}")
        # Here, because pydantic takes longer to import than a server to start.
        from refreshproof.mock_servers.faults.model import check

        try:
            check(self)
            return FAULTS[self.fault](**self.parameters)
        except ValueError as error:
            raise ValueError(f"fault {self.fault!r}: {error}") from None

    def matches(self, sighting: Sighting) -> bool:
        """Tell whether a request is one of those the fault is for."""
        return self.view in (None, sighting.view) and self.grant_type in (None, sighting.grant_type)

    def strikes(self, count: int) -> bool:
        """Tell whether the fault strikes the `count`-th selected request, counted from 0."""
        ordinal = count - self.skip
        if ordinal < 0:
            return False
        if self.every is not None:
            return ordinal % self.every < (1 if self.times is None else self.times)
        return self.times is None or ordinal < self.times


class Layer:
    """A fault at work: whom it is for, and how many requests it has been counted for."""

    def __init__(self, spec: FaultSpec) -> None:
        self.spec = spec
        self.fault = spec.build()
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
