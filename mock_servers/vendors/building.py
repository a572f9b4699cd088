"""Pieces that many vendors' profiles are put together from: endpoints at their addresses, sources, refusals by
group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile import Endpoint, Source
from refreshproof.mock_servers.vendors.sources import source

NANGO = source("addresses and parameters: NangoHQ/nango at 2f4c0af6 of 2026-08-21, packages/providers/providers.yaml")
UNVERIFIED = source("assumption of this project: no public statement was read", "unverified")

DEAD_TOKEN = (
    Cause.UNKNOWN_REFRESH_TOKEN, Cause.REFRESH_TOKEN_OF_OTHER_CLIENT, Cause.REFRESH_TOKEN_REVOKED,
    Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED, Cause.REFRESH_TOKEN_EVICTED, Cause.REFRESH_TOKEN_REUSED,
    Cause.PASSWORD_CHANGED,
)  # fmt: skip
BAD_CODE = (Cause.UNKNOWN_CODE, Cause.USED_CODE, Cause.EXPIRED_CODE, Cause.CODE_OF_OTHER_CLIENT)
BAD_CLIENT = (Cause.MISSING_CLIENT, Cause.UNKNOWN_CLIENT, Cause.MISSING_SECRET, Cause.WRONG_SECRET)
BAD_ACCESS_TOKEN = (Cause.UNKNOWN_ACCESS_TOKEN, Cause.ACCESS_TOKEN_EXPIRED, Cause.ACCESS_TOKEN_REVOKED)


def endpoints(
    authorization: str,
    token: str,
    resource: str,
    scopes: tuple[str, ...] = (),
    revocation: str | None = None,
    document: Mapping[str, Any] | None = None,
) -> tuple[Endpoint, ...]:
    """Return a vendor's endpoints; the resource wants the scopes and returns the document."""
    options = {"scopes": scopes, "document": {"ok": True} if document is None else dict(document)}
    revoking = () if revocation is None else (Endpoint(view="revocation", url=revocation, methods=("POST",)),)
    return (
        Endpoint(view="authorization", url=authorization),
        Endpoint(view="token", url=token, methods=("POST",)),
        *revoking,
        Endpoint(view="resource", url=resource, options=options),
    )


def sources(*facts: tuple[Source, str]) -> dict[str, Source]:
    """Return the sources of a profile: each names the fields it covers, separated by spaces."""
    return {name: origin for origin, names in facts for name in names.split()}


def refusals(causes: tuple[Cause, ...], reply: ErrorReply) -> dict[Cause, ErrorReply]:
    """Return one reply for every cause of a group."""
    return dict.fromkeys(causes, reply)
