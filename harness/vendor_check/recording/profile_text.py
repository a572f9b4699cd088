"""A recording as a profile: a vendor that `run` and `serve` play, each value observed, what is open named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.profile.profile import Source
from refreshproof.mock_servers.profile_files.model import file_model, vendor_of
from refreshproof.mock_servers.profile_files.text import text_of
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports.formats.words.text import one_line

STAND_IN = "/refreshproof-resource"
"""The path of the protected resource in a recording of a server of which none was named."""
METHODS: Mapping[str, tuple[str, ...]] = {"token": ("POST",), "revocation": ("POST",)}


def vendor_from(recorded: Recorded) -> Vendor:
    """Return the vendor that a recording describes."""
    return vendor_of(file_model().model_validate_json(json.dumps(_document(recorded))))


def profile_text(recorded: Recorded) -> str:
    """Return a recording as a profile file."""
    lines = [f"# {name} is open: {one_line(why)}" for name, why in recorded.missing.items()]
    return text_of(vendor_from(recorded)) + ("\n" + "\n".join(lines) + "\n" if lines else "")


def _document(recorded: Recorded) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": recorded.name,
        "title": recorded.title,
        "issuer": recorded.endpoints.get("issuer") or _origin(recorded.endpoints["token"]),
        "endpoints": list(_endpoints(recorded)),
        "scopes": list(recorded.scopes),
        "client_parameters": dict(recorded.parameters),
        "not_measured": sorted(recorded.missing),
        "sources": dict(_sources(recorded)),
    }
    for name, value in recorded.fields.items():
        _put(document, name.split("."), value)
    secure: dict[str, Any] = _over_https(document)
    return secure


def _over_https(value: Any) -> Any:
    """Return a document with https addresses: clients refuse http, over which a server on loopback is asked."""
    if isinstance(value, dict):
        return {name: _over_https(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_over_https(one) for one in value]
    return f"https://{value[7:]}" if isinstance(value, str) and value.startswith("http://") else value


def _put(document: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        document = document.setdefault(part, {})
    document[path[-1]] = value


def _endpoints(recorded: Recorded) -> Iterator[dict[str, Any]]:
    for view in ("authorization", "token", "revocation"):
        if view in recorded.endpoints:
            yield {"view": view, "url": recorded.endpoints[view], "methods": METHODS.get(view, ("GET",))}
    resource = recorded.endpoints.get("resource") or _origin(recorded.endpoints["token"]) + STAND_IN
    yield {"view": "resource", "url": resource, "methods": ("GET",)}


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _sources(recorded: Recorded) -> Iterator[tuple[str, dict[str, str]]]:
    for name in recorded.fields:
        where = f"{recorded.title}: refreshproof vendor check, probe {recorded.settled_by[name]}"
        yield name, _source(where, recorded.seen, "observed")
    named = _source(f"{recorded.title}: named to refreshproof vendor check", recorded.seen, "observed")
    yield from (("endpoints", named), ("scopes", named))
    if recorded.missing:
        yield "not_measured", _source("open: no probe has seen it", recorded.seen, "unverified")


def _source(where: str, seen: str, evidence: str) -> dict[str, str]:
    one = Source(where=where, seen=seen, evidence="observed" if evidence == "observed" else "unverified")
    return {"where": one.where, "seen": one.seen, "evidence": one.evidence}
