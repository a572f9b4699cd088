"""Sending one token request over an injected httpx client: no redirect, no retry, a total deadline, a bounded body.

The three results are what the refresh procedure tells apart: nothing was sent, the answer is unknown, or an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from refreshproof.harness.client.model.clock import SECOND, Clock
from refreshproof.harness.client.token_endpoint.token_request import TokenRequest, to_httpx
from refreshproof.harness.client.token_endpoint.token_response import Answer

LARGEST_BODY = 1_048_576
"""Bytes of a token response that are read (TOK-01)."""

BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""No byte of the request has left: the refresh token is certainly unspent."""


@dataclass(frozen=True, kw_only=True)
class NotSent:
    """The request never left; `reason` names the error."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The request left and the answer is unknown; `reason` names the error."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A complete answer, and when its request was sent (microseconds)."""

    answer: Answer
    sent_at: int


Sent = NotSent | Lost | Answered


def send(client: httpx.Client, clock: Clock, request: TokenRequest, deadline: int) -> Sent:
    """Send the request and read the answer; the deadline (an instant) bounds the whole, not each read."""
    sent_at = clock.now()
    timeout = max(deadline - sent_at, 0) / SECOND
    try:
        message = to_httpx(request, client, timeout, sent_at)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        return NotSent(reason=type(error).__name__)
    return carry(client, clock, message, sent_at, deadline)


def carry(client: httpx.Client, clock: Clock, message: httpx.Request, sent_at: int, deadline: int) -> Sent:
    """Send a request that was made with a timeout, and read the answer by the deadline."""
    try:
        response = client.send(message, auth=None, follow_redirects=False, stream=True)
    except BEFORE_SENDING as error:
        return NotSent(reason=type(error).__name__)
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        return NotSent(reason=type(error).__name__)
    except httpx.TransportError as error:
        return Lost(reason=type(error).__name__)
    try:
        return _read(response, clock, sent_at, deadline)
    except (httpx.TransportError, httpx.DecodingError, httpx.StreamError) as error:
        return Lost(reason=type(error).__name__)
    finally:
        response.close()


def fetch(
    client: httpx.Client, clock: Clock, patience: int, method: str, url: str, document: Mapping[str, Any] | None
) -> Answer | None:
    """Ask for JSON and wait so many microseconds; returns None where no whole answer came."""
    now, accept = clock.now(), {"Accept": "application/json"}
    try:
        message = client.build_request(method, url, json=document, headers=accept, timeout=patience / SECOND)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return None
    sent = carry(client, clock, message, now, now + patience)
    return sent.answer if isinstance(sent, Answered) else None


def _read(response: httpx.Response, clock: Clock, sent_at: int, deadline: int) -> Sent:
    """Read the body chunk by chunk, so that a drip of bytes cannot outlive the deadline nor a flood the memory."""
    body = bytearray()
    # httpx reads this when the body begins: what is left of the deadline, not the whole of it once more.
    response.request.extensions["timeout"]["read"] = max(deadline - clock.now(), 0) / SECOND
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST_BODY:
            return Lost(reason=f"answer over {LARGEST_BODY} bytes")
        if clock.now() > deadline:
            break
    if clock.now() > deadline:
        return Lost(reason="answer after the total deadline")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answered(answer=Answer(status=response.status_code, headers=headers, body=bytes(body)), sent_at=sent_at)
