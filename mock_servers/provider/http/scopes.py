"""Scopes as a vendor reads them: aliases undone, bare and full names made one, and those of one resource picked.

Pure: rules and text in, names out. Source: RFC 6749 s3.3; the rest is in the profiles that use it.
"""

from __future__ import annotations

from collections.abc import Iterable

from refreshproof.mock_servers.profile.profile import AuthorizationRules, Profile

OPENID_SCOPES = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})
"""Scopes that belong to no resource (OpenID Connect Core 1.0 s5.4, s11)."""


def read_scopes(profile: Profile, text: str) -> tuple[str, ...]:
    """Split a scope parameter into names as this vendor keeps them, in order and without repetition.

    The home resource's `.default` stands for the profile's own scopes.
    """
    rules = profile.authorization
    found: dict[str, None] = {}
    for scope in filter(None, text.split(rules.scope_separator)):
        name = _as_known(profile, _plain(rules, scope))
        found |= dict.fromkeys(profile.scopes if rules.home_resource and name == ".default" else (name,))
    return tuple(found)


def _plain(rules: AuthorizationRules, scope: str) -> str:
    if rules.home_resource:
        scope = scope.removeprefix(f"{rules.home_resource}/")
    return next((short for short, long in rules.scope_aliases.items() if scope == long), scope)


def _as_known(profile: Profile, scope: str) -> str:
    """Return a scope in the profile's spelling, where the vendor makes no difference between the cases."""
    if not profile.authorization.scopes_ignore_case:
        return scope
    return next((known for known in (*profile.scopes, *OPENID_SCOPES) if known.lower() == scope.lower()), scope)


def resource_of(rules: AuthorizationRules, scope: str) -> str | None:
    """Return the resource a scope belongs to: what stands before its last slash, or the home resource."""
    if scope in OPENID_SCOPES:
        return None
    return scope.rpartition("/")[0] if "://" in scope else rules.home_resource


def of_one_resource(rules: AuthorizationRules, asked: Iterable[str], scopes: frozenset[str]) -> frozenset[str]:
    """Return what one access token holds of the scopes: all, or those of the first resource asked for."""
    if rules.home_resource is None:
        return scopes
    resources = [resource_of(rules, scope) for scope in asked if scope in scopes]
    first = next((resource for resource in resources if resource is not None), None)
    return frozenset(scope for scope in scopes if resource_of(rules, scope) in (None, first))
