"""Servers and libraries of JavaScript's world whose tokens others store: oidc-provider, two oauth2-servers and a mock.

What a library leaves to its application is as the application had it that it was measured with.
"""

from __future__ import annotations

from dataclasses import replace

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.pieces import endpoints, openid_endpoints, sources
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
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.measured.pieces import (
    FORTNIGHT,
    GRANT_NOT_NAMED,
    SECRET_BY_METHOD,
    UNCHALLENGED,
    checked,
    dead,
    measured,
    released,
)

_OIDC = "https://oidc-provider.example.com"
_OIDC_PROVIDER = "oidc-provider 9.13.3 (npm)"
OIDC_PROVIDER = Profile(
    name="oidc-provider",
    title="oidc-provider 9.13.3, confidential client: the same refresh token for 70 % of its life, then another",
    issuer=_OIDC,
    endpoints=openid_endpoints(_OIDC, authorization="/auth", userinfo="/me", revocation="/token/revocation"),
    scopes=("openid", "offline_access"),
    issuance=IssuanceRules(scope="offline_access", parameter=("prompt", "consent")),
    client_parameters={"prompt": "consent"},
    token_request=TokenRequestRules(basic_encoding="form_encoded"),
    refresh=RefreshPolicy(
        rotation="near_expiry",
        refresh_token_on_refresh="same",
        rotate_every=FORTNIGHT * 3 // 10,
        inactivity_ttl=FORTNIGHT,
        inactivity_from="issue",
        on_breach="revoke_family",
    ),
    response=ResponseShape(
        members=("access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"),
        headers=(("Cache-Control", "no-store"),),
    ),
    id_token=IdTokenRules(),
    accounts=AccountRules(revoking_access_token_revokes_grant=True),
    errors={Cause.TOKEN_OF_OTHER_CLIENT: ErrorReply(status=400, error="invalid_request")},
    sources=sources(
        (measured(_OIDC_PROVIDER),
         "issuance client_parameters token_request refresh response id_token accounts errors"),
        (released(_OIDC_PROVIDER, "ttl.RefreshToken is 14 days"), "refresh.inactivity_ttl refresh.rotate_every"),
        (source("measured with rotateRefreshToken true; taken to hold once a token has rotated here", "unverified"),
         "refresh.on_breach"),
    ),
)  # fmt: skip
OIDC_PROVIDER_ROTATING = replace(
    OIDC_PROVIDER,
    name="oidc-provider-rotating",
    title="oidc-provider 9.13.3 with rotateRefreshToken, or a public client: a replay ends the grant",
    refresh=RefreshPolicy(rotation="always", inactivity_ttl=FORTNIGHT, on_breach="revoke_family"),
    sources={
        **OIDC_PROVIDER.sources,
        **sources(
            (measured(_OIDC_PROVIDER, "rotateRefreshToken true, and a public client"), "refresh refresh.on_breach"),
            (measured(_OIDC_PROVIDER, "a new token starts a full life"), "refresh.inactivity_from"),
        ),
    },
)

_NODE = "https://oauth2-server.example.com"
_NODE_OAUTH = "@node-oauth/oauth2-server 5.3.0 (npm)"
NODE_OAUTH = Profile(
    name="node-oauth2-server",
    title="@node-oauth/oauth2-server 5.3.0: a refused scope has cost the token, and narrowing lasts",
    issuer=_NODE,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), base=_NODE),
    scopes=("read",),
    issuance=IssuanceRules(used_code="refused"),
    token_request=TokenRequestRules(
        basic_encoding="raw", both_at_once="tolerated", scope_on_refresh="narrows_for_good", blank_scope="refused"
    ),
    refresh=RefreshPolicy(rotation="always", spent_before="scope", inactivity_ttl=FORTNIGHT),
    errors=SECRET_BY_METHOD | {Cause.METHOD_NOT_ALLOWED: ErrorReply(status=400, error="invalid_request")},
    sources=sources(
        (measured(_NODE_OAUTH, "store of the application"), "issuance token_request refresh errors"),
        (released(_NODE_OAUTH, "refreshTokenLifetime is 14 days"), "refresh.inactivity_ttl"),
    ),
)
NODE_OAUTH_KEEPING = replace(
    NODE_OAUTH,
    name="node-oauth2-server-keep",
    title="@node-oauth/oauth2-server 5.3.0 with alwaysIssueNewRefreshToken false: a refresh brings no refresh token",
    token_request=replace(NODE_OAUTH.token_request, scope_on_refresh="narrows"),
    refresh=RefreshPolicy(inactivity_ttl=FORTNIGHT, inactivity_from="issue"),
    sources={
        **NODE_OAUTH.sources,
        **sources(
            (measured(_NODE_OAUTH, "alwaysIssueNewRefreshToken false"), "refresh"),
            (checked(_NODE_OAUTH, "alwaysIssueNewRefreshToken false"), "token_request.scope_on_refresh"),
            (source("its end is stored with the token; not measured", "unverified"), "refresh.inactivity_from"),
        ),
    },
)

