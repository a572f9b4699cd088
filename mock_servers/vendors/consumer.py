"""Services that people sign up for: music, sport, files and a social network."""

from __future__ import annotations

from refreshproof.mock_servers.faults.faults import FaultSpec
from refreshproof.mock_servers.profile.pieces import (
    DAY,
    SECRET_IN_BODY,
    SECRET_IN_HEADER,
    dead_tokens,
    endpoints,
    sources,
)
from refreshproof.mock_servers.profile.profile import (
    AuthorizationRules,
    Endpoint,
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sources import NANGO, SHEET, UNVERIFIED, USER_NOT_READ, WITHOUT_BASIC, source
from refreshproof.mock_servers.vendors.building import vendor
from refreshproof.mock_servers.vendors.vendor import Vendor

STRAVA = Profile(
    name="strava",
    title="Strava: the same access token while more than an hour is left, and sometimes a new refresh token",
    issuer="https://www.strava.com",
    endpoints=endpoints(
        "https://www.strava.com/oauth/authorize", "https://www.strava.com/api/v3/oauth/token",
        "https://www.strava.com/api/v3/athlete", ("read",),
        identity={"id": "number", "username": "user", "firstname": "given_name", "lastname": "family_name"},
    ),
    scopes=("read",),
    authorization=AuthorizationRules(scope_separator=","),
    access_token=TokenShape(length=40),
    refresh_token=TokenShape(length=40),
    code=TokenShape(length=40),
    lifetimes=Lifetimes(access_token=21_600),
    token_request=SECRET_IN_BODY,
    refresh=RefreshPolicy(
        rotation="sometimes", refresh_token_on_refresh="same", rotate_every=DAY, access_token_on_refresh="same",
        same_above=3600,
    ),
    response=ResponseShape(members=("token_type", "access_token", "expires_in", "refresh_token"), scope="never"),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints authorization"),
        (source("strava/developers.strava.com#104"),
         "lifetimes refresh"),
        (WITHOUT_BASIC, "token_request"),
        (UNVERIFIED, "refresh.rotate_every"),
    ),
)  # fmt: skip
# lelylan/simple-oauth2#277: expires_at beside expires_in, in seconds since the epoch.
_STRAVA_WAYS = (FaultSpec(fault="stamp", parameters={"name": "expires_at", "ahead": True}, grant_type=None),)

FITBIT = Profile(
    name="fitbit",
    title="Fitbit: errors as an array that echoes the refresh token",
    issuer="https://www.fitbit.com",
    endpoints=endpoints(
        "https://www.fitbit.com/oauth2/authorize", "https://api.fitbit.com/oauth2/token",
        "https://api.fitbit.com/1/user/-/profile.json", ("profile",), "https://api.fitbit.com/oauth2/revoke",
        identity={"user": {"encodedId": "user", "displayName": "given_name", "fullName": "name"}},
    ),
    scopes=("profile",),
    access_token=TokenShape(length=280, jwt_shaped=True),
    refresh_token=TokenShape(length=64),
    lifetimes=Lifetimes(access_token=28_800),
    token_request=SECRET_IN_HEADER,
    refresh=RefreshPolicy(rotation="always", on_replay="same_pair", window=120),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints"),
        (SHEET, "lifetimes refresh.rotation"),
        (source("two minutes of the same answer: indirect, in django-oauth/django-oauth-toolkit#497", "unverified"),
         "refresh.on_replay refresh.window"),
        (source("NangoHQ/nango at 2f4c0af6: token_request_auth_method", "observed"), "token_request"),

    ),
)  # fmt: skip
# home-assistant/core#141223, lukasolson/fitbit-node#14: the envelope of Fitbit's errors.
_FITBIT_WAYS = (
    FaultSpec(
        fault="restyle",
        parameters={
            "document": {
                "errors": [{"errorType": "$error", "message": "Refresh token invalid: $refresh_token."}],
                "success": False,
            }
        },
        grant_type=None,
    ),
)

SPOTIFY = Profile(
    name="spotify",
    title="Spotify since July 2026: no new refresh token, and an end after six months",
    issuer="https://accounts.spotify.com",
    endpoints=endpoints(
        "https://accounts.spotify.com/authorize",
        "https://accounts.spotify.com/api/token",
        "https://api.spotify.com/v1/me",
        ("user-read-private",),
        identity={"id": "user", "display_name": "name"},
    ),
    scopes=("user-read-private",),
    access_token=TokenShape(prefix="BQ", length=180),
    refresh_token=TokenShape(prefix="AQ", length=131),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted", absolute_ttl=183 * DAY),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints"),
        (source("aome510/spotify-player#1041; librespot-org/librespot#1732", "observed"), "refresh lifetimes"),
    ),
)

X = Profile(
    name="x",
    title="X: single use, and a replay ends the family",
    issuer="https://x.com",
    endpoints=(
        *endpoints(
            "https://x.com/i/oauth2/authorize", "https://api.x.com/2/oauth2/token", "https://api.x.com/2/users/me",
            ("users.read",), "https://api.x.com/2/oauth2/revoke",
            identity={"data": {"id": "number", "name": "name", "username": "user"}},
        ),
        Endpoint(view="token", url="https://api.twitter.com/2/oauth2/token", methods=("POST",)),
    ),
    scopes=("users.read", "offline.access"),
    authorization=AuthorizationRules(pkce="required"),
    issuance=IssuanceRules(scope="offline.access"),
    access_token=TokenShape(length=91),
    refresh_token=TokenShape(length=91),
    lifetimes=Lifetimes(access_token=7200, code=30),
    token_request=SECRET_IN_HEADER,
    refresh=RefreshPolicy(rotation="always", on_breach="revoke_family", inactivity_ttl=183 * DAY),
    response=ResponseShape(token_type="bearer"),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints"),
        (source("trypostit/trypost#126", "observed"), "refresh.rotation refresh.on_breach"),
        (source("NangoHQ/nango at 2f4c0af6: token_request_auth_method; unasuke/omniauth-twitter2#4", "observed"),
         "token_request"),
        (SHEET, "lifetimes refresh.inactivity_ttl"),

    ),
)  # fmt: skip

