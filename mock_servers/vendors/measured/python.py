"""Servers and libraries of Python's world: Authlib and what is built on it, oauthlib, the SDK of MCP, and mocks."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.flow_rules import ClientTokens, Member
from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.pieces import (
    SECRET_IN_BODY,
    SECRET_IN_HEADER,
    endpoints,
    openid_endpoints,
    sources,
)
from refreshproof.mock_servers.profile.profile import (
    AccountRules,
    IssuanceRules,
    Lifetimes,
    Profile,
    ResponseShape,
    RevocationRules,
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.vendors.measured.pieces import (
    BEARER_CHALLENGE,
    DAY,
    GRANT_NOT_NAMED,
    NO_GRANT_IN_BODY,
    SECRET_BY_METHOD,
    TOKEN_NOT_NAMED,
    UNCHALLENGED,
    checked,
    measured,
)

_CODE_ONLY_REFUSED = IssuanceRules(used_code="refused")
_WITH_ID_TOKEN: tuple[Member, ...] = ("access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type")
_JWT = TokenShape(length=800, jwt_shaped=True)

_AUTHLIB = "https://authlib.example.com"
_AUTHLIB_SERVER = "Authlib 1.9.10 (PyPI) on Flask 3.1.3"
_LIFE = Lifetimes(access_token=10 * DAY, refreshed_access_token=3600)
"""What the generator of Authlib's Bearer tokens knows for codes, and its default for any other grant."""
_PERCENT = replace(
    SECRET_IN_HEADER,
    basic_encoding="percent_encoded",
    both_at_once="tolerated",
    scope_on_refresh="narrows_for_good",
    repeated_parameters="tolerated",
)
AUTHLIB = Profile(
    name="authlib",
    # How long a refresh token lives is the application's to say.
    title="Authlib 1.9.10 as it comes: one refresh for each login, and its token lives an hour and not ten days",
    issuer=_AUTHLIB,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), "/revoke", base=_AUTHLIB),
    scopes=("read",),
    issuance=_CODE_ONLY_REFUSED,
    lifetimes=_LIFE,
    token_request=_PERCENT,
    refresh=RefreshPolicy(
        rotation="once_per_login", previous_access_token="dies_at_once"
    ),
    response=ResponseShape(members=("access_token", "expires_in", "refresh_token", "scope", "token_type")),
    accounts=AccountRules(revoking_access_token_revokes_grant=True),
    revocation=RevocationRules(hint="obeyed", hinted_access_token_ends_alone=True, superseded_ends="nothing"),
    errors=GRANT_NOT_NAMED | TOKEN_NOT_NAMED | NO_GRANT_IN_BODY,
    sources=sources(
        (measured(_AUTHLIB_SERVER), "issuance lifetimes token_request refresh accounts revocation errors"),
        (measured(_AUTHLIB_SERVER, "application that ends both old tokens"), "refresh.previous_access_token"),
        (checked(_AUTHLIB_SERVER), "response.members errors.unsupported_body"),
    ),
)  # fmt: skip
AUTHLIB_ROTATING = replace(
    AUTHLIB,
    name="authlib-new-refresh-token",
    title="Authlib 1.9.10 with INCLUDE_NEW_REFRESH_TOKEN: single use",
    refresh=replace(AUTHLIB.refresh, rotation="always"),
    sources={**AUTHLIB.sources, "refresh.rotation": measured(_AUTHLIB_SERVER, "INCLUDE_NEW_REFRESH_TOKEN True")},
)

_CANAILLE = "https://canaille.example.com/oauth"
_CANAILLE_SERVER = "canaille 0.3.6 (PyPI)"
_CANAILLE_ERROR = ErrorReply(status=500, error="internal_server_error")
CANAILLE = Profile(
    name="canaille",
    title="canaille 0.3.6: single use, tokens of ten days and then of an hour, status 500 for what is not understood",
    issuer="https://canaille.example.com",
    endpoints=openid_endpoints(_CANAILLE),
    scopes=("openid",),
    access_token=_JWT,
    issuance=_CODE_ONLY_REFUSED,
    lifetimes=_LIFE,
    token_request=_PERCENT,
    refresh=RefreshPolicy(rotation="always", previous_access_token="dies_at_once"),
    response=ResponseShape(members=_WITH_ID_TOKEN, only_on_code=("id_token",)),
    id_token=IdTokenRules(),
    accounts=AccountRules(revoking_access_token_revokes_grant=True),
    revocation=RevocationRules(hint="obeyed", superseded_ends="nothing"),
    errors=TOKEN_NOT_NAMED | {Cause.MISSING_GRANT_TYPE: _CANAILLE_ERROR, Cause.UNSUPPORTED_BODY: _CANAILLE_ERROR},
    sources=sources(
        (measured(_CANAILLE_SERVER),
         "access_token issuance lifetimes token_request refresh response id_token accounts revocation errors"),
        (checked(_CANAILLE_SERVER),
         "refresh.previous_access_token errors.missing_grant_type errors.unsupported_body"),
    ),
)  # fmt: skip

