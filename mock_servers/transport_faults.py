"""Faults of the way between client and server: what is lost, late, cut short, or delivered twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from refreshproof.mock_servers.middleware import after, instead
from refreshproof.mock_servers.wire import Drop, Fault, Framing, WireResponse


def drop(how: Drop) -> Fault:
    """Let the server act, then cut the connection: the answer is lost; raises ValueError for an unknown way."""
    _check(how, Drop)
    return after(lambda response, now: replace(response, drop=how))


def refuse_connection() -> Fault:
    """Refuse the connection: nothing was sent."""
    return instead(lambda request, now: WireResponse(status=0, drop="refused"))


def lose_request() -> Fault:
    """Never deliver the request; the client waits in vain."""
    return instead(lambda request, now: WireResponse(status=0, drop="hang"))


def delay(seconds_: float) -> Fault:
    """Take so many seconds of server time before the answer leaves."""
    return after(lambda response, now: replace(response, delay=response.delay + seconds_))


def drip(seconds_: float) -> Fault:
    """Send the body one byte at a time, with so many seconds between two bytes."""
    return after(lambda response, now: replace(response, drip=seconds_))


def truncate(at: int) -> Fault:
    """Deliver only the first bytes of the body, under the length of the whole."""
    return after(lambda response, now: replace(response, truncate_at=at))


def frame(how: Framing) -> Fault:
    """Announce the body in another way; one byte too many is a truncated answer also where there is no socket.

    Raises ValueError for an unknown way.
    """
    _check(how, Framing)
    return after(lambda response, now: replace(response, framing=how))


def duplicate() -> Fault:
    """Deliver the request twice, as a retrying proxy does; the client sees the second answer."""

    def second(response: WireResponse, other: WireResponse) -> WireResponse:
        return other

    return lambda handler: lambda request, now: second(handler(request, now), handler(request, now))


def _check(how: str, ways: Any) -> None:
    if how not in get_args(ways):
        raise ValueError(f"how is {how!r}; expected {' or '.join(get_args(ways))}")
