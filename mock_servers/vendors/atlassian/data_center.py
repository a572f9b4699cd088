"""Jira and other Atlassian Data Center products as OAuth 2.0 provider: codes of ten seconds, refreshes that need the
redirect URI, https everywhere, and service accounts that get tokens of their own.
"""

from __future__ import annotations

from refreshproof.mock_servers.profile.pieces import DAY, endpoints
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    Cause,
    ErrorReply,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenRequestRules,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NOTHING_FOUND, source

BASE = "https://jira.example.com"
SCOPES = ("READ", "WRITE")

MYSELF = {"active": True}
WHO = {"name": "user", "displayName": "name", "emailAddress": "email"}
_PROVIDER = source("https://confluence.atlassian.com/adminjiraserver101/jira-oauth-2-0-provider-api-1455427907.html")
_PROPERTIES = source(
    "https://confluence.atlassian.com/bitbucketserver101/oauth-2-0-provider-system-properties-1721011884.html"
)
_REDIRECT_URI = source(
    "https://mrrefactoring.github.io/jira.js/api/functions/index.refreshServerOAuth2Token.html", "observed"
)
_SERVICE_ACCOUNTS = source("https://confluence.atlassian.com/enterprise/service-accounts-overview-1627095923.html")

ATLASSIAN_DC = Profile(
    name="atlassian-dc",
    title="Atlassian Data Center as provider",
    issuer=BASE,
    endpoints=endpoints(
        "/rest/oauth2/latest/authorize",
        "/rest/oauth2/latest/token",
        "/rest/api/2/myself",
        ("READ",),
        document=MYSELF,
        identity=WHO,
        base=BASE,
    ),
    scopes=SCOPES,
    authorization=AuthorizationRules(
        required={"client_id": "", "redirect_uri": "", "response_type": "code", "scope": ""},
        loopback_port_free=False,
        https_redirect_uri=True,
    ),
    # Property max.client.delay.seconds: ten seconds between the code and its exchange.
    lifetimes=Lifetimes(code=10),
    token_request=TokenRequestRules(
        redirect_uri_on_refresh=True,
        grants=("authorization_code", "refresh_token", "client_credentials"),
        scope_of_client="required",
    ),
    refresh=RefreshPolicy(
        rotation="always", refresh_token_on_refresh="new", on_breach="revoke_family", inactivity_ttl=90 * DAY
    ),
    response=ResponseShape(token_type="bearer"),
    errors={
        # The reason is not told: R-19 of the seed checklist.
        Cause.REDIRECT_URI_MISMATCH: ErrorReply(status=400, error="invalid_grant"),
    },
    sources={
        "issuer": NOTHING_FOUND,
        "endpoints": _PROVIDER,
        "scopes": _PROVIDER,
        "authorization.required": _PROVIDER,
        "authorization.loopback_port_free": NOTHING_FOUND,
        "authorization.https_redirect_uri": _PROVIDER,
        "lifetimes.code": _PROPERTIES,
        "token_request.redirect_uri_on_refresh": _REDIRECT_URI,
        "token_request.grants": _SERVICE_ACCOUNTS,
        "token_request.scope_of_client": _SERVICE_ACCOUNTS,
        "refresh.rotation": NOTHING_FOUND,
        "refresh.refresh_token_on_refresh": NOTHING_FOUND,
        "refresh.on_breach": NOTHING_FOUND,
        "refresh.inactivity_ttl": _PROPERTIES,
        "response.token_type": NOTHING_FOUND,
        "errors.redirect_uri_mismatch": _REDIRECT_URI,
    },
)
