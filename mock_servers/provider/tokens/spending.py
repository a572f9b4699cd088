"""Refresh tokens that a refused request has cost, at vendors that spend a token before they look at all of the request.

Measured: @node-oauth/oauth2-server 5.3.0 looks at the scope too late, glewlwyd 2.7.5 at the client (2026-11-29).
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.refresh_policy import SpentBefore, TokenEvent, rule
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.tokens.refresh import facts_of

_SCOPE = frozenset({Cause.INVALID_SCOPE, Cause.CONSENT_REQUIRED})
_PROOF = frozenset({Cause.INVALID_PROOF, Cause.MISSING_NONCE})
_CLIENT = frozenset(
    {
        Cause.MISSING_CLIENT, Cause.UNKNOWN_CLIENT, Cause.CLIENT_DELETED, Cause.MISSING_SECRET, Cause.WRONG_SECRET,
        Cause.SECRET_EXPIRED, Cause.UNEXPECTED_SECRET, Cause.TWO_AUTHENTICATIONS, Cause.INVALID_ASSERTION,
        Cause.REFRESH_TOKEN_OF_OTHER_CLIENT,
    }
)  # fmt: skip
SEEN_TOO_LATE: Mapping[SpentBefore, frozenset[Cause]] = {
    "answer": frozenset(),
    "scope": _SCOPE,
    "proof": _PROOF | _SCOPE,
    "client": _CLIENT | _PROOF | _SCOPE,
}
"""What a request may be refused for when its token is already spent."""


def spend(visit: Visit, cause: Cause) -> None:
    """End the token of a refused refresh, if the vendor saw only then what it refuses it for.

    The ledger's entry holds the cause of the refusal, and the event that ended the token.
    """
    policy, values = visit.profile.refresh, visit.sighting.values
    token = visit.state.refresh_tokens.get(values.get("refresh_token", ""))
    if token is None or values.get("grant_type") != "refresh_token" or cause not in SEEN_TOO_LATE[policy.spent_before]:
        return
    if rule(facts_of(token), policy, visit.now).event in (TokenEvent.ROTATED, TokenEvent.SPENT):
        visit.state.move(token, TokenEvent.REVOKED)
        visit.entry.presented, visit.entry.account = token.alias, token.family.account
        visit.entry.event = TokenEvent.REVOKED
