"""One client's connection: reading requests, putting them to an application one after the other, and carrying out
plans.

Every call returns at once; what has to wait is handed to the loop, and no trouble of a connection ever reaches it.
Knows nothing of OAuth.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from refreshproof.mock_servers.serving.sockets.clock import ServerClock
from refreshproof.mock_servers.serving.sockets.framing import Ending, Piece, plan
from refreshproof.mock_servers.serving.sockets.limits import Limits, Phase
from refreshproof.mock_servers.serving.sockets.parsing import Malformed, Message, RequestReader
from refreshproof.mock_servers.wire import WireRequest, WireResponse

CHUNK = 64 * 1024
MOST_WAITING = 16
LINGER = 1.0
_TLS_HANDSHAKE = b"\x16"
# RFC 8446 s6.2: level fatal, handshake_failure (40), in the plain record that both sides read before there are keys.
_FATAL_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_BROKEN = WireResponse(status=500, headers=(("Content-Type", "text/plain; charset=utf-8"),))
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def internal_error(error: Exception) -> str:
    """Return what is told of a bug of ours: its type only, because an exception's text may hold what a client sent."""
    return f"refreshproof: internal error ({type(error).__name__})"


class Application(Protocol):
    """What answers the requests of a port."""

    def answer(self, request: WireRequest) -> WireResponse:
        """Answer a request to an absolute address, as the client wrote it."""

    def refuse(self, status: int, reason: str) -> WireResponse:
        """Answer what is no request, or none that can be served, and note it."""

    def broke(self, error: Exception) -> None:
        """Hear of a bug that ended a connection."""

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Hear whether an answer went out whole."""

    def tunnels_to(self, host: str) -> bool:
        """Tell whether a CONNECT to a host leads here."""

    def breaks_handshake(self) -> bool:
        """Tell whether the TLS handshake that begins is to fail."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What all connections of a port share; `watch` tells the loop what a connection waits for next, `soon` that it has
    an answer to send when this turn of the loop ends."""

    application: Application
    clock: ServerClock
    tls: ssl.SSLContext | None
    limits: Limits
    stopwatch: Callable[[], float]
    watch: Callable[[Connection], None]
    soon: Callable[[Connection], None]
    later: Callable[[float, Connection], None]
    closed: Callable[[Connection], None]


class Connection:
    """One accepted connection; `wants_write` tells whether it waits to send, `phase` what it is about, `since` when
    that began or last went on, by the stopwatch."""

    def __init__(self, sock: socket.socket, around: Surroundings) -> None:
        self.sock = sock
        self.wants_write = False
        self.phase: Phase = "idle"
        self.since = around.stopwatch()
        self.dead = False
        self._around = around
        self._reader = RequestReader()
        self._secure = self._shaking = False
        self._sniffing = around.tls is not None
        self._buffer = memoryview(b"")
        self._pieces: Iterator[Piece] | None = None
        self._ending: Ending = "keep"
        self._answer: tuple[WireResponse, bool] | None = None
        self._trouble: Malformed | None = None
        self._due: bytes | None = None
        self._draining = False

    def ready(self) -> None:
        """Go on after the loop saw that the socket can be read or written."""
        self._guarded(self._go_on)

    def time_is_up(self) -> None:
        """Go on after a wait that was asked for."""
        self._guarded(self._waited)

    def answer(self) -> None:
        """Send the answer that was begun, and go on to the next request."""
        self._guarded(self._send_and_next)

    def check(self, now: float) -> None:
        """Cut a client that has let its time pass."""
        patience = self._around.limits.patience
        if self.phase in patience and now - self.since > patience[self.phase]:
            self._guarded(self._cut)

    def evict(self) -> None:
        """Make room for somebody else at once; who was in the middle of a request is told before."""
        self._guarded(self._cut)
        self._guarded(self._send)
        self.close()

    def close(self, *, reset: bool = False) -> None:
        """Close at once; an answer that was under way has not arrived."""
        if self.dead:
            return
        self.dead = True
        self._around.closed(self)
        with contextlib.suppress(OSError):
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self._report(False)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Do what may fail: a broken connection is closed, and so is one that meets a bug of ours, which is told."""
        if self.dead:
            return
        try:
            act()
        except OSError:
            self.close()
        except Exception as error:
            self._answer = None
            self._around.application.broke(error)
            self.close()
        phase = self._phase()
        if phase != self.phase:
            self.phase, self.since = phase, self._around.stopwatch()

    def _phase(self) -> Phase:
        if self._draining:
            return "over"
        if self._due is not None:
            return "ours"
        if self._answer is not None:
            return "answer"
        return "request" if self._shaking or self._reader.under_way else "idle"

    def _go_on(self) -> None:
        if self._sniffing and not self._sniff():
            return
        if self._shaking and not self._shake():
            return
        if self.wants_write:
            self._send_and_next()
        if not self.dead:
            self._receive()

    def _waited(self) -> None:
        if self._draining:
            self.close()
        elif self._due is not None:
            self._buffer, self._due = memoryview(self._due), None
            self._send_and_next()

    def _send_and_next(self) -> None:
        self._send()
        self._next()

    def _cut(self) -> None:
        """End what takes too long: with 408 where a request has begun (RFC 9110 s15.5.9), else without a word."""
        if self.phase == "request" and not self._shaking:
            seconds_ = self._around.limits.request_seconds
            self._trouble = Malformed(408, f"a request must be there within {seconds_:g} s of its first byte")
            self._next()
        else:
            self.close(reset=self.phase == "answer")

    # Reading.

    def _sniff(self) -> bool:
        """Find out whether the client speaks TLS: its first byte is that of a handshake record, and no HTTP
        method's."""
        try:
            first = self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        self._sniffing = False
        if first != _TLS_HANDSHAKE:
            return True
        if self._around.application.breaks_handshake():
            self.sock.send(_FATAL_ALERT)
            self.close()
            return False
        assert self._around.tls is not None  # noqa: S101 - else nothing sniffs
        self.sock = self._around.tls.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
        self._secure = self._shaking = True
        return True

    def _shake(self) -> bool:
        try:
            assert isinstance(self.sock, ssl.SSLSocket)  # noqa: S101 - `_sniff` has wrapped it
            self.sock.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLWantWriteError:
            self._want_write(True)
            return False
        self._shaking = False
        self._want_write(False)
        return True

    def _receive(self) -> None:
        while not self.dead:
            try:
                data = self.sock.recv(CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            if not data:
                self.close()
                return
            if not self._draining and not self._take(data):
                return
            if not self._secure:  # the selector knows of what is left in a socket, and not of what TLS has read already
                return

    def _take(self, data: bytes) -> bool:
        """Read bytes and answer; returns whether reading may go on."""
        if self._trouble is not None:
            return True  # what follows on bytes that are no request is nothing
        try:
            self._reader.feed(data)
        except Malformed as malformed:
            self._trouble = malformed
        if len(self._reader.messages) > MOST_WAITING:
            self.close()
            return False
        if self._reader.awaits_continue and self._answer is None:
            self._say(_CONTINUE)
        if self._answer is None:
            self._next()
        return not self._sniffing

    def _say(self, text: bytes) -> None:
        """Send a few bytes that are no answer; a client that has no room for them is no client."""
        if self.sock.send(text) < len(text):
            raise BlockingIOError

    # Answering.

    def _next(self) -> None:
        """Answer the requests that wait, until one of them takes time; what is no request comes last."""
        while self._reader.messages and self._answer is None and not self.dead and not self._draining:
            message = self._reader.messages.popleft()
            if message.method == "CONNECT":
                self._tunnel(message)
                return
            response = self._around.application.answer(message.request("https" if self._secure else "http"))
            self._begin(response, keep_alive=message.keep_alive, head_only=message.method == "HEAD")
        if self._trouble is not None and self._answer is None and not self.dead and not self._draining:
            self._refuse(self._trouble)

    def _refuse(self, malformed: Malformed) -> None:
        self._begin(self._around.application.refuse(malformed.status, malformed.reason), keep_alive=False)

    def _tunnel(self, message: Message) -> None:
        """Play the proxy for a client with a vendor's host built in: the tunnel leads back here."""
        host = message.target.rpartition(":")[0]
        if self._around.tls is None or not self._around.application.tunnels_to(host) or self._reader.left:
            self._refuse(Malformed(502, f"no tunnel to {host}: serve with https, and the vendor's own hosts only"))
            return
        self._say(_ESTABLISHED)
        self._reader = RequestReader()
        self._sniffing = True

    def _begin(self, response: WireResponse, *, keep_alive: bool, head_only: bool = False) -> None:
        try:
            planned = plan(response, head_only=head_only, keep_alive=keep_alive)
        except ValueError as error:
            trouble = replace(_BROKEN, body=f"{error}\n".encode(), entry=response.entry)
            planned = plan(trouble, keep_alive=False)
        self._answer = (response, planned.arrives)
        self._pieces, self._ending = planned.pieces, planned.ending
        self.phase, self.since = "answer", self._around.stopwatch()
        if self._secure:  # it goes on reading, and may come to the client's farewell before the turn ends
            self._send()
        else:
            self._around.soon(self)

    def _send(self) -> None:
        """Send what the plan says, until it is done, the socket is full, or there is a wait."""
        while True:
            while self._buffer:
                try:
                    sent = self.sock.send(self._buffer)
                except (BlockingIOError, ssl.SSLWantWriteError):
                    self._want_write(True)
                    return
                self._buffer, self.since = self._buffer[sent:], self._around.stopwatch()
            piece = None if self._pieces is None else next(self._pieces, None)
            if piece is None:
                break
            wait = self._around.clock.wait(piece[0]) if piece[0] else 0.0
            if wait:
                self._want_write(False)
                self._due = piece[1]
                self._around.later(wait, self)
                return
            self._buffer = memoryview(piece[1])
        self._want_write(False)
        self._end()

    def _end(self) -> None:
        if self._answer is None:
            return
        self._pieces = None
        if self._ending == "silence":
            self._report(False)
            # The connection stays, deaf to whatever else comes, until the client gives up.
            self._draining = True
            return
        self._report(self._answer[1])
        if self._ending == "keep":
            return
        if self._ending == "alert":
            socket.socket.send(self.sock, _FATAL_ALERT)  # past the TLS layer, which knows of nothing
        if self._ending in ("reset", "alert"):
            self.close(reset=self._ending == "reset")
        else:
            self._half_close()

    def _half_close(self) -> None:
        """Say that nothing more comes, and wait a moment for the client to close, lest a reset overtake the answer."""
        self._draining = True
        if isinstance(self.sock, ssl.SSLSocket):
            with contextlib.suppress(ssl.SSLError):
                self.sock.unwrap()
        self.sock.shutdown(socket.SHUT_WR)
        self._around.later(LINGER, self)

    def _report(self, arrived: bool) -> None:
        if self._answer is not None:
            response, self._answer = self._answer[0], None
            self._around.application.delivered(response, arrived)

    def _want_write(self, wanted: bool) -> None:
        if wanted is not self.wants_write:
            self.wants_write = wanted
            self._around.watch(self)
