"""Servers of JavaScript's world that keep their tokens themselves: Better Auth, Cloudflare's provider, OpenAuth."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.openid import OpenIdAddresses, openid_provider
from refreshproof.mock_servers.profile.pieces import SECRET_IN_HEADER, endpoints, sources
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    RevocationRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.measured.pieces import (
    DAY,
    GRANT_NOT_NAMED,
    SECRET_BY_METHOD,
    dead,
    measured,
    released,
)

_BETTER = "https://better-auth.example.com/api/auth"
_BETTER_SERVER = "better-auth and @better-auth/oauth-provider 1.7.5 (npm)"
BETTER_AUTH = openid_provider(Profile(
    name="better-auth",
    title="Better Auth 1.7.5: a replay ends every grant of the user to the client",
    issuer="https://better-auth.example.com",
    endpoints=(),
    scopes=("openid", "offline_access"),
    authorization=AuthorizationRules(pkce="required"),
    issuance=IssuanceRules(scope="offline_access"),
    token_request=replace(
        SECRET_IN_HEADER, scope_on_refresh="narrows_for_good", blank_scope="refused", repeated_parameters="tolerated"
    ),
    refresh=RefreshPolicy(
        rotation="always",
        rotation_scope="offline_access",
        on_breach="revoke_client_and_user",
        inactivity_ttl=30 * DAY,
    ),
    response=ResponseShape(
        members=("access_token", "expires_in", "token_type", "refresh_token", "scope", "id_token")
    ),
    revocation=RevocationRules(refresh_token_ends="own_access_token", other_clients_tokens="ignored"),
    errors=dead(ErrorReply(status=400, error="invalid_grant", description="invalid refresh token"))
    | SECRET_BY_METHOD
    | {
        Cause.UNKNOWN_REFRESH_TOKEN: ErrorReply(status=400, error="invalid_grant", description="session not found"),
        Cause.UNKNOWN_CLIENT: ErrorReply(status=400, error="invalid_grant"),
        Cause.UNSUPPORTED_BODY: ErrorReply(status=415, error=None),
        Cause.UNKNOWN_TOKEN: ErrorReply(status=400, error="invalid_request"),
    },
    sources=sources(
        (measured(_BETTER_SERVER), "issuance token_request refresh response id_token revocation errors"),
        (released(_BETTER_SERVER, "a token whose scopes have lost offline_access is kept"), "refresh.rotation_scope"),
        (released(_BETTER_SERVER, "refreshTokenExpiresIn is 30 days, and PKCE goes with offline_access"),
         "refresh.inactivity_ttl authorization"),
        (source("https://better-auth.com/docs/1.6/plugins/oauth-provider.md; where discovery stands is not said",
                "unverified", "2026-11-30"), "endpoints metadata cors_hosts"),
    ),
), OpenIdAddresses(
    authorization=f"{_BETTER}/oauth2/authorize",
    token=f"{_BETTER}/oauth2/token",
    userinfo=f"{_BETTER}/oauth2/userinfo",
    keys=f"{_BETTER}/jwks",
    discovery=("https://better-auth.example.com/.well-known/openid-configuration",),
    revocation=f"{_BETTER}/oauth2/revoke",
    introspection=f"{_BETTER}/oauth2/introspect",
    registration=f"{_BETTER}/oauth2/register",
    end_session=f"{_BETTER}/oauth2/end-session",
))  # fmt: skip
BETTER_AUTH_REUSE = replace(
    BETTER_AUTH,
    name="better-auth-reuse-interval",
    title="Better Auth 1.7.5 with a reuse interval of 30 s: each old token answers with what it brought",
    refresh=replace(BETTER_AUTH.refresh, on_replay="same_pair", window=30, generations=None),
    sources={
        **BETTER_AUTH.sources,
        **sources(
            (measured(_BETTER_SERVER, "reuse interval 30"), "refresh.on_replay refresh.window refresh.generations")
        ),
    },
)
BETTER_AUTH_WAYS = (FaultSpec(fault="stamp", parameters={"name": "expires_at", "ahead": True}, grant_type=None),)

_CLOUDFLARE = "https://workers-oauth-provider.example.com"
_CLOUDFLARE_SERVER = "@cloudflare/workers-oauth-provider 1.2.3 (npm) under workerd"
WORKERS_OAUTH_PROVIDER_KEEPING = Profile(
    name="workers-oauth-provider-keep",
    title="@cloudflare/workers-oauth-provider 1.2.3 with revokeExistingGrants false: good until the next one is used",
    issuer=_CLOUDFLARE,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), "/token/revoke", base=_CLOUDFLARE),
    scopes=("read",),
    token_request=replace(SECRET_IN_HEADER, wider_scope="cut"),
    refresh=RefreshPolicy(
        rotation="always", on_replay="last_replay_wins", window=None, absolute_ttl=30 * DAY - 60
    ),
    response=ResponseShape(token_type="bearer"),
    revocation=RevocationRules(other_clients_tokens="ignored"),
    errors=GRANT_NOT_NAMED,
    sources=sources(
        (measured(_CLOUDFLARE_SERVER, "revokeExistingGrants false"),
         "token_request refresh response revocation errors"),
        (released(_CLOUDFLARE_SERVER, "refreshTokenTTL is 30 days; measured: it ends 60 s sooner"),
         "refresh.absolute_ttl"),
    ),
)  # fmt: skip
WORKERS_OAUTH_PROVIDER = replace(
    WORKERS_OAUTH_PROVIDER_KEEPING,
    name="workers-oauth-provider",
    title="@cloudflare/workers-oauth-provider 1.2.3: a sign-in ends those before it, a token is good until the next",
    refresh=replace(WORKERS_OAUTH_PROVIDER_KEEPING.refresh, cap_per_user=1),
    sources={
        **WORKERS_OAUTH_PROVIDER_KEEPING.sources,
        **sources((measured(_CLOUDFLARE_SERVER), "refresh.cap_per_user")),
    },
)

_OPENAUTH = "https://openauth.example.com"
_OPENAUTH_SERVER = "@openauthjs/openauth 0.4.3 (npm)"
OPENAUTH = Profile(
    name="openauth",
    title="OpenAuth 0.4.3: a minute of the same successor, for whichever client asks",
    issuer=_OPENAUTH,
    endpoints=endpoints("/authorize", "/token", "/me", base=_OPENAUTH),
    # Tokens have no scope here, and clients want one (seed 003): this one stands for any.
    scopes=("default",),
    access_token=TokenShape(length=600, jwt_shaped=True),
    issuance=IssuanceRules(used_code="refused"),
    lifetimes=Lifetimes(access_token=30 * DAY),
    token_request=replace(SECRET_IN_HEADER, authentication=("client_secret_post", "client_secret_basic"),
                          scope_on_refresh="ignored", repeated_parameters="tolerated"),
    refresh=RefreshPolicy(
        rotation="always",
        on_replay="same_successor",
        window=60,
        generations=None,
        inactivity_ttl=365 * DAY,
        of_any_client=True,
    ),
    response=ResponseShape(members=("access_token", "expires_in", "refresh_token"), token_type=None, headers=()),
    errors={Cause.MISSING_GRANT_TYPE: ErrorReply(status=400, error=None, text="Invalid grant_type")},
    sources=sources(
        (measured(_OPENAUTH_SERVER), "issuance token_request refresh response errors"),
        (released(_OPENAUTH_SERVER, "ttl.access is 30 days, ttl.refresh a year; a JWT"),
         "lifetimes refresh.inactivity_ttl access_token"),
    ),
)  # fmt: skip

HOSTED_SERVERS: tuple[Profile, ...] = (
    BETTER_AUTH,
    BETTER_AUTH_REUSE,
    WORKERS_OAUTH_PROVIDER,
    WORKERS_OAUTH_PROVIDER_KEEPING,
    OPENAUTH,
)
"""The servers of this module, in the order in which they are listed."""
