"""Refusals on the wire: a cause and a profile become a response, in the vendor's own envelope."""

from __future__ import annotations

import html
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from refreshproof.mock_servers.profile import Cause, ErrorReply, Profile
from refreshproof.mock_servers.vault import Vault
from refreshproof.mock_servers.wire import SECOND, Instant, WireRequest, WireResponse, html_response, json_response


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
    profile: Profile, refused: Refused, *, request: WireRequest, vault: Vault, now: Instant
) -> WireResponse:
    """Return the response of a refusal; a reply without error and members has an empty body."""
    reply = profile.reply(refused.cause)
    document = error_document(profile, refused, request=request, vault=vault, now=now)
    headers = tuple((name, value.format_map(_Blanks(refused.details))) for name, value in reply.headers)
    if reply.page:
        return error_page(profile, refused)
    if not document:
        return WireResponse(status=reply.status, headers=headers)
    return json_response(reply.status, document, headers=(*headers, ("Cache-Control", "no-store")))


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
    reply: ErrorReply, details: Mapping[str, str], request: WireRequest, vault: Vault, now: Instant
) -> dict[str, Any]:
    """Build the eight members of Microsoft's error body (facts/microsoft.md section 6, recorded 2021 to 2023)."""
    members = dict(reply.members)
    code = members.pop("aadsts", None)
    if code is None:
        return _rfc6749(reply, details, request, vault, now)
    moment = datetime.fromtimestamp(now // SECOND, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace, correlation = _guid(vault), _correlation(request) or _guid(vault)
    text = describe(reply, details)
    return {
        "error": reply.error,
        "error_description": f"{text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
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


Envelope = Callable[[ErrorReply, Mapping[str, str], WireRequest, Vault, Instant], dict[str, Any]]

ENVELOPES: Mapping[str, Envelope] = {"rfc6749": _rfc6749, "aadsts": _aadsts}
