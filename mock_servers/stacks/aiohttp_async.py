"""aiohttp in process: connections whose other end is a carrier; sessions, redirects, cookies and errors are its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from refreshproof.mock_servers.serving.sockets.parsing import Message, RequestReader
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble, TroubleKind
from refreshproof.mock_servers.stacks.carrier_socket import CUT_SHORT, ERRORS, origin, request_of, to_bytes
from refreshproof.mock_servers.stacks.hooks import Hook
from refreshproof.mock_servers.stacks.led import Ask, block
from refreshproof.mock_servers.stacks.sockets_guard import keep_in
from refreshproof.mock_servers.wire import WireResponse


def hooks() -> tuple[Hook, ...]:
    """Return the hook of aiohttp: a connection that is led has a carrier at its other end."""
    return (Hook(owner=aiohttp.TCPConnector, name="_create_connection", around=_connecting),)


def _connecting(create: Any) -> Any:
    async def connected(self: Any, request: Any, traces: Any, timeout: aiohttp.ClientTimeout) -> ResponseHandler:
        led = block()
        if led is None:
            keep_in(request.connection_key.host, request.connection_key.port)
            real: ResponseHandler = await create(self, request, traces, timeout)
            return real
        protocol = ResponseHandler(asyncio.get_running_loop())
        patience = timeout.sock_read if timeout.sock_read is not None else timeout.total
        connection = _Connection(led.carrier, protocol, request.connection_key, patience, led.caller())
        protocol.connection_made(connection)
        return protocol

    return connected


class _Connection(asyncio.Transport):
    """The client's end of a connection; each request is carried when the event loop comes to it."""

    def __init__(
        self, carrier: Carrier, protocol: ResponseHandler, key: Any, patience: float | None, ask: Ask | None
    ) -> None:
        super().__init__()
        self._ask = ask
        self._carrier = carrier
        self._protocol = protocol
        self._key = key
        self._origin = origin("https" if key.is_ssl else "http", key.host, key.port)
        self._patience = patience
        self._reader = RequestReader()
        self._loop = asyncio.get_running_loop()
        self._closing = False

    def write(self, data: Any) -> None:
        """Take bytes of a request."""
        self._reader.feed(bytes(data))
        while self._reader.messages:
            self._loop.call_soon(self._serve, self._reader.messages.popleft())

    def _serve(self, message: Message) -> None:
        work = partial(self._carrier, request_of(message, self._origin), self._patience)
        if self._ask is None:
            self._answer(message, work)
        else:
            self._ask(work).add_done_callback(lambda done: self._answer(message, done.result))

    def _answer(self, message: Message, result: Callable[[], WireResponse]) -> None:
        try:
            response = result()
        except Trouble as trouble:
            _TROUBLES[trouble.kind](self._protocol, self._key)
        except BaseException as error:
            # What ends the client's process, or is an error of the emulation, reaches the caller, who would wait for
            # ever if it went to the event loop's log.
            self._protocol.set_exception(error)
        else:
            self._protocol.data_received(to_bytes(response, message.method))

    def is_closing(self) -> bool:
        """Tell whether the client has closed it."""
        return self._closing

    def close(self) -> None:
        """End the connection."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close

    def pause_reading(self) -> None:
        """Nothing is on its way."""

    def resume_reading(self) -> None:
        """Nothing is on its way."""


def _refuse(protocol: ResponseHandler, key: Any) -> None:
    error = ERRORS["refused"]()
    protocol.set_exception(aiohttp.ClientConnectorError(key, error), error)


def _time_out(protocol: ResponseHandler, key: Any) -> None:
    protocol.set_exception(aiohttp.SocketTimeoutError("Timeout on reading data from socket"))


def _reset(protocol: ResponseHandler, key: Any) -> None:
    protocol.connection_lost(ERRORS["reset"]())


def _cut_short(protocol: ResponseHandler, key: Any) -> None:
    protocol.data_received(CUT_SHORT)
    protocol.connection_lost(None)


_TROUBLES: Mapping[TroubleKind, Callable[[ResponseHandler, Any], None]] = {
    "refused": _refuse,
    "timeout": _time_out,
    "reset": _reset,
    "truncated": _cut_short,
}
