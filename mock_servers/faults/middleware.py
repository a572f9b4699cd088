"""The three ways in which a fault can stand around a handler: change what it is asked, what it answers, or answer
itself.

Knows requests and responses, and nothing of OAuth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit

from refreshproof.mock_servers.wire import Fault, Instant, WireRequest, WireResponse

Pairs: TypeAlias = tuple[tuple[str, str], ...]

_FIELD = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


def before(change: Callable[[WireRequest, Instant], WireRequest | WireResponse]) -> Fault:
    """Make a fault that changes a request on its way to the server, or answers it with a response of its own."""

    def answer(changed: WireRequest | WireResponse, handler: Any, now: Instant) -> WireResponse:
        return changed if isinstance(changed, WireResponse) else handler(changed, now)

    return lambda handler: lambda request, now: answer(change(request, now), handler, now)


def after(change: Callable[[WireResponse, Instant], WireResponse]) -> Fault:
    """Make a fault that lets the server act and changes its answer."""
    return lambda handler: lambda request, now: change(handler(request, now), now)


def instead(answer: Callable[[WireRequest, Instant], WireResponse]) -> Fault:
    """Make a fault that answers in the server's stead: the server never hears of the request."""
    return lambda handler: answer


def on_success(change: Callable[[dict[str, Any], Instant], object]) -> Fault:
    """Make a fault that changes the JSON object of a 200 answer."""

    def edit(response: WireResponse, now: Instant) -> WireResponse:
        if response.status != 200 or not isinstance(response.document, dict):
            return response
        return replace(response, body=json.dumps(change(dict(response.document), now)).encode())

    return after(edit)


def field_text(parameter: str, value: str) -> str:
    """Return the text that a parameter gives to a header; raises ValueError where none may hold it (RFC 9110 s5.5)."""
    if _FIELD.fullmatch(value):
        return value
    raise ValueError(f"{parameter}: found {value!r}; expected Latin-1 on one line, without control characters")


def parameters_of(request: WireRequest) -> Pairs:
    """Return what a request carries, in its query and its body."""
    return (*request.query, *request.form)


def with_query(request: WireRequest, pairs: Pairs) -> WireRequest:
    """Return the request with other parameters in its query."""
    return replace(request, url=urlunsplit(urlsplit(request.url)._replace(query=urlencode(pairs))))


def with_form(request: WireRequest, pairs: Pairs) -> WireRequest:
    """Return the request as a POST of a form, with nothing in the query."""
    url = urlunsplit(urlsplit(request.url)._replace(query=""))
    headers = tuple(pair for pair in request.headers if pair[0].lower() != "content-type")
    form = ("Content-Type", "application/x-www-form-urlencoded")
    return WireRequest(method="POST", url=url, headers=(*headers, form), body=urlencode(pairs).encode())
