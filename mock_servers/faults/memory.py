"""Faults that remember earlier requests: stale answers, locks, tokens that are not yet good.

Each keeps its own memory, of the newest few thousand things only, so that a fault can stand for days.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from refreshproof.mock_servers.faults.body import number_in
from refreshproof.mock_servers.faults.request import refusal
from refreshproof.mock_servers.profile.units import Duration, Status
from refreshproof.mock_servers.wire import SECOND, Fault, Handler, Instant, WireRequest, WireResponse, seconds

MOST_REMEMBERED = 10_000
"""Things that one fault remembers; the oldest is forgotten for a new one."""


class _Memory(dict[Any, Any]):
    """What a fault remembers, in the order in which it was last told."""

    def __setitem__(self, key: Any, value: Any) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > MOST_REMEMBERED:
            del self[next(iter(self))]


class Remembering:
    """A fault with a memory, which is handed to its answer at every request; `mark` and `return_to` take it back."""

    def __init__(self, answer: Callable[[dict[Any, Any], Handler, WireRequest, Instant], WireResponse]) -> None:
        self._answer = answer
        self._memory = _Memory()
        self._lock = threading.Lock()

    def __call__(self, handler: Handler) -> Handler:
        """Stand around a handler."""

        def locked(request: WireRequest, now: Instant) -> WireResponse:
            with self._lock:
                return self._answer(self._memory, handler, request, now)

        return locked

    def mark(self) -> dict[Any, Any]:
        """Return what is remembered."""
        return dict(self._memory)

    def return_to(self, mark: dict[Any, Any]) -> None:
        """Remember what there was at the mark."""
        self._memory = _Memory(mark)


def remember(seconds_: Duration) -> Fault:
    """Answer an equal request within so many seconds from a cache, with an Age header and without acting."""

    def answer(
        cache: dict[tuple[str, bytes], tuple[Instant, WireResponse]],
        handler: Handler,
        request: WireRequest,
        now: Instant,
    ) -> WireResponse:
        key = (request.url, request.body)
        if key in cache and now - cache[key][0] <= seconds(seconds_):
            stored, response = cache[key]
            return response.with_headers(("Age", str((now - stored) // SECOND)))
        cache[key] = (now, handler(request, now))
        return cache[key][1]

    return Remembering(answer)


def accept_late(seconds_: Duration) -> Fault:
    """Reject a new access token at resources for so many seconds, as a replica does that has not heard of it."""

    def answer(born: dict[str, Instant], handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        scheme, _, bearer = (request.header("authorization") or "").partition(" ")
        if scheme.lower() == "bearer" and now - born.get(bearer, now - seconds(seconds_)) < seconds(seconds_):
            return refusal(401, "invalid_token", "a token this replica knows", "a younger one")
        response = handler(request, now)
        if (issued := _issued(response)) and issued not in born:
            born[issued] = now
        return response

    return Remembering(answer)


def busy(seconds_: Duration) -> Fault:
    """Refuse a refresh token that was presented less than so many seconds ago, as if that were still under way."""

    def answer(presented: dict[str, Instant], handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        token = dict(request.form).get("refresh_token", "")
        if token in presented and now - presented[token] < seconds(seconds_):
            return refusal(400, "invalid_grant", "a later request", "a token request that is already being processed")
        presented[token] = now
        return handler(request, now)

    return Remembering(answer)


def outrun(seconds_: Duration) -> Fault:
    """Answer 204 to the revocation of a refresh token that was presented less than so many seconds ago, without acting.

    The refresh has outrun it, and the successor lives on. It has to see every request, to know both by the token.
    """

    def answer(presented: dict[str, Instant], handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        form = dict(request.form)
        revoked, refreshed = form.get("token"), form.get("refresh_token")
        if revoked in presented and now - presented[revoked] < seconds(seconds_):
            return WireResponse(status=204)
        if refreshed is not None:
            presented[refreshed] = now
        return handler(request, now)

    return Remembering(answer)


def too_early(last: Duration, code: Status = 401) -> Fault:
    """Refuse a refresh before the last so many seconds of the access token's life.

    It has to see every token request, to know when the access token was issued.
    """

    def answer(expires: dict[str, Instant], handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        until = expires.get(dict(request.form).get("refresh_token", ""), now) - seconds(last)
        if now < until:
            return refusal(code, "access_denied", f"a refresh {(until - now) / SECOND:g} s later", "one now")
        response = handler(request, now)
        content = response.document
        if isinstance(content, dict) and (life := number_in(content.get("expires_in"))) is not None:
            expires[str(content.get("refresh_token"))] = now + seconds(life)
        return response

    return Remembering(answer)


def one_token() -> Fault:
    """Let the refresh token serve as the access token too: the answer holds one string twice.

    It has to see every request, to know the token again at resources.
    """

    def answer(hidden: dict[str, str], handler: Handler, request: WireRequest, now: Instant) -> WireResponse:
        bearer = (request.header("authorization") or "").removeprefix("Bearer ")
        if bearer in hidden:
            headers = (("Authorization", f"Bearer {hidden[bearer]}"),)
            request = WireRequest(method=request.method, url=request.url, headers=headers, body=request.body)
        response = handler(request, now)
        token = _issued(response)
        refresh_token = response.document.get("refresh_token", "") if token else ""
        if not refresh_token:
            return response
        hidden[refresh_token] = token
        return _with_body(response, response.body.replace(token.encode(), refresh_token.encode()))

    return Remembering(answer)


def _issued(response: WireResponse) -> str:
    """Return the access token of a response, or nothing."""
    content: Any = response.document
    return str(content.get("access_token") or "") if isinstance(content, dict) else ""


def _with_body(response: WireResponse, body: bytes) -> WireResponse:
    return WireResponse(status=response.status, headers=response.headers, body=body, entry=response.entry)
