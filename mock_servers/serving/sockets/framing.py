"""From a response value to what happens on a connection: the bytes, the waits between them, and how it ends.

Pure: no socket, no clock. A plan says in full what the socket loop then does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus
from typing import Literal, TypeAlias

from refreshproof.mock_servers.wire import Drop, Framing, WireResponse

Ending: TypeAlias = Literal["keep", "close", "reset", "silence", "alert"]
"""What becomes of a connection after the last byte: kept, closed, reset, left in silence, or broken off by TLS."""

Piece: TypeAlias = tuple[float, bytes]
"""Seconds of server time to wait, and the bytes to send then."""

_UNSAFE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_PHRASES: Mapping[int, str] = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset((204, 304))
_EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\n"
_OWN_HEADERS = frozenset(("content-length", "transfer-encoding", "connection"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How one response goes out; `arrives` tells whether the client gets all of it."""

    pieces: Iterator[Piece]
    ending: Ending
    arrives: bool


def plan(response: WireResponse, *, head_only: bool = False, keep_alive: bool = True) -> Plan:
    """Plan the way of a response to a client that may have asked for the head alone, or for a last answer."""
    if response.drop is not None:
        return _DROPS[response.drop](response)
    if response.framing == "length" and response.truncate_at is None and not response.drip and not head_only:
        return _usual(response, keep_alive)
    framed = _FRAMES[response.framing](response, keep_alive)
    body = b"" if head_only or response.status in _BODILESS else framed.body
    cut = response.truncate_at is not None and response.truncate_at < len(body)
    sent = body[: response.truncate_at] if cut else body
    return Plan(
        pieces=_pieces(response, framed.head, sent),
        ending=framed.ending if framed.ending != "keep" or (keep_alive and not cut) else "close",
        arrives=not cut and framed.whole,
    )


def _usual(response: WireResponse, keep_alive: bool) -> Plan:
    """Plan what nearly every response is, whole and at once, in half the time."""
    head = _head(response, f"Content-Length: {len(response.body)}", keep_alive)
    sent = head if response.status in _BODILESS else head + response.body
    return Plan(pieces=iter(((response.delay, sent),)), ending="keep" if keep_alive else "close", arrives=True)


def _pieces(response: WireResponse, head: bytes, body: bytes) -> Iterator[Piece]:
    if not response.drip or not body:
        return iter(((response.delay, head + body),))
    return _dripping(response, head, body)


def _dripping(response: WireResponse, head: bytes, body: bytes) -> Iterator[Piece]:
    yield response.delay, head
    for byte in body:
        yield response.drip, bytes((byte,))


@dataclass(frozen=True, kw_only=True)
class _Framed:
    head: bytes
    body: bytes
    ending: Ending = "keep"
    whole: bool = True


def _of_length(response: WireResponse, keep_alive: bool) -> _Framed:
    return _Framed(head=_head(response, f"Content-Length: {len(response.body)}", keep_alive), body=response.body)


def _too_long(response: WireResponse, keep_alive: bool) -> _Framed:
    head = _head(response, f"Content-Length: {len(response.body) + 1}", keep_alive)
    return _Framed(head=head, body=response.body, ending="close", whole=False)


def _too_short(response: WireResponse, keep_alive: bool) -> _Framed:
    head = _head(response, f"Content-Length: {max(len(response.body) - 1, 0)}", keep_alive)
    return _Framed(head=head, body=response.body, ending="close", whole=False)


def _chunked(response: WireResponse, keep_alive: bool) -> _Framed:
    middle = len(response.body) // 2
    chunks = [chunk for chunk in (response.body[:middle], response.body[middle:]) if chunk]
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    return _Framed(head=_head(response, "Transfer-Encoding: chunked", keep_alive), body=body)


def _after_interim(response: WireResponse, keep_alive: bool) -> _Framed:
    framed = _of_length(response, keep_alive)
    return replace(framed, head=_EARLY_HINTS + framed.head)


def _http_1_0(response: WireResponse, keep_alive: bool) -> _Framed:
    return _Framed(head=_head(response, None, True, "1.0"), body=response.body, ending="close")


_FRAMES: Mapping[Framing, Callable[[WireResponse, bool], _Framed]] = {
    "length": _of_length,
    "too_long": _too_long,
    "too_short": _too_short,
    "chunked": _chunked,
    "interim": _after_interim,
    "http_1_0": _http_1_0,
}


def _head(response: WireResponse, length: str | None, keep_alive: bool, version: str = "1.1") -> bytes:
    """Return status line and headers; a name or value that would break out of its line is a ValueError."""
    head = _lines(response.status, response.headers, version)
    if length is not None and response.status not in _BODILESS:
        head += b"%b\r\n" % length.encode()
    return head + (b"\r\n" if keep_alive else b"Connection: close\r\n\r\n")


@lru_cache(maxsize=256)
def _lines(status: int, headers: tuple[tuple[str, str], ...], version: str) -> bytes:
    """Return the lines that do not depend on the body: an endpoint answers with the same ones over and over."""
    lines = [f"HTTP/{version} {status} {_PHRASES.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _OWN_HEADERS]
    if _UNSAFE.search("".join(lines)):
        raise ValueError("a response header holds a control character or one beyond Latin-1")
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def _cut_after_head(response: WireResponse) -> Plan:
    head = _of_length(response, True).head
    return Plan(pieces=iter(((response.delay, head),)), ending="close", arrives=False)


def _without_answer(ending: Ending) -> Callable[[WireResponse], Plan]:
    return lambda response: Plan(pieces=iter(((response.delay, b""),)), ending=ending, arrives=False)


_DROPS: Mapping[Drop, Callable[[WireResponse], Plan]] = {
    # A connection that has carried the request can no longer be refused: the nearest is a reset before any answer.
    "refused": _without_answer("reset"),
    "before_headers": _without_answer("reset"),
    "after_headers": _cut_after_head,
    "hang": _without_answer("silence"),
    "tls": _without_answer("alert"),
}
