"""Where a program finds the vendors: each origin has an address of its own on loopback, and no answer leads elsewhere.

`https://host/path` stands at `http://127.0.0.2:4711/host/path`. Another origin is another address, so that a program
which drops its credentials at the border of an origin does so here as well. Pure: what stands at an address is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from refreshproof.mock_servers.wire import WireResponse

POINTING = ("location", "content-location", "refresh", "link")
"""Headers whose addresses a client may go to."""
_CHALLENGE = "www-authenticate"
_ABSOLUTE = re.compile(r"https?://[^\s\"'<>,;]+")
_POINTER = re.compile(r"((?:resource_metadata|authorization_uri)=\"?)(https?://[^\s\",]+)")
_WELL_KNOWN = re.compile(r"(?P<place>/\.well-known/[^/?#]+)/(?P<authority>[^/?#]+)")
"""A well-known address that is put before the path, where the vendor's authority begins ours (RFC 8414 s3.1)."""
MOST_CALLERS = 50
"""Callers that are told apart by where they go; those beyond share the address that is everybody's."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where requests for an origin arrive: `here` is scheme, address and port on this machine. `caller` is the one that
    it was told to, 0 for everybody."""

    scheme: str
    authority: str
    here: str
    caller: int = 0

    def local(self, rest: str) -> str:
        """Return the local address of a path, with its query."""
        return f"{self.here}/{self.authority}{rest}"


class Addresses:
    """The origins that a program has been told of, the newest last; `opened` makes an address for one more, None where
    there are enough. Then the one that was told of longest ago gives its own up: no two ever share one."""

    def __init__(self, opened: Callable[[], str | None]) -> None:
        self._opened = opened
        self._known: dict[tuple[str, str, int], Origin] = {}

    def local(self, url: str, caller: int = 0) -> str:
        """Return where the program, or one caller of it, finds an address; what is none, or is here already, stays as
        it is."""
        try:
            split = urlsplit(url)
            host = split.hostname
        except ValueError:
            return url
        if split.scheme not in ("http", "https") or host is None or self._is_here(url) or host in _LOOPBACK:
            return url
        caller = caller if caller <= MOST_CALLERS else 0
        key = (split.scheme, split.netloc, caller)
        origin = self._known.pop(key, None)
        if origin is None:
            here = self._opened() or self._known.pop(next(iter(self._known))).here
            origin = Origin(scheme=split.scheme, authority=split.netloc, here=here, caller=caller)
        self._known[key] = origin
        return origin.local(url[len(f"{split.scheme}://{split.netloc}") :])

    def real(self, url: str) -> str:
        """Return the vendor's address that a local one stands for."""
        for origin in self._known.values():
            if url.startswith(f"{origin.here}/"):
                return self.asked(origin.here, url.removeprefix(origin.here))
        return url

    def caller_at(self, here: str) -> int:
        """Return the caller that was told of a place, 0 where it may be any."""
        told = {origin.caller for origin in self._known.values() if origin.here == here}
        return told.pop() if len(told) == 1 else 0

    def asked(self, here: str, target: str) -> str:
        """Return the vendor's address that a request is for which arrived here; a path without a host that is known
        belongs to the origin of the place that it arrived at."""
        first, _, rest = target.removeprefix("/").partition("/")
        authority, mark, query = first.partition("?")
        mine = next((one for one in self._known.values() if one.here == here), None)
        inserted = _WELL_KNOWN.match(target)
        if mine is not None and inserted is not None and inserted["authority"] == mine.authority:
            return f"{mine.scheme}://{mine.authority}{inserted['place']}{target[inserted.end() :]}"
        named = [one for one in self._known.values() if one.authority == authority]
        chosen = mine if mine in named else next(iter(named), None)
        if chosen is not None:
            return f"{chosen.scheme}://{chosen.authority}{mark}{query}" + (f"/{rest}" if "/" in target[1:] else "")
        return f"{mine.scheme}://{mine.authority}{target}" if mine is not None else f"https:/{target}"

    def told(self, response: WireResponse, url: str) -> WireResponse:
        """Return an answer whose redirects and endpoints lead to where the program finds them."""
        headers = tuple((name, self._header(name.lower(), value, url)) for name, value in response.headers)
        return replace(response, headers=headers, body=self._body(response))

    def _header(self, name: str, value: str, url: str) -> str:
        if name in ("location", "content-location"):
            try:
                return self.local(urljoin(url, value))  # a path alone would lose the host that stands in ours
            except ValueError:
                return value
        if name in POINTING:
            return _ABSOLUTE.sub(lambda found: self.local(found.group()), value)
        if name == _CHALLENGE:
            return _POINTER.sub(lambda found: found.group(1) + self.local(found.group(2)), value)
        return value

    def _body(self, response: WireResponse) -> bytes:
        document = response.document
        if not isinstance(document, dict):
            return response.body
        mapped = self._members(document)
        return response.body if mapped == document else json.dumps(mapped).encode()

    def _members(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._members(value)
            if isinstance(value, dict)
            else self.local(value)
            if isinstance(value, str) and name.endswith(("_endpoint", "jwks_uri"))
            else value
            for name, value in document.items()
        }

    def _is_here(self, url: str) -> bool:
        return any(url.startswith(f"{origin.here}/") for origin in self._known.values())
