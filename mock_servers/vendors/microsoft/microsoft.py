"""Microsoft identity platform: a new refresh token on every refresh while the old ones live on, random access token
lifetimes, and refusals whose AADSTS code and suberror decide what a client does.

Data only. Page keys of the sources (M-RT ...) are the files of github.com/MicrosoftDocs/entra-docs in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.pieces import DAY
from refreshproof.mock_servers.profile.profile import (
    AccountRules,
    AuthorizationRules,
    Cause,
    ClientTokens,
    ContinuousAccess,
    DeviceRules,
    Endpoint,
    IssuanceRules,
    LifetimeRule,
    Lifetimes,
    Profile,
    ResponseShape,
    Source,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.microsoft.cloud import (
    AUTHORITIES,
    COMMON,
    CONSUMERS,
    GRAPH,
    LOGIN,
    PERSONAL,
    TENANT,
    TENANTS,
    metadata,
)
from refreshproof.mock_servers.vendors.microsoft.errors import (
    ERROR_SOURCES,
    ERRORS,
    PERSONAL_ERRORS,
    V1_ERRORS,
)

PAGES: Mapping[str, str] = {
    "M-CODE": "docs/identity-platform/v2-oauth2-auth-code-flow.md",
    "M-RT": "docs/identity-platform/refresh-tokens.md",
    "M-ERR": "docs/identity-platform/reference-error-codes.md",
    "M-DEV": "docs/identity-platform/v2-oauth2-device-code.md",
    "M-AT": "docs/identity-platform/access-tokens.md",
    "M-OIDC": "docs/identity-platform/v2-protocols-oidc.md",
    "M-CC": "docs/identity-platform/claims-challenge.md",
    "M-URL": "docs/identity-platform/reply-url.md",
    "M-CERT": "docs/identity-platform/certificate-credentials.md",
    "M-V1": "github.com/MicrosoftDocs/azure-docs, articles/active-directory/azuread-dev/v1-protocols-oauth-code.md",
    "REC": "github.com/Azure/azure-sdk-for-js, published test recordings (2021, 2022)",
}
"""The pages behind the keys in `MICROSOFT.sources`; those without a host are in github.com/MicrosoftDocs/entra-docs."""

TOKEN_HEADERS = (
    ("Cache-Control", "no-store, no-cache"),
    ("Pragma", "no-cache"),
    ("Expires", "-1"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("P3P", 'CP="DSP CUR OTPi IND OTRi ONL FIN"'),
    ("x-ms-ests-server", "2.1.12261.17 - NCUS ProdSlices"),
    ("Set-Cookie", "fpc=AuowlA6AO; path=/; secure; HttpOnly; SameSite=None"),
    ("Set-Cookie", "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly"),
    ("Set-Cookie", "stsservicecookie=estsfd; path=/; secure; samesite=none; httponly"),
)
MADE_HEADERS = (
    ("x-ms-request-id", "{trace_id}"),
    ("x-ms-clitelem", "1,{code},0,,"),
    ("client-request-id", "{client_request_id}"),
)


_DAY_LONG = (("Cache-Control", "max-age=86400, private"),)
DEVICE = DeviceRules(
    address="https://microsoft.com/devicelogin",
    lifetime=900,
    message="To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate.",
    slow_down=False,
    scope_required=True,
)
PAGES_SHOWN = (
    Cause.UNKNOWN_CLIENT,
    Cause.REDIRECT_URI_MISMATCH,
    Cause.CLIENT_DELETED,
    Cause.UNKNOWN_TENANT,
    Cause.SINGLE_TENANT,
    Cause.RESOURCE_NOT_OF_SCOPES,
)
V1_AUTHORIZATION = AuthorizationRules(
    errors_as_page=PAGES_SHOWN,
    extra_callback_parameters=("session_state",),
    response_modes=("query", "fragment", "form_post"),
    home_resource=GRAPH,
    resource_parameter="resource",
    refused_hosts=("::1",),
    bare_callback_slash=True,
    scopes_ignore_case=True,
)
V1_RESPONSE = ResponseShape(
    members=(
        "token_type", "scope", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "access_token",
        "refresh_token", "id_token",
    ),
    expires_in="string",
    extra={"pwd_exp": "5184000", "pwd_url": "https://portal.microsoftonline.com/ChangePassword.aspx"},
    unlisted_scopes=("openid", "profile", "offline_access"),
    headers=TOKEN_HEADERS,
    made_headers=MADE_HEADERS,
)  # fmt: skip
V1: dict[str, Any] = {
    "authorization": V1_AUTHORIZATION,
    # Version 1.0 has no scopes: the resource's registered permissions are granted, and a refresh token comes with them.
    "scopes": ("openid", "profile", "User.Read"),
    "issuance": IssuanceRules(),
    "response": V1_RESPONSE,
    "device": replace(DEVICE, address_member="verification_url", strings=True, scope_required=False),
    "errors": V1_ERRORS,
}
"""What is different at the v1.0 endpoints."""


_PERSONAL_TOKENS: dict[str, Any] = {
    "access_token": TokenShape(prefix="EwB", length=1200),
    "refresh_token": TokenShape(prefix="M.C5", length=400),
    "code": TokenShape(prefix="M.C", length=45),
}
"""How what personal accounts are given looks."""


def _tenant_endpoints(base: str, **tokens: Any) -> tuple[Endpoint, ...]:
    """Return the addresses that every tenant has, with what its codes and tokens look like where not as elsewhere."""
    post = ("POST",)
    refusals = {"errors": PERSONAL_ERRORS} if tokens else {}
    return (
        Endpoint(
            view="authorization",
            url=f"{base}/oauth2/v2.0/authorize",
            methods=("GET", "POST"),
            overrides=tokens,
        ),
        Endpoint(view="token", url=f"{base}/oauth2/v2.0/token", methods=post, overrides=tokens | refusals),
        Endpoint(view="device_authorization", url=f"{base}/oauth2/v2.0/devicecode", methods=post),
        Endpoint(view="end_session", url=f"{base}/oauth2/v2.0/logout", methods=("GET", "POST")),
        Endpoint(
            view="keys",
            url=f"{base}/discovery/v2.0/keys",
            options={"members": {"issuer": f"{LOGIN}/{{tenantid}}/v2.0"}},
        ),
        Endpoint(view="authorization", url=f"{base}/oauth2/authorize", overrides=V1 | tokens),
        Endpoint(view="token", url=f"{base}/oauth2/token", methods=post, overrides=V1 | tokens),
        Endpoint(view="device_authorization", url=f"{base}/oauth2/devicecode", methods=post, overrides=V1),
    )


ENDPOINTS = (
    Endpoint(
        view="resource",
        url=f"{GRAPH}/v1.0/me",
        options={
            "scopes": ("User.Read",),
            "document": {},
            "identity": {"id": "oid", "displayName": "name", "userPrincipalName": "email"},
        },
    ),
    # The common tenant first: its addresses are complete, so a client can be configured with them.
    *_tenant_endpoints(COMMON),
    Endpoint(view="discovery", url=f"{COMMON}/v2.0/.well-known/openid-configuration", options={"headers": _DAY_LONG}),
    Endpoint(view="instance_discovery", url=f"{COMMON}/discovery/instance", options={"authorities": AUTHORITIES}),
    Endpoint(view="device_verification", url="https://microsoft.com/devicelogin"),
    Endpoint(view="device_verification", url="https://www.microsoft.com/link"),
    Endpoint(
        view="userinfo",
        url=f"{GRAPH}/oidc/userinfo",
        methods=("GET", "POST"),
        options={"scopes": ("openid",), "claims": {"sub": "pairwise"}},
    ),
    *_tenant_endpoints(CONSUMERS, **_PERSONAL_TOKENS),
    *_tenant_endpoints(f"{LOGIN}/{{tenant}}"),
    Endpoint(
        view="tenant_document",
        url=f"{LOGIN}/{{tenant}}/v2.0/.well-known/openid-configuration",
        options={"document": metadata("{tenant}", "WW"), "headers": _DAY_LONG},
    ),
)


SOURCES: Mapping[str, Source] = {
    **ERROR_SOURCES,
    "endpoints.v1": source("M-V1: resource instead of scope, strings, pwd_exp and pwd_url (their values are made up)"),
    "endpoints.instance_discovery": source("REC, SDK", "observed"),
    "endpoints.keys": source("M-AT"),
    "tenants": source("M-CODE, M-OIDC; contoso and its id are made up"),
    "home_tenant": source("made up", "unverified"),
    "closed_tenants": source("BingAds/BingAds-Python-SDK#297: personal accounts' grants elsewhere", "observed"),
    "endpoints.consumers": source("M-CODE: codes M.C, refresh tokens M.C5; M-AT: access tokens EwB"),
    "authorization.refused_hosts": source("M-URL: the loopback address of IPv6 is not supported"),
    "authorization.bare_callback_slash": source("M-URL: in query and fragment mode"),
    "authorization.accumulates": source("M-CODE: more scopes may appear; which is not said, not set", "unverified"),
    "authorization.scopes_ignore_case": source("M-CODE: order and casing may differ"),
    "client_tokens": source("REC: no scope, no refresh token; 86399", "observed"),
    "device.scope_required": source("MicrosoftDocs/azure-docs#60942 (2020-08-16)", "observed"),
    "response.refresh_in_above": source("SDK; now and then, half the life is from memory: not set", "unverified"),
    "response.made_headers": source("REC; the echo of client-request-id, on demand: MS-OAPX", "observed"),
    "accounts.session": source("M-ERR 70043: sign-in frequency, where an administrator sets one; not set"),
    "accounts.session_over": source("M-ERR 70043"),
    "lifetime_rules.announced": source("SPA about 86399: no capture, not set", "unverified"),
    "authorization.response_modes": source("M-CODE"),
    "authorization.loopback_port_free": source("M-URL: for localhost the port is ignored"),
    "authorization.home_resource": source("M-CODE: scopes of one resource per token"),
    "authorization.resource_by_scope": source(
        "refused at refresh since March 2026: modelcontextprotocol/python-sdk#2853, csharp-sdk#1587; at authorization: "
        "microsoft/azure-devops-mcp#1511; without scope: typescript-sdk#2718; one that matches: unverified",
        "observed",
        "2026-11-30",
    ),
    "authorization.response_types": source("REC, as the metadata; an application must have id_tokens on: M-OIDC"),
    "endpoints.end_session": source("M-OIDC: sign-out"),
    "authorization.pkce_kinds": source("M-CODE: required for single-page applications"),
    "token_request.authentication": source("M-CODE, M-CERT"),
    "token_request.grants": source("M-CODE, M-DEV; the short name device_code: SDK"),
    "token_request.origin_kinds": source("M-ERR 9002327"),
    "token_request.public_secret": source("M-ERR 700025"),
    "token_request.scopes_within": source("M-RT: bound to user and client, not to resource or tenant"),
    "response.unlisted_scopes": source("M-CODE samples"),
    "accounts.password_change": source("M-RT: a user's own change ends tokens of public clients only"),
    "accounts.password_public_only": source("M-RT"),
    "accounts.revocation_ends_access_tokens": source("M-CC: without the client capability they live until they expire"),
    "id_token": source("REC; M-OIDC", "observed"),
    "device": source("M-DEV"),
    "cors_hosts": source("follows from M-ERR 9002327: single-page applications redeem across origins", "unverified"),
    "continuous_access": source("M-AT, M-CC: 20 to 28 hours"),
    "scopes": source("Microsoft Graph's sign-in permission in M-CODE samples"),
    "endpoints": source("M-CODE"),
    "metadata": source("REC", "observed"),
    "authorization.required": source("M-CODE"),
    "authorization.prompt_values": source("M-CODE"),
    "authorization.extra_callback_parameters": source("M-CODE"),
    "authorization.errors_as_page": source("the codes are in M-ERR; that they are pages is inferred", "unverified"),
    "issuance.scope": source("seeds 000_3fd09d9f99707348.txt, 001_d2bfe1973e2b411e.txt; M-CODE"),
    "access_token": source("M-AT: a JWT for own APIs, opaque to clients"),
    "refresh_token": source("M-CODE samples"),
    "code": source("M-CODE samples"),
    "lifetimes.access_token": source("M-AT: random, 60 to 90 minutes; one second less is common in REC"),
    "lifetimes.code": source("M-CODE: about ten minutes"),
    "lifetime_rules.spa": source("M-RT; MicrosoftDocs/azure-docs#92394"),
    "refresh.rotation": source("M-CODE, M-RT"),
    "lifetimes.access_token_longest": source("M-AT"),
    "refresh.refresh_token_on_refresh": source("M-CODE, M-RT"),
    "refresh.window": source("M-RT: no limit is named"),
    "refresh.generations": source("M-RT: no limit is named"),
    "refresh.on_replay": source("M-RT: the old token is not revoked"),
    "refresh.inactivity_ttl": source("M-RT (2025-05-14): 90 days from the issue of each token"),
    "response.members": source("M-CODE, REC"),
    "response.headers": source("REC", "observed"),
    "error_envelope": source("REC", "observed"),
}

MICROSOFT = Profile(
    name="microsoft",
    title="Microsoft identity platform (login.microsoftonline.com)",
    issuer=f"{LOGIN}/{{tenantid}}/v2.0",
    endpoints=ENDPOINTS,
    scopes=("User.Read",),
    authorization=AuthorizationRules(
        required={"client_id": "", "response_type": "code", "scope": ""},
        response_modes=("query", "fragment", "form_post"),
        home_resource=GRAPH,
        resource_by_scope=True,
        response_types=tuple(metadata("common", None)["response_types_supported"]),
        pkce_kinds=("spa",),
        extra_callback_parameters=("session_state",),
        errors_as_page=PAGES_SHOWN,
        refused_hosts=("::1",),
        bare_callback_slash=True,
        scopes_ignore_case=True,
    ),
    issuance=IssuanceRules(scope="offline_access"),
    access_token=TokenShape(length=900, jwt_shaped=True),
    refresh_token=TokenShape(prefix="1.A", length=640),
    code=TokenShape(prefix="1.A", length=640),
    lifetimes=Lifetimes(access_token=3599, access_token_longest=5399),
    lifetime_rules=(LifetimeRule(when={"application.kind": "spa"}, absolute=DAY),),
    token_request=TokenRequestRules(
        authentication=("client_secret_post", "client_secret_basic", "private_key_jwt"),
        grants=(
            "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "device_code",
            "client_credentials",
        ),
        origin_kinds=("spa",),
        public_secret="refused",
        scopes_within="grant",
    ),
    refresh=RefreshPolicy(
        rotation="always",
        refresh_token_on_refresh="new",
        on_replay="accept_until_expiry",
        window=None,
        generations=None,
        inactivity_ttl=90 * DAY,
    ),
    response=ResponseShape(
        members=(
            "token_type", "scope", "expires_in", "ext_expires_in", "refresh_in", "access_token", "refresh_token",
            "refresh_token_expires_in", "foci", "id_token", "client_info",
        ),
        unlisted_scopes=("offline_access",),
        headers=TOKEN_HEADERS,
        made_headers=MADE_HEADERS,
    ),
    error_envelope="aadsts",
    errors=ERRORS,
    accounts=AccountRules(
        password_change="revoke",
        password_public_only=True,
        revocation_ends_access_tokens=False,
        session_over=Cause.SIGN_IN_FREQUENCY,
    ),
    id_token=IdTokenRules(
        lifetime=3900,
        claims={
            "aud": "client_id", "iss": "issuer", "iat": "iat", "nbf": "iat", "exp": "exp", "aio": "unique",
            "nonce": "nonce", "rh": "unique", "sub": "pairwise", "tid": "tenant", "uti": "unique",
        },
        constants={"idp": f"https://sts.windows.net/{TENANT}/", "ver": "2.0"},
        scope_claims={
            "email": {"email": "email"},
            "profile": {"name": "name", "oid": "oid", "preferred_username": "email"},
        },
    ),
    device=DEVICE,
    client_tokens=ClientTokens(
        access_token=86_399, members=("token_type", "expires_in", "ext_expires_in", "access_token")
    ),
    cors_hosts=("login.microsoftonline.com", "graph.microsoft.com"),
    continuous_access=ContinuousAccess(capability="cp1", access_token=71_999, access_token_longest=100_799),
    tenants=TENANTS,
    home_tenant=TENANT,
    closed_tenants=(PERSONAL,),
    metadata=metadata("common", None),
    provider_type="MICROSOFT",
    sources=SOURCES,
)  # fmt: skip
