"""A token endpoint's answer read into a value: Issued, or Failed with what the failure means (TOK-02 to TOK-06).

Vendors differ in words, not in kind: what they say stands in tables. It does no IO and knows no stored state.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from refreshproof.harness.client.model.clock import SECOND
from refreshproof.harness.client.model.redaction import safe_code, safe_text
from refreshproof.harness.client.model.token import FailureKind

LONGEST_LIFETIME = 100 * 365 * 86_400
"""Longer lifetimes are cut to a hundred years, so that instants stay within 64 bits."""

SHORTEST_LIFETIME = 2
"""An access token that lives no longer cannot be used over any network; 0 is how some vendors say "never"."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete HTTP answer: lower-case header names, and a body within the size limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A usable answer; lifetimes in seconds, None where the provider did not say or said nonsense."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int | None
    refresh_expires_in: int | None
    token_type: str
    scope: tuple[str, ...] | None
    authorization_expires_in: int | None = None


@dataclass(frozen=True, kw_only=True)
class Failed:
    """An unusable answer. Texts are safe to log; `retry_at` is the provider's wish as an instant."""

    kind: FailureKind
    error: str
    description: str = ""
    status: int | None = None
    correlation_id: str | None = None
    retry_at: int | None = None


Reply = Issued | Failed


def read(answer: Answer, now: int, secrets: tuple[str, ...] = ()) -> Reply:
    """Read an answer; texts that echo one of the secrets are blanked out."""
    document = _document(answer.body)
    if document is None:
        return _unreadable(answer, now)
    access_token = document.get("access_token")
    is_token = isinstance(access_token, str) and bool(access_token.strip())
    if 200 <= answer.status < 300 and is_token and not _says_error(document):
        return _issued(document)
    return _failed(answer, document, now, secrets)


def _says_error(document: Mapping[str, Any]) -> bool:
    return bool(document.get("error")) or bool(document.get("errors"))


def _document(body: bytes) -> dict[str, Any] | None:
    """Parse a body by what it looks like: media types lie, a byte order mark and blanks are skipped."""
    text = body.decode("utf-8-sig", "replace").strip()
    if re.match(r"[\w.%+-]+=", text) and "<" not in text:
        return dict(parse_qsl(text, max_num_fields=100)) if re.search(r"(^|&)(access_token|error)=", text) else None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    return document if isinstance(document, dict) else None


def _issued(document: Mapping[str, Any]) -> Issued:
    refresh_token = document.get("refresh_token")
    lifetime = seconds(document.get("expires_in"))
    expiry = next((one for one in map(seconds, map(document.get, REFRESH_EXPIRY_MEMBERS)) if one), None)
    consent = next((one for one in map(seconds, map(document.get, CONSENT_EXPIRY_MEMBERS)) if one), None)
    ends = [one for one in (expiry, consent) if one is not None]
    token_type = document.get("token_type")
    return Issued(
        access_token=document["access_token"],
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token.strip() else None,
        expires_in=lifetime if lifetime is not None and lifetime >= SHORTEST_LIFETIME else None,
        refresh_expires_in=min(ends, default=None),
        authorization_expires_in=consent,
        token_type=token_type if isinstance(token_type, str) and token_type.strip() else "Bearer",
        scope=_scope(document.get("scope")),
    )


def seconds(value: object) -> int | None:
    """Read a lifetime: a non-negative integer, or text or float with an integer value; anything else is unknown."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,18}(\.0{1,18})?\s*", value, re.ASCII):
        value = int(value.partition(".")[0])
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return min(value, LONGEST_LIFETIME)


def _scope(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return tuple(re.split(r"[\s,]+", value.strip())) if value.strip() else None
    if isinstance(value, list):
        return tuple(one for one in value if isinstance(one, str)) or None
    return None


def _unreadable(answer: Answer, now: int) -> Failed:
    """Judge HTML, truncated and empty bodies: a 2xx may have committed, a 403 page is a bot filter, not the vendor."""
    kind = FailureKind.AMBIGUOUS if answer.status in AMBIGUOUS_STATUS else FailureKind.TRANSIENT
    place = _redirect_target(answer)
    error = f"redirected to {place}, redirects are not followed" if place else "the answer is not a token response"
    return Failed(kind=kind, error=error, status=answer.status, retry_at=retry_after(answer.headers, now))


def _redirect_target(answer: Answer) -> str | None:
    """Return scheme and host of a redirect; the rest may hold what must not be shown."""
    if not 300 <= answer.status < 400:
        return None
    found = re.match(r"https?://[A-Za-z0-9.-]{1,100}(?=[:/?#]|$)", answer.headers.get("location", ""))
    return found[0] if found else "another place"


def _failed(answer: Answer, document: Mapping[str, Any], now: int, secrets: tuple[str, ...]) -> Failed:
    codes = [code.casefold() for code in _codes(document)]
    texts = " ".join(_texts(document))
    return Failed(
        kind=_kind(answer.status, codes, texts),
        error=safe_code(codes[0], secrets) if codes else "no error code",
        description=safe_text(texts, secrets),
        status=answer.status,
        correlation_id=_correlation_id(answer, document),
        retry_at=retry_after(answer.headers, now),
    )


def _kind(status: int, codes: list[str], texts: str) -> FailureKind:
    """Classify by error code rather than by status, in the order that keeps a grant when in doubt."""
    if status in {502, 504}:
        return FailureKind.AMBIGUOUS
    if status in TRANSIENT_STATUS or status >= 500 or 300 <= status < 400 or TRANSIENT_CODES.intersection(codes):
        return FailureKind.TRANSIENT
    if ALREADY_REFRESHING.search(texts):
        return FailureKind.TRANSIENT
    if CLIENT_CODES.intersection(codes):
        return FailureKind.ALARM
    if GRANT_CODES.intersection(codes):
        return FailureKind.REFUSED
    # Atlassian's newer form: 403 {"error":"unauthorized_client","error_description":"refresh_token is invalid"}.
    if "unauthorized_client" in codes:
        return FailureKind.REFUSED if ABOUT_REFRESH_TOKEN.search(texts) else FailureKind.ALARM
    # Atlassian's wrong secret: 401 {"error":"access_denied","error_description":"Unauthorized"}.
    if "access_denied" in codes and status == 401:
        return FailureKind.ALARM
    if codes or status >= 400:
        return FailureKind.UNCERTAIN
    return FailureKind.TRANSIENT


def _codes(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may be an error code: the member of RFC 6749 5.2 first, then the places vendors use instead."""
    for place in _places(document):
        for member in CODE_MEMBERS:
            value = place.get(member)
            if isinstance(value, str) and value.strip():
                yield value.strip()
            elif isinstance(value, int) and not isinstance(value, bool):
                yield str(value)
    numbers = document.get("error_codes")
    yield from (str(one) for one in numbers if isinstance(one, int)) if isinstance(numbers, list) else ()


