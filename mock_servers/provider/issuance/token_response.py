"""The members of a success body, in the vendor's order and forms (RFC 6749 s5.1)."""

from __future__ import annotations

import json
from typing import Any

from refreshproof.mock_servers.profile.identity import base64url
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.issuance.id_tokens import id_token, user_facts
from refreshproof.mock_servers.provider.state.records import AccessToken, Family, RefreshToken
from refreshproof.mock_servers.provider.state.state import State
from refreshproof.mock_servers.wire import SECOND, Instant


def success_members(
    request: TokenRequest,
    access: AccessToken,
    refresh_token: RefreshToken | None,
    requested: tuple[str, ...],
    *,
    first: bool,
    told_at: Instant,
) -> dict[str, Any]:
    """Return the body that carries tokens; `first` tells the first answer of a family, and the lifetime of the access
    token is told as from `told_at`."""
    profile, state, values, now = request.profile, request.state, request.values, request.now
    shape, family = profile.response, access.family
    members = _numbers(profile, access, told_at)
    members["access_token"] = access.value
    members["token_type"] = shape.token_type
    members["refresh_token"] = None if refresh_token is None else refresh_token.value
    # Bitbucket Cloud's name for the same member until May 2026.
    members["scope"] = members["scopes"] = _scope(profile, access, requested)
    members["resource"] = values.get("resource") or profile.authorization.home_resource
    members["foci"] = state.applications[family.client_id].client_family
    if "id_token" in shape.members:
        # OpenID Connect Core s12.2: the id_token of a refresh should have no nonce, and may have only the login's.
        repeats = first or (profile.id_token is not None and profile.id_token.nonce_on_refresh)
        members["id_token"] = id_token(profile, state, access, family.nonce if repeats else None, now)
    if values.get("client_info") == "1":
        members["client_info"] = _client_info(profile, state, family)
    left_out = [name for name, header in shape.by_header.items() if request.header(header) != "true"]
    if not first:
        left_out.extend(shape.only_on_code)
    told: dict[str, Any] = {
        name: members[name] for name in shape.members if members.get(name) is not None and name not in left_out
    }
    told.update(shape.extra)
    return told


def _numbers(profile: Profile, access: AccessToken, now: Instant) -> dict[str, Any]:
    lifetime, family = None if access.lasting else (access.expires_at - now) // SECOND, access.family
    announced, age = family.announced_ttl, (now - family.started_at) // SECOND
    least = profile.response.refresh_in_above
    values = {
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "refresh_in": None if least is None or lifetime is None or lifetime < least else lifetime // 2,
        "expires_on": access.expires_at // SECOND,
        "not_before": now // SECOND,
        "refresh_token_expires_in": None if announced is None or not family.refresh_tokens else announced - age - 1,
    }
    # draft-ietf-oauth-refresh-token-expiration-03 s6.1: told where finite, and the first never exceeds the second.
    left = None if family.absolute_ttl is None else family.absolute_ttl - age
    idle = family.inactivity_ttl
    values["authorization_expires_in"] = values["x_refresh_token_hard_expires_in"] = left
    values["refresh_token_timeout"] = idle if idle is None or left is None else min(idle, left)
    form = profile.response.expires_in
    if form == "string":
        return {name: value if value is None else str(value) for name, value in values.items()}
    if form == "omitted":
        values["expires_in"] = None
    return values


def _scope(profile: Profile, access: AccessToken, requested: tuple[str, ...]) -> str | None:
    """Return the scopes of an access token, those of the request first and in its order unless the vendor sorts.

    Where access follows the grant, what the grant has lost since is not among them.
    """
    shape, aliases = profile.response, profile.authorization.scope_aliases
    lasts = profile.authorization.access_follows == "token"
    held = access.scopes if lasts else access.scopes & access.family.grant.scopes
    if shape.scope == "never":
        return None
    granted = [scope for scope in requested if scope in held] + sorted(held.difference(requested))
    if shape.scope == "if_changed" and set(requested) == set(granted):
        return None
    listed = [aliases.get(scope, scope) for scope in granted if scope not in shape.unlisted_scopes]
    return profile.authorization.scope_separator.join(sorted(listed) if shape.scope_order == "sorted" else listed)


def _client_info(profile: Profile, state: State, family: Family) -> str:
    facts = user_facts(profile, state, family)
    return base64url(json.dumps({"uid": facts["oid"], "utid": facts["tenant"]}, separators=(",", ":")).encode())
