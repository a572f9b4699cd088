"""The loop that serves every port in one thread: a selector, the connections, and the waits they asked for.

One thread, because thread pools lose on this work and a wire fault needs the socket itself; each answer is one buffer,
and TCP_NODELAY sends it at once. The answers of a turn go out together at its end: the first wakes a client that waits
on many connections, and it is awake for the others, which saves both sides a fourth of their time.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import selectors
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from refreshproof.mock_servers.serving.sockets.clock import ServerClock, stopwatch
from refreshproof.mock_servers.serving.sockets.connection import Application, Connection, Surroundings

MOST_CONNECTIONS = 1000


@dataclass(frozen=True, kw_only=True)
class Port:
    """A listening socket, and how what answers there is made when somebody first connects."""

    listener: socket.socket
    opened: Callable[[], Application]
    tls: ssl.SSLContext | None

    @property
    def number(self) -> int:
        """The port's number."""
        number: int = self.listener.getsockname()[1]
        return number


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; raises OSError that names host and port where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    listener.setblocking(False)
    return listener


class Loop:
    """Serves ports until `stop`, which any thread may call."""

    def __init__(self, ports: tuple[Port, ...], clock: ServerClock) -> None:
        self._clock = clock
        self._surroundings = cache(self._surroundings_of)
        self._selector = selectors.DefaultSelector()
        self._connections: set[Connection] = set()
        self._answering: deque[Connection] = deque()
        self._waits: list[tuple[float, int, Connection]] = []
        self._numbers = itertools.count()
        self._waker, self._sleeper = socket.socketpair()
        self._sleeper.setblocking(False)
        self._stopping = False
        self._selector.register(self._sleeper, selectors.EVENT_READ, None)
        for port in ports:
            self._selector.register(port.listener, selectors.EVENT_READ, port)

    def run(self) -> None:
        """Serve until stopped, then close every connection and port."""
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._close()

    def stop(self) -> None:
        """End `run`; safe from another thread and from a signal handler."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._waker.send(b".")

    def _surroundings_of(self, port: Port) -> Surroundings:
        return Surroundings(
            application=port.opened(),
            clock=self._clock,
            tls=port.tls,
            watch=self._watch,
            soon=self._answering.append,
            later=self._later,
            closed=self._forget,
        )

    def _turn(self) -> None:
        timeout = max(self._waits[0][0] - stopwatch(), 0.0) if self._waits else None
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, Connection):
                key.data.ready()
            elif isinstance(key.data, Port):
                self._accept(key.data)
            else:
                self._sleeper.recv(64)
        while self._answering:
            self._answering.popleft().answer()
        while self._waits and self._waits[0][0] <= stopwatch():
            heapq.heappop(self._waits)[2].time_is_up()

    def _accept(self, port: Port) -> None:
        try:
            sock, _ = port.listener.accept()
        except OSError:  # the client has gone again, or there are no more descriptors
            return
        if len(self._connections) >= MOST_CONNECTIONS:
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock, self._surroundings(port))
        self._connections.add(connection)
        self._selector.register(sock, selectors.EVENT_READ, connection)

    def _watch(self, connection: Connection) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.wants_write else 0)
        self._selector.modify(connection.sock, events, connection)

    def _later(self, wait: float, connection: Connection) -> None:
        heapq.heappush(self._waits, (stopwatch() + wait, next(self._numbers), connection))

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection.sock)

    def _close(self) -> None:
        for connection in tuple(self._connections):
            connection.close()
        for key in tuple(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._waker.close()
