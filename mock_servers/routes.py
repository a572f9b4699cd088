"""From an address to an endpoint: exact addresses by dictionary, templates with segments in braces by werkzeug's
routing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from refreshproof.mock_servers.profile import Endpoint
from refreshproof.mock_servers.wire import WireRequest


@dataclass(frozen=True, kw_only=True)
class Route:
    """An endpoint and the values of the segments in braces."""

    endpoint: Endpoint
    segments: Mapping[str, str]


class Routes:
    """The addresses of one vendor; the scheme and port of a request do not matter, its host and path do."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._exact: dict[tuple[str, str], list[Endpoint]] = {}
        self._templates: dict[str, list[Rule]] = {}
        self._named: dict[str, Endpoint] = {}
        for number, endpoint in enumerate(endpoints):
            split = urlsplit(endpoint.url)
            host, path = split.hostname or "", split.path or "/"
            if "{" in endpoint.url:
                name = str(number)
                self._named[name] = endpoint
                self._templates.setdefault(host, []).append(Rule(_rule(path), endpoint=name))
            else:
                self._exact.setdefault((host, path), []).append(endpoint)
        self._maps = {host: Map(rules, strict_slashes=False) for host, rules in self._templates.items()}
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
        if host not in self._maps:
            return None
        try:
            name, segments = self._maps[host].bind(host).match(path, method=None)
        except HTTPException:
            return None
        return Route(endpoint=self._named[name], segments=segments)


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
