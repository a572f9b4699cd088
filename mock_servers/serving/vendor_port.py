"""What answers at a vendor's port, and how such a port is listened at and called."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from refreshproof.mock_servers.serving.served.options import ServeOptions
from refreshproof.mock_servers.serving.served.served import Served, describe, find
from refreshproof.mock_servers.serving.sockets.clock import ServerClock
from refreshproof.mock_servers.serving.sockets.connection import internal_error
from refreshproof.mock_servers.serving.sockets.loop import listen
from refreshproof.mock_servers.wire import WireRequest, WireResponse


class VendorPort:
    """What answers at one vendor's port: that vendor, or another one whose real host is asked for."""

    def __init__(self, own: Served, vendors: tuple[Served, ...], clock: ServerClock, options: ServeOptions) -> None:
        self._own = own
        self._vendors = vendors
        self._clock = clock
        self._logs = options.log is not None
        self._tell = options.tell
        self._answering: dict[int, Served] = {}
        self._whose = lru_cache(maxsize=1024)(self._find)

    def answer(self, request: WireRequest) -> WireResponse:
        """Answer one request; a bug of ours is a 500 that says so, and never looks like a vendor's refusal."""
        try:
            served = self._whose(request.url.partition("?")[0])
            response = served.handle(request, self._clock.now())
            if served is not self._own:
                self._answering[id(response)] = served
            if self._logs:
                self._tell(describe(served, request, response))
        except Exception as error:
            return self._broken(error)
        return response

    def refuse(self, status: int, reason: str) -> WireResponse:
        """Answer what is no request, and note it."""
        self._log(lambda: f"{self._own.vendor.name} refused: {status} {reason}")
        return self._own.refuse(status, reason, self._clock.now())

    def broke(self, error: Exception) -> None:
        """Tell of a bug that ended a connection."""
        self._tell(f"{self._own.vendor.name} {internal_error(error)}; a connection was closed")

    def delivered(self, response: WireResponse, arrived: bool) -> None:
        """Pass on whether an answer went out whole."""
        self._answering.pop(id(response), self._own).delivered(response, arrived)

    def tunnels_to(self, host: str) -> bool:
        """Tell whether a host is one of the vendors' real ones."""
        return any(served.knows(host.lower()) for served in self._vendors)

    def breaks_handshake(self) -> bool:
        """Use up one of the handshakes that are to fail."""
        broken = self._own.broken_handshakes > 0
        self._own.broken_handshakes -= broken
        return broken

    def _find(self, address: str) -> Served:
        return find(self._vendors, self._own, WireRequest(method="GET", url=address).host)

    def _broken(self, error: Exception) -> WireResponse:
        text = internal_error(error)
        self._log(lambda: f"{self._own.vendor.name} {text}")
        return WireResponse(status=500, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=text.encode())

    def _log(self, line: Callable[[], str]) -> None:
        if self._logs:
            self._tell(line())


_IPV6 = {"127.0.0.1": "::1", "0.0.0.0": "::"}  # noqa: S104 - the same in the other family


def beside(listener: Any) -> Any:
    """Listen at the same port of the other family too, since localhost is both; None where that cannot be."""
    host, number = listener.getsockname()[:2]
    try:
        return listen(_IPV6[host], number)
    except (KeyError, OSError):
        return None


_UNCALLABLE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where to call what listens everywhere


def authority(host: str, listener: Any, names: tuple[str, ...]) -> str:
    """Return what clients call a listener: the machine's first name, or else its address."""
    name = next(iter(names), _UNCALLABLE.get(host, f"[{host}]" if ":" in host else host))
    return f"{name}:{listener.getsockname()[1]}"
