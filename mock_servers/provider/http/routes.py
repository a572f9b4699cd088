"""From an address to an endpoint: exact addresses by dictionary, templates with segments in braces by werkzeug's
routing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Endpoint
from refreshproof.mock_servers.wire import WireRequest

if TYPE_CHECKING:
    from werkzeug.routing import Map


@dataclass(frozen=True, kw_only=True)
class Route:
    """An endpoint and the values of the segments in braces."""

    endpoint: Endpoint
    segments: Mapping[str, str]


class Routes:
    """The addresses of one vendor; the scheme and port of a request do not matter, its host and path do."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._exact: dict[tuple[str, str], list[Endpoint]] = {}
        self._templates: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            split = urlsplit(endpoint.url)
            host, path = split.hostname or "", split.path or "/"
            if "{" in endpoint.url:
                self._templates.setdefault(host, {}).setdefault(path, endpoint)
            else:
                self._exact.setdefault((host, path), []).append(endpoint)
        self._map = cache(self._make_map)
        # A client asks for the same few addresses over and over.
        self._found = lru_cache(maxsize=1024)(self._find)

    def find(self, request: WireRequest) -> Route | None:
        """Return the endpoint a request is for; duplicate slashes are tolerated as the vendors do."""
        return self._found(request.url.partition("?")[0], request.method)

    def _find(self, url: str, method: str) -> Route | None:
        split = urlsplit(url)
        host, path = split.hostname or "", re.sub(r"//+", "/", split.path or "/")
        exact = self._exact.get((host, path))
        if exact:
            return Route(endpoint=_by_method(exact, method), segments={})
        if host not in self._templates:
            return None
        from werkzeug.exceptions import HTTPException

        try:
            template, segments = self._map(host).bind(host).match(path, method=None)
        except HTTPException:
            return None
        return Route(endpoint=self._templates[host][template], segments=segments)

    def _make_map(self, host: str) -> Map:
        from werkzeug.routing import (
            Map,
            Rule,
        )  # here: with it come werkzeug's server and test client, a third of a start

        return Map([Rule(_rule(path), endpoint=path) for path in self._templates[host]], strict_slashes=False)


_BUILT: dict[int, tuple[tuple[Endpoint, ...], Routes]] = {}


def routes_of(endpoints: tuple[Endpoint, ...]) -> Routes:
    """Return the routes of a profile's endpoints, built once: a world is made of the same profile thousands of times.

    Endpoints are known by identity, and kept, so that an identity never comes to mean others.
    """
    found = _BUILT.get(id(endpoints))
    if found is None:
        found = _BUILT[id(endpoints)] = (endpoints, Routes(endpoints))
    return found[1]


def _rule(path: str) -> str:
    """Turn `/{tenant}/x/{rest...}` into werkzeug's spelling; three dots match slashes too."""
    path = re.sub(r"\{(\w+)\.\.\.\}", r"<path:\1>", path)
    return re.sub(r"\{(\w+)\}", r"<\1>", path)


def _by_method(endpoints: list[Endpoint], method: str) -> Endpoint:
    return next((endpoint for endpoint in endpoints if method in endpoint.methods), endpoints[0])
