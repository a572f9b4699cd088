"""Faults of a success body: its members, its form, its encoding, and the headers around it. The server has acted."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite, nan
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from refreshproof.mock_servers.faults.middleware import after, field_text, on_success
from refreshproof.mock_servers.profile.units import Count, Size, Status
from refreshproof.mock_servers.provider.http.replies import precise_date
from refreshproof.mock_servers.wire import SECOND, Fault, Handler, Instant, WireRequest, WireResponse, seconds

_DOCUMENT = re.compile(r'(\bresource_metadata="[^"?]*)"')
"""Where a challenge names a document (RFC 9728 s5.1)."""

Conversion: TypeAlias = Literal[
    "string", "float", "milliseconds", "sixfold", "duration", "nan", "with_letters", "words", "array", "commas",
    "object", "lower", "reversed", "more", "fewer",
]  # fmt: skip
Stamp: TypeAlias = Literal["seconds", "milliseconds", "text of milliseconds", "iso"]
Encoding: TypeAlias = Literal["form", "xml", "array", "gzip", "utf-16", "latin-1"]


def member(name: str, value: Any = None, *, remove: bool = False) -> Fault:
    """Set one member, or remove it."""

    def edit(document: dict[str, Any], now: Instant) -> dict[str, Any]:
        if remove:
            return {key: item for key, item in document.items() if key != name}
        return document | {name: value}

    return on_success(edit)


def rename(names: Mapping[str, str]) -> Fault:
    """Give members other names, in the same place."""
    return on_success(lambda document, now: {names.get(key, key): item for key, item in document.items()})


def nest(under: str, beside: Mapping[str, Any] | None = None) -> Fault:
    """Put the whole body into one member of an envelope that has further members `beside` it."""
    return on_success(lambda document, now: {**(beside or {}), under: document})


def document(content: Mapping[str, Any]) -> Fault:
    """Replace the whole body by another document."""
    return on_success(lambda _, now: dict(content))


def convert(name: str, to: Conversion) -> Fault:
    """Change the form of one member's value, where it is there."""
    conversion = CONVERSIONS[to]
    return on_success(
        lambda content, now: {key: conversion(item) if key == name else item for key, item in content.items()}
    )


def number_in(value: Any) -> float | None:
    """Return the number that a member's value is or spells, None where it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) else None


def _of_number(change: Callable[[int], Any]) -> Callable[[Any], Any]:
    """Make a conversion of numbers that leaves anything else alone."""
    return lambda value: value if (number := number_in(value)) is None else change(int(number))


def _duration(number: int) -> str:
    """Return days, hours and minutes, as Tableau's estimatedTimeToExpiration has them."""
    minutes = number // 60
    return f"{minutes // 1440}:{minutes // 60 % 24:02}:{minutes % 60:02}"


CONVERSIONS: Mapping[Conversion, Callable[[Any], Any]] = {
    "string": str,
    "float": _of_number(lambda number: number + 0.27),
    "milliseconds": _of_number(lambda number: number * 1000),
    "sixfold": _of_number(lambda number: number * 6),
    "duration": _of_number(_duration),
    "nan": lambda value: nan,
    "with_letters": lambda value: f"{value}abc",
    "words": _of_number(lambda number: f"{number // 60} minutes"),
    "array": lambda value: str(value).split(),
    "commas": lambda value: str(value).replace(" ", ","),
    "object": lambda value: {"token": value},
    "lower": lambda value: str(value).lower(),
    "reversed": lambda value: " ".join(reversed(str(value).split())),
    "more": lambda value: f"{value} another",
    "fewer": lambda value: " ".join(str(value).split()[:-1]),
}
"""What `convert` can do to a value."""


def stamp(name: str, form: Stamp = "seconds", ahead: bool = False) -> Fault:
    """Add a member that tells the server's time, or with `ahead` when the access token expires.

    Without an `expires_in` the token is taken to live an hour.
    """

    def edit(content: dict[str, Any], now: Instant) -> dict[str, Any]:
        life = seconds(number_in(content.get("expires_in")) or 3600) if ahead else 0
        return content | {name: STAMPS[form](now + life)}

    return on_success(edit)


