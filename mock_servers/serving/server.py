"""The server that any client can be pointed at: one port per vendor, one for the control API, all in one thread.

`Server` is a context manager for tests; `serve` is the command.
"""

from __future__ import annotations

import gc
import secrets
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from refreshproof.mock_servers.serving.announcement import announcement
from refreshproof.mock_servers.serving.instances import PortInstances
from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.served import Served
from refreshproof.mock_servers.serving.sockets.clock import CLOCKS, ServerClock, stopwatch
from refreshproof.mock_servers.serving.sockets.connection import Application
from refreshproof.mock_servers.serving.sockets.limits import RESERVE, ask_for_descriptors, most_at_control
from refreshproof.mock_servers.serving.sockets.loop import Loop, Port, listen
from refreshproof.mock_servers.serving.vendor_port import VendorPort, authority, beside


class Server:
    """Serves the vendors of its options; `with Server(options) as server:` runs it in a thread of its own.

    `served` holds the vendors by name, `token` opens the control API at `control`, `ca_file` is the CA to trust.
    `watch` gives the real seconds by which the patience with clients is measured.
    """

    def __init__(self, options: ServeOptions, watch: Callable[[], float] = stopwatch) -> None:
        self.options = options
        self.token = options.token or secrets.token_urlsafe(24)
        self.clock: ServerClock = CLOCKS[options.time](options.at)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._thread: threading.Thread | None = None
        count = len(options.vendors)
        numbers = [options.port + offset if options.port else 0 for offset in range(count + 1)]
        listeners = _listeners(options, numbers)
        dated = options.vendors if options.at is None else [one.at(options.at) for one in options.vendors]
        self.vendors = tuple(
            Served(vendor, options, f"{options.scheme}://{authority(options.host, listener, options.names)}")
            for vendor, listener in zip(dated, listeners, strict=False)
        )
        self.served: dict[str, Served] = {served.vendor.name: served for served in self.vendors}
        self.ca_file = self._ca_file()
        names = options.names if options.control_beyond_loopback else ()
        self.control = f"http://{authority(options.control_host, listeners[count], names)}"
        self._tls: Any = None
        try:
            ports = self._ports(listeners)
        except OSError:
            for listener in listeners:
                listener.close()
            raise
        self._loop = Loop(ports, self.clock, options.tell, watch)

    def origin(self, name: str) -> str:
        """Return the local origin of a vendor."""
        return self.served[name].origin

    def announcement(self) -> str:
        """Return what to tell whoever started the server."""
        return announcement(self.options, self.vendors, control=self.control, token=self.token, ca_file=self.ca_file)

    def run(self) -> None:
        """Serve in this thread until `stop`."""
        try:
            self._loop.run()
        finally:
            if self._folder is not None:
                self._folder.cleanup()

    def stop(self) -> None:
        """End `run`; safe from any thread and from a signal handler."""
        self._loop.stop()

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.run, name="refreshproof-server", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _ca_file(self) -> Path | None:
        if not self.options.https:
            return None
        if self.options.ca_file is not None:
            return self.options.ca_file
        self._folder = tempfile.TemporaryDirectory(prefix="refreshproof-")
        return Path(self._folder.name) / "ca.pem"

    def _ports(self, listeners: list[Any]) -> tuple[Port, ...]:
        if self.ca_file is not None:
            from refreshproof.mock_servers.serving.sockets.tls import (
                server_context,  # here: it costs the start of plain http
            )

            hosts = {host for served in self.vendors for host in served.addresses.hosts}
            self._tls = server_context((*hosts, self.options.host, *self.options.names), self.ca_file)
        ports = [
            Port(
                listener=listener,
                opened=partial(VendorPort, served, self.vendors, self.clock, self.options),
                tls=self._tls,
                limits=self.options.limits,
            )
            for served, listener in zip(self.vendors, listeners, strict=False)
        ]
        limits = replace(self.options.limits, connections=most_at_control(self.options.limits))
        ports.append(Port(listener=listeners[-1], opened=self._control, tls=None, limits=limits, reserved=True))
        twins = [(port, beside(port.listener)) for port in ports]
        return (*ports, *(replace(port, listener=other) for port, other in twins if other is not None))

    def _control(self) -> Application:
        from refreshproof.mock_servers.serving.control_port import (  # here: many servers are never asked
            LOOPBACK_NAMES,
            Control,
        )

        options = self.options
        hosts = frozenset((*LOOPBACK_NAMES, options.control_host, *options.names))
        instances = PortInstances(self.served, options, self._loop, self._tls)
        return Control(self.served, self.clock, self.token, options.tell, options.witness, hosts, instances)


def serve(options: ServeOptions) -> None:
    """Serve until interrupted or terminated, and say on standard output what to set in a client.

    Raises OSError that names host and port where one is taken.
    """
    ask_for_descriptors(len(options.vendors) * (1 + options.limits.connections) + 2 * RESERVE)
    server = Server(options)
    signal.signal(signal.SIGTERM, lambda number, frame: server.stop())
    signal.signal(signal.SIGINT, lambda number, frame: server.stop())
    sys.stdout.write(server.announcement())
    sys.stdout.flush()
    _collect_rarely()
    server.run()


def _collect_rarely() -> None:
    """Let the collector look at what is new less often, and never again at what there is now: what a provider keeps
    for good would be looked at over and over, and requests leave few circles behind."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _listeners(options: ServeOptions, numbers: list[int]) -> list[Any]:
    """Listen at the vendors' ports and at the control API's, which is the last; none stays open if one cannot be."""
    found: list[Any] = []
    try:
        for place, number in zip([*[options.host] * (len(numbers) - 1), options.control_host], numbers, strict=True):
            found.append(listen(place, number))
    except OSError:
        for listener in found:
            listener.close()
        raise
    return found
