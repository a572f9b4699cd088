"""A life played in process, and its traffic as a proxy would have recorded it: secrets in clear, nothing of ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse
from refreshproof.scenarios.evidence.journal import Exchange, Journal
from refreshproof.scenarios.play.play import perform
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import SubjectFactory
from refreshproof.scenarios.world.network import Network
from refreshproof.scenarios.world.world import World

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Proxy(Network):
    """A network that keeps what passes, as a proxy beside the client sees it."""

    def _exchange(self, passage: Any, trouble: Any, *, dies: bool) -> Exchange:
        response = passage.response if trouble is None else None
        self.seen.append((passage.number, passage.sent_at, self.clock.now(), passage.request, response))
        return super()._exchange(passage, trouble, dies=dies)

    seen: list[tuple[int, Instant, Instant, WireRequest, WireResponse | None]]


def played(vendor: Vendor, factory: SubjectFactory, scenario: Scenario) -> tuple[Journal, dict[str, Any]]:
    """Play a scenario; returns its journal, and what a proxy has written."""
    world = World(vendor, factory, scenario)
    world.network.__class__ = Proxy
    assert isinstance(world.network, Proxy)
    world.network.seen = []
    try:
        for step in scenario.steps:
            perform(world, step)
    finally:
        world.close()
    return world.journal, har([_entry(*one) for one in sorted(world.network.seen, key=itemgetter(0))])


def har(entries: list[dict[str, Any]], version: str = "1.2") -> dict[str, Any]:
    """Return a HAR with these entries."""
    return {"log": {"version": version, "creator": {"name": "mitmproxy", "version": "11"}, "entries": entries}}


def _entry(number: int, sent: Instant, came: Instant, request: WireRequest, response: WireResponse | None) -> Any:
    # Instants of virtual time stand still while requests follow one another; a proxy's clock does not.
    return entry(request, response, at=sent + number * 2000, took=(came - sent) / 1000 + 1)


def entry(request: WireRequest, response: WireResponse | None, *, at: Instant, took: float = 1) -> dict[str, Any]:
    """Return one entry as mitmproxy writes it."""
    return {
        "startedDateTime": (_EPOCH + timedelta(microseconds=at)).isoformat(),
        "time": took,
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(request.headers),
            "queryString": _pairs(request.query),
            "headersSize": -1,
            "bodySize": len(request.body),
            **({"postData": {"mimeType": request.media_type, "text": request.body.decode()}} if request.body else {}),
        },
        "response": _response(response),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
    }


def _response(response: WireResponse | None) -> dict[str, Any]:
    body = b"" if response is None else response.body
    return {
        "status": 0 if response is None else response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(() if response is None else response.headers),
        "content": {"size": len(body), "mimeType": "", "text": body.decode("utf-8", "replace")},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(body),
    }


def _pairs(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def saved(document: Any, folder: Path, name: str = "traffic.har") -> Path:
    """Write a document into a folder."""
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
