"""httpx in process: a transport that hands requests to a carrier, at the vendors' real host names and without a
socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble, TroubleKind
from refreshproof.mock_servers.wire import WireRequest, WireResponse

_ERRORS: Mapping[TroubleKind, str] = {
    "refused": "ConnectError",
    "timeout": "ReadTimeout",
    "reset": "ReadError",
    "truncated": "RemoteProtocolError",
}


def to_wire(request: httpx.Request, body: bytes) -> WireRequest:
    """Turn an httpx request into a value."""
    encoding = request.headers.encoding  # asked once: `multi_items` asks twice for each header
    headers = tuple((name.lower().decode(encoding), value.decode(encoding)) for name, value in request.headers.raw)
    return WireRequest(method=request.method, url=str(request.url), headers=headers, body=body)


def from_wire(response: WireResponse, request: httpx.Request, library: Any = httpx) -> httpx.Response:
    """Turn a response value into one of httpx, or of a library with its interface."""
    stream = library.ByteStream(response.body)
    made: httpx.Response = library.Response(
        response.status, headers=list(response.headers), stream=stream, request=request
    )
    return made


def read_timeout(request: httpx.Request) -> float | None:
    """Return the read timeout of an httpx request in seconds."""
    timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
    return timeouts.get("read")


def carry(carrier: Carrier, request: httpx.Request, body: bytes, library: Any = httpx) -> httpx.Response:
    """Carry one request; trouble becomes the error of its kind of httpx, or of a library with its interface."""
    try:
        response = carrier(to_wire(request, body), read_timeout(request))
    except Trouble as trouble:
        error = getattr(library, _ERRORS[trouble.kind])
        raise error(f"{trouble.kind} (in process)", request=request) from None
    return from_wire(response, request, library)


class CarrierTransport(httpx.BaseTransport):
    """Sends every request of an `httpx.Client` through a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request; trouble becomes the httpx error of its kind."""
        return carry(self._carrier, request, request.read())


class AsyncCarrierTransport(httpx.AsyncBaseTransport):
    """Sends every request of an `httpx.AsyncClient` through a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request; trouble becomes the httpx error of its kind."""
        return carry(self._carrier, request, await request.aread())


def plain_client(**options: Any) -> httpx.Client:
    """Return a client as one gets from httpx itself, which its hooks lead."""
    return httpx.Client(**options)
