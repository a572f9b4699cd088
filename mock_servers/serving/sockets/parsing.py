"""From bytes to requests, strictly and within bounds: a thin reading of httptools, the parser of Node and uvloop.

Knows no socket; what breaks a rule becomes a status for the last answer on the connection.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TypeAlias

import httptools

LONGEST_HEAD = 32 * 1024
LONGEST_BODY = 1024 * 1024
MOST_HEADERS = 100

_OFFERS = frozenset(("connection", "upgrade", "http2-settings"))

# RFC 9110 s4.2, RFC 3986 s3.2.2: a registered name or address and a port, and no user information.
_AUTHORITY = r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?"
_HOST = re.compile(_AUTHORITY)
_TARGET = re.compile(f"(?:https?://{_AUTHORITY})?/[^#]*|https?://{_AUTHORITY}")

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


class Malformed(Exception):
    """Bytes that are no acceptable request, with the status that says why (RFC 9110 s15.5)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class RequestReader:
    """Reads the requests of one connection in order; `feed` raises `Malformed`, after which it must not be fed."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque()
        self.left = b""
        self._expects_continue = self._reading_body = False
        self._begin()
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take bytes; whole requests join `messages`, and bytes after a CONNECT are in `left`."""
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
        self.feed("\r\n".join([*lines, "\r\n"]).encode("latin-1") + rest)

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
        elif self._hosts and not _HOST.fullmatch(self._hosts[0]):
            self._fail(400, "the Host header is no host and port")

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body_size += len(body)
        if self._body_size > LONGEST_BODY:
            self._fail(413, f"a body has at most {LONGEST_BODY} bytes")
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """Finish a request."""
        self._reading_body = False
        method, target = self._parser.get_method().decode("latin-1"), self._target.decode("latin-1")
        if not (_HOST if method == "CONNECT" else _TARGET).fullmatch(target):
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
