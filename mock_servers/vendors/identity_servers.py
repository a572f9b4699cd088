"""Authorization servers that others run: hosted ones and products, with how each treats a refresh token that comes
twice.

Windows are deployment settings; where the product's default is none, the value here says whose choice it is.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.openid import OpenIdAddresses, another_server, openid_provider
from refreshproof.mock_servers.profile.pieces import DAY, dead_tokens, sources
from refreshproof.mock_servers.profile.profile import (
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    Source,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import UNVERIFIED, source
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.vendor import Vendor

_OFFLINE = IssuanceRules(scope="offline_access")
_SCOPES = ("openid", "offline_access")
_OPENID = source("OpenID Connect Core 1.0 s11: offline_access asks for a refresh token")
_JWT = TokenShape(length=800, jwt_shaped=True)
_TODAY = "2026-11-30"


def _openid(pages: Source) -> tuple[tuple[Source, str], ...]:
    """Return the sources of an OpenID provider's fields; the addresses are from these pages."""
    return (
        (pages, "endpoints cors_hosts"),
        (source("OpenID Connect Discovery 1.0 s3, of what is served here", seen=_TODAY), "metadata"),
        (source("OpenID Connect Core 1.0 s2, s5.4; the vendor's own claims are left out", "unverified", _TODAY),
         "id_token response.members"),
    )  # fmt: skip


_AUTH0_PAGES = source(
    "addresses: https://www.authhero.net/standards/openid-connect-discovery, a server that does as Auth0 does; "
    "registration where the tenant has it on, logout: auth0/node-auth0 7.2.0, TenantOidcLogoutSettings",
    "unverified",
    _TODAY,
)
_OKTA_PAGES = source(
    "https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/orgas and .../customas; no open registration: "
    "clients are made with an API token",
    seen=_TODAY,
)
_HYDRA_PAGES = source(
    "docs.rs/crate/ory-client/1.1.7, OidcApi.md; registration is off by default: ory/hydra#2549", seen=_TODAY
)
_KEYCLOAK_PAGES = source(
    "https://www.keycloak.org/securing-apps/oidc-layers; registration: the document of a 2023 server "
    "(blog.csdn.net/weixin_43394129/article/details/132487430), limited by policies that are left out",
    seen=_TODAY,
)
_WSO2_PAGES = source("addresses of the product from memory: no page was read", "unverified", _TODAY)
_SUPABASE_PAGES = source(
    "https://supabase.com/docs/guides/auth/oauth-server/getting-started; userinfo: "
    "https://supabase.com/features/oauth2-1-server; registration where the project has it on, its address unverified",
    seen=_TODAY,
)
_COGNITO_PAGES = source(
    "https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html; CORS is not documented",
    seen=_TODAY,
)

_AUTH0 = "https://example.eu.auth0.com"
AUTH0 = openid_provider(Profile(
    name="auth0",
    title="Auth0 with refresh token rotation",
    issuer=f"{_AUTH0}/",
    endpoints=(),
    scopes=_SCOPES,
    issuance=_OFFLINE,
    access_token=_JWT,
    lifetimes=Lifetimes(access_token=DAY),
    token_request=TokenRequestRules(bodies=("form", "json")),
    refresh=RefreshPolicy(
        rotation="always",
        window=0,
        on_breach="revoke_family",
        breach_ends_access_tokens=False,
        inactivity_ttl=15 * DAY,
        absolute_ttl=30 * DAY,
    ),
    errors=dead_tokens("Unknown or invalid refresh token.", status=403),
    sources=sources(
        *_openid(_AUTH0_PAGES),
        (_OPENID, "scopes issuance"),
        (
            source("https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-rotation"),
            "refresh.rotation refresh.on_breach",
        ),
        (source("schema of the client's refresh_token.leeway in auth0/node-auth0 5.3.0: default 0"), "refresh.window"),
    ),
), OpenIdAddresses(
    authorization=f"{_AUTH0}/authorize",
    token=f"{_AUTH0}/oauth/token",
    userinfo=f"{_AUTH0}/userinfo",
    keys=f"{_AUTH0}/.well-known/jwks.json",
    discovery=(f"{_AUTH0}/.well-known/openid-configuration", f"{_AUTH0}/.well-known/oauth-authorization-server"),
    revocation=f"{_AUTH0}/oauth/revoke",
    registration=f"{_AUTH0}/oidc/register",
    end_session=f"{_AUTH0}/oidc/logout",
))  # fmt: skip

