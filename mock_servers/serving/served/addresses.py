"""Between the address a client was given and the vendor's real one: paths stay, only the origin differs.

On the way in the path tells which of the vendor's hosts is meant; on the way out every address that a client would
follow is turned back. Knows nothing of sockets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.in_force import all_endpoints
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.http.routes import routes_of
from refreshproof.mock_servers.wire import WireRequest, WireResponse

_SEGMENT = re.compile(r"\{[^}]*\}")
_NOT_THE_ISSUER = r'(?<!"issuer":")(?<!"issuer": ")'
_FOLLOWED_HEADERS = ("location", "www-authenticate")
_DOCUMENTS = (
    "discovery", "metadata", "resource_metadata", "tenant_document", "instance_discovery", "device_authorization",
    "keys",
)  # fmt: skip
"""The views whose answers are made of addresses."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a local path leads: the vendor's origin, and whether the answer is a document of addresses."""

    origin: str
    is_document: bool = False


class Addresses:
    """The addresses of one vendor at one local origin such as `http://127.0.0.1:8001`."""

    def __init__(self, profile: Profile, local: str, *, keep_issuer: bool = False) -> None:
        self._local = local
        self._keep_issuer = keep_issuer
        endpoints = all_endpoints(profile)
        self._routes = routes_of(endpoints)
        self._origins = tuple(dict.fromkeys(_origin(endpoint.url) for endpoint in endpoints))
        self.hosts = frozenset(urlsplit(origin).hostname or "" for origin in self._origins)
        origins = f"({'|'.join(map(re.escape, self._origins))})(?=[/?#\"' ]|$)"
        self._pattern = re.compile(origins)
        self._in_documents = re.compile(_NOT_THE_ISSUER + origins if keep_issuer else origins)

    def localized(self, profile: Profile) -> Profile:
        """Return the profile with an issuer at the local origin, unless the vendor's own is kept, and with resources
        that are known by their local addresses too."""
        rules = profile.resource_indicators
        if rules is not None:
            known = (*map(self._to_local, rules.resources), *rules.resources)
            profile = replace(profile, resource_indicators=replace(rules, resources=tuple(dict.fromkeys(known))))
        if self._keep_issuer:
            return profile
        return replace(profile, issuer=self._to_local(profile.issuer), issuer_aliases=(profile.issuer,))

    def local_url(self, url: str | None) -> str | None:
        """Return the local address for one of the vendor's; what lies elsewhere stays."""
        return None if url is None else self._to_local(url)

    def outward(self, response: WireResponse, place: Place) -> WireResponse:
        """Turn the vendor's addresses in an answer into local ones, where a client would follow them."""
        if _is_followed(response.headers):
            response = replace(response, headers=tuple(self._header(name, value) for name, value in response.headers))
        if not place.is_document or not isinstance(response.document, dict | list):
            return response
        # In the text, not in what it means: the body keeps the vendor's way of writing JSON.
        return replace(response, body=self._in_documents.sub(self._local, response.body.decode()).encode())

    def place(self, path: str) -> Place:
        """Return where a local path leads: to the endpoint that spells out most of it, else to the first host."""
        found = [
            (route.endpoint, origin)
            for origin in self._origins
            if (route := self._routes.find(WireRequest(method="GET", url=origin + path))) is not None
        ]
        if not found:
            return Place(origin=self._origins[0])
        endpoint, origin = max(found, key=lambda one: len(_SEGMENT.sub("", urlsplit(one[0].url).path)))
        return Place(origin=origin, is_document=endpoint.view in _DOCUMENTS)

    def _to_local(self, text: str) -> str:
        return self._pattern.sub(self._local, text)

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if name.lower() not in _FOLLOWED_HEADERS:
            return name, value
        if name.lower() == "location":
            # Only where it leads: a redirect to the client names the vendor as a value, not as an address to follow.
            return name, self._pattern.sub(self._local, value, count=1) if self._pattern.match(value) else value
        return name, self._to_local(value)


@lru_cache(maxsize=256)
def _is_followed(headers: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether headers hold an address that a client would follow."""
    return any(name.lower() in _FOLLOWED_HEADERS for name, _ in headers)


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"
