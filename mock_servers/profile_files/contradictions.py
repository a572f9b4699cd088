"""What is wrong with the values of a profile that are right one by one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from refreshproof.mock_servers.faults.layers import build
from refreshproof.mock_servers.profile.complaints import shown
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.http.routes import Routes
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.mock_servers.wire import WireRequest

NEEDED = ("authorization", "token", "resource")
"""Views without which there is nothing to test."""


def contradictions(vendor: Vendor) -> Iterator[str]:
    """Yield what is wrong with values that are right one by one."""
    profile = vendor.profile
    for view in NEEDED:
        if profile.url(view) is None:
            yield f'endpoints: none has view = "{view}"; a vendor needs {", ".join(NEEDED)}'
    if any(one.view.startswith("device_") for one in profile.endpoints) and profile.device is None:
        yield "device: missing; an endpoint of the device flow needs the table"
    unnamed, grants = profile.token_request.without_grant_type, profile.token_request.grants
    if unnamed is not None and unnamed not in grants:
        yield f"token_request.without_grant_type: found {shown(unnamed)}; allowed are its grants, {', '.join(grants)}"
    for name, rules in (("lifetimes", profile.lifetimes), ("continuous_access", profile.continuous_access)):
        longest = None if rules is None else rules.access_token_longest
        if rules is not None and longest is not None and longest < rules.access_token:
            found = f"found {longest}, below access_token = {rules.access_token}"
            yield f"{name}.access_token_longest: {found}"
    for number, spec in enumerate(vendor.faults):
        try:
            build(spec)
        except ValueError as error:
            yield f"faults[{number}]: {error}"
    yield from _unroutable(profile)
    if not urlsplit(profile.issuer).hostname:
        yield f"issuer: found {shown(profile.issuer)}; expected an absolute URL"


def _unroutable(profile: Profile) -> Iterator[str]:
    for number, endpoint in enumerate(profile.endpoints):
        try:
            Routes((endpoint,)).find(WireRequest(method="GET", url=endpoint.url))
        except (ValueError, SyntaxError):  # werkzeug compiles a rule at its first use, where a name given twice fails
            rule = "an address whose segments in braces are whole and have names of their own"
            yield f"endpoints[{number}].url: found {shown(endpoint.url)}; expected {rule}"
