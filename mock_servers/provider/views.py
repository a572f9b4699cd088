"""The endpoints' answers: one function per kind of endpoint, named in the mapping at the foot.

A view takes what a visit is (provider state, profile, sighting, route, ledger entry, time) and returns a response or
raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.provider.clients.authentication import authenticate
from refreshproof.mock_servers.provider.clients.registration import register
from refreshproof.mock_servers.provider.http.replies import Refused, answer
from refreshproof.mock_servers.provider.http.tenants import (
    check_application_tenant,
    check_grant_tenant,
    instances,
    tenant_document,
    tenant_of,
)
from refreshproof.mock_servers.provider.http.token_request import TokenRequest
from refreshproof.mock_servers.provider.http.visit import View, Visit
from refreshproof.mock_servers.provider.login.authorization import AuthorizationEndpoint
from refreshproof.mock_servers.provider.login.authorization_request import repeated_parameters
from refreshproof.mock_servers.provider.login.device import authorize_device, verify_device
from refreshproof.mock_servers.provider.login.logout import end_session
from refreshproof.mock_servers.provider.login.openid import certificates, keys, token_information, userinfo
from refreshproof.mock_servers.provider.resources.gateway import (
    accessible_resources,
    gateway,
    log_in,
    site_host,
    user_error,
)
from refreshproof.mock_servers.provider.resources.resources import check_authentication, open_with, told_of_user
from refreshproof.mock_servers.provider.tokens.exchange import exchange
from refreshproof.mock_servers.provider.tokens.grants import GRANTS
from refreshproof.mock_servers.provider.tokens.introspection import introspect
from refreshproof.mock_servers.provider.tokens.proof import bind, proven_key
from refreshproof.mock_servers.provider.tokens.revocation import revoke_token
from refreshproof.mock_servers.provider.tokens.spending import spend
from refreshproof.mock_servers.wire import WireResponse, html_response, json_response, redirect


def authorize(visit: Visit) -> WireResponse:
    """Answer an authorization request: a redirect with a code or an error, or a page."""
    visit.entry.client_id = visit.sighting.values.get("client_id")
    _check_browser(visit)
    login_page = visit.profile.authorization.login_page
    if login_page and not visit.state.signed_in:
        return redirect(f"{login_page}?{urlencode({'continue': visit.sighting.request.url})}")
    if visit.entry.client_id in visit.state.applications:
        check_application_tenant(visit, visit.state.applications[visit.entry.client_id])
    endpoint = AuthorizationEndpoint(visit.profile, visit.state, visit.entry, tenant_of(visit))
    response, refused = endpoint(visit.sighting.parameters, visit.now)
    if refused is not None:
        visit.entry.cause, visit.entry.detail = refused.cause, refused.detail
    return response


def _check_browser(visit: Visit) -> None:
    browser = visit.sighting.request.header("user-agent") or ""
    if any(mark in browser for mark in visit.profile.authorization.refused_browsers):
        raise Refused(Cause.EMBEDDED_BROWSER, expected="a browser of its own", found=browser)


def token(visit: Visit) -> WireResponse:
    """Answer a token request."""
    _check_body(visit)
    try:
        return _granted(visit)
    except Refused as refused:
        spend(visit, refused.cause)
        raise


def _granted(visit: Visit) -> WireResponse:
    sighting, profile = visit.sighting, visit.profile
    application = authenticate(profile, visit.state, sighting, visit.now)
    visit.entry.client_id = application.client_id
    check_application_tenant(visit, application)
    grant_type = sighting.values.get("grant_type", profile.token_request.without_grant_type)
    if grant_type is None:
        raise Refused(Cause.MISSING_GRANT_TYPE, parameter="grant_type", expected="grant_type", found="none")
    if grant_type not in profile.token_request.grants or grant_type not in GRANTS:
        raise Refused(
            Cause.UNSUPPORTED_GRANT_TYPE,
            grant_type=grant_type,
            expected=" or ".join(profile.token_request.grants),
            found=grant_type,
        )
    if grant_type in profile.token_request.unauthorized_grants:
        raise Refused(Cause.GRANT_NOT_ALLOWED, grant_type=grant_type, expected="another grant", found=grant_type)
    if application.kind in profile.token_request.origin_kinds and sighting.request.header("origin") is None:
        raise Refused(Cause.MISSING_ORIGIN, expected="Origin", found="none")
    check_grant_tenant(visit)
    key = proven_key(visit, application)
    request = TokenRequest(
        profile=profile.granting(grant_type),
        state=visit.state,
        application=application,
        values=sighting.values | _blank_scope(visit),
        entry=visit.entry,
        now=visit.now,
        header=sighting.request.header,
    )
    members = GRANTS[grant_type](request)
    bind(visit.state, members, key)
    return answer(profile, members, request=sighting.request, vault=visit.state.vault)


def _blank_scope(visit: Visit) -> dict[str, str]:
    """Return the empty scope of a request, where the vendor does not take it for none (RFC 6749 s3.2 does)."""
    told = visit.profile.token_request.blank_scope != "omitted" and ("scope", "") in visit.sighting.parameters
    return {"scope": ""} if told else {}


def _check_body(visit: Visit) -> None:
    request, accepted = visit.sighting.request, visit.profile.token_request.bodies
    found = {"application/json": "json", "application/x-www-form-urlencoded": "form"}.get(request.media_type)
    if found not in accepted:
        raise Refused(
            Cause.UNSUPPORTED_BODY, expected=" or ".join(accepted), found=request.media_type or "no content type"
        )
    repeated = repeated_parameters(request.form)
    if repeated and visit.profile.token_request.repeated_parameters == "refused":
        detail = f"Parameter sent more than once: {repeated}"
        raise Refused(
            Cause.INVALID_REQUEST, detail=detail, expected="each parameter once", found=f"{repeated} repeated"
        )


def revoke(visit: Visit) -> WireResponse:
    """Revoke a token (RFC 7009 s2); an unknown one is answered as the profile says."""
    values = visit.sighting.values | {name: value for name, value in visit.sighting.request.query if value}
    if visit.route.endpoint.options.get("authenticate", True):
        visit.entry.client_id = authenticate(visit.profile, visit.state, visit.sighting, visit.now).client_id
    value = values.get("token")
    if value is None:
        raise Refused(Cause.MISSING_PARAMETER, parameter="token", expected="token", found="none")
    visit.entry.presented = visit.state.vault.name("RT", value)
    revoke_token(visit, value, values.get("token_type_hint"))
    return answer(visit.profile, {}, request=visit.sighting.request, vault=visit.state.vault)


def resource(visit: Visit) -> WireResponse:
    """Return a protected document; the endpoint's options hold `scopes` and `document`.

    Members that the option `identity` maps to facts of the user stand in the place of the document's.
    """
    options = visit.route.endpoint.options
    visit.entry.presented = _bearer_alias(visit)
    wanted = visit.profile.operation_scopes or tuple(options.get("scopes", ()))
    token_ = open_with(visit.profile, visit.state, visit.sighting, wanted, visit.now)
    check_authentication(visit.profile, token_, visit.now)
    visit.entry.account = token_.family.account
    document = options.get("document", {"ok": True})
    return json_response(200, {**document, **told_of_user(visit.state, token_, options.get("identity", {}))})


def _bearer_alias(visit: Visit) -> str | None:
    bearer = visit.sighting.bearer
    return None if bearer is None else visit.state.vault.name("AT", bearer)


_AN_HOUR = (("Cache-Control", "public, max-age=3600"),)


def document(visit: Visit) -> WireResponse:
    """Return a public document: the profile's metadata, or the endpoint's options `document` and `headers`."""
    options = visit.route.endpoint.options
    content: Mapping[str, Any] = options.get("document", visit.profile.metadata)
    return json_response(200, dict(content), headers=options.get("headers", _AN_HOUR))


def resource_metadata(visit: Visit) -> WireResponse:
    """Return what the resource tells of itself: which authorization servers it trusts, among others (RFC 9728 s3.2)."""
    return json_response(200, dict(visit.profile.resource_metadata), headers=_AN_HOUR)


def page(visit: Visit) -> WireResponse:
    """Return a page without effect; the endpoint's option `text` holds its words."""
    return html_response(200, f"<!doctype html><title>{visit.route.endpoint.options['text']}</title>")


VIEWS: Mapping[str, View] = {
    "authorization": authorize,
    "token": token,
    "revocation": revoke,
    "resource": resource,
    "discovery": document,
    "metadata": document,
    "resource_metadata": resource_metadata,
    "tenant_document": tenant_document,
    "instance_discovery": instances,
    "device_authorization": authorize_device,
    "device_verification": verify_device,
    "userinfo": userinfo,
    "page": page,
    "end_session": end_session,
    "token_information": token_information,
    "keys": keys,
    "certificates": certificates,
    "introspection": introspect,
    "registration": register,
    "accessible_resources": accessible_resources,
    "gateway": gateway,
    "site_host": site_host,
    "login": log_in,
    "user_error": user_error,
    "exchange": exchange,
}
"""Kinds of endpoint by the name a profile uses."""
