"""Business software: accounting, sales, shops and support, each with its own idea of when a refresh token changes."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.causes import ErrorReply
from refreshproof.mock_servers.profile.pieces import (
    BAD_ACCESS_TOKEN,
    DAY,
    DEAD_TOKEN,
    SECRET_IN_BODY,
    dead_tokens,
    endpoints,
    refusals,
    sources,
)
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    IssuanceRules,
    LifetimeRule,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NANGO, SHEET, WITHOUT_BASIC, source
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.vendor import Vendor

_SALESFORCE = "https://login.salesforce.com/services/oauth2"
SALESFORCE = Profile(
    name="salesforce",
    title="Salesforce: no expires_in, the session policy decides",
    issuer="https://login.salesforce.com",
    endpoints=endpoints(
        "/authorize",
        "/token",
        "https://example.my.salesforce.com/services/data/v60.0/limits",
        ("api",),
        "/revoke",
        base=_SALESFORCE,
    ),
    scopes=("api", "refresh_token"),
    issuance=IssuanceRules(scope="refresh_token"),
    access_token=TokenShape(prefix="00D", length=112),
    refresh_token=TokenShape(prefix="5Aep861", length=87),
    lifetimes=Lifetimes(access_token=7200),
    token_request=SECRET_IN_BODY,
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted"),
    response=ResponseShape(
        members=("access_token", "refresh_token", "scope", "token_type"),
        expires_in="omitted",
        extra={"instance_url": "https://example.my.salesforce.com"},
    ),
    errors=dead_tokens("expired access/refresh token")
    | refusals(
        BAD_ACCESS_TOKEN,
        ErrorReply(
            status=401,
            error=None,
            members={"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"},
        ),
    ),
    sources=sources(
        (NANGO, "endpoints response.extra"),
        (WITHOUT_BASIC, "token_request"),
        (source("jstanden/cerb#836; IBM/mcp-context-forge#4447", "observed"), "response.expires_in response.members"),
        (source("restforce/restforce#957: rotation is optional"), "refresh"),
    ),
)
SALESFORCE_ROTATING = replace(
    SALESFORCE,
    name="salesforce-rotating",
    title="Salesforce with Refresh Token Rotation: a replay ends the grant's tokens",
    refresh=RefreshPolicy(rotation="always", on_breach="revoke_family"),
)
# PostHog/posthog#66872, segmentio/action-destinations#2300: a refresh beside another one is refused with 400;
# spring-projects/spring-security#8598: issued_at is a string of milliseconds.
_SALESFORCE_WAYS = (
    FaultSpec(fault="busy", parameters={"seconds_": 1}),
    FaultSpec(fault="stamp", parameters={"name": "issued_at", "form": "text of milliseconds"}, grant_type=None),
)

QUICKBOOKS = Profile(
    name="quickbooks",
    title="QuickBooks Online: the same refresh token for a day, then another",
    issuer="https://oauth.platform.intuit.com/op/v1",
    endpoints=endpoints(
        "https://appcenter.intuit.com/connect/oauth2", "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        "https://quickbooks.api.intuit.com/v3/company/123145/companyinfo/123145", ("com.intuit.quickbooks.accounting",),
        "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    ),
    scopes=("com.intuit.quickbooks.accounting",),
    access_token=TokenShape(length=900),
    refresh_token=TokenShape(prefix="AB1", length=50),
    refresh=RefreshPolicy(
        rotation="sometimes", refresh_token_on_refresh="same", rotate_every=DAY, inactivity_ttl=100 * DAY
    ),
    response=ResponseShape(
        members=("access_token", "refresh_token", "token_type", "expires_in"), token_type="bearer",
        extra={"x_refresh_token_expires_in": 100 * DAY},
    ),
    errors=dead_tokens(None),
    sources=sources(
        (NANGO, "endpoints"),
        (source("intuit/QuickBooks-V3-PHP-SDK#324, #454; ruckus/quickbooks-ruby#389", "observed"),
         "refresh.rotation refresh.refresh_token_on_refresh errors"),
        (source("x_refresh_token_expires_in: ballerina github#335; 100 days not checked", "unverified"),
         "response.extra refresh.inactivity_ttl"),

    ),
)  # fmt: skip

XERO = Profile(
    name="xero",
    title="Xero: thirty minutes in which the last refresh token still works",
    issuer="https://identity.xero.com",
    endpoints=endpoints(
        "https://login.xero.com/identity/connect/authorize", "https://identity.xero.com/connect/token",
        "https://api.xero.com/connections", ("accounting.transactions",), "https://identity.xero.com/connect/revocation",
    ),
    scopes=("accounting.transactions", "offline_access"),
    authorization=AuthorizationRules(accumulates=True),
    issuance=IssuanceRules(scope="offline_access"),
    access_token=TokenShape(length=1200, jwt_shaped=True),
    refresh_token=TokenShape(length=64),
    lifetimes=Lifetimes(access_token=1800, code=300),
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=1800, inactivity_ttl=60 * DAY),
    sources=sources(
        (NANGO, "endpoints"),
        (source("community.xero.com discussion 105714701, official reply", "observed"),
         "refresh.rotation refresh.on_replay refresh.window"),
        (source("community.xero.com 105714701, 127920775: 60 days, 30 before", "observed"), "refresh.inactivity_ttl"),
        (source("oauthlib/oauthlib#888", "observed"), "authorization"),
        (SHEET, "lifetimes"),

    ),
)  # fmt: skip

HUBSPOT = Profile(
    name="hubspot",
    title="HubSpot: the same refresh token for ever, and errors without the member error",
    issuer="https://app.hubspot.com",
    endpoints=endpoints(
        "https://app.hubspot.com/oauth/authorize",
        "https://api.hubapi.com/oauth/v1/token",
        "https://api.hubapi.com/crm/v3/objects/contacts",
        ("crm.objects.contacts.read",),
    ),
    scopes=("crm.objects.contacts.read",),
    lifetimes=Lifetimes(access_token=1800),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="same"),
    response=ResponseShape(
        members=("token_type", "refresh_token", "access_token", "expires_in"), token_type="bearer", scope="never"
    ),
    errors=refusals(
        DEAD_TOKEN,
        ErrorReply(
            status=400,
            error=None,
            members={
                "status": "BAD_REFRESH_TOKEN",
                "message": "missing or invalid refresh token",
                "correlationId": "00000000-0000-4000-8000-000000000000",
            },
        ),
    ),
    sources=sources(
        (NANGO, "endpoints"),
        (source("HubSpot/oauth-quickstart-nodejs#16; HGData/mk-node-hubspot#64", "observed"), "errors"),
        (source("vendor sheet of this project, not checked", "unverified"), "lifetimes refresh"),
    ),
)

_SHOP = "https://example.myshopify.com/admin"
SHOPIFY = Profile(
    name="shopify",
    title="Shopify: offline tokens that expire and can be refreshed with expiring=1 in the token request, else last",
    issuer="https://example.myshopify.com",
    endpoints=endpoints(
        "/oauth/authorize", "/oauth/access_token", "/api/2026-01/shop.json", ("read_products",), base=_SHOP
    ),
    scopes=("read_products",),
    authorization=AuthorizationRules(scope_separator=","),
    access_token=TokenShape(prefix="shpat_", length=38),
    refresh_token=TokenShape(prefix="shprt_", length=38),
    token_request=TokenRequestRules(authentication=("client_secret_post",), bodies=("form", "json")),
    issuance=IssuanceRules(token_parameter=("expiring", "1"), expiring_parameter=("expiring", "1")),
    lifetime_rules=(LifetimeRule(when={}, absolute=90 * DAY, announced=True),),
    refresh=RefreshPolicy(rotation="always"),
    response=ResponseShape(
        members=("access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "scope")
    ),
    token_parameters={"expiring": "1"},
    sources=sources(
        (NANGO, "endpoints"),
        (source("Shopify/omniauth-shopify-oauth2#155", "observed"), "response issuance token_parameters"),
        (source("vendor sheet of this project: rotating; Shopify/shopify-app-js#3400", "observed"),
         "refresh.rotation"),

    ),
)  # fmt: skip

_ZENDESK_ANNOUNCED = source(
    "https://support.zendesk.com/hc/en-us/articles/9182123625370, an announcement of 2025-04-30 for 2026-04-30"
)
_ZENDESK = "https://example.zendesk.com"
ZENDESK = Profile(
    name="zendesk",
    title="Zendesk: expires_in only for a client that asks for it",
    issuer=_ZENDESK,
    endpoints=endpoints(
        "/oauth/authorizations/new", "/oauth/tokens", "/api/v2/users/me.json", ("read",), base=_ZENDESK
    ),
    scopes=("read",),
    lifetimes=Lifetimes(access_token=1800),
    token_request=TokenRequestRules(authentication=("client_secret_post",), bodies=("form", "json")),
    issuance=IssuanceRules(lifetime_parameter="expires_in"),
    refresh=RefreshPolicy(rotation="always", previous_access_token="dies_at_once"),
    response=ResponseShape(token_type="bearer"),
    token_parameters={"expires_in": "1800"},
    sources=sources(
        (NANGO, "endpoints lifetimes"),
        (
            source("NangoHQ/nango 1a57a65a86 (#6763): rotating, expires_in on request", "observed"),
            "refresh token_parameters",
        ),
        (_ZENDESK_ANNOUNCED, "issuance refresh.previous_access_token"),
    ),
)
ZENDESK_LASTING = replace(
    ZENDESK,
    name="zendesk-lasting",
    title="Zendesk before 2026-04-30: access tokens last unless the client gives them a life",
    issuance=IssuanceRules(expiring_parameter=("expires_in", ""), lifetime_parameter="expires_in"),
)
_ZENDESK_WAYS = (
    FaultSpec(fault="only_if_asked", parameters={"parameter": "expires_in", "name": "expires_in"}, grant_type=None),
)

BUSINESS: tuple[Vendor, ...] = (
    vendor(SALESFORCE, *_SALESFORCE_WAYS),
    vendor(SALESFORCE_ROTATING, *_SALESFORCE_WAYS),
    vendor(QUICKBOOKS),
    vendor(XERO),
    vendor(HUBSPOT),
    vendor(SHOPIFY),
    vendor(ZENDESK, *_ZENDESK_WAYS),
    vendor(ZENDESK_LASTING),
)
"""The business vendors, in the order in which they are listed."""
