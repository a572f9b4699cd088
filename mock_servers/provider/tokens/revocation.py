"""A token that a client revokes: which one is meant, whether it is the client's, and what is over with it.

Source: RFC 7009 s2; what servers make of it is in the profiles.
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.profile.profile import Cause, RevocationRules
from refreshproof.mock_servers.profile.refresh_policy import TokenState
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.state.records import AccessToken, RefreshToken
from refreshproof.mock_servers.provider.state.state import State


def revoke_token(visit: Visit, value: str, hint: str | None) -> None:
    """Revoke a token as the vendor does; raises `Refused` for one that it does not know, or that is not the client's.

    What is passed over is answered like a success.
    """
    rules, client_id = visit.profile.revocation, visit.entry.client_id
    found = _meant(visit.state, rules, value, hint)
    if found is None:
        raise Refused(Cause.UNKNOWN_TOKEN, expected="a token of this server", found=visit.entry.presented or "")
    foreign = client_id not in (None, found.family.client_id)
    if foreign and rules.other_clients_tokens == "refused":
        # RFC 7009 s2.1: a token of another client is not revoked, and the client is told.
        raise Refused(Cause.TOKEN_OF_OTHER_CLIENT, expected=found.family.client_id, found=client_id or "")
    if foreign and rules.other_clients_tokens == "ignored":
        return
    _end(visit, found, hint)


def _meant(state: State, rules: RevocationRules, value: str, hint: str | None) -> RefreshToken | AccessToken | None:
    """Return a token that is there to be revoked; RFC 7009 s2.2 makes no difference between unknown and revoked."""
    kinds: Mapping[str, Mapping[str, RefreshToken | AccessToken]] = {
        "refresh_token": state.refresh_tokens,
        "access_token": state.access_tokens,
    }
    wanted = hint if hint in kinds and rules.hint != "ignored" else None
    if wanted is None and rules.hint == "access_token_unless_told":
        wanted = "access_token"
    places = [kinds[wanted]] if wanted is not None else list(kinds.values())
    found = next((place[value] for place in places if value in place), None)
    return None if found is None or found.family.grant.revoked else found


def _end(visit: Visit, found: RefreshToken | AccessToken, hint: str | None) -> None:
    state, accounts = visit.state, visit.profile.accounts
    if accounts.revocation_spans_project:
        state.revoke_grant(visit.profile, found.family.grant, visit.now)
    elif isinstance(found, RefreshToken):
        _end_refresh_token(state, visit.profile.revocation, found)
    elif accounts.revoking_access_token_revokes_grant and not (
        hint == "access_token" and visit.profile.revocation.hinted_access_token_ends_alone
    ):
        state.kill_family(found.family)
    else:
        found.revoked = True


def _end_refresh_token(state: State, rules: RevocationRules, found: RefreshToken) -> None:
    if found.state is not TokenState.LIVE and rules.superseded_ends == "nothing":
        return
    state.kill_family(found.family, access_tokens=rules.refresh_token_ends == "family")
    if rules.refresh_token_ends == "own_access_token" and found.companion is not None:
        found.companion.revoked = True
