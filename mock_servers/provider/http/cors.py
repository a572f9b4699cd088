"""Cross-origin sharing on the hosts that a vendor opens to browsers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from collections.abc import Callable

from refreshproof.mock_servers.wire import WireRequest, WireResponse

_METHODS = "GET, POST, PUT, DELETE"
_HEADERS = ("Accept", "Authorization", "Content-Type")


def share(request: WireRequest, hosts: tuple[str, ...], answer: Callable[[], WireResponse]) -> WireResponse:
    """Answer a preflight by itself, and let a browser read any other answer; other hosts and requests are untouched."""
    origin = request.header("origin") if hosts else None
    if origin is None or request.host not in hosts:
        return answer()
    preflight = request.method == "OPTIONS" and request.header("access-control-request-method") is not None
    response = _preflight(request) if preflight else answer()
    return response.with_headers(("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))


def _preflight(request: WireRequest) -> WireResponse:
    """Allow the usual headers, and those that are asked about, of which a client may have some of its own."""
    asked = [name.strip() for name in (request.header("access-control-request-headers") or "").split(",")]
    usual = {name.lower() for name in _HEADERS}
    headers = ", ".join((*_HEADERS, *(name for name in asked if name and name.lower() not in usual)))
    allowed = (("Access-Control-Allow-Methods", _METHODS), ("Access-Control-Allow-Headers", headers))
    return WireResponse(status=204, headers=allowed)
