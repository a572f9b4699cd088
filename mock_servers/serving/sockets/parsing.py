"""From bytes to requests, strictly and within bounds: a thin reading of httptools, the parser of Node and uvloop.

Knows no socket; what breaks a rule becomes a status for the last answer on the connection.
"""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from ipaddress import IPv6Address
from typing import TypeAlias

import httptools

from refreshproof.mock_servers.wire import WireRequest

LONGEST_HEAD = 32 * 1024
LONGEST_BODY = 1024 * 1024
MOST_HEADERS = 100

_OFFERS = frozenset(("connection", "upgrade", "http2-settings"))

# RFC 9110 s4.2, RFC 3986 s3.2.2: a registered name or address and a port, and no user information.
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[(?P<v6>[0-9A-Fa-f:.]{2,45})\])(?::(?P<port>[0-9]{1,5}))?")
_END = b"\r\n\r\n"
_TARGET = re.compile(r"(?:https?://(?P<authority>[^/?#]*)(?=/|$))?(?:/[^#]*)?", re.DOTALL)

Headers: TypeAlias = tuple[tuple[str, str], ...]


class Message:
    """One request as it was sent: `target` is not yet an address."""

    __slots__ = ("body", "headers", "host", "keep_alive", "method", "target")

    def __init__(self, *, method: str, target: str, headers: Headers, host: str, body: bytes, keep_alive: bool) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.host = host
        self.body = body
        self.keep_alive = keep_alive

    def again(self, body: bytes) -> Message:
        """Return a request with the same head and another body of the same length."""
        return Message(
            method=self.method,
            target=self.target,
            headers=self.headers,
            host=self.host,
            body=body,
            keep_alive=self.keep_alive,
        )

    def request(self, scheme: str) -> WireRequest:
        """Return the request to an absolute address; a target that is only a path leads to the host it names."""
        url = f"{scheme}://{self.host}{self.target}" if self.target.startswith("/") else self.target
        return WireRequest(method=self.method, url=url, headers=self.headers, body=self.body)


class Malformed(Exception):
    """Bytes that are no acceptable request, with the status that says why (RFC 9110 s15.5)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def check_host(host: str) -> None:
    """Raise `Malformed` for what is no host and port; what passes can be part of any address."""
    if not _is_authority(host):
        raise Malformed(400, "the Host header is no host and port")


@lru_cache(maxsize=256)
def _is_authority(text: str) -> bool:
    found = _AUTHORITY.fullmatch(text)
    if found is None or int(found["port"] or 0) > 65_535:
        return False
    try:
        return found["v6"] is None or bool(IPv6Address(found["v6"]))
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _is_target(text: str) -> bool:
    found = _TARGET.fullmatch(text)
    return bool(text) and found is not None and (found["authority"] is None or _is_authority(found["authority"]))


class RequestReader:
    """Reads the requests of one connection in order; `feed` raises `Malformed`, after which it must not be fed.

    `under_way` tells that a request has begun to come and is not whole yet.
    """

    def __init__(self) -> None:
        self.messages: deque[Message] = deque()
        self.left = b""
        self.under_way = False
        self._expects_continue = self._reading_body = False
        self._head = b""
        self._last: Message
        self._begin()
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take bytes; whole requests join `messages`, and bytes after a CONNECT are in `left`."""
        if self._head and not self.under_way and data.startswith(self._head):
            body = data[len(self._head) :]
            if len(body) == len(self._last.body):
                self.messages.append(self._last.again(body))
                return
        is_first = not self.under_way and not self.messages
        self._parse(data)
        self._head = self._head_of(data) if is_first else b""

    def _head_of(self, data: bytes) -> bytes:
        """Return the head of a request that came whole, by itself and in one piece, for one of that head and length to
        be known again: a client sends the same one over and over. Empty where something else has come."""
        head, end, body = data.partition(_END)
        if self.under_way or len(self.messages) != 1:
            return b""
        self._last = self.messages[0]
        again = self._last.keep_alive and self._last.method != "CONNECT"
        return head + end if again and end and body == self._last.body else b""

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgraded(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            raise self._trouble or Malformed(400, f"not HTTP/1.1: {error}") from None
        if self._trouble is not None:
            raise self._trouble

    @property
    def awaits_continue(self) -> bool:
        """Whether the client waits for 100 Continue before it sends the body (RFC 9110 s10.1.1); told once."""
        expected, self._expects_continue = self._expects_continue, False
        return expected and self._reading_body

    def _upgraded(self, rest: bytes) -> None:
        """Go on after an offer to upgrade, which a server may ignore (RFC 9110 s7.8): read the request without it."""
        if not self.messages or self._trouble is not None:
            return
        if self.messages[-1].method == "CONNECT":
            self.left = rest
            return
        message = self.messages.pop()
        lines = [f"{message.method} {message.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in message.headers if name.lower() not in _OFFERS]
        self._parser = httptools.HttpRequestParser(self)
        self._parse("\r\n".join([*lines, "\r\n"]).encode("latin-1") + rest)

    def _begin(self) -> None:
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._hosts: list[str] = []
        self._body: list[bytes] = []
        self._head_size = self._body_size = 0
        self._expects_continue = self._reading_body = False
        self._trouble: Malformed | None = None

    def _fail(self, status: int, reason: str) -> None:
        self._trouble = self._trouble or Malformed(status, reason)

    # What httptools calls.

    def on_message_begin(self) -> None:
        """Start a request."""
        self._begin()
        self.under_way = True

    def on_url(self, url: bytes) -> None:
        """Take a part of the request target."""
        self._target += url
        if len(self._target) > LONGEST_HEAD:
            self._fail(414, f"a request target has at most {LONGEST_HEAD} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        self._head_size += len(name) + len(value)
        if self._head_size > LONGEST_HEAD or len(self._headers) >= MOST_HEADERS:
            self._fail(431, f"a head has at most {MOST_HEADERS} fields and {LONGEST_HEAD} bytes")
            return
        field = name.decode("latin-1"), value.decode("latin-1")
        self._headers.append(field)
        lower = field[0].lower()
        if lower == "host":
            self._hosts.append(field[1])
        elif lower == "content-length" and int(field[1]) > LONGEST_BODY:
            self._fail(413, f"a body has at most {LONGEST_BODY} bytes")
        elif lower == "expect":
            self._expects_continue = field[1].lower() == "100-continue"

    def on_headers_complete(self) -> None:
        """Check the head as a whole."""
        self._reading_body = True
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            self._fail(505, f"expected HTTP/1.1, found {version}")
        if len(self._hosts) > 1 or (not self._hosts and version == "1.1"):
            self._fail(400, f"expected one Host header, found {len(self._hosts)}")  # RFC 9112 s3.2
        elif self._hosts:
            try:
                check_host(self._hosts[0])
            except Malformed as malformed:
                self._fail(malformed.status, malformed.reason)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body_size += len(body)
        if self._body_size > LONGEST_BODY:
            self._fail(413, f"a body has at most {LONGEST_BODY} bytes")
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """Finish a request."""
        self._reading_body = self.under_way = False
        method, target = self._parser.get_method().decode("latin-1"), self._target.decode("latin-1")
        if not (_is_authority if method == "CONNECT" else _is_target)(target):
            self._fail(400, "the request target is no path and no http address")
        if self._trouble is None:
            self.messages.append(
                Message(
                    method=method,
                    target=target,
                    headers=tuple(self._headers),
                    host=self._hosts[0] if self._hosts else "",
                    body=b"".join(self._body),
                    keep_alive=self._parser.should_keep_alive(),
                )
            )
