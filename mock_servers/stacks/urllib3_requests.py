"""urllib3 in process, and requests on it: pools, retries, redirects and errors are their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest import mock

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.carrier_socket import CarrierSocket, origin


@contextmanager
def plugged(carrier: Carrier) -> Iterator[None]:
    """Lead every urllib3 connection to a carrier."""
    with (
        mock.patch.object(HTTPConnection, "connect", _connect("http", carrier)),
        mock.patch.object(HTTPSConnection, "connect", _connect("https", carrier)),
    ):
        yield


def _connect(scheme: str, carrier: Carrier) -> Any:
    def connect(self: Any) -> None:
        host, port = (self._tunnel_host, self._tunnel_port) if self._tunnel_host else (self.host, self.port)
        refused = partial(NewConnectionError, self, "Failed to establish a new connection: Connection refused")
        self.sock = CarrierSocket(carrier, origin(scheme, host, port), refused)
        self.sock.settimeout(self.timeout if isinstance(self.timeout, float | int) else None)
        # Nothing was encrypted, so there is nothing to warn about.
        self.is_verified = True

    return connect
