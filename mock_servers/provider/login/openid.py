"""What a vendor tells about a user and its keys: userinfo, token information, JWK sets and certificates as views.

Sources: OpenID Connect Core 1.0 s5.3, RFC 7517 s5; Google's tokeninfo as observed (facts in the Google profile).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile import signing
from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.identity import IdTokenRules, granted_claims, told
from refreshproof.mock_servers.provider.http.replies import Refused, answer
from refreshproof.mock_servers.provider.http.tenants import asked_tenant, filled
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.issuance.id_tokens import user_facts
from refreshproof.mock_servers.provider.resources.resources import held_scopes, open_with
from refreshproof.mock_servers.provider.state.records import AccessToken
from refreshproof.mock_servers.wire import SECOND, Instant, WireResponse, json_response


def userinfo(visit: Visit) -> WireResponse:
    """Return the claims that an access token's scopes open; the endpoint's option `claims` names those always told.

    All of the option `scopes` are needed, and one of `any_scope` is if there are any.
    """
    rules, options = visit.profile.id_token or IdTokenRules(), visit.route.endpoint.options
    visit.entry.presented = (
        None if visit.sighting.bearer is None else visit.state.vault.name("AT", visit.sighting.bearer)
    )
    token = open_with(visit.profile, visit.state, visit.sighting, tuple(options.get("scopes", ())), visit.now)
    _check_any_scope(visit, token, tuple(options.get("any_scope", ())))
    visit.entry.account = token.family.account
    facts = user_facts(visit.profile, visit.state, token.family)
    members = told(options["claims"], facts) | granted_claims(rules, facts, token.scopes)
    return json_response(200, members, indent=visit.profile.response.indent)


def _check_any_scope(visit: Visit, token: AccessToken, scopes: tuple[str, ...]) -> None:
    held = held_scopes(visit.profile, token, token.family.grant.scopes)
    if scopes and not held & set(scopes):
        expected, found = " or ".join(scopes), " ".join(sorted(held)) or "none"
        raise Refused(Cause.INSUFFICIENT_SCOPE, scope=scopes[0], expected=expected, found=found)


def token_information(visit: Visit) -> WireResponse:
    """Tell what a good access token or id_token is for; the option `members` maps members to facts, `strings` turns
    every value into a string."""
    values = {name: value for name, value in (*visit.sighting.request.query, *visit.sighting.request.form) if value}
    found = _of_id_token(values["id_token"], visit.now) if "id_token" in values else _of_access_token(visit, values)
    if visit.route.endpoint.options.get("strings", False):
        found = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in found.items()}
    return answer(visit.profile, found, request=visit.sighting.request, vault=visit.state.vault)


def _of_access_token(visit: Visit, values: Mapping[str, str]) -> dict[str, Any]:
    value = values.get("access_token") or visit.sighting.bearer or ""
    token = visit.state.access_tokens.get(value)
    visit.entry.presented = visit.state.vault.name("AT", value) if value else None
    if token is None or token.revoked or token.family.grant.revoked or visit.now >= token.expires_at:
        raise Refused(Cause.UNKNOWN_TOKEN)
    family, aliases = token.family, visit.profile.authorization.scope_aliases
    email = token.scopes & {"email", aliases.get("email", "email")}
    facts = user_facts(visit.profile, visit.state, family)
    facts |= {
        "scope": " ".join(sorted(aliases.get(scope, scope) for scope in token.scopes)),
        "exp": token.expires_at // SECOND,
        "expires_in": (token.expires_at - visit.now) // SECOND,
        "access_type": "offline" if family.refresh_tokens else "online",
    }
    hidden = set() if email else {"email", "true"}
    members: Mapping[str, str] = visit.route.endpoint.options["members"]
    return {name: facts[fact] for name, fact in members.items() if fact not in hidden}


def _of_id_token(token: str, now: Instant) -> dict[str, Any]:
    claims = signing.read(token)
    if claims is None or now >= claims["exp"] * SECOND:
        raise Refused(Cause.UNKNOWN_TOKEN)
    return claims


def keys(visit: Visit) -> WireResponse:
    """Return the JWK set; the endpoint's option `members` holds further members of the key, {tenantid} being the id of
    the tenant asked for where that is one."""
    asked = asked_tenant(visit)
    members = filled(
        dict(visit.route.endpoint.options.get("members", {})), {} if asked is None else {"tenantid": asked}
    )
    found = signing.key_set(**members)
    return json_response(200, found, headers=(("Cache-Control", "public, max-age=3600"),))


def certificates(visit: Visit) -> WireResponse:
    """Return the certificates as PEM by key id."""
    return json_response(200, signing.certificates(), headers=(("Cache-Control", "public, max-age=3600"),))