BOX = Profile(
    name="box",
    title="Box: single use, sixty days",
    issuer="https://account.box.com",
    endpoints=endpoints(
        "https://account.box.com/api/oauth2/authorize",
        "https://api.box.com/oauth2/token",
        "https://api.box.com/2.0/users/me",
        ("root_readonly",),
        "https://api.box.com/oauth2/revoke",
        identity={"id": "number", "name": "name", "login": "email"},
    ),
    scopes=("root_readonly",),
    access_token=TokenShape(length=32),
    refresh_token=TokenShape(length=64),
    code=TokenShape(length=32),
    token_request=SECRET_IN_BODY,
    refresh=RefreshPolicy(rotation="always", inactivity_ttl=60 * DAY),
    response=ResponseShape(
        members=("access_token", "expires_in", "refresh_token", "token_type"),
        token_type="bearer",
        scope="never",
        extra={"restricted_to": []},
    ),
    errors=dead_tokens("Refresh token has expired"),
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints"),
        (source("box/box-java-sdk#114, #164", "observed"), "refresh.rotation errors"),
        (source("iterate-ch/cyberduck#13003: 60 days", "observed"), "refresh.inactivity_ttl"),
        (WITHOUT_BASIC, "token_request"),
    ),
)

DROPBOX = Profile(
    name="dropbox",
    title="Dropbox: offline access on request, and a refresh that brings no refresh token",
    issuer="https://www.dropbox.com",
    endpoints=endpoints(
        "https://www.dropbox.com/oauth2/authorize",
        "https://api.dropboxapi.com/oauth2/token",
        "https://api.dropboxapi.com/2/users/get_current_account",
        ("account_info.read",),
        identity={"account_id": "oid", "email": "email", "name": {"display_name": "name", "surname": "family_name"}},
    ),
    scopes=("account_info.read",),
    issuance=IssuanceRules(parameter=("token_access_type", "offline")),
    access_token=TokenShape(prefix="sl.u.", length=1100),
    refresh_token=TokenShape(length=64),
    lifetimes=Lifetimes(access_token=14_400),
    refresh=RefreshPolicy(rotation="never", refresh_token_on_refresh="omitted"),
    response=ResponseShape(token_type="bearer", extra={"uid": "12345", "account_id": "dbid:example"}),
    client_parameters={"token_access_type": "offline"},
    sources=sources(
        (USER_NOT_READ, "endpoints.identity"),
        (NANGO, "endpoints issuance client_parameters"),
        (source("misbehaviours.json, rot-omitted-rt"), "refresh"),
        (SHEET, "lifetimes"),
    ),
)

_SMARTCAR = source("https://smartcar.com/docs/api-reference/authorization/refreshing-access-token", seen="2026-11-30")
SMARTCAR = Profile(
    name="smartcar",
    title="Smartcar: a minute in which the refresh token that was used still works",
    issuer="https://auth.smartcar.com",
    endpoints=endpoints(
        "https://connect.smartcar.com/oauth/authorize",
        "https://auth.smartcar.com/oauth/token",
        "https://api.smartcar.com/v2.0/vehicles",
        ("read_odometer",),
    ),
    scopes=("read_odometer",),
    access_token=TokenShape(length=36),
    refresh_token=TokenShape(length=36),
    lifetimes=Lifetimes(access_token=7200),
    token_request=SECRET_IN_HEADER,
    refresh=RefreshPolicy(rotation="always", on_replay="new_pair", window=60, inactivity_ttl=60 * DAY),
    response=ResponseShape(members=("access_token", "token_type", "expires_in", "refresh_token"), scope="never"),
    sources=sources(
        # A preview of the page, https://smartcar-home.netlify.app, says ten minutes instead of one.
        (_SMARTCAR, "access_token refresh_token lifetimes token_request response refresh.rotation refresh.window "
                    "refresh.inactivity_ttl"),
        (UNVERIFIED, "refresh.on_replay"),
    ),
)  # fmt: skip

_COINBASE = source(
    "https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/oauth2/access-and-refresh-tokens",
    seen="2026-11-30",
)
COINBASE = Profile(
    name="coinbase",
    title="Coinbase: single use within a year and a half, and a dead refresh token is a 401",
    issuer="https://login.coinbase.com",
    endpoints=endpoints(
        "https://login.coinbase.com/oauth2/auth",
        "https://login.coinbase.com/oauth2/token",
        "https://api.coinbase.com/v2/user",
        ("wallet:user:read",),
    ),
    scopes=("wallet:user:read", "offline_access"),
    issuance=IssuanceRules(scope="offline_access"),
    token_request=SECRET_IN_BODY,
    refresh=RefreshPolicy(rotation="always", inactivity_ttl=547 * DAY),
    response=ResponseShape(token_type="bearer"),
    errors=dead_tokens(None, status=401),
    sources=sources(
        (_COINBASE, "issuance lifetimes token_request refresh.rotation refresh.inactivity_ttl response errors"),
    ),
)

CONSUMER: tuple[Vendor, ...] = (
    vendor(STRAVA, *_STRAVA_WAYS),
    vendor(FITBIT, *_FITBIT_WAYS),
    vendor(SPOTIFY),
    vendor(X),
    vendor(BOX),
    vendor(DROPBOX),
    vendor(SMARTCAR),
    vendor(COINBASE),
)
"""The consumer services, in the order in which they are listed."""
