"""Servers as Debian 12 packs them: glewlwyd and LemonLDAP::NG."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.pieces import (
    SECRET_IN_BODY,
    USERINFO,
    endpoints,
    openid_endpoints,
    refusals,
    sources,
)
from refreshproof.mock_servers.profile.profile import (
    IssuanceRules,
    Profile,
    ResponseShape,
    RevocationRules,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.measured.pieces import (
    DAY,
    FORTNIGHT,
    GRANT_NOT_NAMED,
    SECRET_BY_METHOD,
    checked,
    dead,
    measured,
)

_JWT = TokenShape(length=600, jwt_shaped=True)

_GLEWLWYD = "https://glewlwyd.example.com/api/oidc"
_GLEWLWYD_SERVER = "glewlwyd 2.7.5-3+deb12u1 (Debian), OIDC plugin"
_EMPTY = ErrorReply(status=400, error=None)
_MALFORMED = (
    Cause.MISSING_GRANT_TYPE, Cause.MISSING_REFRESH_TOKEN, Cause.UNKNOWN_CLIENT, Cause.UNSUPPORTED_BODY,
    Cause.UNSUPPORTED_GRANT_TYPE,
)  # fmt: skip
GLEWLWYD = Profile(
    name="glewlwyd",
    title="glewlwyd 2.7.5: a refresh brings no refresh token, and a dead one is a 400 with an empty body",
    issuer=_GLEWLWYD,
    endpoints=openid_endpoints(_GLEWLWYD, authorization="/auth"),
    scopes=("openid",),
    access_token=_JWT,
    issuance=IssuanceRules(used_code="refused"),
    token_request=replace(
        SECRET_IN_BODY,
        basic_encoding="raw",
        both_at_once="tolerated",
        scope_on_refresh="ignored",
        repeated_parameters="tolerated",
    ),
    refresh=RefreshPolicy(rotation="never", absolute_ttl=FORTNIGHT),
    response=ResponseShape(
        members=("token_type", "access_token", "refresh_token", "expires_in", "scope", "id_token"),
        token_type="bearer",
        only_on_code=("id_token",),
    ),
    id_token=IdTokenRules(),
    revocation=RevocationRules(
        refresh_token_ends="refresh_tokens", superseded_ends="nothing", hint="obeyed", other_clients_tokens="ignored"
    ),
    errors=dead(_EMPTY)
    | refusals(_MALFORMED, _EMPTY)
    | refusals((Cause.UNKNOWN_CODE, Cause.USED_CODE), ErrorReply(status=403, error="invalid_code"))
    | {
        Cause.WRONG_SECRET: _EMPTY,
        Cause.METHOD_NOT_ALLOWED: ErrorReply(status=401, error=None),
    },
    sources=sources(
        (measured(_GLEWLWYD_SERVER, "client_secret_post, refresh tokens of 14 days that last"),
         "issuance token_request refresh response revocation errors"),
        (checked(_GLEWLWYD_SERVER, "client_secret_basic"),
         "token_request.repeated_parameters response.members response.only_on_code id_token errors.unknown_code"),
        (checked(_GLEWLWYD_SERVER, "client_secret_basic"), " ".join(f"errors.{cause}" for cause in _MALFORMED)),
    ),
)  # fmt: skip
GLEWLWYD_ONE_USE = replace(
    GLEWLWYD,
    name="glewlwyd-one-use",
    title="glewlwyd 2.7.5 with one-use tokens: a refused attempt of any client has cost the token",
    refresh=RefreshPolicy(
        rotation="always",
        spent_before="client",
        inactivity_ttl=FORTNIGHT,
        on_breach="revoke_family",
        breach_ends_access_tokens=False,
    ),
    sources={
        **GLEWLWYD.sources,
        "refresh": measured(_GLEWLWYD_SERVER, "client_secret_post, refresh-token-one-use always, 14 days"),
    },
)
GLEWLWYD_WAYS = (FaultSpec(fault="stamp", parameters={"name": "iat"}, grant_type=None),)

_LEMON = "https://lemonldap.example.com/oauth2"
_LEMON_SERVER = "lemonldap-ng 2.16.1+ds-deb12u10 (Debian)"
LEMONLDAP = Profile(
    name="lemonldap-ng",
    title="LemonLDAP::NG 2.16.1: scopes of a refresh are passed over, and a dead token is an invalid_request",
    issuer="https://lemonldap.example.com",
    endpoints=endpoints("/authorize", "/token", "/userinfo", ("openid",), None, {}, USERINFO, base=_LEMON),
    scopes=("openid", "offline_access"),
    issuance=IssuanceRules(scope="offline_access", used_code="refused"),
    token_request=TokenRequestRules(
        basic_encoding="raw_to_colon", scope_on_refresh="ignored", repeated_parameters="tolerated"
    ),
    refresh=RefreshPolicy(rotation="never", absolute_ttl=30 * DAY),
    response=ResponseShape(
        members=("access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"),
        only_on_code=("scope",),
        unlisted_scopes=("offline_access",),
        headers=(("Cache-Control", "no-cache, no-store, must-revalidate"), ("Pragma", "no-cache")),
    ),
    id_token=IdTokenRules(),
    errors=dead(ErrorReply(status=400, error="invalid_request"))
    | GRANT_NOT_NAMED
    | SECRET_BY_METHOD
    | {
        Cause.REFRESH_TOKEN_OF_OTHER_CLIENT: ErrorReply(status=400, error="invalid_grant"),
        Cause.TWO_AUTHENTICATIONS: ErrorReply(status=401, error="invalid_client"),
    },
    sources=sources(
        (measured(_LEMON_SERVER, "offline tokens, under starman"),
         "issuance token_request refresh response id_token errors"),
        (source("measured with six seconds; oidcServiceOfflineSessionExpiration is taken to be 30 days", "unverified"),
         "refresh.absolute_ttl"),
        (source("no special secret worked in Basic; that a colon ends it is a guess", "unverified"),
         "token_request.basic_encoding"),
    ),
)  # fmt: skip

DEBIAN_SERVERS: tuple[Profile, ...] = (
    GLEWLWYD,
    GLEWLWYD_ONE_USE,
    LEMONLDAP,
)
"""The servers of this module, in the order in which they are listed."""
