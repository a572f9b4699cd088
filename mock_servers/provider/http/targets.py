"""Resource indicators: which resource a request is for, and whether that is one of the server's.

Pure: a profile and parameters in, a resource out or `Refused`. Source: RFC 8707 s2, s2.1, s2.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.token_request import TokenRequest


def named_resource(profile: Profile, kind: str, values: Mapping[str, str]) -> str | None:
    """Return the resource that a request of a kind names; any is one where the vendor does not look at it."""
    rules, found = profile.resource_indicators, values.get("resource")
    if rules is None:
        return found
    known = next((one for one in rules.resources if found is not None and canonical(one) == canonical(found)), None)
    if known is None and (found is not None or kind in rules.required):
        raise Refused(Cause.INVALID_TARGET, expected=" or ".join(rules.resources), found=found or "none")
    return known


def check_target(request: TokenRequest, kind: str, of_login: str | None) -> None:
    """Refuse a token request for another resource than its login's, where the vendor does; none at all repeats it."""
    profile = request.profile
    named = named_resource(profile, kind, request.values)
    free = profile.token_request.other_resource != "refused" and (profile.resource_indicators is None or not of_login)
    if named not in (None, of_login) and not free:
        raise Refused(Cause.INVALID_TARGET, expected=of_login or "none", found=named)


def canonical(uri: str) -> str:
    """Return a URI with scheme and host in lower case (RFC 3986 s6.2.2.1)."""
    try:
        split = urlsplit(uri)
    except ValueError:
        return uri
    return split._replace(scheme=split.scheme.lower(), netloc=split.netloc.lower()).geturl()