_OAUTHLIB = "https://oauthlib.example.com"
_OAUTHLIB_SERVER = "oauthlib 4.0.1 (PyPI), WebApplicationServer"
_OAUTHLIB_ERROR = ErrorReply(status=500, error=None, description="Internal Server Error", page=True)
OAUTHLIB = Profile(
    name="oauthlib",
    title="oauthlib 4.0.1, WebApplicationServer: what is no POST ends in a status 500",
    issuer=_OAUTHLIB,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), base=_OAUTHLIB),
    scopes=("read",),
    issuance=_CODE_ONLY_REFUSED,
    token_request=TokenRequestRules(basic_encoding="form_encoded", repeated_parameters="tolerated"),
    refresh=RefreshPolicy(rotation="always"),
    errors=BEARER_CHALLENGE | GRANT_NOT_NAMED | TOKEN_NOT_NAMED | {Cause.METHOD_NOT_ALLOWED: _OAUTHLIB_ERROR},
    sources=sources(
        (measured(_OAUTHLIB_SERVER, "validator of the application"), "issuance token_request refresh errors"),
    ),
)

_MCP = "https://mcp.example.com"
_MCP_SERVER = "mcp 2.3.0 (PyPI), its authorization routes"
MCP_SDK_SERVER = Profile(
    name="mcp-sdk-server",
    title="The server of MCP's Python SDK 2.3.0: an unknown grant is an invalid_request, JSON a 401",
    issuer=_MCP,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), "/revoke", base=_MCP),
    scopes=("read",),
    issuance=_CODE_ONLY_REFUSED,
    # The other setting, client_secret_basic, wants client_id in the form all the same: Basic alone is refused.
    token_request=replace(
        SECRET_IN_BODY,
        both_at_once="tolerated",
        scope_on_refresh="narrows_for_good",
        repeated_parameters="tolerated",
    ),
    refresh=RefreshPolicy(rotation="always"),
    errors=TOKEN_NOT_NAMED
    | UNCHALLENGED
    | {
        Cause.UNSUPPORTED_GRANT_TYPE: ErrorReply(status=400, error="invalid_request"),
        Cause.UNSUPPORTED_BODY: ErrorReply(status=401, error="invalid_client"),
    },
    sources=sources(
        (measured(_MCP_SERVER, "provider of the application, client_secret_post"),
         "issuance token_request refresh errors"),
    ),
)  # fmt: skip

_NANO = "https://nanoidp.example.com"
_NANO_SERVER = "nanoidp 3.4.0 (PyPI)"
NANOIDP = Profile(
    name="nanoidp",
    title="nanoidp 3.4.0: always another refresh token, old ones stay good, and no grant is client_credentials",
    issuer=_NANO,
    endpoints=openid_endpoints(_NANO),
    scopes=("openid",),
    access_token=_JWT,
    issuance=_CODE_ONLY_REFUSED,
    token_request=replace(
        SECRET_IN_BODY,
        basic_encoding="raw",
        grants=("authorization_code", "refresh_token", "client_credentials"),
        without_grant_type="client_credentials",
        scope_on_refresh="narrows_for_good",
        repeated_parameters="tolerated",
    ),
    refresh=RefreshPolicy(rotation="always", on_replay="accept_until_expiry", window=None, generations=None),
    response=ResponseShape(members=_WITH_ID_TOKEN),
    id_token=IdTokenRules(),
    client_tokens=ClientTokens(),
    revocation=RevocationRules(
        refresh_token_ends="refresh_tokens", superseded_ends="nothing", other_clients_tokens="revoked"
    ),
    errors=SECRET_BY_METHOD | {Cause.TWO_AUTHENTICATIONS: ErrorReply(status=401, error="invalid_client")},
    sources=sources(
        (
            measured(_NANO_SERVER, "client_secret_post"),
            "issuance token_request refresh response id_token client_tokens revocation errors",
        ),
    ),
)
NANOIDP_ROTATING = replace(
    NANOIDP,
    name="nanoidp-rotating",
    title="nanoidp 3.4.0 with refresh_token_rotation: a replay ends the refresh tokens",
    refresh=RefreshPolicy(rotation="always", on_breach="revoke_family", breach_ends_access_tokens=False),
    sources={**NANOIDP.sources, "refresh": measured(_NANO_SERVER, "client_secret_post, refresh_token_rotation")},
)

_MOCK = "https://oidc-provider-mock.example.com"
_MOCK_SERVER = "oidc-provider-mock 0.3.4 (PyPI)"
OIDC_PROVIDER_MOCK = Profile(
    name="oidc-provider-mock",
    title="oidc-provider-mock 0.3.4: a refresh brings no refresh token",
    issuer=_MOCK,
    endpoints=endpoints("/oauth2/authorize", "/oauth2/token", "/userinfo", ("openid",), base=_MOCK),
    scopes=("openid",),
    issuance=_CODE_ONLY_REFUSED,
    refresh=RefreshPolicy(rotation="never"),
    response=ResponseShape(members=_WITH_ID_TOKEN, only_on_code=("id_token",)),
    id_token=IdTokenRules(),
    errors=GRANT_NOT_NAMED,
    sources=sources(
        (measured(_MOCK_SERVER), "issuance response id_token errors refresh.rotation refresh.refresh_token_on_refresh"),
    ),
)

PYTHON_SERVERS: tuple[Profile, ...] = (
        AUTHLIB, AUTHLIB_ROTATING, CANAILLE, OAUTHLIB, MCP_SDK_SERVER, NANOIDP, NANOIDP_ROTATING, OIDC_PROVIDER_MOCK,
    )  # fmt: skip
"""The servers of this module, in the order in which they are listed."""
