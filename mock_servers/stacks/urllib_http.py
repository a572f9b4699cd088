"""urllib, and everything else on http.client, in process."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.error import URLError
from urllib.request import AbstractHTTPHandler

from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.stacks.carrier_socket import CarrierSocket, origin


@contextmanager
def plugged(carrier: Carrier) -> Iterator[None]:
    """Lead http.client, and urllib.request on it, to a carrier."""
    do_open: Any = AbstractHTTPHandler.do_open

    def opened(self: AbstractHTTPHandler, *arguments: Any, **options: Any) -> Any:
        try:
            return do_open(self, *arguments, **options)
        except ConnectionRefusedError as error:
            # A real connection is refused before the request is sent, where urllib wraps what it meets.
            raise URLError(error) from None

    with (
        mock.patch.object(http.client.HTTPConnection, "connect", _connect("http", carrier)),
        mock.patch.object(http.client.HTTPSConnection, "connect", _connect("https", carrier)),
        mock.patch.object(AbstractHTTPHandler, "do_open", opened),
    ):
        yield


def _connect(scheme: str, carrier: Carrier) -> Any:
    def connect(self: Any) -> None:
        host, port = (self._tunnel_host, self._tunnel_port) if self._tunnel_host else (self.host, self.port)
        self.sock = CarrierSocket(carrier, origin(scheme, host, port))
        self.sock.settimeout(self.timeout if isinstance(self.timeout, float | int) else None)

    return connect
