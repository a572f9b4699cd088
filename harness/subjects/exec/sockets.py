"""The loopback door through which a program in another process reaches the vendors of a world.

`https://host/path` stands at `http://127.0.0.1:port/host/path`. Requests are carried in the thread that waits for the
program, so that they take its caller's virtual time.
"""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Callable
from typing import Any

from refreshproof.mock_servers.serving.sockets.parsing import Malformed, Message, RequestReader
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble
from refreshproof.mock_servers.stacks.carrier_socket import CUT_SHORT, request_of, to_bytes

PATIENCE = 30.0
"""Virtual seconds that the client is taken to wait for an answer: its own timers run in real time."""
SLOWEST = 4.0
"""Real seconds that a request may take to arrive."""
VENDORS = "https:/"
_RESET = struct.pack("ii", 1, 0)


class Silence(Exception):
    """Nothing came in time."""


class Gateway:
    """Serves whatever `carrier` is set to; `after` is called when a request has taken its virtual time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._here = "http://{}:{}/".format(*self._listener.getsockname())
        self.carrier: Carrier | None = None
        self.after: Callable[[], None] = lambda: None

    def local(self, url: str) -> str:
        """Return where the program finds an address of a vendor."""
        return url.replace("https://", self._here, 1) if url.startswith("https://") else url

    def real(self, url: str) -> str:
        """Return the vendor's address that a local one stands for."""
        return url.replace(self._here, "https://", 1) if url.startswith(self._here) else url

    def serve_until(self, pipe: Any, patience: float) -> None:
        """Serve requests until the pipe can be read; raises `Silence` after so many real seconds without either."""
        self._selector.register(pipe, selectors.EVENT_READ)
        try:
            while True:
                ready = [key.fileobj for key, _ in self._selector.select(patience)]
                if not ready:
                    raise Silence
                if self._listener in ready:
                    self._serve()
                elif pipe in ready:
                    return
        finally:
            self._selector.unregister(pipe)

    def close(self) -> None:
        """Close the door."""
        self._selector.close()
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(SLOWEST)
            try:
                message = _read(connection)
                answer = self._answer(message) if message is not None else b""
            except Trouble as trouble:
                answer = CUT_SHORT if trouble.kind == "truncated" else b""
                if not answer:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            except (OSError, Malformed):
                return
            connection.sendall(answer)

    def _answer(self, message: Message) -> bytes:
        assert self.carrier is not None  # noqa: S101 - set before the program is asked anything
        try:
            return to_bytes(self.carrier(request_of(message, VENDORS), PATIENCE), message.method)
        finally:
            self.after()


def _read(connection: socket.socket) -> Message | None:
    reader = RequestReader()
    while not reader.messages:
        data = connection.recv(65536)
        if not data:
            return None
        reader.feed(data)
    return reader.messages.popleft()
