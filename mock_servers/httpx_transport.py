"""httpx in process: a transport that hands requests to a carrier, at the vendors' real host names and without a socket."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from refreshproof.mock_servers.carrier import Carrier, Trouble, TroubleKind
from refreshproof.mock_servers.wire import WireRequest, WireResponse

_ERRORS: Mapping[TroubleKind, type[httpx.TransportError]] = {
    "refused": httpx.ConnectError,
    "timeout": httpx.ReadTimeout,
    "reset": httpx.ReadError,
    "truncated": httpx.RemoteProtocolError,
}


def to_wire(request: httpx.Request, body: bytes) -> WireRequest:
    """Turn an httpx request into a value."""
    return WireRequest(
        method=request.method, url=str(request.url), headers=tuple(request.headers.multi_items()), body=body
    )


def from_wire(response: WireResponse, request: httpx.Request) -> httpx.Response:
    """Turn a response value into httpx's."""
    return httpx.Response(
        response.status, headers=list(response.headers), stream=httpx.ByteStream(response.body), request=request
    )


def read_timeout(request: httpx.Request) -> float | None:
    """Return the read timeout of an httpx request in seconds."""
    timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
    return timeouts.get("read")


class CarrierTransport(httpx.BaseTransport):
    """Sends every request of an `httpx.Client` through a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request; trouble becomes the httpx error of its kind."""
        try:
            response = self._carrier(to_wire(request, request.read()), read_timeout(request))
        except Trouble as trouble:
            raise _ERRORS[trouble.kind](f"{trouble.kind} (in process)", request=request) from None
        return from_wire(response, request)


class AsyncCarrierTransport(httpx.AsyncBaseTransport):
    """Sends every request of an `httpx.AsyncClient` through a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request; trouble becomes the httpx error of its kind."""
        try:
            response = self._carrier(to_wire(request, await request.aread()), read_timeout(request))
        except Trouble as trouble:
            raise _ERRORS[trouble.kind](f"{trouble.kind} (in process)", request=request) from None
        return from_wire(response, request)
