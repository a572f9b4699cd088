"""A login by a person: the URL is printed, and the browser comes back to an address on loopback that waits for it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from refreshproof.harness.vendor_check.asking.real_clock import now
from refreshproof.harness.vendor_check.asking.trouble import TroubleError
from refreshproof.mock_servers.wire import SECOND, seconds

LONGEST_HEAD = 65_536
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"<!doctype html><title>Refreshproof</title><p>Logged in. You can close this page.</p>"
)
NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class BrowserLogin:
    """Prints each URL by `tell` and waits at the redirect URI, which must be http on loopback; `timeout` is in
    seconds."""

    redirect_uri: str
    timeout: float
    tell: Callable[[str], None]
    fresh_users: bool = False

    def __call__(self, url: str, user: str) -> str:
        """Return the address that the browser came back to; raises `TroubleError`."""
        place = urlsplit(self.redirect_uri)
        try:
            with socket.create_server((place.hostname or "", place.port or 80)) as server:
                self.tell(f"Open this address in a browser and log in:\n{url}")
                return self._returned(server, now() + seconds(self.timeout))
        except TimeoutError:
            late = f"nobody came back to {self.redirect_uri} within {self.timeout:g} s (--login-timeout)"
            raise TroubleError(late) from None
        except OSError as error:
            raise TroubleError(f"{self.redirect_uri} cannot be listened at: {error.strerror}") from None

    def _returned(self, server: socket.socket, until: int) -> str:
        place = urlsplit(self.redirect_uri)
        while True:
            server.settimeout(_left(until))
            connection, _ = server.accept()
            with connection:
                connection.settimeout(min(_left(until), 5.0))
                target = _target(connection)
                here = urlsplit(target).path == (place.path or "/") and "?" in target
                connection.sendall(PAGE if here else NOT_HERE)
            if here:
                return f"{place.scheme}://{place.netloc}{target}"


def _left(until: int) -> float:
    left = (until - now()) / SECOND
    if left <= 0:
        raise TimeoutError
    return left


def _target(connection: socket.socket) -> str:
    """Read the head of a request; return its target, empty for what is no request (RFC 9112 s3)."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < LONGEST_HEAD:
        try:
            read = connection.recv(4096)
        except TimeoutError:
            return ""
        if not read:
            break
        head += read
    words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
    return words[1] if len(words) == 3 and words[0] == "GET" else ""
