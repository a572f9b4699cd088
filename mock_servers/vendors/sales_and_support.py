"""Software for sales and support, which changes on announced days how long tokens live and where they come from."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.announcement import Announcement
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
    Endpoint,
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NANGO, WITHOUT_BASIC, source
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
_ROTATING = "Salesforce for a partner's application: a new refresh token each time, which idles out after thirty days"
SALESFORCE_ROTATING = replace(
    SALESFORCE,
    name="salesforce-rotating",
    title="Salesforce for a partner's application before 2026-05-11: the same refresh token until it is revoked",
    announced=(
        Announcement(
            effective="2026-05-11",
            what="A partner's application in more than two production orgs rotates refresh tokens, which idle out "
            "after 30 days, and needs PKCE; a replay ends the grant's tokens.",
            fields={
                "title": _ROTATING,
                "authorization.pkce": "required",
                "refresh.rotation": "always",
                "refresh.on_breach": "revoke_family",
                "refresh.inactivity_ttl": 30 * DAY,
            },
            source=source(
                "https://developer.salesforce.com/docs/atlas.en-us.packagingGuide.meta/packagingGuide/"
                "secure_code_ac_eca.htm; a replay: https://help.salesforce.com/s/articleView?id=005316711 of "
                "2026-03-12; the day: https://scalefirst.dev/?p=4616",
                "observed",
                "2026-11-30",
            ),
        ),
    ),
)
_COMMERCE = "https://account.demandware.com/dwsso"
SALESFORCE_COMMERCE = Profile(
    name="salesforce-commerce",
    title="Salesforce Commerce's Account Manager: the same refresh token until it rotates from 2027-04-07 on",
    issuer=f"{_COMMERCE}/oauth2",
    endpoints=endpoints("/oauth2/authorize", "/oauth2/access_token", "/oauth2/userinfo", ("mail",), base=_COMMERCE),
    scopes=("mail", "openid"),
    access_token=TokenShape(length=900, jwt_shaped=True),
    lifetimes=Lifetimes(access_token=1800),
    token_request=TokenRequestRules(authentication=("client_secret_basic",)),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="same"),
    announced=(
        Announcement(
            effective="2027-04-07",
            what="Every refresh brings a new refresh token; the one before is taken for a grace period.",
            fields={
                "title": "Salesforce Commerce's Account Manager: a new refresh token each time",
                "refresh.rotation": "always",
            },
            source=source("https://help.salesforce.com/s/articleView?id=005461459 of 2026-11-11", seen="2026-11-29"),
        ),
        Announcement(
            effective="2027-04-07",
            what="The grace period is taken for a minute: no length was published.",
            fields={"refresh.on_replay": "new_pair", "refresh.window": 60},
            source=source("assumption of this project: the announcement names no length", "unverified", "2026-11-30"),
        ),
    ),
)
# PostHog/posthog#66872, segmentio/action-destinations#2300: a refresh beside another one is refused with 400;
# spring-projects/spring-security#8598: issued_at is a string of milliseconds.
_SALESFORCE_WAYS = (
    FaultSpec(fault="busy", parameters={"seconds_": 1}),
    FaultSpec(fault="stamp", parameters={"name": "issued_at", "form": "text of milliseconds"}, grant_type=None),
)

_HUBSPOT_MIGRATION = source(
    "https://developers.hubspot.com/docs/api-reference/legacy/authentication/oauth-tokens/v1/migration-guide and "
    "https://developers.hubspot.com/changelog/v1-oauth-api-deprecation",
    seen="2026-11-30",
)
_HUBSPOT_TOKENS = "https://api.hubapi.com/oauth/2026-03/token"
_HUBSPOT_ENDPOINTS = endpoints(
    "https://app.hubspot.com/oauth/authorize",
    _HUBSPOT_TOKENS,
    "https://api.hubapi.com/crm/v3/objects/contacts",
    ("crm.objects.contacts.read",),
    f"{_HUBSPOT_TOKENS}/revoke",
)
HUBSPOT = Profile(
    name="hubspot",
    title="HubSpot: the same refresh token for ever, and errors in two forms at once",
    issuer="https://app.hubspot.com",
    endpoints=_HUBSPOT_ENDPOINTS,
    scopes=("crm.objects.contacts.read",),
    lifetimes=Lifetimes(access_token=1800),
    token_request=SECRET_IN_BODY,
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="same"),
    response=ResponseShape(
        members=("token_type", "refresh_token", "access_token", "expires_in"), token_type="bearer", scope="never"
    ),
    errors=refusals(
        DEAD_TOKEN,
        ErrorReply(
            status=400,
            error="invalid_grant",
            description="refresh token is invalid, expired or revoked",
            members={
                "status": "BAD_REFRESH_TOKEN",
                "message": "refresh token is invalid, expired or revoked",
                "correlationId": "00000000-0000-4000-8000-000000000000",
            },
        ),
    ),
    sources=sources(
        (_HUBSPOT_MIGRATION, "endpoints token_request"),
        (
            source(
                "https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses;"
                " status 400 and correlationId: HubSpot/oauth-quickstart-nodejs#16, HGData/mk-node-hubspot#64",
                seen="2026-11-30",
            ),
            "errors",
        ),
        (source("vendor sheet of this project, not checked", "unverified"), "lifetimes refresh"),
    ),
)
HUBSPOT_V1 = replace(
    HUBSPOT,
    name="hubspot-v1",
    title="HubSpot for a client that is set up with /oauth/v1/token, which ends on 2027-02-16",
    endpoints=(
        Endpoint(view="token", url="https://api.hubapi.com/oauth/v1/token", methods=("POST",)),
        *_HUBSPOT_ENDPOINTS,
    ),
    token_request=TokenRequestRules(),
    announced=(
        Announcement(
            effective="2027-02-16",
            what="The token endpoint /oauth/v1/token is gone; clients have to be set up with /oauth/2026-03/token.",
            fields={
                "title": "HubSpot after the end of /oauth/v1/token",
                "endpoints": _HUBSPOT_ENDPOINTS,
                "token_request": SECRET_IN_BODY,
            },
            source=_HUBSPOT_MIGRATION,
        ),
    ),
)

_ZENDESK_ANNOUNCED = source(
    "https://support.zendesk.com/hc/en-us/articles/9182123625370 and "
    "https://support.zendesk.com/hc/en-us/articles/10212201463962 of 2026-02-02",
    seen="2026-11-30",
)
_ZENDESK = "https://example.zendesk.com"
ZENDESK = Profile(
    name="zendesk",
    title="Zendesk: thirty minutes and thirty days, and expires_in only for a client that asks for it",
    issuer=_ZENDESK,
    endpoints=endpoints(
        "/oauth/authorizations/new", "/oauth/tokens", "/api/v2/users/me.json", ("read",), base=_ZENDESK
    ),
    scopes=("read",),
    lifetimes=Lifetimes(access_token=1800),
    token_request=TokenRequestRules(authentication=("client_secret_post",), bodies=("form", "json")),
    issuance=IssuanceRules(lifetime_parameter="expires_in"),
    refresh=RefreshPolicy(rotation="always", previous_access_token="dies_at_once", inactivity_ttl=30 * DAY),
    response=ResponseShape(token_type="bearer"),
    token_parameters={"expires_in": "1800"},
    sources=sources(
        (NANGO, "endpoints"),
        (
            source("NangoHQ/nango 1a57a65a86 (#6763): rotating, expires_in on request", "observed"),
            "refresh token_parameters",
        ),
        (_ZENDESK_ANNOUNCED, "issuance lifetimes refresh.previous_access_token refresh.inactivity_ttl"),
    ),
)
_ENDLESS_TOKENS_END = Announcement(
    effective="2027-04-01",
    what="Access tokens that were issued without an end are over.",
    ends_long_lived=True,
    source=source(
        "reading of this project: https://support.zendesk.com/hc/en-us/articles/9182123625370 makes expiration "
        "mandatory by that day, and does not say what becomes of older tokens",
        "unverified",
        "2026-11-30",
    ),
)
ZENDESK_LASTING = replace(
    ZENDESK,
    name="zendesk-lasting",
    title="Zendesk for a client made before 2026-04-30: access tokens last unless the client gives them a life",
    issuance=IssuanceRules(expiring_parameter=("expires_in", ""), lifetime_parameter="expires_in"),
    announced=(
        Announcement(
            effective="2027-04-01",
            what="Every access token ends, after 30 minutes where no other life is asked for.",
            fields={
                "title": "Zendesk from 2027-04-01 on: thirty minutes and thirty days",
                "issuance": ZENDESK.issuance,
            },
            source=_ZENDESK_ANNOUNCED,
        ),
        _ENDLESS_TOKENS_END,
    ),
)
ZENDESK_ENDLESS = replace(
    ZENDESK,
    name="zendesk-endless",
    title="Zendesk for a client made before 2026-04-30 that asks for no end: access tokens last, none refreshes them",
    issuance=IssuanceRules(ever=False),
    lifetimes=Lifetimes(access_token=3650 * DAY),
    refresh=RefreshPolicy(),
    response=ResponseShape(members=("access_token", "token_type", "scope"), token_type="bearer", expires_in="omitted"),
    token_parameters={},
    announced=(
        Announcement(
            effective="2027-04-01",
            what="Every access token ends, after 30 minutes where no other life is asked for, and comes with a refresh "
            "token that lives for 30 days and is replaced at each use.",
            fields={
                "title": "Zendesk from 2027-04-01 on: thirty minutes and thirty days",
                "issuance": ZENDESK.issuance,
                "lifetimes": ZENDESK.lifetimes,
                "refresh": ZENDESK.refresh,
                "response": ZENDESK.response,
            },
            source=_ZENDESK_ANNOUNCED,
        ),
        _ENDLESS_TOKENS_END,
    ),
)
_ZENDESK_WAYS = (
    FaultSpec(fault="only_if_asked", parameters={"parameter": "expires_in", "name": "expires_in"}, grant_type=None),
)

SALES_AND_SUPPORT: tuple[Vendor, ...] = (
    vendor(SALESFORCE, *_SALESFORCE_WAYS),
    vendor(SALESFORCE_ROTATING, *_SALESFORCE_WAYS),
    vendor(SALESFORCE_COMMERCE),
    vendor(HUBSPOT),
    vendor(HUBSPOT_V1),
    vendor(ZENDESK, *_ZENDESK_WAYS),
    vendor(ZENDESK_LASTING),
    vendor(ZENDESK_ENDLESS),
)
"""What sells and supports, in the order in which it is listed."""
