"""Misbehaviour as functions `Handler -> Handler`: they change an answer, replace it, or trouble its way; they
compose by application.

Each factory is named in `FAULTS`; a `FaultSpec` is the same as data. Ids of facts/misbehaviours.json stand in the
docstrings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from itertools import count
from typing import Any

from refreshproof.mock_servers.sighting import Sighting
from refreshproof.mock_servers.wire import (
    HTML_TYPE,
    JSON_TYPE,
    SECOND,
    Drop,
    Fault,
    Handler,
    Instant,
    WireRequest,
    WireResponse,
    seconds,
)

MAINTENANCE_PAGE = "<!doctype html><html><title>Maintenance</title><h1>We will be back soon</h1></html>"


def drop(how: Drop) -> Fault:
    """Let the server act, then cut the connection: the answer is lost (`rot-lost-response`,
    `net-timeout-after-commit`)."""
    return _edit(lambda response, now: replace(response, drop=how))


def refuse_connection() -> Fault:
    """Refuse the connection: nothing was sent (`net-tls-and-proxy-failures`)."""
    return _instead(lambda now: WireResponse(status=0, drop="refused"))


def lose_request() -> Fault:
    """Never deliver the request; the client waits in vain."""
    return _instead(lambda now: WireResponse(status=0, drop="hang"))


def delay(seconds_: float) -> Fault:
    """Take so many seconds of server time before the answer leaves."""
    return _edit(lambda response, now: replace(response, delay=response.delay + seconds_))


def truncate(at: int) -> Fault:
    """Deliver only the first bytes of the body (`net-truncated-json`)."""
    return _edit(lambda response, now: replace(response, truncate_at=at))


def status(code: int, error: str | None = None, retry_after: str | None = None) -> Fault:
    """Answer a status without acting (`err-429-token`, `net-5xx-retry-after`).

    `retry_after` is a number of seconds, or `date:N` for an HTTP date N seconds ahead of the server's clock (RFC
    9110 s10.2.3).
    """

    def answer(now: Instant) -> WireResponse:
        headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON_TYPE),)
        if retry_after is not None:
            headers = (*headers, ("Retry-After", _retry_after(retry_after, now)))
        body = b"" if error is None else json.dumps({"error": error}).encode()
        return WireResponse(status=code, headers=headers, body=body)

    return _instead(answer)


def html(code: int = 200, body: str = MAINTENANCE_PAGE, content_type: str = HTML_TYPE) -> Fault:
    """Answer an HTML page without acting (`err-html-200-or-json-labelled`, `err-500-html`)."""
    return _instead(
        lambda now: WireResponse(status=code, headers=(("Content-Type", content_type),), body=body.encode())
    )


def error_body(code: int = 200, document: Mapping[str, Any] | None = None) -> Fault:
    """Answer an error body without acting, with status 200 unless told otherwise (`err-200-error-body`)."""
    content = {"error": "temporarily_unavailable", "error_description": "Try later."} if document is None else document
    body = json.dumps(dict(content)).encode()
    return _instead(lambda now: WireResponse(status=code, headers=(("Content-Type", JSON_TYPE),), body=body))


def member(name: str, value: Any = None, *, remove: bool = False) -> Fault:
    """Change one member of a success body, or remove it (`rot-null-rt`, `rot-empty-string-rt`, `rot-omitted-rt`,
    `exp-*`)."""

    def edit(response: WireResponse, now: Instant) -> WireResponse:
        document = response.document
        if response.status != 200 or not isinstance(document, dict):
            return response
        changed = {key: item for key, item in document.items() if key != name}
        if not remove:
            changed = {key: value if key == name else item for key, item in document.items()} | {name: value}
        return replace(response, body=json.dumps(changed).encode())

    return _edit(edit)


def stamp(name: str) -> Fault:
    """Add a member that tells the server's time in whole seconds (`clk-created-at`)."""
    return lambda handler: lambda request, now: member(name, now // SECOND)(handler)(request, now)


def relabel(code: int) -> Fault:
    """Answer under another status, after acting (`shape-status-201`)."""
    return _edit(lambda response, now: replace(response, status=code if response.status == 200 else response.status))


def header(name: str, value: str | None) -> Fault:
    """Set a response header, or remove it (`shape-wrong-content-type`, `shape-no-content-type`)."""
    if value is not None:
        return _edit(lambda response, now: response.with_headers((name, value)))
    return _edit(lambda response, now: replace(response, headers=_without(response.headers, name)))


def _without(headers: tuple[tuple[str, str], ...], name: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in headers if pair[0].lower() != name.lower())


def prefix(text: str) -> Fault:
    """Put text before the body (`net-bom`, `net-leading-whitespace`)."""
    return _edit(lambda response, now: replace(response, body=text.encode() + response.body))


def rewrite(old: str, new: str) -> Fault:
    """Replace the first occurrence of a text in the body (`net-duplicate-json-keys`)."""
    return _edit(lambda response, now: replace(response, body=response.body.replace(old.encode(), new.encode(), 1)))


def _edit(change: Callable[[WireResponse, Instant], WireResponse]) -> Fault:
    def fault(handler: Handler) -> Handler:
        return lambda request, now: change(handler(request, now), now)

    return fault


def _instead(answer: Callable[[Instant], WireResponse]) -> Fault:
    def fault(handler: Handler) -> Handler:
        return lambda request, now: answer(now)

    return fault


def _retry_after(value: str, now: Instant) -> str:
    if not value.startswith("date:"):
        return value
    return formatdate((now + seconds(float(value.removeprefix("date:")))) // SECOND, usegmt=True)


FAULTS: Mapping[str, Callable[..., Fault]] = {
    "delay": delay,
    "drop": drop,
    "error_body": error_body,
    "header": header,
    "html": html,
    "lose_request": lose_request,
    "member": member,
    "prefix": prefix,
    "refuse_connection": refuse_connection,
    "relabel": relabel,
    "rewrite": rewrite,
    "stamp": stamp,
    "status": status,
    "truncate": truncate,
}


@dataclass(frozen=True, kw_only=True)
class FaultSpec:
    """A fault as data: its name in `FAULTS`, its parameters, and the requests it is for.

    `view` and `grant_type` select requests (None for any). Of the selected ones the fault lets `skip` pass and strikes
    the next `times` (None for all of them). With `every` it strikes the first `times` (None for one) of each round of
    `every` requests.
    """

    fault: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    view: str | None = "token"
    grant_type: str | None = "refresh_token"
    skip: int = 0
    times: int | None = None
    every: int | None = None

    def build(self) -> Fault:
        """Return the fault itself; raises ValueError that names an unknown fault or parameter."""
        if self.fault not in FAULTS:
            raise ValueError(f"unknown fault {self.fault!r}; known are {', '.join(FAULTS)}")
        try:
            return FAULTS[self.fault](**dict(self.parameters))
        except TypeError as error:
            raise ValueError(f"fault {self.fault!r}: {error}") from None

    def matches(self, sighting: Sighting) -> bool:
        """Tell whether a request is one of those the fault is for."""
        return self.view in (None, sighting.view) and self.grant_type in (None, sighting.grant_type)

    def strikes(self, count: int) -> bool:
        """Tell whether the fault strikes the `count`-th selected request, counted from 0."""
        ordinal = count - self.skip
        if ordinal < 0:
            return False
        if self.every is not None:
            return ordinal % self.every < (1 if self.times is None else self.times)
        return self.times is None or ordinal < self.times


def apply(handler: Handler, specs: tuple[FaultSpec, ...], sight: Callable[[WireRequest], Sighting]) -> Handler:
    """Wrap a handler in faults; the first spec is the innermost, and each counts every request it selects."""
    layers = [(spec, spec.build(), count()) for spec in specs]

    def struck(request: WireRequest, now: Instant) -> WireResponse:
        sighting, inner = sight(request), handler
        for spec, fault, counted in layers:
            # Every spec counts on its own, also where an outer fault answers in the provider's stead.
            if spec.matches(sighting) and spec.strikes(next(counted)):
                inner = fault(inner)
        return inner(request, now)

    return struck if layers else handler
