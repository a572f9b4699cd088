"""The doors on loopback through which a program in another process reaches the vendors of a world.

They take requests and hand answers out; who carries a request, and when, is not decided here.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from refreshproof.harness.subjects.exec.addresses import Addresses
from refreshproof.harness.subjects.exec.tls import MOST_DOORS
from refreshproof.harness.subjects.exec.wall_clock import Deadline
from refreshproof.mock_servers.serving.sockets.parsing import Malformed, Message, RequestReader
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble
from refreshproof.mock_servers.stacks.carrier_socket import CUT_SHORT, to_bytes
from refreshproof.mock_servers.wire import WireRequest

PATIENCE = 30.0
"""Virtual seconds that the client is taken to wait for an answer: its own timers run in real time."""
SLOWEST = 4.0
"""Real seconds that a request may take to arrive, and its answer to be taken."""
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request that has arrived, and the connection that waits for its answer. `caller` is who it is for, 0 where that
    cannot be told."""

    connection: socket.socket
    message: Message
    here: str
    caller: int

    def reset(self) -> None:
        """Break the connection off."""
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()


class Doors:
    """The doors of one program, which speak TLS where there is a context for it."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._doors: list[socket.socket] = []
        self._numbers = count(1)
        self.addresses = Addresses(self._open)

    @property
    def open(self) -> Iterable[socket.socket]:
        """The doors at which somebody may knock."""
        return self._doors

    def take(self, door: socket.socket) -> Visit | None:
        """Take one connection and return the request that it brought, None if it brought none."""
        try:
            connection, _ = door.accept()
        except OSError:
            return None
        try:
            connection.settimeout(SLOWEST)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            message = _read(connection)
        except (OSError, Malformed):
            message = None
        if message is None:
            connection.close()
            return None
        here = self._at(door)
        return Visit(connection=connection, message=message, here=here, caller=self.addresses.caller_at(here))

    def answer(self, visit: Visit, carrier: Carrier | None) -> None:
        """Have a request carried and hand the answer out; a connection that nobody carries for is reset."""
        message = visit.message
        whole = message.target.startswith(("http://", "https://"))  # as one writes to a proxy
        url = message.target if whole else self.addresses.asked(visit.here, message.target)
        request = WireRequest(method=message.method, url=url, headers=message.headers, body=message.body)
        try:
            if carrier is None:
                raise Trouble("reset", sent=False)
            response = carrier(request, PATIENCE)
            answer = to_bytes(self.addresses.told(response, url), message.method)
        except Trouble as trouble:
            if trouble.kind != "truncated":
                visit.reset()
                return
            answer = CUT_SHORT
        with suppress(OSError), visit.connection as connection:  # the program may have gone, or not take its answer
            connection.settimeout(SLOWEST)
            connection.sendall(answer)

    def close(self) -> None:
        """Close the doors."""
        for door in self._doors:
            door.close()

    def _open(self) -> str | None:
        """Open another door and return where it is, None where there are enough."""
        if len(self._doors) >= MOST_DOORS:
            return None
        door = _listener(f"127.0.0.{next(self._numbers)}")
        self._doors.append(door)
        return self._at(door)

    def _at(self, door: socket.socket) -> str:
        host, port = door.getsockname()[:2]
        return f"{'http' if self._tls is None else 'https'}://{host}:{port}"


def readable(files: Iterable[Any], seconds: float) -> list[Any]:
    """Return those of some files and sockets that can be read within so many seconds."""
    with selectors.PollSelector() as selector:
        for file in files:
            selector.register(file, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(seconds)]


def _listener(address: str) -> socket.socket:
    """Listen at an address of loopback; where there is only one of them, at another port."""
    try:
        return socket.create_server((address, 0))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _read(connection: socket.socket) -> Message | None:
    reader, deadline = RequestReader(), Deadline(SLOWEST)
    while not reader.messages:
        connection.settimeout(deadline.left or 0.001)
        data = connection.recv(65536)
        if not data:
            return None
        reader.feed(data)
    return reader.messages.popleft()