def _texts(document: Mapping[str, Any]) -> Iterator[str]:
    for place in _places(document):
        yield from (value for member in TEXT_MEMBERS if isinstance(value := place.get(member), str))


def _places(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield document
    for member in ("error", "errors", "meta"):
        value = document.get(member)
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            yield first


def _correlation_id(answer: Answer, document: Mapping[str, Any]) -> str | None:
    found = document.get("correlation_id") or next(filter(None, map(answer.headers.get, CORRELATION_HEADERS)), None)
    return found if isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9-]{8,64}", found) else None


def retry_after(headers: Mapping[str, str], now: int) -> int | None:
    """Return the instant a Retry-After header asks for, in both forms of RFC 9110 10.2.3; None without a valid one."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+", value, re.ASCII):
        return now + min(int(value[:12]), LONGEST_LIFETIME) * SECOND
    try:
        wished = parsedate_to_datetime(value)
        return int(wished.replace(tzinfo=wished.tzinfo or UTC).timestamp()) * SECOND
    except (ValueError, OverflowError):
        return None


REFRESH_EXPIRY_MEMBERS = ("refresh_token_timeout", "refresh_token_expires_in", "x_refresh_token_expires_in")
"""Where the life of a refresh token is told; the first by draft-ietf-oauth-refresh-token-expiration-03 6.1. That of the
user's consent, authorization_expires_in there, bounds it (5), and both are taken literally however large (6.1.2)."""

CONSENT_EXPIRY_MEMBERS = ("authorization_expires_in", "x_refresh_token_hard_expires_in")
"""Where the end of the user's consent is told: by that draft, and by QuickBooks, which is asked for it by a header
(intuit/QuickBooks-V3-PHP-SDK c61fade of 2026-05-28)."""

CODE_MEMBERS = ("error", "errorType", "error_type", "type", "code", "status", "reason", "suberror", "errcode")
TEXT_MEMBERS = ("error_description", "message", "error_message", "reason")
CORRELATION_HEADERS = ("x-ms-request-id", "x-request-id", "atl-traceid", "x-trace-id", "client-request-id")

AMBIGUOUS_STATUS = frozenset({*range(200, 300), 502, 504})
"""A success that cannot be read, and a gateway that lost the origin's answer: the refresh may have been committed."""

TRANSIENT_STATUS = frozenset({408, 425, 429})

TRANSIENT_CODES = frozenset(
    {"temporarily_unavailable", "server_error", "slow_down", "rate_limit_exceeded", "too_many_requests"}
)

ALREADY_REFRESHING = re.compile(r"already being processed", re.IGNORECASE)
"""Salesforce answers a concurrent refresh with 400 and this sentence (misbehaviour rot-lock-as-400)."""

GRANT_CODES = frozenset(
    {"invalid_grant", "interaction_required", "consent_required", "login_required", "account_selection_required"}
    | {"bad_refresh_token", "invalid_refresh_token", "refresh_token_reused", "refresh_token_invalidated"}
    | {"bad_verification_code", "invalid_code", "expired_token", "token_expired", "token_revoked"}
    | {"190"}  # Facebook's number for an access or refresh token that is no longer valid
)
"""Refusals of the grant in RFC 6749 5.2, OpenID Connect Core 3.1.2.6 and the vendors' own words (err-vendor-code)."""

CLIENT_CODES = frozenset(
    {"invalid_client", "invalid_client_secret", "incorrect_client_credentials", "unsupported_grant_type"}
    | {"bad_client_secret", "invalid_client_id"}  # Slack
    | {"7000215", "7000222", "700016", "7000218"}  # Entra: wrong, expired, unknown, missing client credentials
)

ABOUT_REFRESH_TOKEN = re.compile(r"refresh[ _-]?token", re.IGNORECASE)
