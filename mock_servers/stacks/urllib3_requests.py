"""urllib3 in process, and requests on it: pools, retries, redirects and errors are their own."""

from __future__ import annotations

from functools import partial
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from refreshproof.mock_servers.stacks.carrier_socket import CarrierSocket, origin
from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.led import block


def hooks() -> tuple[Hook, ...]:
    """Return the hooks of urllib3: a connection that is led has a carrier at its other end."""
    return (
        Hook(owner=HTTPConnection, name="connect", around=_connecting("http")),
        Hook(owner=HTTPSConnection, name="connect", around=_connecting("https")),
    )


def _connecting(scheme: str) -> Any:
    def around(connect: Any) -> Any:
        def connected(self: Any) -> None:
            led = block()
            if led is None:
                connect(self)
                return
            host, port = (self._tunnel_host, self._tunnel_port) if self._tunnel_host else (self.host, self.port)
            refused = partial(NewConnectionError, self, "Failed to establish a new connection: Connection refused")
            self.sock = CarrierSocket(led.carrier, origin(scheme, host, port), refused)
            self.sock.settimeout(self.timeout if isinstance(self.timeout, float | int) else None)
            # Nothing was encrypted, so there is nothing to warn about.
            self.is_verified = True

        return connected

    return around
