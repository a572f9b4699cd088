"""Addresses with a tenant in them: which tenants there are, documents that name the tenant asked for, and the list of
authorities that speak for one cloud.

Source: Microsoft's metadata as recorded; the profile holds the tenants and the documents.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.causes import Cause
from refreshproof.mock_servers.profile import Profile
from refreshproof.mock_servers.replies import Refused
from refreshproof.mock_servers.routes import Route
from refreshproof.mock_servers.visit import Visit
from refreshproof.mock_servers.wire import WireResponse, json_response


def check_tenant(profile: Profile, route: Route) -> None:
    """Refuse an address whose {tenant} is none of the profile's, where the profile has tenants."""
    tenant = route.segments.get("tenant")
    if profile.tenants and tenant is not None and tenant not in profile.tenants:
        raise Refused(Cause.UNKNOWN_TENANT, tenant=tenant, expected=" or ".join(profile.tenants), found=tenant)


def filled(document: Any, replacements: dict[str, str]) -> Any:
    """Return a JSON document with every {name} in its texts replaced."""
    if isinstance(document, dict):
        return {key: filled(value, replacements) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [filled(value, replacements) for value in document]
    if isinstance(document, str):
        for name, value in replacements.items():
            document = document.replace(f"{{{name}}}", value)
    return document


def tenant_document(visit: Visit) -> WireResponse:
    """Return the endpoint's `document` for the tenant in the address: {tenant} as asked, {tenantid} as its id."""
    tenant = visit.route.segments["tenant"]
    document = filled(
        dict(visit.route.endpoint.options["document"]), {"tenant": tenant, "tenantid": visit.profile.tenants[tenant]}
    )
    return json_response(200, document, headers=visit.route.endpoint.options.get("headers", ()))


def instances(visit: Visit) -> WireResponse:
    """Say which clouds there are and where the asked authority's metadata is; the options hold `authorities`."""
    values = dict(visit.sighting.request.query)
    asked = urlsplit(values.get("authorization_endpoint", ""))
    authorities = visit.route.endpoint.options["authorities"]
    if not any(asked.hostname in one["aliases"] for one in authorities):
        raise Refused(Cause.UNKNOWN_INSTANCE, found=asked.hostname or "")
    tenant = asked.path.strip("/").partition("/")[0] or "common"
    document = {
        "tenant_discovery_endpoint": f"https://{asked.hostname}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": values.get("api-version", "1.1"),
        "metadata": list(authorities),
    }
    return json_response(200, document)
