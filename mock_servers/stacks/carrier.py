"""Carrying a request to a handler without a socket: the trouble a client can meet, and the plainest way there.

A carrier is what a client's HTTP stack is plugged into; each stack turns `Trouble` into its own errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from refreshproof.mock_servers.wire import Handler, Instant, WireRequest, WireResponse

TroubleKind: TypeAlias = Literal["refused", "timeout", "reset", "truncated"]


class Trouble(Exception):
    """A request that got no whole answer; `sent` tells whether its bytes left the client."""

    def __init__(self, kind: TroubleKind, *, sent: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.sent = sent


Carrier: TypeAlias = Callable[[WireRequest, "float | None"], WireResponse]
"""Takes a request and the client's timeout in seconds; returns the answer or raises `Trouble`."""

_DROPS: dict[str, TroubleKind] = {
    "before_headers": "reset",
    "after_headers": "reset",
    "hang": "timeout",
    "tls": "reset",
}


def arrival(response: WireResponse) -> WireResponse:
    """Return a response as the client sees it; raises `Trouble` where it is dropped or cut short."""
    if response.drop == "refused":
        raise Trouble("refused", sent=False)
    if response.drop is not None:
        raise Trouble(_DROPS[response.drop], sent=True)
    cut = response.truncate_at is not None and response.truncate_at < len(response.body)
    if cut or response.framing == "too_long":
        raise Trouble("truncated", sent=True)
    return response


def straight(handler: Handler, now: Callable[[], Instant]) -> Carrier:
    """Carry requests at once, at the time that `now` tells."""
    return lambda request, timeout: arrival(handler(request, now()))