_JMONDI = "https://jmondi.example.com"
_JMONDI_SERVER = "@jmondi/oauth2-server 4.3.7 (npm)"
JMONDI = Profile(
    name="jmondi-oauth2-server",
    title="@jmondi/oauth2-server 4.3.7: a dead refresh token is an invalid_request",
    issuer=_JMONDI,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), "/revoke", base=_JMONDI),
    scopes=("read",),
    lifetimes=Lifetimes(access_token=3599, access_token_longest=3600),
    token_request=TokenRequestRules(
        basic_encoding="raw_to_colon",
        both_at_once="tolerated",
        bodies=("form", "json"),
        scope_on_refresh="narrows_for_good",
        blank_scope="empty",
    ),
    refresh=RefreshPolicy(rotation="always"),
    accounts=AccountRules(revoking_access_token_revokes_grant=True),
    revocation=RevocationRules(hint="access_token_unless_told", other_clients_tokens="ignored"),
    errors=dead(ErrorReply(status=400, error="invalid_request"))
    | GRANT_NOT_NAMED
    | UNCHALLENGED
    | {
        Cause.USED_CODE: ErrorReply(status=400, error="invalid_request"),
        Cause.METHOD_NOT_ALLOWED: ErrorReply(status=400, error="invalid_request"),
    },
    sources=sources(
        (measured(_JMONDI_SERVER, "store of the application, express.json mounted, revokeDescendantsOf"),
         "lifetimes token_request refresh accounts revocation errors"),
        (source("no special secret worked in Basic; that a colon ends it is a guess", "unverified"),
         "token_request.basic_encoding"),
    ),
)  # fmt: skip

_ORIZE = "https://oauth2orize.example.com"
_ORIZE_SERVER = "oauth2orize 1.12.0 (npm)"
_ORIZE_GRANT = ErrorReply(status=403, error="invalid_grant")
_ORIZE_TYPE = ErrorReply(status=501, error="unsupported_grant_type")
OAUTH2ORIZE = Profile(
    name="oauth2orize",
    title="oauth2orize 1.12.0, rotating: a dead refresh token is a 403, an unknown grant a 501",
    issuer=_ORIZE,
    endpoints=endpoints("/authorize", "/token", "/me", ("read",), base=_ORIZE),
    scopes=("read",),
    issuance=IssuanceRules(used_code="refused"),
    token_request=TokenRequestRules(basic_encoding="raw_to_colon", bodies=("form", "json")),
    refresh=RefreshPolicy(rotation="always"),
    response=ResponseShape(members=("access_token", "refresh_token", "expires_in", "token_type"), scope="never"),
    errors=dead(_ORIZE_GRANT)
    | {
        Cause.USED_CODE: _ORIZE_GRANT,
        Cause.MISSING_GRANT_TYPE: _ORIZE_TYPE,
        Cause.UNSUPPORTED_GRANT_TYPE: _ORIZE_TYPE,
    },
    sources=sources(
        (measured(_ORIZE_SERVER, "application that rotates, passport-http, express.json mounted"),
         "issuance token_request refresh response errors"),
        (source("no special secret worked in Basic; that a colon ends it is a guess", "unverified"),
         "token_request.basic_encoding"),
    ),
)  # fmt: skip

_MOCK = "https://oauth2-mock-server.example.com"
_MOCK_SERVER = "oauth2-mock-server 8.2.3 (npm)"
OAUTH2_MOCK_SERVER = Profile(
    name="oauth2-mock-server",
    title="oauth2-mock-server 8.2.3: always another refresh token, and none ever ends",
    issuer=_MOCK,
    endpoints=openid_endpoints(_MOCK),
    scopes=("openid",),
    access_token=TokenShape(length=800, jwt_shaped=True),
    issuance=IssuanceRules(used_code="refused"),
    token_request=TokenRequestRules(bodies=("form", "json"), wider_scope="cut", blank_scope="empty"),
    refresh=RefreshPolicy(rotation="always", on_replay="accept_until_expiry", window=None, generations=None),
    errors={
        Cause.UNSUPPORTED_GRANT_TYPE: ErrorReply(status=400, error="invalid_grant"),
        Cause.USED_CODE: ErrorReply(status=400, error="invalid_request"),
    },
    sources=sources(
        (measured(_MOCK_SERVER), "access_token issuance token_request refresh errors"),
        (source("a wider scope was answered with 200; what it brings was not looked at", "unverified"),
         "token_request.wider_scope"),
    ),
)  # fmt: skip
# It takes a refresh token that it never issued, too: no profile can say that, for such a token has no user.

NODE_SERVERS: tuple[Profile, ...] = (
        OIDC_PROVIDER, OIDC_PROVIDER_ROTATING, NODE_OAUTH, NODE_OAUTH_KEEPING, JMONDI, OAUTH2ORIZE, OAUTH2_MOCK_SERVER,
    )  # fmt: skip
"""The servers of this module, in the order in which they are listed."""
