"""What a client calls the server: its Host, or what a proxy in front of it says that it was asked for.

Pure. Sources: RFC 9110 s7.2; RFC 7239 s4, s5; X-Forwarded-Proto, -Host and -Port as proxies set them, the first of
several being the client's.
"""

from __future__ import annotations

import re

from refreshproof.mock_servers.wire import WireRequest

_AUTHORITY = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_SCHEMES = ("http", "https")


def asked_origin(request: WireRequest) -> str:
    """Return scheme and authority as the client wrote them; what cannot be read counts as not said."""
    said = _forwarded(request.header("forwarded") or "")
    scheme = said.get("proto") or _first(request, "x-forwarded-proto")
    host = said.get("host") or _first(request, "x-forwarded-host")
    own_scheme, _, own_host = request.origin.partition("://")
    scheme = scheme if scheme in _SCHEMES else own_scheme
    if _AUTHORITY.fullmatch(host) is None:
        return f"{scheme}://{own_host}"
    port = _first(request, "x-forwarded-port")
    told = "" if _AUTHORITY.sub(r"\2", host) or not port.isascii() or not port.isdecimal() else f":{port[:5]}"
    return f"{scheme}://{host.lower()}{_unless_usual(scheme, told)}"


def _unless_usual(scheme: str, port: str) -> str:
    return "" if (scheme, port) in (("http", ":80"), ("https", ":443")) else port


def _first(request: WireRequest, name: str) -> str:
    return (request.header(name) or "").partition(",")[0].strip()


def _forwarded(text: str) -> dict[str, str]:
    """Return the parameters of the first element of a Forwarded header."""
    pairs = (part.partition("=") for part in text.partition(",")[0].split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
