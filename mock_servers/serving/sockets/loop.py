"""The loop that serves every port in one thread: a selector, the connections, and the waits they asked for.

One thread, because thread pools lose on this work and a wire fault needs the socket itself; each answer is one buffer,
and TCP_NODELAY sends it at once. The answers of a turn go out together at its end: the first wakes a client that waits
on many connections, and it is awake for the others, which saves both sides a fourth of their time.
"""

from __future__ import annotations

import contextlib
import errno
import heapq
import itertools
import selectors
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from refreshproof.mock_servers.serving.sockets.clock import ServerClock, stopwatch
from refreshproof.mock_servers.serving.sockets.connection import Application, Connection, Surroundings, internal_error
from refreshproof.mock_servers.serving.sockets.limits import RESERVE, USUAL, Limits, Phase, descriptors_left

_NO_MORE = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_RESTING = frozenset[Phase](("idle", "request", "over"))
_AT_ONCE = 8  # to let one client in may take some files too
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Port:
    """A listening socket, how what answers there is made when somebody first connects, and what its clients may hold.

    A `reserved` port takes no part in the number of connections that all others share. `clock` is the port's own time,
    None the server's.
    """

    listener: socket.socket
    opened: Callable[[], Application]
    tls: ssl.SSLContext | None
    limits: Limits = USUAL
    reserved: bool = False
    clock: ServerClock | None = None

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


