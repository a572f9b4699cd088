"""A recording as a profile: a vendor that `run` and `serve` play, each value observed, what is open named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from refreshproof.harness.vendor_check.asking.target import origin_of
from refreshproof.harness.vendor_check.recording.recorded import Recorded
from refreshproof.mock_servers.profile.sources import source
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
        "issuer": recorded.endpoints.get("issuer") or origin_of(recorded.endpoints["token"]),
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
    resource = recorded.endpoints.get("resource") or origin_of(recorded.endpoints["token"]) + STAND_IN
    yield {"view": "resource", "url": resource, "methods": ("GET",)}


def _sources(recorded: Recorded) -> Iterator[tuple[str, dict[str, str]]]:
    check = f"{recorded.title}: refreshproof vendor check"
    for name in recorded.fields:
        yield name, asdict(source(f"{check}, probe {recorded.settled_by[name]}", "observed", recorded.seen))
    named = asdict(source(f"{recorded.title}: named to refreshproof vendor check", "observed", recorded.seen))
    yield from (("endpoints", named), ("scopes", named))
    if recorded.missing:
        yield "not_measured", asdict(source("open: no probe has seen it", "unverified", recorded.seen))
