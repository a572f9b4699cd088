"""Tokens that concern clients rather than users: those for a client itself, and those that clients of a family share.

Sources: RFC 6749 s4.4; the family of client ids as Microsoft's SDKs know it (foci).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.issuance import issue, mint_refresh_token
from refreshproof.mock_servers.ledger import LedgerEntry
from refreshproof.mock_servers.profile import Cause, Lifetimes, Profile
from refreshproof.mock_servers.records import Application, Family, Grant, RefreshToken
from refreshproof.mock_servers.replies import Refused
from refreshproof.mock_servers.scopes import read_scopes
from refreshproof.mock_servers.state import State
from refreshproof.mock_servers.wire import Instant


def exchange_client_credentials(
    profile: Profile,
    state: State,
    application: Application,
    values: Mapping[str, str],
    entry: LedgerEntry,
    now: Instant,
) -> dict[str, Any]:
    """Give a confidential client an access token of its own: no user, no refresh token."""
    rules = profile.client_tokens
    if rules is None or (application.client_secret is None and application.certificate is None):
        expected = " or ".join(profile.token_request.authentication)
        raise Refused(Cause.MISSING_SECRET, client_id=application.client_id, expected=expected, found="none")
    scopes = frozenset(read_scopes(profile, values.get("scope", "")) or profile.scopes)
    grant = Grant(account=application.client_id, holder=application.client_id, scopes=scopes, granted_at=now)
    family = Family(
        number=len(state.families) + 1,
        client_id=application.client_id,
        account=application.client_id,
        grant=grant,
        started_at=now,
        scopes=scopes,
    )
    state.families.append(family)
    shape = replace(profile.response, members=rules.members)
    own = replace(profile, response=shape, lifetimes=Lifetimes(access_token=rules.access_token))
    return issue(own, state, family, None, entry, now, values=values, requested=tuple(sorted(scopes)))


def is_kin(owner: Application | None, application: Application) -> bool:
    """Tell whether two clients are of one family, whose refresh tokens serve them all (MSAL's family of client ids)."""
    return (
        application.client_family is not None and owner is not None and owner.client_family == application.client_family
    )


def lend(profile: Profile, state: State, token: RefreshToken, application: Application, now: Instant) -> RefreshToken:
    """Begin a family of tokens for a client that presents the refresh token of its kin."""
    family = replace(
        token.family,
        number=len(state.families) + 1,
        client_id=application.client_id,
        newest_generation=0,
        refresh_tokens=[],
        access_tokens=[],
    )
    state.families.append(family)
    return mint_refresh_token(profile, state, family, None, now)
