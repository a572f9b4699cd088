"""Addresses with a tenant in them: which tenants there are, documents that name the tenant asked for, and the list of
authorities that speak for one cloud.

Source: Microsoft's metadata as recorded; the profile holds the tenants and the documents.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.routes import Route
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.state.records import Application
from refreshproof.mock_servers.wire import WireResponse, json_response


def check_tenant(profile: Profile, route: Route) -> None:
    """Refuse an address whose {tenant} is none of the profile's, where the profile has tenants."""
    tenant = route.segments.get("tenant")
    if profile.tenants and tenant is not None and tenant not in profile.tenants:
        raise Refused(Cause.UNKNOWN_TENANT, tenant=tenant, expected=" or ".join(profile.tenants), found=tenant)


ANY = "{tenantid}"
"""What stands for the id of a tenant in `Profile.tenants` where users of any tenant may sign in."""


def asked_tenant(visit: Visit) -> str | None:
    """Return the id of the tenant that an address names, `ANY`, or None at a vendor without tenants."""
    tenants = visit.profile.tenants
    return tenants.get(visit.sighting.request.path.strip("/").partition("/")[0]) if tenants else None


def tenant_of(visit: Visit) -> str | None:
    """Return the tenant that a user signs in to: the one in the address, or where that leaves it open, their own."""
    asked = asked_tenant(visit)
    return visit.profile.home_tenant if asked == ANY else asked


def check_application_tenant(visit: Visit, application: Application) -> None:
    """Refuse an application of one tenant at the address of another, or of any."""
    asked = asked_tenant(visit)
    if application.tenant is None or asked in (None, application.tenant):
        return
    cause = Cause.SINGLE_TENANT if asked == ANY else Cause.UNKNOWN_CLIENT
    raise Refused(cause, client_id=application.client_id, expected=application.tenant, found=asked or "")


def check_grant_tenant(visit: Visit) -> None:
    """Refuse a code at another tenant than its own, and a refresh token on either side of a closed tenant's border."""
    asked, values, state = asked_tenant(visit), visit.sighting.values, visit.state
    if asked in (None, ANY):
        return
    code, token = state.codes.get(values.get("code", "")), state.refresh_tokens.get(values.get("refresh_token", ""))
    if code is not None and code.tenant not in (None, asked):
        raise Refused(Cause.CODE_OF_OTHER_TENANT, expected=code.tenant or "", found=asked or "")
    tenant = None if token is None else token.family.tenant
    if tenant not in (None, asked) and {tenant, asked} & set(visit.profile.closed_tenants):
        raise Refused(Cause.REFRESH_TOKEN_OF_OTHER_TENANT, expected=tenant or "", found=asked or "")


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
    """Say which clouds there are and where the asked authority's metadata is; the options hold `authorities`.

    Where the vendor is served under another name than its own, that name is an authority too, in a cloud of its own.
    """
    values = dict(visit.sighting.request.query)
    asked, own = urlsplit(values.get("authorization_endpoint", "")), urlsplit(visit.profile.issuer)
    authorities = [*_local(visit), *visit.route.endpoint.options["authorities"]]
    if not any(asked.hostname in one["aliases"] for one in authorities):
        raise Refused(Cause.UNKNOWN_INSTANCE, found=asked.hostname or "")
    # An SDK that leaves out the port when it asks is told it, because this is where it goes next.
    origin = f"{own.scheme}://{own.netloc}" if asked.hostname == own.hostname else f"https://{asked.netloc}"
    tenant = asked.path.strip("/").partition("/")[0] or "common"
    document = {
        "tenant_discovery_endpoint": f"{origin}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": values.get("api-version", "1.1"),
        "metadata": authorities,
    }
    return json_response(200, document)


def _local(visit: Visit) -> list[dict[str, Any]]:
    """Return the cloud of a vendor that is served elsewhere than at its own hosts, named with port and without."""
    own, authorities = urlsplit(visit.profile.issuer), visit.route.endpoint.options["authorities"]
    if any(own.hostname in one["aliases"] for one in authorities):
        return []
    aliases = list(dict.fromkeys((own.netloc, own.hostname)))
    return [{"preferred_network": own.netloc, "preferred_cache": own.netloc, "aliases": aliases}]
