"""Business software: accounting and shops, each with its own idea of when a refresh token changes."""

from __future__ import annotations

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.pieces import (
    DAY,
    dead_tokens,
    endpoints,
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
from refreshproof.mock_servers.profile.sources import NANGO, SHEET, source
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.vendor import Vendor

_QUICKBOOKS_POLICY = source(
    "https://blogs.a.intuit.com/2025/11/12/important-changes-to-refresh-token-policy of 2025-11-12", seen="2026-11-30"
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
    announced=(
        Announcement(
            effective="2023-10-01",
            what="Refresh tokens that are issued from now on end five years after the login, the first in October 2028;"
            " those of restricted scopes since February 2022, the first in February 2027.",
            fields={"refresh.absolute_ttl": 5 * 365 * DAY},
            source=_QUICKBOOKS_POLICY,
        ),
    ),
    response=ResponseShape(
        members=(
            "access_token", "refresh_token", "token_type", "expires_in", "x_refresh_token_hard_expires_in",
        ),
        token_type="bearer",
        by_header={"x_refresh_token_hard_expires_in": "x-include-refresh-token-hard-expires-in"},
        extra={"x_refresh_token_expires_in": 100 * DAY},
    ),
    errors=dead_tokens(None),
    sources=sources(
        (NANGO, "endpoints"),
        (source("intuit/QuickBooks-V3-PHP-SDK#324, #454; ruckus/quickbooks-ruby#389", "observed"),
         "refresh.rotation refresh.refresh_token_on_refresh errors"),
        (source("x_refresh_token_expires_in: ballerina github#335", "observed"), "response.extra"),
        (source("intuit/QuickBooks-V3-PHP-SDK 0155c863 OAuth2LoginHelper.php; QuickBooks-V3-Java-SDK release v6.5.4",
                "documented", seen="2026-12-01"), "response.by_header"),
        (_QUICKBOOKS_POLICY, "refresh.inactivity_ttl"),
        (source("https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/faq",
                seen="2026-11-30"), "lifetimes"),

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

BUSINESS: tuple[Vendor, ...] = (vendor(QUICKBOOKS), vendor(XERO), vendor(SHOPIFY))
"""The business vendors, in the order in which they are listed."""