_OKTA = "https://example.okta.com"
_OKTA_ORG = OpenIdAddresses(
    authorization=f"{_OKTA}/oauth2/v1/authorize",
    token=f"{_OKTA}/oauth2/v1/token",
    userinfo=f"{_OKTA}/oauth2/v1/userinfo",
    keys=f"{_OKTA}/oauth2/v1/keys",
    discovery=(f"{_OKTA}/.well-known/openid-configuration", f"{_OKTA}/.well-known/oauth-authorization-server"),
    revocation=f"{_OKTA}/oauth2/v1/revoke",
    introspection=f"{_OKTA}/oauth2/v1/introspect",
    end_session=f"{_OKTA}/oauth2/v1/logout",
)
_OKTA_CUSTOM = replace(
    _OKTA_ORG.below(f"{_OKTA}/oauth2", f"{_OKTA}/oauth2/default"),
    discovery=(
        f"{_OKTA}/oauth2/default/.well-known/openid-configuration",
        f"{_OKTA}/oauth2/default/.well-known/oauth-authorization-server",
        f"{_OKTA}/.well-known/oauth-authorization-server/oauth2/default",
    ),
)
# The org's own server, and the first of the custom ones, which most clients are configured with.
OKTA = another_server(openid_provider(Profile(
    name="okta",
    title="Okta with refresh token rotation and its grace period",
    issuer=_OKTA,
    endpoints=(),
    scopes=_SCOPES,
    issuance=_OFFLINE,
    access_token=_JWT,
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=30, on_breach="revoke_family"),
    sources=sources(
        *_openid(_OKTA_PAGES),
        (_OPENID, "scopes issuance"),
        (source("okta/okta-developer-docs#4360: rotation and a configurable grace period", "observed"), "refresh"),
        (source("okta/okta-developer-docs#4360; 30 s is taken as the default", "unverified"), "refresh.window"),
        (UNVERIFIED, "refresh.on_replay refresh.on_breach"),
    ),
), _OKTA_ORG), _OKTA_CUSTOM, "/oauth2/default")  # fmt: skip

_HYDRA = "https://hydra.example.com"
HYDRA = openid_provider(Profile(
    name="hydra",
    title="Ory Hydra with a refresh token grace period",
    issuer=_HYDRA,
    endpoints=(),
    scopes=("openid", "offline"),
    issuance=IssuanceRules(scope="offline"),
    access_token=TokenShape(prefix="ory_at_", length=94),
    refresh_token=TokenShape(prefix="ory_rt_", length=94),
    code=TokenShape(prefix="ory_ac_", length=94),
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=10, on_breach="revoke_family"),
    response=ResponseShape(token_type="bearer"),
    sources=sources(
        *_openid(_HYDRA_PAGES),
        (source("ory/hydra#1831 and ory/docs#2217: docs/hydra/guides/graceful-token-refresh.mdx"), "refresh"),
        (source("off by default, at most 5 minutes (ory/docs#2217); 10 s is chosen here", "unverified"),
         "refresh.window"),
        (UNVERIFIED, "refresh.generations"),
    ),
), OpenIdAddresses(
    authorization=f"{_HYDRA}/oauth2/auth",
    token=f"{_HYDRA}/oauth2/token",
    userinfo=f"{_HYDRA}/userinfo",
    keys=f"{_HYDRA}/.well-known/jwks.json",
    discovery=(f"{_HYDRA}/.well-known/openid-configuration",),
    revocation=f"{_HYDRA}/oauth2/revoke",
    registration=f"{_HYDRA}/oauth2/register",
    end_session=f"{_HYDRA}/oauth2/sessions/logout",
))  # fmt: skip

