"""Resource indicators: which resource a request is for, and whether that is one of the server's.

Pure: a profile and parameters in, a resource out or `Refused`. Source: RFC 8707 s2, s2.1, s2.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.provider.http.replies import Refused


def named_resource(profile: Profile, kind: str, values: Mapping[str, str]) -> str | None:
    """Return the resource that a request of a kind names, None where the vendor does not look at it."""
    rules, found = profile.resource_indicators, values.get("resource")
    if rules is None:
        return None
    known = next((one for one in rules.resources if found is not None and canonical(one) == canonical(found)), None)
    if known is None and (found is not None or kind in rules.required):
        raise Refused(Cause.INVALID_TARGET, expected=" or ".join(rules.resources), found=found or "none")
    return known


def check_target(profile: Profile, kind: str, values: Mapping[str, str], of_login: str | None) -> None:
    """Refuse a token request for another resource than the one that its login was for."""
    named = named_resource(profile, kind, values)
    if named is not None and of_login not in (None, named):
        raise Refused(Cause.INVALID_TARGET, expected=of_login, found=named)


def canonical(uri: str) -> str:
    """Return a URI with scheme and host in lower case (RFC 3986 s6.2.2.1)."""
    try:
        split = urlsplit(uri)
    except ValueError:
        return uri
    return split._replace(scheme=split.scheme.lower(), netloc=split.netloc.lower()).geturl()
