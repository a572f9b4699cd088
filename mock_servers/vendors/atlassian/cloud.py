"""Atlassian Cloud's OAuth 2.0 (3LO) as a profile: rotating refresh tokens with a leeway of ten minutes, site-scoped
grants, and an API gateway.

The views that only Atlassian has stand in `gateway`; the switches of the developer console in `console`.
"""

from __future__ import annotations

from refreshproof.mock_servers.profile.pieces import BAD_CLIENT, BAD_CODE, DAY, DEAD_TOKEN
from refreshproof.mock_servers.profile.profile import (
    AccountRules,
    AuthorizationRules,
    Cause,
    Endpoint,
    ErrorReply,
    IssuanceRules,
    Profile,
    ResponseShape,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NOTHING_FOUND, source
from refreshproof.mock_servers.vendors.atlassian.api import CONFLUENCE, CONFLUENCE_API, JIRA, JIRA_API, SITES

ISSUER = "https://auth.atlassian.com"
API = "https://api.atlassian.com"
ACCOUNTS = "https://id.atlassian.com"
AUDIENCE = "api.atlassian.com"

SCOPES = ("read:jira-user", "read:jira-work", "write:jira-work", "read:me", "offline_access")
# The classic scopes by name; a granular one says in its last part which product it belongs to.
KNOWN_SCOPES = (
    "read:me", "read:account", "report:personal-data",
    "read:jira-user", "read:jira-work", "write:jira-work",
    *(f"manage:jira-{thing}" for thing in ("project", "configuration", "webhook", "data-provider")),
    "read:servicedesk-request", "write:servicedesk-request", "manage:servicedesk-customer",
    "read:servicemanagement-insight-objects",
    "search:confluence", "read:confluence-user", "read:confluence-groups", "write:confluence-groups",
    "read:confluence-props", "write:confluence-props", "read:confluence-space.summary", "write:confluence-space",
    "read:confluence-content.all", "read:confluence-content.summary", "read:confluence-content.permission",
    "write:confluence-content", "write:confluence-file", "manage:confluence-configuration",
    "readonly:content.attachment:confluence",
    *(f"*:*:{product}" for product in ("jira", "jira-software", "jira-service-management", "confluence", "compass")),
)  # fmt: skip

# Every member of the documented example of https://api.atlassian.com/me.
ME = {
    "account_type": "atlassian",
    "account_id": "112233aa-bb11-cc22-33dd-445566abcabc",
    "email": "mia@example.com",
    "name": "Mia Krystof",
    "picture": "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/"
    "112233aa-bb11-cc22-33dd-445566abcabc/1234abcd-9876-54aa-33aa-1234dfsade9487ds",
    "account_status": "active",
    "nickname": "mkrystof",
    "zoneinfo": "Australia/Sydney",
    "locale": "en-US",
    "extended_profile": {
        "job_title": "Designer",
        "organization": "Example",
        "department": "Design team",
        "location": "Sydney",
    },
}

# Each account has its own (facts of `identity.facts_of`), or nobody could see whose account a client was linked to.
WHO = {"account_id": "oid", "email": "email", "name": "name", "picture": "picture", "nickname": "user"}

DEAD_REFRESH_TOKEN = ErrorReply(status=403, error="invalid_grant", description="Unknown or invalid refresh token.")
INVALID_CODE = ErrorReply(status=403, error="invalid_grant", description="Invalid authorization code")
UNAUTHORIZED_CLIENT = ErrorReply(status=401, error="access_denied", description="Unauthorized")
API_UNAUTHORIZED = ErrorReply(status=401, error=None, members={"code": 401, "message": "Unauthorized"})

API_UNAUTHORIZED_CAUSES = (
    Cause.NO_ACCESS_TOKEN, Cause.UNKNOWN_ACCESS_TOKEN, Cause.ACCESS_TOKEN_EXPIRED, Cause.ACCESS_TOKEN_REVOKED,
)  # fmt: skip

ERRORS_AS_PAGE = (
    Cause.UNKNOWN_CLIENT, Cause.APPLICATION_KIND, Cause.APPLICATION_NOT_SHARED, Cause.REDIRECT_URI_MISMATCH,
    Cause.MISSING_PARAMETER, Cause.INVALID_REQUEST, Cause.UNSUPPORTED_RESPONSE_TYPE, Cause.INVALID_SCOPE,
)  # fmt: skip

ERRORS = {
    **dict.fromkeys(DEAD_TOKEN, DEAD_REFRESH_TOKEN),
    **dict.fromkeys(BAD_CODE, INVALID_CODE),
    **dict.fromkeys(BAD_CLIENT, UNAUTHORIZED_CLIENT),
    **dict.fromkeys(API_UNAUTHORIZED_CAUSES, API_UNAUTHORIZED),
    Cause.REDIRECT_URI_MISMATCH: ErrorReply(
        status=403, error="unauthorized_client", description="redirect_uri is not registered for client: {found}"
    ),
    Cause.INSUFFICIENT_SCOPE: ErrorReply(
        status=401, error=None, members={"code": 401, "message": "Unauthorized; scope does not match"}
    ),
    Cause.MISSING_PERMISSION: ErrorReply(
        status=403, error=None, members={"errorMessages": ["You are not permitted to do this."], "errors": {}}
    ),
    Cause.UNKNOWN_RESOURCE: ErrorReply(status=404, error=None, members={"code": 404, "message": "Not Found"}),
}

_COMMUNITY = "https://community.developer.atlassian.com/t/"
_3LO = source("https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ of 2025-01-14")
_LIFETIMES = source(f"{_COMMUNITY}updated-31-january-2022-action-required-deprecating-persistent-refresh-tokens/54172")
_COMPANION = source(f"{_COMMUNITY}the-old-access-token-will-be-revoked-during-the-refresh-token-exchange/83103")
_AUTH0_LEEWAY = source("https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-rotation")
_BAD_CODE = source(
    "https://community.atlassian.com/t5/Jira-Software-questions/"
    "Exchange-authorization-code-for-access-token-gt-403-error/qaq-p/1442839",
    "observed",
)
_BAD_CLIENT = source("Meridiona/meridian#218", "observed")
_BAD_REDIRECT_URI = source("humanlayer/humanlayer#1068", "observed")
_API_401 = source("ParabolInc/parabol#5690", "observed")
_API_SCOPE = source(
    "https://community.atlassian.com/forums/Jira-questions/"
    "OAuth-3LO-Access-Token-Returns-401-quot-Unauthorized-scope-does/qaq-p/3062781",
    "observed",
)

_HOW_TO = source(
    "third-party how-to for refresh tokens at Atlassian; the switch also ParabolInc/parabol#5250", "observed"
)

SOURCES = {
    "issuer": _3LO,
    "endpoints": _3LO,
    "scopes": _3LO,
    "authorization.required": _3LO,
    "authorization.errors_as_page": NOTHING_FOUND,
    "authorization.error_page": _BAD_REDIRECT_URI,
    "authorization.login_page": NOTHING_FOUND,
    "authorization.application_kinds": _HOW_TO,
    "authorization.known_scopes": source(
        "developer.atlassian.com/cloud/{jira/platform,confluence}/scopes-for-oauth-2-3LO-and-forge-apps/; refused on a "
        "page: atlassian/atlassian-mcp-server#177, OpenHands/OpenHands#12397",
        "observed",
        seen="2026-11-29",
    ),
    "authorization.access_follows": _3LO,
    "authorization.pkce": _BAD_CLIENT,
    "authorization.site_selection": _3LO,
    "authorization.loopback_port_free": _3LO,
    "issuance.scope": _3LO,
    "issuance.application_switch": _HOW_TO,
    "access_token": NOTHING_FOUND,
    "refresh_token": NOTHING_FOUND,
    "code": source(f"{_COMMUNITY}about-the-format-of-atlassian-security-tokens/62553"),
    "token_request.authentication": _3LO,
    "token_request.bodies": source(
        "JSON as documented (3LO page); forms: kivitendo-erp SL/Controller/OAuth/Atlassian.pm", "observed"
    ),
    "refresh.rotation": _3LO,
    "refresh.refresh_token_on_refresh": _3LO,
    "refresh.on_replay": _AUTH0_LEEWAY,
    "refresh.window": _3LO,
    "refresh.same_scope_on_replay": NOTHING_FOUND,
    "refresh.on_breach": _LIFETIMES,
    "refresh.previous_access_token": _COMPANION,
    "refresh.inactivity_ttl": _3LO,
    "refresh.absolute_ttl": _3LO,
    "response.members": _3LO,
    **{f"errors.{cause}": _3LO for cause in DEAD_TOKEN},
    **{f"errors.{cause}": _BAD_CODE for cause in BAD_CODE},
    **{f"errors.{cause}": _BAD_CLIENT for cause in BAD_CLIENT},
    **{f"errors.{cause}": _API_401 for cause in API_UNAUTHORIZED_CAUSES},
    "errors.redirect_uri_mismatch": _BAD_REDIRECT_URI,
    "errors.insufficient_scope": _API_SCOPE,
    "errors.missing_permission": NOTHING_FOUND,
    "errors.unknown_resource": NOTHING_FOUND,
    "sites": _3LO,
    "cors_hosts": _3LO,
    "accounts.password_change": _3LO,
    "client_parameters": _3LO,
    "body_format": _3LO,
    "deletes_installed": _3LO,
}

ATLASSIAN = Profile(
    name="atlassian",
    title="Atlassian Cloud (3LO)",
    issuer=ISSUER,
    endpoints=(
        Endpoint(view="authorization", url=f"{ISSUER}/authorize"),
        Endpoint(view="token", url=f"{ISSUER}/oauth/token", methods=("POST",)),
        # First of the resources, because it needs no site id.
        Endpoint(view="resource", url=f"{API}/me", options={"scopes": ("read:me",), "document": ME, "identity": WHO}),
        Endpoint(
            view="accessible_resources",
            url=f"{API}/oauth/token/accessible-resources",
            options={"products": (JIRA, CONFLUENCE)},
        ),
        *(
            Endpoint(
                view="gateway",
                url=f"{API}/ex/{api.product.name}/{{cloudid}}/{{api...}}",
                methods=("GET", "POST", "PUT", "DELETE"),
                options={"api": api},
            )
            for api in (JIRA_API, CONFLUENCE_API)
        ),
        *(Endpoint(view="site_host", url=f"{site.url}/{{api...}}", methods=("GET", "POST")) for site in SITES),
        Endpoint(view="login", url=f"{ACCOUNTS}/login"),
        Endpoint(view="user_error", url=f"{ACCOUNTS}/error"),
    ),
    scopes=SCOPES,
    authorization=AuthorizationRules(
        # Decision K-06: all are called required, so a missing one ends on an error page and the client hears nothing.
        required={
            "client_id": "",
            "redirect_uri": "",
            "scope": "",
            "response_type": "code",
            "audience": AUDIENCE,
            "prompt": "consent",
        },
        errors_as_page=ERRORS_AS_PAGE,
        error_page=f"{ACCOUNTS}/error",
        login_page=f"{ACCOUNTS}/login",
        known_scopes=KNOWN_SCOPES,
        application_kinds=("web",),
        pkce="ignored",
        site_selection=True,
        access_follows="grant",
        loopback_port_free=False,
    ),
    issuance=IssuanceRules(scope="offline_access", application_switch=True),
    access_token=TokenShape(length=900, jwt_shaped=True),
    refresh_token=TokenShape(length=900, jwt_shaped=True),
    code=TokenShape(length=600, jwt_shaped=True),
    token_request=TokenRequestRules(authentication=("client_secret_post",), bodies=("json", "form")),
    refresh=RefreshPolicy(
        rotation="always",
        refresh_token_on_refresh="new",
        on_replay="new_pair",
        window=600,
        generations=1,
        same_scope_on_replay=True,
        on_breach="revoke_family",
        previous_access_token="dies_with_window",
        inactivity_ttl=90 * DAY,
        absolute_ttl=365 * DAY,
    ),
    # The documented members in their order, and token_type, which RFC 6749 s5.1 requires (decision K-14).
    response=ResponseShape(members=("access_token", "refresh_token", "expires_in", "scope", "token_type")),
    errors=ERRORS,
    accounts=AccountRules(password_change="suspend"),
    sites=SITES,
    cors_hosts=("api.atlassian.com",),
    client_parameters={"audience": AUDIENCE, "prompt": "consent"},
    body_format="json",
    deletes_installed=False,
    sources=SOURCES,
)
