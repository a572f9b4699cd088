"""HAR 1.2 as browsers and proxies write it, read strictly: what is missing or wrong is told by file and place.

Only what judging needs is looked at. http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from refreshproof.mock_servers.strict_files import FileError, read_json
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse

LARGEST = 256_000_000
"""Bytes of a HAR that are read."""
VERSION = "1.2"
BODILESS = (204, 205, 304)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry: a request, its answer if one came, and when; `place` says where it stands in the file.

    `answer_left_out` and `body_left_out` tell that a body was there and was not recorded. `extra` is what Refreshproof
    itself has added.
    """

    place: str
    started: Instant
    ended: Instant
    request: WireRequest = field(repr=False)
    response: WireResponse | None = field(repr=False)
    body_left_out: bool = False
    answer_left_out: bool = False
    extra: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Har:
    """The entries of a file in the order of their beginnings; `ours` is what Refreshproof has added to the log."""

    path: Path
    entries: tuple[Entry, ...]
    ours: Mapping[str, Any] | None = None


def read_har(path: Path) -> Har:
    """Read a file; raises FileError that names the file, the place, what was found and what is allowed."""
    document = read_json(path, LARGEST)
    if not isinstance(document, dict) or not isinstance(document.get("log"), dict):
        raise FileError(f"{path}: found no member log; expected a HAR {VERSION}, an object with a log")
    log = document["log"]
    try:
        version = _member(log, "version", str, "log")
        if version != VERSION:
            raise _Wrong("log.version", repr(version), repr(VERSION))
        entries = [_entry(one, f"log.entries[{at}]") for at, one in enumerate(_member(log, "entries", list, "log"))]
        ours = log.get(OURS)
        if ours is not None and not isinstance(ours, dict):
            raise _Wrong(f"log.{OURS}", type(ours).__name__, "an object")
    except _Wrong as wrong:
        raise FileError(f"{path}: {wrong}") from None
    return Har(path=path, entries=tuple(sorted(entries, key=lambda one: one.started)), ours=ours)


OURS = "_refreshproof"
"""The member that Refreshproof adds to what it writes; names with an underscore are left to writers."""


class _Wrong(Exception):
    """A place in a HAR that is not as it should be."""

    def __init__(self, place: str, found: str, allowed: str) -> None:
        shown = found if len(found) <= 80 else f"{found[:80]}..."
        super().__init__(f"{place}: found {shown}; expected {allowed}")


_KINDS: Mapping[type, str] = {str: "a text", int: "a whole number", dict: "an object", list: "an array"}


def _member(record: Any, name: str, kind: type[_Value], place: str) -> _Value:
    if not isinstance(record, dict):
        raise _Wrong(place, type(record).__name__, "an object")
    if name not in record:
        raise _Wrong(f"{place}.{name}", "nothing", _KINDS[kind])
    value = record[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _Wrong(f"{place}.{name}", type(value).__name__, _KINDS[kind])
    return value


def _entry(record: Any, place: str) -> Entry:
    started = _instant(_member(record, "startedDateTime", str, place), f"{place}.startedDateTime")
    took = record.get("time", 0)
    if isinstance(took, bool) or not isinstance(took, int | float) or not -1 <= took < 1e12:
        raise _Wrong(f"{place}.time", repr(took), "milliseconds, or -1 where they are not known")
    request, body_left_out = _request(_member(record, "request", dict, place), f"{place}.request")
    response, answer_left_out = _response(_member(record, "response", dict, place), f"{place}.response")
    extra = record.get(OURS)
    return Entry(
        place=place,
        started=started,
        ended=started + max(0, round(took * 1000)),
        request=request,
        response=response,
        body_left_out=body_left_out,
        answer_left_out=answer_left_out,
        extra=extra if isinstance(extra, dict) else None,
    )


def _instant(text: str, place: str) -> Instant:
    wanted = "a date of ISO 8601 with a zone, such as 2026-11-30T12:00:00.000Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong(place, repr(text), wanted) from None
    if moment.tzinfo is None:
        raise _Wrong(place, repr(text), wanted)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _request(record: Mapping[str, Any], place: str) -> tuple[WireRequest, bool]:
    url = _member(record, "url", str, place)
    try:
        split = urlsplit(url)
        split.port  # noqa: B018 - raises where it is no number
    except ValueError:
        raise _Wrong(f"{place}.url", repr(url), "an absolute address") from None
    if not split.scheme:
        raise _Wrong(f"{place}.url", repr(url), "an absolute address")
    method, headers = _member(record, "method", str, place).upper(), _headers(record, place)
    posted = record.get("postData")
    if posted is None:
        size = record.get("bodySize", -1)
        left_out = method in ("POST", "PUT", "PATCH") and size != 0
        return WireRequest(method=method, url=url, headers=headers), left_out
    kind, body = _posted(posted, f"{place}.postData")
    if kind and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", kind))
    return WireRequest(method=method, url=url, headers=headers, body=body or b""), body is None


def _posted(record: Any, place: str) -> tuple[str, bytes | None]:
    """Return the kind and the bytes of a request's body, None for one that was left out."""
    if not isinstance(record, dict):
        raise _Wrong(place, type(record).__name__, "an object")
    kind = record.get("mimeType")
    kind = kind if isinstance(kind, str) else ""
    text = record.get("text")
    if isinstance(text, str) and text:
        return kind, _decoded(text, record.get("encoding"), place)
    pairs = record.get("params")
    if isinstance(pairs, list) and pairs:
        found = [
            (_member(one, "name", str, f"{place}.params[{at}]"), str(one.get("value", "")))
            for at, one in enumerate(pairs)
        ]
        return kind or "application/x-www-form-urlencoded", urlencode(found).encode()
    return kind, None


def _response(record: Mapping[str, Any], place: str) -> tuple[WireResponse | None, bool]:
    """Return an answer, None where none came; status is 0 then, or -1 by Playwright."""
    status = _member(record, "status", int, place)
    if not -1 <= status <= 999:
        raise _Wrong(f"{place}.status", repr(status), "a status of HTTP, or 0 where no answer came")
    if status <= 0 or record.get("_error"):
        return None, False
    content = record.get("content")
    if content is not None and not isinstance(content, dict):
        raise _Wrong(f"{place}.content", type(content).__name__, "an object")
    content = content or {}
    text = content.get("text")
    if text is not None and not isinstance(text, str):
        raise _Wrong(f"{place}.content.text", type(text).__name__, "a text")
    body = b"" if text is None else _decoded(text, content.get("encoding"), f"{place}.content")
    left_out = not text and content.get("size", -1) != 0 and status not in BODILESS
    return WireResponse(status=status, headers=_headers(record, place), body=body), left_out


def _decoded(text: str, encoding: Any, place: str) -> bytes:
    if encoding in (None, "", "utf-8"):
        return text.encode()
    if encoding != "base64":
        raise _Wrong(f"{place}.encoding", repr(encoding), "'base64', or no encoding")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _Wrong(f"{place}.text", "what is no base64", "base64, as its encoding says") from None


def _headers(record: Mapping[str, Any], place: str) -> tuple[tuple[str, str], ...]:
    """Return headers without the pseudo-headers of HTTP/2 (RFC 9113 s8.3)."""
    listed = record.get("headers", [])
    if not isinstance(listed, list):
        raise _Wrong(f"{place}.headers", type(listed).__name__, "an array")
    found = [
        (_member(one, "name", str, f"{place}.headers[{at}]"), _member(one, "value", str, f"{place}.headers[{at}]"))
        for at, one in enumerate(listed)
    ]
    return tuple((name, value) for name, value in found if not name.startswith(":"))
