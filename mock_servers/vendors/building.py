"""Pieces that many vendors are put together from: endpoints at their addresses, refusals by group, sources, and the
vendor itself, which takes for unverified whatever its profile names no source for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.profile import Endpoint, Profile, Source
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.vendor import Vendor

NANGO = source("addresses and parameters: NangoHQ/nango at 2f4c0af6 of 2026-08-21, packages/providers/providers.yaml")
UNVERIFIED = source("assumption of this project: no public statement was read", "unverified")

_NAMES = ("name", "title", "issuer", "sources")
"""Fields that are names and no facts."""

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
    *,
    base: str = "",
) -> tuple[Endpoint, ...]:
    """Return a vendor's endpoints; the resource wants the scopes and returns the document.

    An address that begins with a slash stands below `base`.
    """

    def at(address: str) -> str:
        return base + address if address.startswith("/") else address

    options = {"scopes": scopes, "document": {"ok": True} if document is None else dict(document)}
    revoking = () if revocation is None else (Endpoint(view="revocation", url=at(revocation), methods=("POST",)),)
    return (
        Endpoint(view="authorization", url=at(authorization)),
        Endpoint(view="token", url=at(token), methods=("POST",)),
        *revoking,
        Endpoint(view="resource", url=at(resource), options=options),
    )


def sources(*facts: tuple[Source, str]) -> dict[str, Source]:
    """Return the sources of a profile: each names the fields it covers, separated by spaces."""
    return {name: origin for origin, names in facts for name in names.split()}


def refusals(causes: tuple[Cause, ...], reply: ErrorReply) -> dict[Cause, ErrorReply]:
    """Return one reply for every cause of a group."""
    return dict.fromkeys(causes, reply)


def vendor(profile: Profile, *faults: FaultSpec) -> Vendor:
    """Return the vendor of a profile, with faults of its own; what the profile sets without a source is unverified."""
    assumed = dict.fromkeys(_unsourced(profile), UNVERIFIED)
    return Vendor(
        name=profile.name,
        title=profile.title,
        profile=replace(profile, sources={**profile.sources, **assumed}),
        faults=faults,
    )


def _unsourced(profile: Profile) -> Iterator[str]:
    """Yield the fields that differ from their defaults and have no source, or their parts where others have one."""
    for name in _set_in(profile):
        value = getattr(profile, name)
        parts = [f"{name}.{part}" for part in _set_in(value)] if is_dataclass(value) else []
        if name not in (*profile.sources, *_NAMES):
            sourced = any(part in profile.sources for part in parts)
            yield from [part for part in parts if part not in profile.sources] if sourced else [name]


def _set_in(value: Any) -> list[str]:
    defaults = {
        one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in fields(value)
    }
    return [name for name, default in defaults.items() if getattr(value, name) != default]
