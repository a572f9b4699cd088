"""Atlassian Cloud with one thing different each: other error bodies, readings of the documentation that are open, and
other looks of tokens. A client must pass under all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.pieces import DEAD_TOKEN
from refreshproof.mock_servers.profile.profile import Endpoint, ErrorReply, Profile, Source, TokenShape
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.atlassian.cloud import (
    ATLASSIAN,
    DEAD_REFRESH_TOKEN,
    ISSUER,
)

_ASSUMED = source("assumption of this project: a reading that the documentation leaves open", "unverified")


def _variant(name: str, title: str, origin: Source, facts: Iterable[str] = (), **changes: Any) -> Profile:
    """Return Atlassian Cloud with some fields changed; `facts` are their dotted names where a field has parts."""
    sources = {**ATLASSIAN.sources, **dict.fromkeys(facts or changes, origin)}
    return replace(ATLASSIAN, name=f"atlassian-{name}", title=f"Atlassian Cloud, {title}", sources=sources, **changes)


def _part(name: str, title: str, field: str, origin: Source = _ASSUMED, **changes: Any) -> Profile:
    """Change parts of one field."""
    value = replace(getattr(ATLASSIAN, field), **changes)
    return _variant(name, title, origin, [f"{field}.{part}" for part in changes], **{field: value})


def _dead(name: str, reply: ErrorReply, origin: Source = _ASSUMED) -> Profile:
    """Answer every dead refresh token otherwise."""
    title = f"a dead refresh token as {reply.status} {reply.error}: {reply.description}"
    errors = {**ATLASSIAN.errors, **dict.fromkeys(DEAD_TOKEN, reply)}
    return _variant(name, title, origin, [f"errors.{cause}" for cause in DEAD_TOKEN], errors=errors)


def _tokens(name: str, title: str, shape: TokenShape) -> Profile:
    """Give codes and tokens another look."""
    return _variant(name, title, ATLASSIAN.sources["code"], access_token=shape, refresh_token=shape, code=shape)


_LENIENT = {"client_id": "", "redirect_uri": "", "scope": "", "response_type": "code"}
_ON_AUTH_HOST = tuple(
    Endpoint(view=endpoint.view, url=f"{ISSUER}/oauth/token/accessible-resources", options=endpoint.options)
    for endpoint in ATLASSIAN.endpoints
    if endpoint.view == "accessible_resources"
)
_RAYCAST = source("raycast/extensions#11836, ParabolInc/parabol#11849", "observed")
_LEEWAY_2021 = source(
    "https://community.developer.atlassian.com/t/"
    "superseded-31-january-2022-action-required-deprecating-persistent-refresh-tokens/50348, post 60"
)

VARIANTS: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        # Decision K-07: a conforming client authorizes anew on each of them.
        _dead(
            "unauthorized-client",
            ErrorReply(status=403, error="unauthorized_client", description="refresh_token is invalid"),
            _RAYCAST,
        ),
        _dead(
            "expired-or-revoked",
            ErrorReply(status=403, error="invalid_grant", description="Token has been expired or revoked."),
        ),
        _dead("dead-400", replace(DEAD_REFRESH_TOKEN, status=400)),
        _dead("dead-401", replace(DEAD_REFRESH_TOKEN, status=401)),
        # Decision K-17: what becomes of the pair issued first inside the leeway; the default keeps both.
        _part("replay-replaces", "a replay ends the pair issued first", "refresh", on_replay="last_replay_wins"),
        _part("replay-repeats", "a replay brings the same pair again", "refresh", on_replay="same_pair"),
        # Decision K-19.
        _part(
            "breach-spares-access-tokens",
            "a breach ends refresh tokens only",
            "refresh",
            breach_ends_access_tokens=False,
        ),
        _part("leeway-3s", "the leeway of 2021", "refresh", _LEEWAY_2021, window=3),
        # Decision K-06.
        _part("lenient", "audience and prompt optional", "authorization", required=_LENIENT),
        # Decision K-20: the other reading of "existing tokens reach all sites and scopes".
        _part("token-scopes", "a token never reaches beyond its own scopes", "authorization", access_follows="both"),
        # Decision K-14: the documented examples to the letter.
        _part(
            "without-token-type",
            "without token_type",
            "response",
            ATLASSIAN.sources["response.members"],
            members=("access_token", "refresh_token", "expires_in", "scope"),
        ),
        # Decision K-05: one sentence names this host.
        _variant(
            "resources-on-auth-host",
            "accessible-resources on the host auth too",
            ATLASSIAN.sources["endpoints"],
            endpoints=(*ATLASSIAN.endpoints, *_ON_AUTH_HOST),
        ),
        _part(
            "basic",
            "client authentication in the header too",
            "token_request",
            authentication=("client_secret_basic", "client_secret_post"),
        ),
        _tokens("long-tokens", "tokens of 4,000 characters", TokenShape(length=4000, jwt_shaped=True)),
        _tokens("short-tokens", "short opaque tokens", TokenShape(length=16)),
    )
}
"""Every variant by name."""


def _over_quota(retry_after: str | None) -> tuple[FaultSpec, ...]:
    limits: dict[str, Any] = {"view": "resource", "grant_type": None, "times": 1}
    return (
        FaultSpec(fault="status", parameters={"code": 429, "retry_after": retry_after}, **limits),
        FaultSpec(
            fault="header", parameters={"name": "RateLimit-Reason", "value": "jira-quota-global-based"}, **limits
        ),
    )


OVER_QUOTA: Mapping[str, tuple[FaultSpec, ...]] = {"bare": _over_quota(None), "retry-after": _over_quota("30")}
"""The API's 429 with RateLimit-Reason, once; Retry-After is not guaranteed
(https://developer.atlassian.com/cloud/jira/platform/rate-limiting, seen 2026-11-22); the reason is a sample."""
