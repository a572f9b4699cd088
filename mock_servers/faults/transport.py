"""Faults of the way between client and server: what is lost, late, cut short, or delivered twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from refreshproof.mock_servers.faults.middleware import after, instead
from refreshproof.mock_servers.profile.units import Count, Duration
from refreshproof.mock_servers.wire import Drop, Fault, Framing, WireResponse


def drop(how: Drop) -> Fault:
    """Let the server act, then cut the connection: the answer is lost."""
    return after(lambda response, now: replace(response, drop=how))


def refuse_connection(how: Literal["refused", "tls"] = "refused") -> Fault:
    """Refuse the connection, or end it with a fatal TLS alert: the server never heard of the request."""
    return instead(lambda request, now: WireResponse(status=0, drop=how))


def lose_request() -> Fault:
    """Never deliver the request; the client waits in vain."""
    return instead(lambda request, now: WireResponse(status=0, drop="hang"))


def delay(seconds_: Duration) -> Fault:
    """Take so many seconds of server time before the answer leaves."""
    return after(lambda response, now: replace(response, delay=response.delay + seconds_))


def drip(seconds_: Duration) -> Fault:
    """Send the body one byte at a time, with so many seconds between two bytes."""
    return after(lambda response, now: replace(response, drip=seconds_))


def truncate(at: Count) -> Fault:
    """Deliver only the first bytes of the body, under the length of the whole."""
    return after(lambda response, now: replace(response, truncate_at=at))


def frame(how: Framing) -> Fault:
    """Announce the body in another way; one byte too many is a truncated answer also where there is no socket."""
    return after(lambda response, now: replace(response, framing=how))


def duplicate() -> Fault:
    """Deliver the request twice, as a retrying proxy does; the client sees the second answer."""

    def second(response: WireResponse, other: WireResponse) -> WireResponse:
        return other

    return lambda handler: lambda request, now: second(handler(request, now), handler(request, now))
