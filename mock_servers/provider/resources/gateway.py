"""An API gateway in front of many sites: which of them a grant reaches, and the operations of their products.

Besides it stand the pages a vendor shows a user on its own host: log in, and what went wrong.
"""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.sites import Api, Operation, Product, Site
from refreshproof.mock_servers.provider.http.replies import Refused
from refreshproof.mock_servers.provider.http.visit import Visit
from refreshproof.mock_servers.provider.resources.resources import held_scopes, open_with, told_of_user
from refreshproof.mock_servers.provider.state.records import AccessToken
from refreshproof.mock_servers.wire import WireResponse, html_response, json_response, redirect


def accessible_resources(visit: Visit) -> WireResponse:
    """List what the grant of a token reaches: one entry per site and product, with the scopes held there.

    The option `products` names the products. Two entries may share an id, and none tells of the user's permissions.
    """
    token = _opened(visit)
    products: tuple[Product, ...] = visit.route.endpoint.options["products"]
    sites = {site.id: site for site in visit.profile.sites}
    reached = [
        (sites[id_], held_scopes(visit.profile, token, granted)) for id_, granted in token.family.grant.sites.items()
    ]
    entries = [
        _entry(site, product.own(scopes))
        for site, scopes in reached
        for product in products
        if product.name in site.products and product.own(scopes)
    ]
    return _with_escaped_avatars(json_response(200, entries), entries)


def _entry(site: Site, scopes: tuple[str, ...]) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": site.id, "name": site.name, "url": site.url, "scopes": list(scopes)}
    return entry if site.avatar_url is None else entry | {"avatarUrl": site.avatar_url}


def _with_escaped_avatars(response: WireResponse, entries: list[dict[str, Any]]) -> WireResponse:
    r"""Write the slashes of avatar addresses as `\/`, as the documented samples do; JSON reads both alike."""
    body = response.body
    for avatar in {entry["avatarUrl"] for entry in entries if "avatarUrl" in entry}:
        body = body.replace(json.dumps(avatar).encode(), json.dumps(avatar).replace("/", "\\/").encode())
    return WireResponse(status=response.status, headers=response.headers, body=body)


def gateway(visit: Visit) -> WireResponse:
    """Carry out an operation of a site's product; the option `api` describes it.

    The scopes that count are those of the site asked for, and the user's own permissions limit the application.
    """
    token = _opened(visit)
    api: Api = visit.route.endpoint.options["api"]
    segments, request = visit.route.segments, visit.sighting.request
    site = next((site for site in visit.profile.sites if site.id == segments["cloudid"]), None)
    operation = api.operation(request.method, f"/{segments['api']}")
    if site is None or operation is None or api.product.name not in site.products:
        raise Refused(Cause.UNKNOWN_RESOURCE, path=request.path)
    _check_allowed(visit, token, site, operation)
    documents = operation.document
    if isinstance(documents, tuple):
        return json_response(operation.status, list(documents))
    return json_response(operation.status, {**documents, **told_of_user(visit.state, token, operation.identity)})


def _check_allowed(visit: Visit, token: AccessToken, site: Site, operation: Operation) -> None:
    held = held_scopes(visit.profile, token, token.family.grant.sites.get(site.id, frozenset()))
    missing = [scope for scope in operation.scopes if scope not in held]
    if missing or operation.closed:
        raise Refused(Cause.INSUFFICIENT_SCOPE, scope=" ".join(missing) or "closed to applications")
    permission = operation.permission
    if permission is not None and permission not in visit.state.accounts[token.family.account].permissions:
        raise Refused(Cause.MISSING_PERMISSION, permission=permission)


def _opened(visit: Visit) -> AccessToken:
    bearer = visit.sighting.bearer
    visit.entry.presented = None if bearer is None else visit.state.vault.name("AT", bearer)
    token = open_with(visit.profile, visit.state, visit.sighting, (), visit.now)
    visit.entry.account = token.family.account
    return token


def site_host(visit: Visit) -> WireResponse:
    """Refuse a token on a site's own host: requests go through the gateway."""
    raise Refused(Cause.UNKNOWN_ACCESS_TOKEN)


def log_in(visit: Visit) -> WireResponse:
    """Log the user in and send the browser on to the authorization endpoint that sent it here."""
    onward = dict(visit.sighting.request.query).get("continue", "")
    if urlsplit(onward).hostname != urlsplit(visit.profile.url("authorization") or "").hostname:
        raise Refused(Cause.INVALID_REQUEST, detail="continue must be an address of the authorization endpoint")
    visit.state.signed_in = True
    return redirect(onward)


def user_error(visit: Visit) -> WireResponse:
    """Show a user what went wrong; the client hears nothing (decision K-06)."""
    values = dict(visit.sighting.request.query)
    title, text = html.escape(values.get("error", "error")), html.escape(values.get("error_description", ""))
    return html_response(
        400, f'<!doctype html><html lang="en"><title>{title}</title><main><h1>{title}</h1><p>{text}</p></main></html>'
    )
