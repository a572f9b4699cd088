"""Providers that are made while the server runs, for whoever shares it: each at a port and with a time of its own.

Called by the control API, which the loop calls, so that nothing else happens meanwhile.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.clock import CLOCKS, ServerClock
from refreshproof.mock_servers.serving.sockets.limits import ask_for_descriptors
from refreshproof.mock_servers.serving.sockets.loop import Loop, Port, listen
from refreshproof.mock_servers.serving.vendor_port import VendorPort, authority, beside

MOST_MADE = 1000
"""How many providers that were made there are at most."""

_TOGETHER = 32
"""How many providers end until what they leave is collected."""

_DESCRIPTORS = 8
"""How many files a provider that is made is expected to take: its listeners, and the connections of a test or two."""


@dataclass(frozen=True, kw_only=True)
class _Made:
    clock: ServerClock
    listeners: tuple[Any, ...]


class PortInstances:
    """Makes providers of the vendors of one server, and ends them; `served` is what the server serves, by name."""

    def __init__(self, served: dict[str, Served], options: ServeOptions, loop: Loop, tls: Any) -> None:
        self._served = served
        self._options = options
        self._loop = loop
        self._tls = tls
        self._kinds = {name: one.vendor for name, one in served.items()}
        self._made: dict[str, _Made] = {}
        self._ended = 0

    def make(self, name: str, vendor: str) -> Served:
        """Begin a provider; raises ValueError that names what is wrong and what is allowed."""
        self._check(name, vendor)
        options = self._options
        ask_for_descriptors(_DESCRIPTORS)
        try:
            listener = listen(options.host, 0)
        except OSError as error:
            raise ValueError(str(error)) from None
        other = beside(listener)
        listeners = (listener,) if other is None else (listener, other)
        kind = self._kinds[vendor]
        clock = CLOCKS[options.time](options.at)
        origin = f"{options.scheme}://{authority(options.host, listener, options.names)}"
        served = Served(replace(kind, name=name, profile=replace(kind.profile, name=name)), options, origin)
        for one in listeners:
            opened = partial(VendorPort, served, (served,), clock, options)
            self._loop.add(Port(listener=one, opened=opened, tls=self._tls, limits=options.limits, clock=clock))
        self._served[name] = served
        self._made[name] = _Made(clock=clock, listeners=listeners)
        return served

    def end(self, name: str) -> None:
        """End a provider that was made, and close its port; raises ValueError for one that was there at the start."""
        if name not in self._made:
            raise ValueError(f"provider is {name!r}; it was there at the start, and ends with the server")
        for listener in self._made.pop(name).listeners:
            self._loop.remove(listener)
        del self._served[name]
        self._ended += 1
        if self._ended % _TOGETHER == 0:
            gc.collect()  # a provider is full of circles, and they are large

    def clock_of(self, name: str) -> ServerClock | None:
        """Return the time of a provider that was made, None for one that has the server's."""
        return self._made[name].clock if name in self._made else None

    def _check(self, name: str, vendor: str) -> None:
        if self._options.witness is not None:
            raise ValueError("a server that judges judges those whom it began with; start it without --judge")
        if name in self._served:
            raise ValueError(f"name is {name!r}; there is a provider of that name")
        if vendor not in self._kinds:
            raise ValueError(f"vendor is {vendor!r}; this server has {', '.join(self._kinds)}")
        if len(self._made) >= MOST_MADE:
            raise ValueError(f"name is {name!r}; there are {MOST_MADE} already, end one first")
