"""Authorization servers that others run: hosted ones and products, with how each treats a refresh token that comes
twice.

Windows are deployment settings; where the product's default is none, the value here says whose choice it is.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.pieces import DAY, USERINFO, dead_tokens, endpoints, openid_endpoints, sources
from refreshproof.mock_servers.profile.profile import (
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NANGO, UNVERIFIED, source
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.vendor import Vendor

_OFFLINE = IssuanceRules(scope="offline_access")
_SCOPES = ("openid", "offline_access")
_OPENID = source("OpenID Connect Core 1.0 s11: offline_access asks for a refresh token")
_JWT = TokenShape(length=800, jwt_shaped=True)

_AUTH0 = "https://example.eu.auth0.com"
AUTH0 = Profile(
    name="auth0",
    title="Auth0 with refresh token rotation",
    issuer=f"{_AUTH0}/",
    endpoints=openid_endpoints(_AUTH0, token="/oauth/token", revocation="/oauth/revoke"),
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
        (NANGO, "endpoints"),
        (_OPENID, "scopes issuance"),
        (
            source("https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-rotation"),
            "refresh.rotation refresh.on_breach",
        ),
        (source("schema of the client's refresh_token.leeway in auth0/node-auth0 5.3.0: default 0"), "refresh.window"),
    ),
)

_OKTA = "https://example.okta.com"
OKTA = Profile(
    name="okta",
    title="Okta with refresh token rotation and its grace period",
    issuer=_OKTA,
    endpoints=openid_endpoints(f"{_OKTA}/oauth2/v1"),
    scopes=_SCOPES,
    issuance=_OFFLINE,
    access_token=_JWT,
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=30, on_breach="revoke_family"),
    sources=sources(
        (NANGO, "endpoints"),
        (_OPENID, "scopes issuance"),
        (source("okta/okta-developer-docs#4360: rotation and a configurable grace period", "observed"), "refresh"),
        (source("okta/okta-developer-docs#4360; 30 s is taken as the default", "unverified"), "refresh.window"),
        (UNVERIFIED, "refresh.on_replay refresh.on_breach"),
    ),
)

_HYDRA = "https://hydra.example.com"
HYDRA = Profile(
    name="hydra",
    title="Ory Hydra with a refresh token grace period",
    issuer=_HYDRA,
    endpoints=openid_endpoints(
        _HYDRA, authorization="/oauth2/auth", token="/oauth2/token", revocation="/oauth2/revoke"
    ),
    scopes=("openid", "offline"),
    issuance=IssuanceRules(scope="offline"),
    access_token=TokenShape(prefix="ory_at_", length=94),
    refresh_token=TokenShape(prefix="ory_rt_", length=94),
    code=TokenShape(prefix="ory_ac_", length=94),
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=10, on_breach="revoke_family"),
    response=ResponseShape(token_type="bearer"),
    sources=sources(
        (source("ory/hydra#1831 and ory/docs#2217: docs/hydra/guides/graceful-token-refresh.mdx"), "refresh"),
        (source("off by default, at most 5 minutes (ory/docs#2217); 10 s is chosen here", "unverified"),
         "refresh.window"),
        (UNVERIFIED, "refresh.generations"),
    ),
)  # fmt: skip

_KEYCLOAK = "https://keycloak.example.com/realms/demo/protocol/openid-connect"
KEYCLOAK = Profile(
    name="keycloak",
    title="Keycloak with Revoke Refresh Token: a replay ends every token of the client",
    issuer="https://keycloak.example.com/realms/demo",
    endpoints=openid_endpoints(_KEYCLOAK, authorization="/auth"),
    scopes=("openid",),
    access_token=_JWT,
    refresh_token=TokenShape(length=600, jwt_shaped=True),
    lifetimes=Lifetimes(access_token=300, code=60),
    refresh=RefreshPolicy(
        rotation="always", on_breach="revoke_client_and_user", inactivity_ttl=1800, absolute_ttl=36_000
    ),
    response=ResponseShape(extra={"refresh_expires_in": 1800, "not-before-policy": 0}),
    errors=dead_tokens("Maximum allowed refresh token reuse exceeded"),
    sources=sources(
        (source("keycloak/keycloak#16081", "observed"), "refresh.rotation refresh.on_breach"),
        (source("keycloak/keycloak#41191", "observed"), "response"),
        (source("https://phasetwo.io/docs/security/tokens-and-sessions/, checked there against 26.8.1"), "refresh"),
        (UNVERIFIED, "refresh.inactivity_ttl refresh.absolute_ttl"),
    ),
)

_WSO2 = "https://wso2.example.com/oauth2"
WSO2 = Profile(
    name="wso2",
    title="WSO2 Identity Server 7.4 with graceful rotation: the last replay wins",
    issuer=_WSO2,
    endpoints=openid_endpoints(_WSO2),
    scopes=("openid",),
    refresh=RefreshPolicy(
        rotation="always", on_replay="last_replay_wins", window=60, max_reuses=3, inactivity_ttl=DAY
    ),
    sources=sources(
        (source("wso2/docs-is#6173; https://wso2.com/asgardeo/docs/references/tokens/refresh-tokens/"),
         "refresh.rotation refresh.on_replay"),
        (source("a window and a cap exist (wso2/docs-is#6173); the values are chosen here", "unverified"),
         "refresh.window refresh.max_reuses"),

    ),
)  # fmt: skip

_SUPABASE = "https://example.supabase.co/auth/v1"
SUPABASE = Profile(
    name="supabase",
    title="Supabase Auth: ten seconds of the same successor for the direct parent, then the session ends",
    issuer=_SUPABASE,
    endpoints=endpoints("/oauth/authorize", "/oauth/token", "/user", ("openid",), identity=USERINFO, base=_SUPABASE),
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
        (source("https://supabase.com/docs/guides/auth/sessions; supabase/auth#466"), "refresh lifetimes"),
        (source("supabase/auth#466; later versions spare the direct parent for longer (supabase discussion 52614)"),
         "refresh.window"),
        (UNVERIFIED, "refresh.breach_ends_access_tokens"),
    ),
)  # fmt: skip

_COGNITO = "https://example.auth.eu-central-1.amazoncognito.com/oauth2"
COGNITO = Profile(
    name="cognito",
    title="Amazon Cognito: a refresh brings no refresh token",
    issuer="https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE",
    endpoints=openid_endpoints(_COGNITO, userinfo="/userInfo"),
    scopes=("openid",),
    access_token=_JWT,
    refresh_token=TokenShape(length=1700, jwt_shaped=True),
    lifetimes=Lifetimes(access_token=3600, code=300),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted", absolute_ttl=30 * DAY),
    sources=sources(
        (
            source(
                "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/"
                "API_RefreshTokenRotationType.html; AxaFrance/oidc-client#847"
            ),
            "refresh.rotation refresh.refresh_token_on_refresh refresh.on_replay refresh.window",
        ),
    ),
)
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
