"""From a request and its answer, as they were on the wire, to an exchange by aliases; the server's ledger goes with it
where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.ledger import LedgerEntry
from refreshproof.mock_servers.wire import Instant, WireRequest, WireResponse
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.recording.redaction import (
    KEPT_REQUEST_HEADERS,
    KEPT_RESPONSE_HEADERS,
    redacted_answer,
    redacted_headers,
    redacted_members,
    redacted_pairs,
    redacted_url,
)
from refreshproof.scenarios.world.recorded import challenge_of, presented

OF_TOKENS = ("token", "revocation", "device_authorization")
"""Endpoints whose answers are read; those of a resource are the user's own data."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """When something was sent and came back, in true time and in order; `answered` tells whether a whole answer went
    out."""

    number: int
    sent_at: Instant
    finished_at: Instant
    sent_order: int
    settled_order: int
    answered: bool


def taken(
    provider: Provider,
    request: WireRequest,
    response: WireResponse | None,
    passage: Passage,
    entry: LedgerEntry | None = None,
) -> Exchange:
    """Write down an exchange; without an entry of the ledger what the server did is taken from its answer."""
    vault, sighting = provider.vault, provider.sight(request)
    told = response if response is not None and passage.answered else None
    carried = presented(provider, sighting)
    members = _members(provider, sighting, told)
    parameters = redacted_pairs(vault, sighting.parameters)
    issued = entry.issued if entry is not None else _issued(provider, sighting, told, members)
    cause = None if entry is None else entry.cause
    return Exchange(
        number=passage.number,
        step=0,
        actor="browser" if sighting.view == "authorization" else "client",
        sent_at=passage.sent_at,
        sent_order=passage.sent_order,
        settled_order=passage.settled_order,
        client_sent_at=passage.sent_at,
        arrived_at=None if response is not None and response.drop == "refused" else passage.sent_at,
        finished_at=passage.finished_at,
        method=request.method,
        url=redacted_url(vault, request.url),
        origin=request.origin,
        view=sighting.view,
        grant_type=sighting.grant_type,
        client_authentication=sighting.credentials.methods,
        parameters=parameters,
        request_headers=redacted_headers(vault, request.headers, KEPT_REQUEST_HEADERS),
        presented=carried,
        committed=cause is None if entry is not None else bool(issued),
        cause=cause,
        event=None if entry is None else entry.event,
        issued=issued,
        status=None if told is None else told.status,
        response_headers=() if response is None else redacted_headers(vault, response.headers, KEPT_RESPONSE_HEADERS),
        response_body=_body(provider, sighting, told),
        members=members,
        delivered=told is not None,
        trouble=None if told is not None else (None if response is None else response.drop) or "lost",
        challenge=challenge_of(sighting.values.get("code_verifier")),
        leaks=_leaks(provider, sighting),
    )


def _members(provider: Provider, sighting: Sighting, response: WireResponse | None) -> dict[str, Any]:
    document = None if response is None else response.document
    if not isinstance(document, dict):
        return {}
    if sighting.view in OF_TOKENS:
        return redacted_members(provider.vault, document)
    error = document.get("error")
    return {"error": error} if isinstance(error, str) and error.replace("_", "").isalnum() and len(error) < 60 else {}


def _body(provider: Provider, sighting: Sighting, response: WireResponse | None) -> str:
    return "" if response is None or sighting.view not in OF_TOKENS else redacted_answer(provider.vault, response)


def _issued(
    provider: Provider, sighting: Sighting, response: WireResponse | None, members: dict[str, Any]
) -> tuple[str, ...]:
    """Return what an answer brought: tokens, or the code that the browser is sent on with."""
    if response is None:
        return ()
    if sighting.view == "authorization":
        query = dict(parse_qsl((response.header("location") or "").partition("?")[2].partition("#")[0]))
        return (provider.vault.name("CODE", query["code"]),) if query.get("code") else ()
    if sighting.view != "token" or response.status >= 300:
        return ()
    brought = (members.get(name) for name in ("access_token", "refresh_token"))
    return tuple(alias for alias in brought if isinstance(alias, str) and alias.strip())


def _leaks(provider: Provider, sighting: Sighting) -> tuple[str, ...]:
    """Return the secrets in the address or the Referer; a browser on its way through a login carries codes, and
    id_token_hint is made for addresses (OpenID Connect RP-Initiated Logout s2)."""
    request = sighting.request
    found = provider.vault.leaks(f"{request.url}\n{request.header('referer') or ''}")
    by_browser = sighting.view in ("authorization", None)
    spared = ("ID", "CODE", "STATE") if by_browser else ("ID", "STATE")
    return tuple(alias for alias in found if alias.rstrip("0123456789") not in spared)
