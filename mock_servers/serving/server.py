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
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any

from refreshproof.mock_servers.serving.announcement import announcement
from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.served import Served, describe, find
from refreshproof.mock_servers.serving.sockets.clock import CLOCKS, ServerClock
from refreshproof.mock_servers.serving.sockets.connection import Application, internal_error
from refreshproof.mock_servers.serving.sockets.limits import MOST_AT_CONTROL, RESERVE, ask_for_descriptors
from refreshproof.mock_servers.serving.sockets.loop import Loop, Port, listen
from refreshproof.mock_servers.wire import WireRequest, WireResponse


class VendorPort:
    """What answers at one vendor's port: that vendor, or another one whose real host is asked for."""

    def __init__(self, own: Served, vendors: tuple[Served, ...], clock: ServerClock, options: ServeOptions) -> None:
        self._own = own
        self._vendors = vendors
        self._clock = clock
        self._logs = options.log is not None
        self._tell = options.tell
        self._answering: dict[int, Served] = {}
        self._whose = lru_cache(maxsize=1024)(self._find)

    def answer(self, request: WireRequest) -> WireResponse:
        """Answer one request; a bug of ours is a 500 that says so, and never looks like a vendor's refusal."""
        try:
            served = self._whose(request.url.partition("?")[0])
            response = served.handle(request, self._clock.now())
            if served is not self._own:
                self._answering[id(response)] = served
            self._log(lambda: describe(served, request, response))
        except Exception as error:
            return self._broken(error)
        return response

    def refuse(self, status: int, reason: str) -> WireResponse:
        """Answer what is no request, and note it."""
        self._log(lambda: f"{self._own.vendor.name} refused: {status} {reason}")
        return self._own.refuse(status, reason, self._clock.now())

    def broke(self, error: Exception) -> None:
        """Tell of a bug that ended a connection."""
        self._tell(f"{self._own.vendor.name} {internal_error(error)}; a connection was closed")

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Pass on whether an answer went out whole."""
        self._answering.pop(id(response), self._own).delivered(response, arrived)

    def tunnels_to(self, host: str) -> bool:
        """Tell whether a host is one of the vendors' real ones."""
        return any(served.knows(host.lower()) for served in self._vendors)

    def breaks_handshake(self) -> bool:
        """Use up one of the handshakes that are to fail."""
        broken = self._own.broken_handshakes > 0
        self._own.broken_handshakes -= broken
        return broken

    def _find(self, address: str) -> Served:
        return find(self._vendors, self._own, WireRequest(method="GET", url=address).host)

    def _broken(self, error: Exception) -> WireResponse:
        text = internal_error(error)
        self._log(lambda: f"{self._own.vendor.name} {text}")
        return WireResponse(status=500, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=text.encode())

    def _log(self, line: Callable[[], str]) -> None:
        if self._logs:
            self._tell(line())


class Server:
    """Serves the vendors of its options; `with Server(options) as server:` runs it in a thread of its own.

    `served` holds the vendors by name, `token` opens the control API at `control`, `ca_file` is the CA to trust.
    """

    def __init__(self, options: ServeOptions) -> None:
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
            Served(vendor, options, f"{options.scheme}://{_authority(options.host, listener, options.names)}")
            for vendor, listener in zip(dated, listeners, strict=False)
        )
        self.served: Mapping[str, Served] = {served.vendor.name: served for served in self.vendors}
        self.ca_file = self._ca_file()
        names = options.names if options.control_beyond_loopback else ()
        self.control = f"http://{_authority(options.control_host, listeners[count], names)}"
        try:
            ports = self._ports(listeners)
        except OSError:
            for listener in listeners:
                listener.close()
            raise
        self._loop = Loop(ports, self.clock, options.tell)

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
        tls = None
        if self.ca_file is not None:
            from refreshproof.mock_servers.serving.sockets.tls import (
                server_context,  # here: it costs the start of plain http
            )

            hosts = {host for served in self.vendors for host in served.addresses.hosts}
            tls = server_context((*hosts, self.options.host, *self.options.names), self.ca_file)
        ports = [
            Port(
                listener=listener,
                opened=partial(VendorPort, served, self.vendors, self.clock, self.options),
                tls=tls,
                limits=self.options.limits,
            )
            for served, listener in zip(self.vendors, listeners, strict=False)
        ]
        limits = replace(self.options.limits, connections=MOST_AT_CONTROL)
        ports.append(Port(listener=listeners[-1], opened=self._control, tls=None, limits=limits, reserved=True))
        beside = [(port, _beside(port.listener)) for port in ports]
        return (*ports, *(replace(port, listener=other) for port, other in beside if other is not None))

    def _control(self) -> Application:
        from refreshproof.mock_servers.serving.control_port import (  # here: many servers are never asked
            LOOPBACK_NAMES,
            Control,
        )

        options = self.options
        hosts = frozenset((*LOOPBACK_NAMES, options.control_host, *options.names))
        return Control(self.served, self.clock, self.token, options.tell, options.witness, hosts)


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
    gc.set_threshold(10_000, 20, 20)


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


_IPV6 = {"127.0.0.1": "::1", "0.0.0.0": "::"}  # noqa: S104 - the same in the other family


def _beside(listener: Any) -> Any:
    """Listen at the same port of the other family too, since localhost is both; None where that cannot be."""
    host, number = listener.getsockname()[:2]
    try:
        return listen(_IPV6[host], number)
    except (KeyError, OSError):
        return None


_UNCALLABLE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where to call what listens everywhere


def _authority(host: str, listener: Any, names: tuple[str, ...]) -> str:
    """Return what clients call a listener: the machine's first name, or else its address."""
    name = next(iter(names), _UNCALLABLE.get(host, f"[{host}]" if ":" in host else host))
    return f"{name}:{listener.getsockname()[1]}"