_REALM = "https://keycloak.example.com/realms/demo"
_KEYCLOAK = f"{_REALM}/protocol/openid-connect"


def _keycloak(description: str) -> ErrorReply:
    return ErrorReply(status=400, error="invalid_grant", description=description)


KEYCLOAK = openid_provider(Profile(
    name="keycloak",
    title="Keycloak with Revoke Refresh Token: a replay ends every token of the client",
    issuer=_REALM,
    endpoints=(),
    scopes=("openid",),
    access_token=_JWT,
    refresh_token=TokenShape(length=600, jwt_shaped=True),
    lifetimes=Lifetimes(access_token=300, code=60),
    refresh=RefreshPolicy(
        rotation="always", on_breach="revoke_client_and_user", inactivity_ttl=1800, absolute_ttl=36_000
    ),
    response=ResponseShape(extra={"refresh_expires_in": 1800, "not-before-policy": 0}),
    errors=dead_tokens("Maximum allowed refresh token reuse exceeded")
    | dict.fromkeys((Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED), _keycloak("Token is not active"))
    | {
        Cause.REFRESH_TOKEN_REVOKED: _keycloak("Session not active"),
        Cause.UNKNOWN_REFRESH_TOKEN: _keycloak("Invalid refresh token"),
    },
    sources=sources(
        *_openid(_KEYCLOAK_PAGES),
        (source("keycloak/keycloak#16081", "observed"), "refresh.rotation refresh.on_breach"),
        (source("a token that has timed out: keycloak/keycloak#37961, marcospereirampj/python-keycloak#99, "
                "mauriciovigolo/keycloak-angular#564; a session that is over, and what is no token: TokenManager.java "
                "of keycloak/keycloak 0040d3fc", "observed", _TODAY), "errors"),
        (source("keycloak/keycloak#41191", "observed"), "response"),
        (source("https://phasetwo.io/docs/security/tokens-and-sessions/, checked there against 26.8.1"), "refresh"),
        (UNVERIFIED, "refresh.inactivity_ttl refresh.absolute_ttl"),
    ),
), OpenIdAddresses(
    authorization=f"{_KEYCLOAK}/auth",
    token=f"{_KEYCLOAK}/token",
    userinfo=f"{_KEYCLOAK}/userinfo",
    keys=f"{_KEYCLOAK}/certs",
    discovery=(f"{_REALM}/.well-known/openid-configuration",),
    revocation=f"{_KEYCLOAK}/revoke",
    introspection=f"{_KEYCLOAK}/token/introspect",
    registration=f"{_REALM}/clients-registrations/openid-connect",
    end_session=f"{_KEYCLOAK}/logout",
))  # fmt: skip

_WSO2 = "https://wso2.example.com/oauth2"
WSO2 = openid_provider(Profile(
    name="wso2",
    title="WSO2 Identity Server 7.4 with graceful rotation: the last replay wins",
    issuer=f"{_WSO2}/token",
    endpoints=(),
    scopes=("openid",),
    refresh=RefreshPolicy(
        rotation="always", on_replay="last_replay_wins", window=60, max_reuses=3, inactivity_ttl=DAY
    ),
    sources=sources(
        *_openid(_WSO2_PAGES),
        (source("wso2/docs-is#6173; https://wso2.com/asgardeo/docs/references/tokens/refresh-tokens/"),
         "refresh.rotation refresh.on_replay"),
        (source("a window and a cap exist (wso2/docs-is#6173); the values are chosen here", "unverified"),
         "refresh.window refresh.max_reuses"),

    ),
), OpenIdAddresses(
    authorization=f"{_WSO2}/authorize",
    token=f"{_WSO2}/token",
    userinfo=f"{_WSO2}/userinfo",
    keys=f"{_WSO2}/jwks",
    discovery=(f"{_WSO2}/token/.well-known/openid-configuration",),
    revocation=f"{_WSO2}/revoke",
    introspection=f"{_WSO2}/introspect",
    end_session="https://wso2.example.com/oidc/logout",
))  # fmt: skip