class _Gate:
    """A port's own part of the loop: what its connections share, and those there are."""

    def __init__(self, port: Port, surroundings: Callable[[_Gate], Surroundings]) -> None:
        self.port = port
        self.connections: set[Connection] = set()
        self._make = partial(surroundings, self)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What all connections of the port share, made for the first of them."""
        return self._make()


class Loop:
    """Serves ports until `stop`, which any thread may call."""

    def __init__(
        self,
        ports: tuple[Port, ...],
        clock: ServerClock,
        tell: Callable[[str], None] = lambda line: None,
        watch: Callable[[], float] = stopwatch,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._stopwatch = watch
        self._gates = [_Gate(port, self._surroundings_of) for port in ports]
        self._selector = selectors.DefaultSelector()
        self._answering: deque[Connection] = deque()
        self._waits: list[tuple[float, int, Connection]] = []
        self._numbers = itertools.count()
        self._waker, self._sleeper = socket.socketpair()
        self._sleeper.setblocking(False)
        self._stopping = self._paused = False
        self._selector.register(self._sleeper, selectors.EVENT_READ, None)
        self._open()
        self._shared = max(descriptors_left() - RESERVE, RESERVE // 4)
        self._tick = min((port.limits.tick for port in ports), default=1.0)
        self._checked = watch()

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

    def add(self, port: Port) -> None:
        """Serve one more port; only for what the loop itself has called."""
        gate = _Gate(port, self._surroundings_of)
        if not self._paused:
            self._selector.register(port.listener, selectors.EVENT_READ, gate)
        self._gates.append(gate)
        self._shared -= 1  # its listener takes the place of a connection

    def remove(self, listener: socket.socket) -> None:
        """Serve a port no longer, and cut its clients; only for what the loop itself has called."""
        gate = next(gate for gate in self._gates if gate.port.listener is listener)
        self._gates.remove(gate)
        for connection in tuple(gate.connections):
            connection.close()
        with contextlib.suppress(KeyError):
            self._selector.unregister(listener)
        listener.close()
        self._shared += 1

    def _surroundings_of(self, gate: _Gate) -> Surroundings:
        return Surroundings(
            application=gate.port.opened(),
            clock=gate.port.clock or self._clock,
            tls=gate.port.tls,
            limits=gate.port.limits,
            stopwatch=self._stopwatch,
            watch=self._watch,
            soon=self._answering.append,
            later=self._later,
            closed=partial(self._forget, gate),
        )

    def _turn(self) -> None:
        ready = self._selector.select(self._timeout())
        now = self._stopwatch()  # time that passes from here on is the server's own, and counts against no client
        for key, _ in ready:
            if isinstance(key.data, Connection):
                key.data.ready()
            elif isinstance(key.data, _Gate):
                self._accept(key.data)
            else:
                self._sleeper.recv(64)
        if now - self._checked >= self._tick:
            self._checked = now
            self._check(now)
        while self._answering:
            self._answering.popleft().answer()
        while self._waits and self._waits[0][0] <= self._stopwatch():
            heapq.heappop(self._waits)[2].time_is_up()

    def _timeout(self) -> float | None:
        """Return for how long there may be nothing to do; without connections and waits, for ever."""
        waits = [self._waits[0][0] - self._stopwatch()] if self._waits else []
        if self._paused or any(gate.connections for gate in self._gates):
            waits.append(self._tick)
        return max(min(waits), 0.0) if waits else None

    def _check(self, now: float) -> None:
        """Cut whoever has let their time pass, forget waits that nobody waits for, and try to let new clients in."""
        for gate in self._gates:
            for connection in tuple(gate.connections):
                connection.check(now)
        if len(self._waits) > 2 * sum(len(gate.connections) for gate in self._gates) + 100:
            self._waits = [wait for wait in self._waits if not wait[2].dead]
            heapq.heapify(self._waits)
        if self._paused:
            self._open()

    def _accept(self, gate: _Gate) -> None:
        try:
            sock, _ = gate.port.listener.accept()
        except OSError as error:
            if error.errno in _NO_MORE and not self._evict(*self._gates, number=_AT_ONCE):
                self._pause()
            return  # else there is room now, or the client has gone again
        try:
            if not self._has_room(gate):
                sock.send(b"" if gate.port.tls else _FULL)
                sock.close()
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, self._shared_by(gate))
            self._selector.register(sock, selectors.EVENT_READ, connection)
        except Exception as error:
            sock.close()
            if not isinstance(error, OSError):
                self._tell(f"port {gate.port.number}: {internal_error(error)}; a connection was closed")
            return
        gate.connections.add(connection)

    def _shared_by(self, gate: _Gate) -> Surroundings:
        """Return what a port's connections share; to make it may take files, for which some of those who rest go."""
        try:
            return gate.surroundings
        except (OSError, ImportError):
            if not self._evict(*self._gates, number=_AT_ONCE):
                raise
            return gate.surroundings

    def _has_room(self, gate: _Gate) -> bool:
        """Tell whether a port may have one more connection, for which another one may have to go."""
        if len(gate.connections) >= gate.port.limits.connections:
            return self._evict(gate)
        sharing = [one for one in self._gates if not one.port.reserved]
        if gate in sharing and sum(len(one.connections) for one in sharing) >= self._shared:
            return self._evict(*sharing)
        return True

    def _evict(self, *gates: _Gate, number: int = 1) -> bool:
        """End the connections that have rested longest, so that clients that do nothing shut nobody out; tell whether
        there was one."""
        resting = [one for gate in gates for one in gate.connections if one.phase in _RESTING]
        for one in heapq.nsmallest(number, resting, key=lambda one: one.since):
            one.evict()
        return bool(resting)

    def _pause(self) -> None:
        """Let nobody in until a descriptor is free: a listener would be reported as ready again and again."""
        self._paused = True
        for gate in self._gates:
            with contextlib.suppress(KeyError):
                self._selector.unregister(gate.port.listener)

    def _open(self) -> None:
        self._paused = False
        for gate in self._gates:
            self._selector.register(gate.port.listener, selectors.EVENT_READ, gate)

    def _watch(self, connection: Connection) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.wants_write else 0)
        self._selector.modify(connection.sock, events, connection)

    def _later(self, wait: float, connection: Connection) -> None:
        heapq.heappush(self._waits, (self._stopwatch() + wait, next(self._numbers), connection))

    def _forget(self, gate: _Gate, connection: Connection) -> None:
        gate.connections.discard(connection)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection.sock)
        if self._paused and not self._stopping:
            self._open()

    def _close(self) -> None:
        for gate in self._gates:
            for connection in tuple(gate.connections):
                connection.close()
            gate.port.listener.close()
        self._selector.close()
        self._waker.close()
        self._sleeper.close()
