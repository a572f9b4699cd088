"""Faults that answer for the server, or put its refusals into other words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from string import Template
from typing import Any

from refreshproof.mock_servers.faults.body import number_in
from refreshproof.mock_servers.faults.middleware import field_text, instead
from refreshproof.mock_servers.profile.units import Status
from refreshproof.mock_servers.wire import (
    HTML_TYPE,
    JSON_TYPE,
    SECOND,
    Fault,
    Handler,
    Instant,
    WireRequest,
    WireResponse,
    seconds,
)

MAINTENANCE_PAGE = "<!doctype html><html><title>Maintenance</title><h1>We will be back soon</h1></html>"
LONGEST_WAIT = 10**9
"""Seconds ahead of now that a date can lie."""
TRY_LATER = {"error": "temporarily_unavailable", "error_description": "Try later."}


def status(
    code: Status,
    error: str | None = None,
    retry_after: str | None = None,
    challenge: str | None = None,
    acts: bool = False,
) -> Fault:
    """Answer a status without acting, or in the place of the answer of a server that `acts`.

    `retry_after` is a number of seconds, or `date:N` for an HTTP date N seconds ahead of the server's clock
    (RFC 9110 s10.2.3). `challenge` is the value of WWW-Authenticate (RFC 9110 s11.6.1).
    """
    later = None if retry_after is None else _retry_after(retry_after)
    asked = None if challenge is None else field_text("challenge", challenge)

    def answer(request: WireRequest, now: Instant) -> WireResponse:
        headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON_TYPE),)
        if later is not None:
            headers = (*headers, ("Retry-After", later(now)))
        if asked is not None:
            headers = (*headers, ("WWW-Authenticate", asked))
        body = b"" if error is None else json.dumps({"error": error}).encode()
        return WireResponse(status=code, headers=headers, body=body)

    def acting(handler: Handler) -> Handler:
        return lambda request, now: replace(answer(request, now), entry=handler(request, now).entry)

    return acting if acts else instead(answer)


def _retry_after(value: str) -> Callable[[Instant], str]:
    """Return what the header says at a time; any text may stand there, but a date is some seconds ahead."""
    if not value.startswith("date:"):
        text = field_text("retry_after", value)
        return lambda now: text
    ahead = number_in(value.removeprefix("date:"))
    if ahead is None or not 0 <= ahead <= LONGEST_WAIT:
        raise ValueError(f"retry_after: found {value!r}; expected date: and 0 to {LONGEST_WAIT} seconds")
    return lambda now: formatdate((now + seconds(ahead)) // SECOND, usegmt=True)


def html(code: Status = 200, body: str = MAINTENANCE_PAGE, content_type: str = HTML_TYPE) -> Fault:
    """Answer a page, or any text under any content type, without acting."""
    headers = (("Content-Type", field_text("content_type", content_type)),)
    return instead(lambda request, now: WireResponse(status=code, headers=headers, body=body.encode()))


def error_body(code: Status = 200, document: Mapping[str, Any] | None = None) -> Fault:
    """Answer a JSON body without acting, by default an error with status 200."""
    body = json.dumps(dict(TRY_LATER if document is None else document)).encode()
    return instead(lambda request, now: WireResponse(status=code, headers=(("Content-Type", JSON_TYPE),), body=body))


def echo(code: Status = 400, error: str = "invalid_request") -> Fault:
    """Answer an error, without acting, whose description repeats every parameter and credential of the request."""

    def answer(request: WireRequest, now: Instant) -> WireResponse:
        pairs = (*request.form, ("authorization", request.header("authorization") or "none"))
        words = ", ".join(f"{name} {value}" for name, value in pairs)
        body = json.dumps({"error": error, "error_description": f"cannot serve {words}"}).encode()
        return WireResponse(status=code, headers=(("Content-Type", JSON_TYPE),), body=body)

    return instead(answer)


def redirect_to(code: Status, location: str) -> Fault:
    """Redirect without acting; `$url` in the location is the address of the request."""
    field_text("location", location)

    def answer(request: WireRequest, now: Instant) -> WireResponse:
        return WireResponse(status=code, headers=(("Location", Template(location).safe_substitute(url=request.url)),))

    return instead(answer)


def restyle(
    document: Mapping[str, Any] | None = None,
    code: Status | None = None,
    only: str | None = None,
    page: str | None = None,
) -> Fault:
    """Put a refusal of the server into another document, status, or a page of HTML; `only` selects one error code.

    In the texts of the document `$error`, `$error_description` and `$refresh_token` (what the client presented) are
    filled in.
    """

    def fault(handler: Handler) -> Handler:
        def restyled(request: WireRequest, now: Instant) -> WireResponse:
            response = handler(request, now)
            found = response.document if isinstance(response.document, dict) else {}
            if response.status < 400 or only not in (None, found.get("error")):
                return response
            words = {name: str(found.get(name, "")) for name in ("error", "error_description")}
            words["refresh_token"] = dict(request.form).get("refresh_token", "")
            body = response.body if document is None else json.dumps(_filled(document, words)).encode()
            if page is not None:
                response, body = response.with_headers(("Content-Type", HTML_TYPE)), page.encode()
            return replace(response, status=code or response.status, body=body)

        return restyled

    return fault


def _filled(template: object, words: Mapping[str, str]) -> object:
    if isinstance(template, str):
        return Template(template).safe_substitute(words)
    if isinstance(template, Mapping):
        return {key: _filled(value, words) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(item, words) for item in template]
    return template