_SUPABASE = "https://example.supabase.co/auth/v1"
SUPABASE = openid_provider(Profile(
    name="supabase",
    title="Supabase Auth: ten seconds of the same successor for the direct parent, then the session ends",
    issuer=_SUPABASE,
    endpoints=(),
    scopes=("openid",),
    access_token=_JWT,
    refresh_token=TokenShape(length=22),
    refresh=RefreshPolicy(
        rotation="always", on_replay="same_successor", window=10, on_breach="revoke_family",
        breach_ends_access_tokens=False,
    ),
    response=ResponseShape(token_type="bearer"),
    errors=dead_tokens("Invalid Refresh Token: Already Used"),
    sources=sources(
        *_openid(_SUPABASE_PAGES),
        (source("https://supabase.com/docs/guides/auth/sessions; supabase/auth#466"), "refresh lifetimes"),
        (source("supabase/auth#466; later versions spare the direct parent for longer (supabase discussion 52614)"),
         "refresh.window"),
        (UNVERIFIED, "refresh.breach_ends_access_tokens"),
    ),
), OpenIdAddresses(
    authorization=f"{_SUPABASE}/oauth/authorize",
    token=f"{_SUPABASE}/oauth/token",
    userinfo=f"{_SUPABASE}/oauth/userinfo",
    keys=f"{_SUPABASE}/.well-known/jwks.json",
    discovery=(
        f"{_SUPABASE}/.well-known/openid-configuration",
        "https://example.supabase.co/.well-known/oauth-authorization-server/auth/v1",
    ),
    registration=f"{_SUPABASE}/oauth/clients/register",
))  # fmt: skip

_POOL = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE"
_COGNITO = "https://example.auth.eu-central-1.amazoncognito.com/oauth2"
COGNITO = openid_provider(Profile(
    name="cognito",
    title="Amazon Cognito: a refresh brings no refresh token",
    issuer=_POOL,
    endpoints=(),
    scopes=("openid",),
    access_token=_JWT,
    refresh_token=TokenShape(length=1700, jwt_shaped=True),
    lifetimes=Lifetimes(access_token=3600, code=300),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted", absolute_ttl=30 * DAY),
    sources=sources(
        *_openid(_COGNITO_PAGES),
        (
            source(
                "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/"
                "API_RefreshTokenRotationType.html; AxaFrance/oidc-client#847"
            ),
            "refresh.rotation refresh.refresh_token_on_refresh refresh.on_replay refresh.window",
        ),
    ),
), OpenIdAddresses(
    authorization=f"{_COGNITO}/authorize",
    token=f"{_COGNITO}/token",
    userinfo=f"{_COGNITO}/userInfo",
    keys=f"{_POOL}/.well-known/jwks.json",
    discovery=(f"{_POOL}/.well-known/openid-configuration",),
    revocation=f"{_COGNITO}/revoke",
    end_session="https://example.auth.eu-central-1.amazoncognito.com/logout",
    return_to="logout_uri",
))  # fmt: skip
COGNITO_ROTATING = replace(
    COGNITO,
    name="cognito-rotating",
    title="Amazon Cognito with rotation and a retry grace period of 60 s, its longest",
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=60, absolute_ttl=30 * DAY),
    sources={
        **COGNITO.sources,
        "refresh.rotation": source(
            "API_RefreshTokenRotationType: documented for GetTokensFromRefreshToken, taken to hold here too",
            "unverified",
        ),
    },
)

IDENTITY_SERVERS: tuple[Vendor, ...] = tuple(
    vendor(profile)
    for profile in (
        AUTH0, OKTA, HYDRA, KEYCLOAK, WSO2, SUPABASE, COGNITO, COGNITO_ROTATING,
    )
)  # fmt: skip
"""The identity servers, in the order in which they are listed."""
