"""The loopback doors through which a program in another process reaches the vendors of a world.

Requests are carried in the thread that waits for the program, so that they take its caller's virtual time.
"""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from refreshproof.harness.subjects.exec.addresses import Addresses
from refreshproof.harness.subjects.exec.wall_clock import Deadline
from refreshproof.mock_servers.serving.sockets.parsing import Malformed, Message, RequestReader
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble
from refreshproof.mock_servers.stacks.carrier_socket import CUT_SHORT, to_bytes
from refreshproof.mock_servers.wire import WireRequest

PATIENCE = 30.0
"""Virtual seconds that the client is taken to wait for an answer: its own timers run in real time."""
SLOWEST = 4.0
"""Real seconds that a request may take to arrive, and its answer to be taken."""
MOST_DOORS = 200
_RESET = struct.pack("ii", 1, 0)


class Silence(Exception):
    """Nothing came in time."""


class Gateway:
    """Serves whatever `carrier` is set to, and resets connections where that is None: nobody has a session with the
    program, or its process is taken to be dead. `after` is called when a request has taken its virtual time."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._doors: list[socket.socket] = []
        self._numbers = count(1)
        self.addresses = Addresses(self._open)
        self.carrier: Carrier | None = None
        self.after: Callable[[], None] = lambda: None

    def watch(self, pipe: Any) -> None:
        """Wait for a pipe as well."""
        self._selector.register(pipe, selectors.EVENT_READ)

    def leave(self, pipe: Any) -> None:
        """Wait for a pipe no more."""
        self._selector.unregister(pipe)

    def serve_until(self, deadline: Deadline) -> list[Any]:
        """Serve requests until pipes can be read and return those; raises `Silence` at a deadline, which every request
        renews."""
        while True:
            left = deadline.left
            ready = [key.fileobj for key, _ in self._selector.select(left)] if left else []
            if not ready:
                raise Silence
            for door in self._doors:
                if door in ready and self._serve(door):
                    deadline.renew()
            pipes = [one for one in ready if one not in self._doors]
            if pipes:
                return pipes

    def close(self) -> None:
        """Close the doors."""
        self._selector.close()
        for door in self._doors:
            door.close()

    def _open(self) -> str:
        """Open another door and return where it is."""
        if len(self._doors) >= MOST_DOORS:
            return _at(self._doors[-1])
        door = _listener(f"127.0.0.{next(self._numbers)}")
        self._doors.append(door)
        self._selector.register(door, selectors.EVENT_READ)
        return _at(door)

    def _serve(self, door: socket.socket) -> bool:
        """Serve one connection; tells whether it brought a request."""
        connection, _ = door.accept()
        with connection:
            try:
                message = _read(connection)
                if message is None:
                    return False
                answer = self._answer(message, _at(door))
            except Trouble as trouble:
                answer = CUT_SHORT if trouble.kind == "truncated" else b""
                if not answer:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            except (OSError, Malformed):
                return False
            with suppress(OSError):  # the program may have gone, or not take its answer
                connection.settimeout(SLOWEST)
                connection.sendall(answer)
        return True

    def _answer(self, message: Message, here: str) -> bytes:
        url = message.target if "://" in message.target else self.addresses.asked(here, message.target)
        request = WireRequest(method=message.method, url=url, headers=message.headers, body=message.body)
        if self.carrier is None:
            raise Trouble("reset", sent=False)
        try:
            response = self.carrier(request, PATIENCE)
        finally:
            self.after()
        return to_bytes(self.addresses.told(response, url), message.method)


def _listener(address: str) -> socket.socket:
    """Listen at an address of loopback; where there is only one of them, at another port."""
    try:
        return socket.create_server((address, 0))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _at(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://{host}:{port}"


def _read(connection: socket.socket) -> Message | None:
    reader, deadline = RequestReader(), Deadline(SLOWEST)
    while not reader.messages:
        connection.settimeout(deadline.left or 0.001)
        data = connection.recv(65536)
        if not data:
            return None
        reader.feed(data)
    return reader.messages.popleft()
