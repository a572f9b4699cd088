"""http.client in process, and whatever stands on it."""

from __future__ import annotations

import http.client
from typing import Any

from refreshproof.mock_servers.stacks.carrier_socket import CarrierSocket, origin
from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.led import block


def hooks() -> tuple[Hook, ...]:
    """Return the hooks of http.client: a connection that is led has a carrier at its other end."""
    return (
        Hook(owner=http.client.HTTPConnection, name="connect", around=_connecting("http")),
        Hook(owner=http.client.HTTPSConnection, name="connect", around=_connecting("https")),
    )


def _connecting(scheme: str) -> Any:
    def around(connect: Any) -> Any:
        def connected(self: Any) -> None:
            led = block()
            if led is None:
                connect(self)
                return
            host, port = (self._tunnel_host, self._tunnel_port) if self._tunnel_host else (self.host, self.port)
            self.sock = CarrierSocket(led.carrier, origin(scheme, host, port))
            self.sock.settimeout(self.timeout if isinstance(self.timeout, float | int) else None)

        return connected

    return around
