"""Requests and responses as plain values, and the two function shapes every server and fault is made of.

This file knows HTTP's vocabulary and nothing of OAuth, sockets or clocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Generic, Literal, TypeAlias, TypeVar, overload
from urllib.parse import unquote_plus, urlsplit

Instant: TypeAlias = int
"""Microseconds since the Unix epoch, on the authorization server's clock: true time."""

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")

SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

Drop: TypeAlias = Literal["refused", "before_headers", "after_headers", "hang", "tls"]
"""How a connection fails: refused before the request, cut before or after the status line, never answered, or with a
fatal TLS alert in the answer's place."""

Framing: TypeAlias = Literal["length", "too_long", "too_short", "chunked", "interim", "http_1_0"]
"""How a socket announces a body: its length, one byte too many or too few, chunks, its length after an unasked 103, or
an HTTP/1.0 answer without a length, which ends with the connection (RFC 9112 s6.3, RFC 8297 s2)."""


_Value = TypeVar("_Value")


class lazy(Generic[_Value]):  # noqa: N801 - it is used as the builtin property is
    """A property that is worked out when it is first asked for, and kept. `functools.cached_property` locks each time
    in Python 3.11, which costs a request more than its form does."""

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[_Value]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[_Value] | _Value:
        """Work the value out and put it where it is found from now on."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value


def seconds(value: float) -> Instant:
    """Turn seconds into microseconds."""
    return round(value * SECOND)


@dataclass(frozen=True, kw_only=True)
class WireRequest:
    """One HTTP request with an absolute URL; header names compare without case. `on_behalf` says that it is not the
    client's own: somebody around the client sends it for the client, which does not learn how it went."""

    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    on_behalf: bool = field(default=False, repr=False)

    @lazy
    def origin(self) -> str:
        """Scheme and authority, in lower case."""
        return f"{self._split.scheme}://{self._split.netloc}".lower()

    @lazy
    def host(self) -> str:
        """Host name without port, in lower case."""
        return self._split.hostname or ""

    @lazy
    def path(self) -> str:
        """Path, never empty."""
        return self._split.path or "/"

    @lazy
    def query(self) -> tuple[tuple[str, str], ...]:
        """Query parameters in order, with repetitions and empty values."""
        return pairs_of(self._split.query)

    @lazy
    def media_type(self) -> str:
        """Content type without parameters, in lower case; empty when absent."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @lazy
    def form(self) -> tuple[tuple[str, str], ...]:
        """Body parameters: urlencoded pairs, or the members of a JSON object as strings; empty for anything else."""
        if self.media_type == "application/json":
            return _json_parameters(self.body)
        if self.media_type in ("application/x-www-form-urlencoded", ""):
            return pairs_of(self.body.decode("utf-8", "replace"))
        return ()

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return self._by_name.get(name.lower())

    @lazy
    def _by_name(self) -> dict[str, str]:
        # Backwards, so that the first of equal names is the one that stays.
        return {name.lower(): value for name, value in reversed(self.headers)}

    @lazy
    def _split(self) -> Any:
        return urlsplit(self.url)


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    """Read urlencoded pairs in order, with repetitions and empty values, as `urllib.parse.parse_qsl` does."""
    parts = [part.partition("=") for part in text.split("&") if part]
    return tuple((_plain(name), _plain(value)) for name, _, value in parts)


def _plain(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return _unquoted(text) if len(text) < _LONG else unquote_plus(text)


_LONG = 256
_unquoted = lru_cache(maxsize=512)(unquote_plus)
"""A client sends the same secrets and addresses in each of its requests."""


def _json_parameters(body: bytes) -> tuple[tuple[str, str], ...]:
    try:
        document = json.loads(body)
        if not isinstance(document, dict):
            return ()
        return tuple((_whole(key), _whole(_as_parameter(value))) for key, value in document.items())
    except (ValueError, RecursionError):
        return ()


def _whole(text: str) -> str:
    """Read half of a surrogate pair, which JSON can spell, and bytes of it too, as U+FFFD, like bytes of a form that
    are no UTF-8."""
    return text if text.isascii() else _HALF_A_PAIR.sub("\ufffd", text)


def _as_parameter(value: object) -> str:
    """Write a member as a parameter: null is one without a value, which counts as omitted (RFC 6749 s3.2)."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, kw_only=True)
class WireResponse:
    """One HTTP response and the trouble it meets on its way.

    `delay` is server time in seconds; `drop` cuts the connection; `truncate_at` is the number of body bytes that
    arrive; `drip` is seconds per body byte; `framing` is how a socket announces the body. `entry` numbers the ledger
    entry of the request that caused it, if one was made.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    drop: Drop | None = None
    truncate_at: int | None = None
    drip: float = 0.0
    framing: Framing = "length"
    entry: int | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @lazy
    def document(self) -> Any:
        """The body read as JSON, or None where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def numbered(self, entry: int) -> WireResponse:
        """Return a copy with the number of its ledger entry."""
        # Every answer passes here, and dataclasses.replace takes ten times as long.
        copied = object.__new__(WireResponse)
        vars(copied).update(vars(self), entry=entry)
        return copied

    def with_headers(self, *headers: tuple[str, str]) -> WireResponse:
        """Return a copy in which the given headers replace those of the same names."""
        names = {name.lower() for name, _ in headers}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return replace(self, headers=(*kept, *headers))


Handler: TypeAlias = Callable[[WireRequest, Instant], WireResponse]
"""A server is a function of a request and a time."""

Fault: TypeAlias = Callable[[Handler], Handler]
"""Misbehaviour is middleware: it takes a handler and returns another."""

# A compact encoder made once: json.dumps makes one at every call that asks for separators.
_JSON = json.JSONEncoder(separators=(",", ":"))
JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"


def json_response(
    status: int,
    document: Mapping[str, Any] | list[Any],
    *,
    headers: tuple[tuple[str, str], ...] = (),
    indent: int | None = None,
) -> WireResponse:
    """Make a JSON response, on one line unless indented; members keep their order."""
    body = (_JSON.encode(document) if indent is None else _indented(document, indent)).encode()
    return WireResponse(status=status, headers=(("Content-Type", JSON_TYPE), *headers), body=body)


def _indented(document: Mapping[str, Any] | list[Any], indent: int) -> str:
    """Write JSON over several lines. Python's fast encoder does not; what has no structure inside it can, told that
    members are parted by a new line."""
    if not document or isinstance(document, list) or not _FLAT.issuperset(map(type, document.values())):
        return json.dumps(document, indent=indent)
    margin = "\n" + " " * indent
    return f"{{{margin}{_lines(margin).encode(document)[1:-1]}\n}}"


_FLAT = frozenset((str, int, float, bool, type(None)))


@lru_cache(maxsize=8)
def _lines(margin: str) -> json.JSONEncoder:
    return json.JSONEncoder(separators=(f",{margin}", ": "))


def html_response(status: int, body: str) -> WireResponse:
    """Make an HTML page; the caller escapes."""
    return WireResponse(status=status, headers=(("Content-Type", HTML_TYPE),), body=body.encode())


def redirect(location: str) -> WireResponse:
    """Make a 302 to an absolute location."""
    return WireResponse(status=302, headers=(("Location", location), ("Cache-Control", "no-store")))
