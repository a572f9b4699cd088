"""Refusals on the wire: a cause and a profile become a response, in the vendor's own envelope."""

from __future__ import annotations

import html
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from refreshproof.mock_servers.profile.profile import Cause, ErrorReply, Profile, ResponseShape
from refreshproof.mock_servers.provider.state.vault import Vault
from refreshproof.mock_servers.wire import SECOND, Instant, WireRequest, WireResponse, html_response, json_response

Headers: TypeAlias = tuple[tuple[str, str], ...]


class Refused(Exception):
    """A request that the provider refuses; `details` fill the description's placeholders."""

    def __init__(self, cause: Cause, **details: str) -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.details = details

    @property
    def detail(self) -> str:
        """The details as text, for the ledger."""
        return ", ".join(f"{name}: {value}" for name, value in self.details.items())


def precise_date(instant: Instant) -> str:
    """Return an instant in ISO 8601 with Microsoft's seven digits of fraction."""
    return datetime.fromtimestamp(instant // SECOND, tz=UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{instant % SECOND:06}0Z")


def age(since: Instant, now: Instant) -> str:
    """Return how long ago something was, in seconds, for the details of a refusal."""
    return f"{(now - since) / SECOND:g} s"


class _Blanks(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def describe(reply: ErrorReply, details: Mapping[str, str]) -> str | None:
    """Fill a description's placeholders; one without a value becomes empty."""
    if reply.description is None:
        return None
    prefix = f"AADSTS{reply.members['aadsts']}: " if "aadsts" in reply.members else ""
    return prefix + reply.description.format_map(_Blanks(details))


def error_document(
    profile: Profile, refused: Refused, *, request: WireRequest, vault: Vault, now: Instant
) -> dict[str, Any]:
    """Return the members of an error body."""
    reply = profile.reply(refused.cause)
    return ENVELOPES[profile.error_envelope](reply, refused.details, request, vault, now)


def error_response(
    profile: Profile, refused: Refused, *, view: str | None, request: WireRequest, vault: Vault, now: Instant
) -> WireResponse:
    """Return the response of a refusal at a view; a reply without error and members has an empty body."""
    reply = profile.reply(refused.cause)
    document = error_document(profile, refused, request=request, vault=vault, now=now)
    reply = reply if request.header("authorization") or reply.status_by_post is None else _by_post(reply)
    headers = tuple((name, value.format_map(_Blanks(refused.details))) for name, value in reply.headers)
    shown = view == "authorization" and refused.cause in profile.authorization.errors_as_page
    if reply.page or shown:
        return error_page(profile, refused)
    if reply.text is not None:
        return WireResponse(
            status=reply.status,
            headers=(("Content-Type", "text/plain; charset=utf-8"), *headers),
            body=reply.text.encode(),
        )
    if not document:
        return WireResponse(status=reply.status, headers=headers)
    if view not in ANSWERED_ALIKE:
        return json_response(reply.status, document, headers=(*headers, ("Cache-Control", "no-store")))
    code, trace = reply.members.get("aadsts", 0), document.get("trace_id")
    return answer(
        profile, document, status=reply.status, headers=headers, code=code, trace=trace, request=request, vault=vault
    )


def _by_post(reply: ErrorReply) -> ErrorReply:
    """Return a refusal as a client meets it that did not authenticate itself in a header (RFC 6749 s5.2)."""
    unasked = tuple((name, value) for name, value in reply.headers if name != "WWW-Authenticate")
    return replace(reply, status=reply.status_by_post or reply.status, headers=unasked)


def answer(
    profile: Profile,
    document: Mapping[str, Any],
    *,
    request: WireRequest,
    vault: Vault,
    status: int = 200,
    headers: Headers = (),
    code: int = 0,
    trace: str | None = None,
) -> WireResponse:
    """Return a JSON answer of an authorization server in the vendor's form; `code` is its number of the error."""
    shape = profile.response
    made = _made_headers(shape, request, code, trace or _guid(vault)) if shape.made_headers else ()
    return json_response(status, document, headers=(*headers, *shape.headers, *made), indent=shape.indent)


def _made_headers(shape: ResponseShape, request: WireRequest, code: int, trace: str) -> Headers:
    returned = _correlation(request) if request.header("return-client-request-id") == "true" else None
    facts = {"trace_id": trace, "code": code, "client_request_id": returned or ""}
    filled = ((name, form.format_map(facts)) for name, form in shape.made_headers)
    return tuple((name, value) for name, value in filled if value)


def error_page(profile: Profile, refused: Refused) -> WireResponse:
    """Return the page a user meets where a vendor does not redirect the error."""
    reply = profile.reply(refused.cause)
    text = html.escape(describe(reply, refused.details) or "")
    title = html.escape(f"Error {reply.status}: {reply.error or refused.cause}")
    return html_response(
        reply.status,
        f'<!doctype html><html lang="en"><title>{title}</title><main><h1>{title}</h1><p>{text}</p></main></html>',
    )


def _rfc6749(
    reply: ErrorReply, details: Mapping[str, str], request: WireRequest, vault: Vault, now: Instant
) -> dict[str, Any]:
    document: dict[str, Any] = {} if reply.error is None else {"error": reply.error}
    description = describe(reply, details)
    if description is not None:
        document["error_description"] = description
    return document | dict(reply.members)


def _aadsts(
    reply: ErrorReply,
    details: Mapping[str, str],
    request: WireRequest,
    vault: Vault,
    now: Instant,
    *,
    separator: str = " ",
) -> dict[str, Any]:
    """Build the eight members of Microsoft's error body (recorded 2021 to 2023)."""
    members = dict(reply.members)
    code = members.pop("aadsts", None)
    if code is None:
        return _rfc6749(reply, details, request, vault, now)
    moment = datetime.fromtimestamp(now // SECOND, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace, correlation = _guid(vault), _correlation(request) or _guid(vault)
    text = describe(reply, details)
    parts = (text, f"Trace ID: {trace}", f"Correlation ID: {correlation}", f"Timestamp: {moment}")
    return {
        "error": reply.error,
        "error_description": separator.join(map(str, parts)),
        "error_codes": [code],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        **members,
    }


def _guid(vault: Vault) -> str:
    return str(uuid.UUID(vault.identifier(32)))


def _correlation(request: WireRequest) -> str | None:
    return request.header("client-request-id") or dict(request.query).get("client-request-id")


ANSWERED_ALIKE = ("token", "device_authorization", "revocation", "token_information")
"""The views whose refusals have the headers of their successes."""

Envelope = Callable[[ErrorReply, Mapping[str, str], WireRequest, Vault, Instant], dict[str, Any]]

ENVELOPES: Mapping[str, Envelope] = {
    "rfc6749": _rfc6749,
    "aadsts": _aadsts,
    # As it was in 2020 (Azure/azure-cli#14244).
    "aadsts_lines": partial(_aadsts, separator="\r\n"),
}
