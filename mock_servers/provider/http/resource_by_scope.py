"""Where scopes alone say which resource is meant: a resource that they do not name, and a refresh that names none.

Pure: rules and a request in, `Refused` or nothing out. Sources: those of `resource_by_scope` in the profiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.scopes import read_scopes, resource_of


def check_resource_of_scopes(profile: Profile, values: Mapping[str, str], scopes: Iterable[str]) -> None:
    """Refuse a `resource` (RFC 8707 s2) that none of the scopes is of."""
    rules, named = profile.authorization, values.get("resource")
    if named is None or not rules.resource_by_scope:
        return
    of_scopes = {one for scope in scopes if (one := resource_of(rules, scope)) is not None}
    of_scopes = of_scopes or {rules.home_resource or ""}
    if named.rstrip("/") not in of_scopes:
        expected = " or ".join(sorted(of_scopes))
        raise Refused(Cause.RESOURCE_NOT_OF_SCOPES, expected=f"{expected}, or none", found=named)


def check_own_api(profile: Profile, client_id: str, values: Mapping[str, str], granted: Iterable[str]) -> None:
    """Refuse a refresh that names no scope of a resource, where the grant is for the application's own API."""
    rules, own = profile.authorization, f"api://{client_id}"
    if not rules.resource_by_scope or own not in {resource_of(rules, scope) for scope in granted}:
        return
    asked = read_scopes(profile, values.get("scope", ""))
    if not any(resource_of(rules, scope) for scope in asked):
        raise Refused(
            Cause.OWN_API_WITHOUT_SCOPE, client_id=client_id, expected=own, found=" ".join(asked) or "no scope"
        )
