"""Introspection: a resource server asks what a token is good for (RFC 7662)."""

from __future__ import annotations

from typing import Any

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.refresh_policy import rule
from refreshproof.mock_servers.provider.clients.authentication import authenticate
from refreshproof.mock_servers.provider.http.replies import Refused, answer
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.issuance.id_tokens import user_facts
from refreshproof.mock_servers.provider.resources.resources import cause_of_death
from refreshproof.mock_servers.provider.state.records import AccessToken, RefreshToken
from refreshproof.mock_servers.provider.tokens.refresh import facts_of
from refreshproof.mock_servers.wire import SECOND, WireResponse


def introspect(visit: Visit) -> WireResponse:
    """Tell what a token is good for now; of one that is good for nothing, or unknown, only that (s2.2).

    Any client with a secret may ask about the tokens of any other: who asks is a resource server.
    """
    application = authenticate(visit.profile, visit.state, visit.sighting, visit.now)
    visit.entry.client_id = application.client_id
    if application.client_secret is None and application.certificate is None:
        # s2.1: the endpoint must require some authorization, lest it be used to try tokens.
        raise Refused(Cause.MISSING_SECRET, client_id=application.client_id, expected="a secret", found="none")
    value = visit.sighting.values.get("token")
    if value is None:
        raise Refused(Cause.MISSING_PARAMETER, parameter="token", expected="token", found="none")
    visit.entry.presented = visit.state.vault.name("AT", value)
    access, refresh = visit.state.access_tokens.get(value), visit.state.refresh_tokens.get(value)
    told: dict[str, Any] = {"active": False}
    if access is not None and cause_of_death(visit.state, visit.profile, access, visit.now) is None:
        told = _told(visit, access, access.scopes, exp=access.expires_at // SECOND, token_type="Bearer")
    elif refresh is not None and _renews(visit, refresh):
        told = _told(visit, refresh, refresh.family.scopes)
    return answer(visit.profile, told, request=visit.sighting.request, vault=visit.state.vault)


def _renews(visit: Visit, token: RefreshToken) -> bool:
    profile = visit.profile.seconding if token.family.second else visit.profile
    return not token.family.grant.revoked and rule(facts_of(token), profile.refresh, visit.now).answer is not None


def _told(visit: Visit, token: AccessToken | RefreshToken, scopes: frozenset[str], **members: Any) -> dict[str, Any]:
    family = token.family
    facts = user_facts(visit.profile, visit.state, family)
    return {
        "active": True,
        "scope": " ".join(sorted(scopes)),
        "client_id": family.client_id,
        "username": family.account,
        "sub": facts["number"],
        "iss": facts["issuer"],
        "iat": token.issued_at // SECOND,
        **members,
    }
