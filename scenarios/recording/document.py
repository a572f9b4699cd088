"""A recording as a HAR: any viewer opens it, and read back it is the same recording. It holds aliases only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

from pydantic import TypeAdapter, ValidationError

from refreshproof.mock_servers.strict_files import FileError
from refreshproof.mock_servers.vendors.dated import AT, FUTURE, as_dated, date_of
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.sights import Sight
from refreshproof.scenarios.recording.har_shape import OURS, VERSION, Har
from refreshproof.scenarios.recording.recording import Recorded, Recording

EDITION = 1
PAGE = "story"
"""The id of the page of a story."""
LATEST: Instant = 250_000_000_000_000_000
"""Microseconds since the epoch up to which an instant is one; in the year 9892."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGHTS = frozenset(get_args(Sight))
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a viewer shows of a story besides its requests: a title, the instant of its beginning, and what there is to
    say of a request, by number."""

    title: str
    started: Instant
    comments: Mapping[int, str]


def har_of(recordings: Sequence[Recording], program_version: str, page: Page | None = None) -> dict[str, Any]:
    """Return recordings as the data of a HAR 1.2, with what makes them whole in members of ours; of one story as a
    page."""
    rows = [(one, recording) for recording in recordings for one in recording.exchanges]
    providers = {
        one.vendor.name: {"missing": sorted(one.missing), "notes": list(one.notes), **date_of(one.vendor)}
        for one in recordings
    }
    return {
        "log": {
            "version": VERSION,
            "creator": {"name": "Refreshproof", "version": program_version},
            **_pages(page),
            "entries": [_entry(one, recording.vendor.name) | _on(page, one.exchange) for one, recording in rows],
            OURS: {"edition": EDITION, "providers": providers},
        }
    }


def _pages(page: Page | None) -> dict[str, Any]:
    if page is None:
        return {}
    about = {"startedDateTime": _date(page.started), "id": PAGE, "title": page.title, "pageTimings": {}}
    return {"pages": [about]}


def _on(page: Page | None, exchange: Exchange) -> dict[str, Any]:
    return {} if page is None else {"pageref": PAGE, "comment": page.comments.get(exchange.number, "")}


def providers_of(har: Har) -> tuple[str, ...]:
    """Return the vendors of a recording that Refreshproof has written, none of any other file."""
    providers = {} if har.ours is None else har.ours.get("providers")
    return tuple(providers) if isinstance(providers, dict) else ()


def recordings_of(har: Har, vendors: Mapping[str, Vendor]) -> tuple[Recording, ...]:
    """Read back what `har_of` has written, of these vendors; raises FileError that names the file and the place."""
    ours = har.ours or {}
    if ours.get("edition") != EDITION:
        raise FileError(f"{har.path}: log.{OURS}.edition: found {ours.get('edition')!r}; expected {EDITION}")
    found: dict[str, list[Recorded]] = {name: [] for name in vendors}
    for entry in har.entries:
        extra = entry.extra or {}
        provider = extra.get("provider")
        if isinstance(provider, str) and provider in found:
            found[provider].append(_recorded(extra, f"{har.path}: {entry.place}.{OURS}"))
    return tuple(
        Recording(
            vendor=_as_recorded(vendor, har, ours),
            exchanges=tuple(sorted(found[name], key=lambda one: one.exchange.number)),
            missing=frozenset(_texts(ours, name, "missing")) & _SIGHTS,
            notes=tuple(_texts(ours, name, "notes")),
        )
        for name, vendor in vendors.items()
    )


def _as_recorded(vendor: Vendor, har: Har, ours: Mapping[str, Any]) -> Vendor:
    """Return a vendor at the date at which the recording met it, unless another is asked for."""
    about = ours["providers"].get(vendor.name)
    if date_of(vendor) or not isinstance(about, dict):
        return vendor
    try:
        return as_dated(vendor, about.get(AT), about.get(FUTURE))
    except ValueError as error:
        raise FileError(f"{har.path}: log.{OURS}.providers.{vendor.name}.{error}") from None


def _texts(ours: Mapping[str, Any], provider: str, name: str) -> list[Any]:
    about = ours["providers"].get(provider)
    listed = about.get(name) if isinstance(about, dict) else None
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


@cache
def _reader() -> TypeAdapter[Recorded]:
    return TypeAdapter(Recorded)


def _recorded(extra: Mapping[str, Any], place: str) -> Recorded:
    members = {name: value for name, value in extra.items() if name != "provider"}
    try:
        found = _reader().validate_json(json.dumps(members), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise FileError(f"{place}.{where}: found {str(first['input'])[:60]!r}; {first['msg']}") from None
    one = found.exchange
    for name in ("sent_at", "finished_at"):
        if not 0 <= getattr(one, name) <= LATEST:
            raise FileError(f"{place}.exchange.{name}: found {getattr(one, name)}; expected 0 to {LATEST} microseconds")
    for url in (one.url, *(value for name, value in one.response_headers if name.lower() == "location")):
        try:
            urlsplit(url)
        except ValueError:
            raise FileError(f"{place}.exchange: found {url[:60]!r}; expected an absolute address") from None
    return found


def _entry(recorded: Recorded, provider: str) -> dict[str, Any]:
    one = recorded.exchange
    return {
        "startedDateTime": _date(one.sent_at),
        "time": (one.finished_at - one.sent_at) / 1000,
        "request": _request(one),
        "response": _response(one),
        "cache": {},
        "timings": {"send": 0, "wait": (one.finished_at - one.sent_at) / 1000, "receive": 0},
        OURS: {"provider": provider, **asdict(recorded)},
    }


def _request(one: Exchange) -> dict[str, Any]:
    posted = one.method == "POST" and one.parameters
    kind = next((value for name, value in one.request_headers if name.lower() == "content-type"), "")
    return {
        "method": one.method,
        "url": one.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(one.request_headers),
        "queryString": _pairs(parse_qsl(urlsplit(one.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": -1 if posted else 0,
        **({"postData": {"mimeType": kind, "params": _pairs(one.parameters)}} if posted else {}),
    }


def _response(one: Exchange) -> dict[str, Any]:
    kind = next((value for name, value in one.response_headers if name.lower() == "content-type"), "")
    return {
        "status": one.status or 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(one.response_headers),
        "content": {"size": len(one.response_body), "mimeType": kind, "text": one.response_body},
        "redirectURL": next((value for name, value in one.response_headers if name.lower() == "location"), ""),
        "headersSize": -1,
        "bodySize": -1,
    }


def _pairs(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _date(instant: Instant) -> str:
    return (_EPOCH + timedelta(microseconds=instant)).isoformat(timespec="microseconds")
