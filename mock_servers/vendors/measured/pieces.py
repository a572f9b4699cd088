"""What the profiles of measured servers are put together from: their source, and refusals that several share."""

from __future__ import annotations

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.pieces import refusals
from refreshproof.mock_servers.profile.profile import Source
from refreshproof.mock_servers.profile.sources import source

DAY = 86_400
"""Seconds."""
FORTNIGHT = 14 * DAY

CHALLENGE = (("WWW-Authenticate", "Basic"),)

GRANT_NOT_NAMED = {Cause.MISSING_GRANT_TYPE: ErrorReply(status=400, error="unsupported_grant_type")}
"""A request without grant_type is one of an unknown type."""
TOKEN_NOT_NAMED = {Cause.MISSING_REFRESH_TOKEN: ErrorReply(status=400, error="invalid_grant")}
"""A refresh without a refresh token has one that is no good."""
SECRET_BY_METHOD = {
    Cause.WRONG_SECRET: ErrorReply(status=401, error="invalid_client", headers=CHALLENGE, status_by_post=400)
}
"""A wrong secret is a 401 with a challenge in the header, and a 400 in the body."""
NO_GRANT_IN_BODY = {Cause.UNSUPPORTED_BODY: ErrorReply(status=400, error="unsupported_grant_type")}
"""A body that is no form names no grant."""
UNCHALLENGED = {Cause.WRONG_SECRET: ErrorReply(status=401, error="invalid_client")}
BEARER_CHALLENGE = {
    Cause.WRONG_SECRET: ErrorReply(
        status=401, error="invalid_client", headers=(("WWW-Authenticate", 'Bearer error="invalid_client"'),)
    )
}

OTHERS_TOKEN = (Cause.REFRESH_TOKEN_OF_OTHER_CLIENT, Cause.TOKEN_OF_OTHER_CLIENT)


def measured(server: str, setting: str = "as it comes") -> Source:
    """Return the source of what a server did on loopback, by its version and the setting it ran with."""
    return source(f"{server}, {setting}: measured on loopback", "observed", "2026-11-29")


def checked(server: str, setting: str = "as it comes") -> Source:
    """Return the source of what `refreshproof vendor check` found at a server on loopback."""
    return source(f"{server}, {setting}: refreshproof vendor check on loopback", "observed", "2026-11-30")


def released(server: str, what: str) -> Source:
    """Return the source of what stands in a released package."""
    return source(f"{server} as released: {what}", seen="2026-11-30")


def dead(reply: ErrorReply) -> dict[Cause, ErrorReply]:
    """Return one reply for every refresh token that was superseded, revoked, unknown or of another client."""
    return refusals(
        (
            Cause.UNKNOWN_REFRESH_TOKEN, Cause.REFRESH_TOKEN_OF_OTHER_CLIENT, Cause.REFRESH_TOKEN_REVOKED,
            Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED, Cause.REFRESH_TOKEN_REUSED,
        ),
        reply,
    )  # fmt: skip
