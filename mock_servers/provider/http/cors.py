"""Cross-origin sharing on the hosts that a vendor opens to browsers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from collections.abc import Callable

from refreshproof.mock_servers.wire import WireRequest, WireResponse

_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"),
    ("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type"),
)


def share(request: WireRequest, hosts: tuple[str, ...], answer: Callable[[], WireResponse]) -> WireResponse:
    """Answer a preflight by itself, and let a browser read any other answer; other hosts and requests are untouched."""
    origin = request.header("origin") if hosts and request.host in hosts else None
    if origin is None:
        return answer()
    preflight = request.method == "OPTIONS" and request.header("access-control-request-method") is not None
    response = WireResponse(status=204, headers=_PREFLIGHT) if preflight else answer()
    return response.with_headers(("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))
