"""A load client for token endpoints: many kept connections, one request under way on each, in one thread.

It parses no more of HTTP than a length and a body, so that the server is what is measured.
"""

from __future__ import annotations

import json
import selectors
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from refreshproof.mock_servers.serving.sockets.clock import stopwatch

Form = Mapping[str, str]
_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(kw_only=True)
class Lane:
    """One connection and the refresh token that it presents next."""

    refresh_token: str
    sock: socket.socket
    received: bytes = b""
    since: float = 0.0
    under_way: bool = False


@dataclass(kw_only=True)
class Load:
    """What a run of requests came to; latencies in seconds, `statuses` counts answers, `lost` those that never came."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    requests: int = 0

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency below which a share of the answers lies, in milliseconds."""
        return sorted(self.latencies)[int(len(self.latencies) * share)] * 1000


class RefreshLoad:
    """Presents refresh tokens at a token endpoint, each lane its own chain; a lane that is cut off connects again."""

    def __init__(self, url: str, client: Form, tokens: Iterable[str], headers: Form | None = None) -> None:
        self._split = urlsplit(url)
        # Made once: while the load client works, the server rests, and what is measured is both.
        self._head = (
            f"POST {self._split.path} HTTP/1.1\r\nHost: {self._split.netloc}\r\nAccept: */*\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        )
        self._form = urlencode({**client, "grant_type": "refresh_token", "refresh_token": ""})
        self._selector = selectors.DefaultSelector()
        self.lanes = [Lane(refresh_token=token, sock=self._connect()) for token in tokens]
        for lane in self.lanes:
            self._selector.register(lane.sock, selectors.EVENT_READ, lane)

    def run(self, go_on: Callable[[Load], bool]) -> Load:
        """Send until told to stop, then wait for what is under way."""
        load, began = Load(), stopwatch()
        under_way = sum(self._send(lane, load) for lane in self.lanes)
        while under_way:
            for key, _ in self._selector.select():
                if not key.data.under_way:  # the server has cut a client that rested
                    self._reconnect(key.data)
                elif self._received(key.data, load):
                    key.data.under_way = False
                    under_way -= 1
                    under_way += self._send(key.data, load) if go_on(load) else 0
        load.seconds = stopwatch() - began
        return load

    def close(self) -> None:
        """Close every connection."""
        for lane in self.lanes:
            lane.sock.close()
        self._selector.close()

    def _connect(self) -> socket.socket:
        sock = socket.create_connection((self._split.hostname or "", self._split.port or 80))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _send(self, lane: Lane, load: Load) -> int:
        body = self._form + quote_plus(lane.refresh_token)
        lane.received, lane.since, lane.under_way = b"", stopwatch(), True
        load.requests += 1
        lane.sock.sendall(f"{self._head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return 1

    def _received(self, lane: Lane, load: Load) -> bool:
        """Take what came; returns whether the request is over."""
        try:
            data = lane.sock.recv(65536)
        except OSError:
            data = b""
        lane.received += data
        head, separator, body = lane.received.partition(b"\r\n\r\n")
        lower = head.lower()
        length = _length(lower) if separator else None
        closing = b"connection: close" in lower
        if b"transfer-encoding: chunked" in lower and body.endswith(_LAST_CHUNK):
            body = _unchunked(body)
            length = len(body)
        if data and (length is None or len(body) < length):
            return False
        if length is not None and len(body) >= length:
            load.latencies.append(stopwatch() - lane.since)
            self._take(lane, head, body, load)
        else:
            load.lost += 1
        if not data or closing or length is None:
            self._reconnect(lane)
        return True

    def _reconnect(self, lane: Lane) -> None:
        self._selector.unregister(lane.sock)
        lane.sock.close()
        lane.sock = self._connect()
        self._selector.register(lane.sock, selectors.EVENT_READ, lane)

    def _take(self, lane: Lane, head: bytes, body: bytes, load: Load) -> None:
        status = int(head[9:12])
        load.statuses[status] = load.statuses.get(status, 0) + 1
        document: Any = json.loads(body) if status == 200 else {}
        lane.refresh_token = document.get("refresh_token") or lane.refresh_token


def _unchunked(body: bytes) -> bytes:
    """Return what the chunks of a body hold (RFC 9112 s7.1)."""
    found, rest = b"", body
    while (size := int(rest.partition(b"\r\n")[0], 16)) > 0:
        rest = rest.partition(b"\r\n")[2]
        found, rest = found + rest[:size], rest[size + 2 :]
    return found


def _length(head: bytes) -> int | None:
    start = head.find(b"content-length:")
    if start < 0:
        return None
    return int(head[start + 15 :].split(b"\r\n", 1)[0])
