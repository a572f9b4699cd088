"""The faults by name, and a fault as data: which fault, with which parameters, for which requests.

Misbehaviour is a function `Handler -> Handler`; the modules imported here hold them. `layers` builds and composes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.mock_servers.faults import answer, body, memory, request, transport
from refreshproof.mock_servers.profile.units import AtLeastOne, Count
from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.wire import Fault

FAULTS: Mapping[str, Callable[..., Fault]] = {
    "accept_late": memory.accept_late,
    "busy": memory.busy,
    "convert": body.convert,
    "cut": body.cut,
    "deepen": body.deepen,
    "delay": transport.delay,
    "demand": request.demand,
    "demand_certificate": request.demand_certificate,
    "document": body.document,
    "drip": transport.drip,
    "drop": transport.drop,
    "duplicate": transport.duplicate,
    "echo": answer.echo,
    "encode": body.encode,
    "error_body": answer.error_body,
    "frame": transport.frame,
    "header": body.header,
    "html": answer.html,
    "lose_request": transport.lose_request,
    "member": body.member,
    "nest": body.nest,
    "one_token": memory.one_token,
    "only_if_asked": request.only_if_asked,
    "outrun": memory.outrun,
    "pad": body.pad,
    "parameters_in_query": request.parameters_in_query,
    "prefix": body.prefix,
    "readdress": body.readdress,
    "redirect_to": answer.redirect_to,
    "refresh_at": request.refresh_at,
    "refuse_connection": transport.refuse_connection,
    "relabel": body.relabel,
    "remember": memory.remember,
    "rename": body.rename,
    "rename_callback": request.rename_callback,
    "rename_parameter": request.rename_parameter,
    "restyle": answer.restyle,
    "rewrite": body.rewrite,
    "stamp": body.stamp,
    "status": answer.status,
    "too_early": memory.too_early,
    "truncate": transport.truncate,
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
