"""The faults by name, and a fault as data: which fault, with which parameters, for which requests.

Misbehaviour is a function `Handler -> Handler` and composes by application; the primitives stand in the modules
imported
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from refreshproof.mock_servers.answer_faults import error_body, html, redirect_to, restyle, status
from refreshproof.mock_servers.body_faults import (
    convert,
    deepen,
    document,
    encode,
    header,
    member,
    nest,
    pad,
    prefix,
    relabel,
    rename,
    rewrite,
    stamp,
)
from refreshproof.mock_servers.memory_faults import accept_late, busy, one_token, remember, too_early
from refreshproof.mock_servers.request_faults import (
    demand,
    parameters_in_query,
    refresh_at,
    rename_callback,
    rename_parameter,
)
from refreshproof.mock_servers.sighting import Sighting
from refreshproof.mock_servers.transport_faults import (
    delay,
    drip,
    drop,
    duplicate,
    lose_request,
    refuse_connection,
    truncate,
)
from refreshproof.mock_servers.wire import Fault, Handler, Instant, WireRequest, WireResponse

FAULTS: Mapping[str, Callable[..., Fault]] = {
    "accept_late": accept_late,
    "busy": busy,
    "convert": convert,
    "deepen": deepen,
    "delay": delay,
    "demand": demand,
    "document": document,
    "drip": drip,
    "drop": drop,
    "duplicate": duplicate,
    "encode": encode,
    "error_body": error_body,
    "header": header,
    "html": html,
    "lose_request": lose_request,
    "member": member,
    "nest": nest,
    "one_token": one_token,
    "pad": pad,
    "parameters_in_query": parameters_in_query,
    "prefix": prefix,
    "redirect_to": redirect_to,
    "refresh_at": refresh_at,
    "refuse_connection": refuse_connection,
    "relabel": relabel,
    "remember": remember,
    "rename": rename,
    "rename_callback": rename_callback,
    "rename_parameter": rename_parameter,
    "restyle": restyle,
    "rewrite": rewrite,
    "stamp": stamp,
    "status": status,
    "too_early": too_early,
    "truncate": truncate,
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
    skip: int = 0
    times: int | None = None
    every: int | None = None

    def build(self) -> Fault:
        """Return the fault itself; raises ValueError that names an unknown fault or parameter."""
        if self.fault not in FAULTS:
            raise ValueError(f"unknown fault {self.fault!r}; known are {', '.join(FAULTS)}")
        try:
            return FAULTS[self.fault](**dict(self.parameters))
        except TypeError as error:
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


def apply(handler: Handler, specs: tuple[FaultSpec, ...], sight: Callable[[WireRequest], Sighting]) -> Handler:
    """Wrap a handler in faults; the first spec is the innermost, and each counts every request it selects."""
    layers = [(spec, spec.build(), count()) for spec in specs]

    def struck(request: WireRequest, now: Instant) -> WireResponse:
        sighting, inner = sight(request), handler
        for spec, fault, counted in layers:
            # Every spec counts on its own, also where an outer fault answers in the provider's stead.
            if spec.matches(sighting) and spec.strikes(next(counted)):
                inner = fault(inner)
        return inner(request, now)

    return struck if layers else handler