STAMPS: Mapping[Stamp, Callable[[Instant], Any]] = {
    "seconds": lambda instant: instant // SECOND,
    "milliseconds": lambda instant: instant // 1000,
    "text of milliseconds": lambda instant: str(instant // 1000),
    "iso": precise_date,
}
"""The forms of an instant that `stamp` knows."""


def relabel(code: Status) -> Fault:
    """Answer a success under another status."""
    return after(lambda response, now: replace(response, status=code if response.status == 200 else response.status))


def header(name: str, value: str | None) -> Fault:
    """Set a response header, or remove it."""
    if value is not None:
        pair = (field_text("name", name), field_text("value", value))
        return after(lambda response, now: response.with_headers(pair))
    return after(lambda response, now: replace(response, headers=_without(response.headers, name)))


def readdress() -> Fault:
    """Let a refusal name the document about the resource by an address with a query, which nobody would guess."""
    return after(lambda response, now: replace(response, headers=tuple(map(_readdressed, response.headers))))


def _readdressed(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[0], _DOCUMENT.sub(r'\1?version=2"', pair[1])


def _without(headers: tuple[tuple[str, str], ...], name: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in headers if pair[0].lower() != name.lower())


def prefix(text: str) -> Fault:
    """Put text before the body."""
    return after(lambda response, now: replace(response, body=text.encode() + response.body))


def cut(at: Count) -> Fault:
    """End the body after so many bytes, with the length that it then has."""
    return after(lambda response, now: replace(response, body=response.body[:at]))


def rewrite(old: str, new: str) -> Fault:
    """Replace the first occurrence of a text in the body."""
    return after(lambda response, now: replace(response, body=response.body.replace(old.encode(), new.encode(), 1)))


def pad(size: Size) -> Fault:
    """Add a member of so many bytes that means nothing."""
    return on_success(lambda content, now: {"padding": "x" * size} | content)


def deepen(levels: Size) -> Fault:
    """Add a member of arrays in arrays, so many levels deep."""
    return after(
        lambda response, now: replace(
            response, body=response.body.replace(b"{", b'{"deep":' + b"[" * levels + b"]" * levels + b",", 1)
        )
    )


def encode(to: Encoding, unless_accept: str | None = None) -> Fault:
    """Write a success body in another form, unless the client's Accept names a media type."""
    encoding = ENCODINGS[to]

    def edit(response: WireResponse, now: Instant) -> WireResponse:
        if response.status != 200 or not isinstance(response.document, dict):
            return response
        media_type, body = encoding(response.document)
        return replace(response.with_headers(("Content-Type", media_type)), body=body)

    def fault(handler: Handler) -> Handler:
        encoded = after(edit)(handler)
        return lambda request, now: (handler if _accepts(request, unless_accept) else encoded)(request, now)

    return fault


def _accepts(request: WireRequest, media_type: str | None) -> bool:
    return media_type is not None and media_type in (request.header("accept") or "")


def _form(content: Mapping[str, Any]) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", urlencode(content).encode()


XML_NAMES = {"access_token": "Token"}
"""What Concur calls a member, where it is more than another spelling: Token and Refresh_Token."""


def _xml(content: Mapping[str, Any]) -> tuple[str, bytes]:
    named = {XML_NAMES.get(key) or "_".join(map(str.capitalize, key.split("_"))): item for key, item in content.items()}
    members = "".join(f"<{key}>{html.escape(str(item), quote=False)}</{key}>" for key, item in named.items())
    return "application/xml", f"<Access_Token>{members}</Access_Token>".encode()


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


ENCODINGS: Mapping[Encoding, Callable[[Mapping[str, Any]], tuple[str, bytes]]] = {
    "form": _form,
    "xml": _xml,
    "array": lambda content: ("application/json", _json([content])),
    "gzip": lambda content: ("application/json", gzip.compress(_json(content), mtime=0)),
    "utf-16": lambda content: ("application/json; charset=utf-16", json.dumps(content).encode("utf-16")),
    "latin-1": lambda content: (
        "application/json; charset=iso-8859-1",
        json.dumps({**content, "greeting": "schöner Zugang"}, ensure_ascii=False).encode("latin-1"),
    ),
}
"""What `encode` can make of a body, with the content type it then has."""
