"""What many vendors' profiles are put together from: endpoints at their addresses, refusals by group, sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.profile import Endpoint, Source, TokenRequestRules

DAY = 86_400
"""Seconds."""
SECRET_IN_BODY = TokenRequestRules(authentication=("client_secret_post",))
SECRET_IN_HEADER = TokenRequestRules(authentication=("client_secret_basic",))

USERINFO = {"sub": "number", "name": "name", "email": "email"}
"""The claims of OpenID Connect Core 1.0 s5.1 that userinfo tells here, by the facts they hold."""

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
    identity: Mapping[str, Any] | None = None,
    *,
    base: str = "",
    methods: tuple[str, ...] = ("GET",),
) -> tuple[Endpoint, ...]:
    """Return a vendor's endpoints; the resource takes the methods, wants the scopes, and returns the document and who
    the user is.

    An address that begins with a slash stands below `base`.
    """

    def at(address: str) -> str:
        return base + address if address.startswith("/") else address

    options: dict[str, Any] = {"scopes": scopes, "document": {"ok": True} if document is None else dict(document)}
    options |= {} if identity is None else {"identity": dict(identity)}
    revoking = () if revocation is None else (Endpoint(view="revocation", url=at(revocation), methods=("POST",)),)
    return (
        Endpoint(view="authorization", url=at(authorization)),
        Endpoint(view="token", url=at(token), methods=("POST",)),
        *revoking,
        Endpoint(view="resource", url=at(resource), methods=methods, options=options),
    )


def openid_endpoints(
    base: str,
    *,
    authorization: str = "/authorize",
    token: str = "/token",
    userinfo: str = "/userinfo",
    revocation: str = "/revoke",
) -> tuple[Endpoint, ...]:
    """Return the endpoints of a server whose protected resource is its userinfo endpoint, all below `base`."""
    return endpoints(authorization, token, userinfo, ("openid",), revocation, {}, USERINFO, base=base)


def sources(*facts: tuple[Source, str]) -> dict[str, Source]:
    """Return the sources of a profile: each names the fields it covers, separated by spaces."""
    return {name: origin for origin, names in facts for name in names.split()}


def refusals(causes: tuple[Cause, ...], reply: ErrorReply) -> dict[Cause, ErrorReply]:
    """Return one reply for every cause of a group."""
    return dict.fromkeys(causes, reply)


def dead_tokens(description: str | None, *, error: str = "invalid_grant", status: int = 400) -> dict[Cause, ErrorReply]:
    """Return one reply for every refresh token that is over."""
    return refusals(DEAD_TOKEN, ErrorReply(status=status, error=error, description=description))
