"""A socket whose other end is a carrier: a stack writes its request to it and reads its answer from it as ever.

So the stack's own code makes the bytes, reads them, follows redirects, retries and raises.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Mapping
from typing import Any

from refreshproof.mock_servers.serving.sockets.framing import plan
from refreshproof.mock_servers.serving.sockets.parsing import Message, RequestReader
from refreshproof.mock_servers.stacks.carrier import Carrier, Trouble, TroubleKind
from refreshproof.mock_servers.wire import WireRequest, WireResponse

CUT_SHORT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
"""An answer that breaks off: it announces one byte more than there is."""

PORTS: Mapping[str, int] = {"http": 80, "https": 443}


def _os_error(kind: type[OSError], code: int) -> Callable[[], OSError]:
    return lambda: kind(code, os.strerror(code))


ERRORS: Mapping[TroubleKind, Callable[[], OSError]] = {
    "refused": _os_error(ConnectionRefusedError, errno.ECONNREFUSED),
    "timeout": lambda: TimeoutError("timed out"),
    "reset": _os_error(ConnectionResetError, errno.ECONNRESET),
}
"""What the operating system would raise; "truncated" is an answer, see `CUT_SHORT`."""


def origin(scheme: str, host: str, port: int | None) -> str:
    """Return scheme and authority, without the scheme's own port."""
    authority = f"[{host}]" if ":" in host else host
    return f"{scheme}://{authority}" if port in (None, PORTS[scheme]) else f"{scheme}://{authority}:{port}"


def request_of(message: Message, origin_: str) -> WireRequest:
    """Turn a message that was sent to an origin into a request; one to a proxy names its address itself."""
    url = message.target if "://" in message.target else f"{origin_}{message.target}"
    return WireRequest(method=message.method, url=url, headers=message.headers, body=message.body)


def to_bytes(response: WireResponse, method: str) -> bytes:
    """Return an answer as it stands on the connection, which ends with it."""
    return b"".join(piece for _, piece in plan(response, head_only=method == "HEAD", keep_alive=False).pieces)


class CarrierSocket:
    """As much of a socket as http.client needs; `refused` makes the stack's error for a refused connection."""

    def __init__(self, carrier: Carrier, origin_: str, refused: Callable[[], Exception] = ERRORS["refused"]) -> None:
        self._carrier = carrier
        self._origin = origin_
        self._errors: Mapping[TroubleKind, Callable[[], Exception]] = {**ERRORS, "refused": refused}
        self._reader = RequestReader()
        self._timeout: float | None = None

    def settimeout(self, seconds: float | None) -> None:
        """Take the client's timeout."""
        self._timeout = seconds

    def sendall(self, data: Any) -> None:
        """Take bytes of a request."""
        self._reader.feed(bytes(data))

    def makefile(self, mode: str, *arguments: Any, **options: Any) -> io.BytesIO:
        """Carry the request and return its answer; raises what a socket would."""
        message = self._reader.messages.popleft()
        try:
            response = self._carrier(request_of(message, self._origin), self._timeout)
        except Trouble as trouble:
            if trouble.kind == "truncated":
                return io.BytesIO(CUT_SHORT)
            raise self._errors[trouble.kind]() from None
        return io.BytesIO(to_bytes(response, message.method))

    def close(self) -> None:
        """Nothing to close."""
