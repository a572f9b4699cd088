"""Identity providers for Django besides its OAuth toolkit: django-allauth's and django-oidc-provider."""

from __future__ import annotations

from refreshproof.mock_servers.profile.causes import Cause, ErrorReply
from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.pieces import endpoints, sources
from refreshproof.mock_servers.profile.profile import (
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
    GRANT_NOT_NAMED,
    NO_GRANT_IN_BODY,
    TOKEN_NOT_NAMED,
    checked,
    released,
)

_NO_CACHE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))

_ALLAUTH = "https://allauth.example.com"
_ALLAUTH_SERVER = "django-allauth 65.22.1 (PyPI), allauth.idp.oidc, on Django 5.2.19 and oauthlib 4.0.1"
DJANGO_ALLAUTH = Profile(
    name="django-allauth-idp",
    title="django-allauth 65.22.1 as identity provider: single use, and a narrower scope lasts",
    issuer=_ALLAUTH,
    endpoints=endpoints(
        "/identity/o/authorize", "/identity/o/api/token", f"{_ALLAUTH}/identity/o/api/userinfo", ("openid",),
        "/identity/o/api/revoke", base=_ALLAUTH,
    ),
    scopes=("openid",),
    access_token=TokenShape(length=30),
    refresh_token=TokenShape(length=30),
    code=TokenShape(length=30),
    lifetimes=Lifetimes(access_token=3600, code=60),
    token_request=TokenRequestRules(
        basic_encoding="raw",
        both_at_once="tolerated",
        scope_on_refresh="narrows_for_good",
        repeated_parameters="tolerated",
    ),
    refresh=RefreshPolicy(rotation="always"),
    response=ResponseShape(
        members=("access_token", "expires_in", "token_type", "scope", "refresh_token", "id_token"), headers=_NO_CACHE
    ),
    id_token=IdTokenRules(),
    revocation=RevocationRules(hint="obeyed", superseded_ends="nothing", other_clients_tokens="ignored"),
    errors=BEARER_CHALLENGE | GRANT_NOT_NAMED | NO_GRANT_IN_BODY,
    sources=sources(
        (checked(_ALLAUTH_SERVER), "token_request refresh response id_token revocation errors"),
        (released(_ALLAUTH_SERVER, "lengths and lifetimes"), "access_token refresh_token code lifetimes"),
        (released(_ALLAUTH_SERVER, "the row of a token that was replaced is deleted"), "revocation.superseded_ends"),
    ),
)  # fmt: skip

_OIDC = "https://django-oidc.example.com"
_OIDC_SERVER = "django-oidc-provider 0.9.0 (PyPI) on Django 5.2.19"
_INVALID_CLIENT = ErrorReply(status=400, error="invalid_client")
DJANGO_OIDC_PROVIDER = Profile(
    name="django-oidc-provider",
    title="django-oidc-provider 0.9.0: no answer tells its scope, and a wrong secret is a status 400",
    issuer=_OIDC,
    endpoints=endpoints("/authorize", "/token", f"{_OIDC}/userinfo", ("openid",), base=_OIDC),
    scopes=("openid",),
    access_token=TokenShape(length=32),
    refresh_token=TokenShape(length=32),
    code=TokenShape(length=32),
    issuance=IssuanceRules(used_code="refused"),
    lifetimes=Lifetimes(access_token=3600, code=600),
    token_request=TokenRequestRules(
        basic_encoding="raw",
        both_at_once="tolerated",
        scope_on_refresh="narrows_for_good",
        repeated_parameters="tolerated",
    ),
    refresh=RefreshPolicy(rotation="always", previous_access_token="dies_at_once"),
    response=ResponseShape(
        members=("access_token", "refresh_token", "token_type", "expires_in", "id_token"), token_type="bearer",
        scope="never", headers=_NO_CACHE,
    ),
    id_token=IdTokenRules(),
    errors=GRANT_NOT_NAMED | TOKEN_NOT_NAMED | NO_GRANT_IN_BODY
    | {Cause.WRONG_SECRET: _INVALID_CLIENT, Cause.UNKNOWN_CLIENT: _INVALID_CLIENT},
    sources=sources(
        (checked(_OIDC_SERVER), "issuance token_request refresh response id_token errors"),
        (released(_OIDC_SERVER, "uuid4 in hexadecimal, and the lifetimes that are set as it comes"),
         "access_token refresh_token code lifetimes"),
        (released(_OIDC_SERVER, "credentials in Basic are split at a colon and not decoded"),
         "token_request.basic_encoding"),
    ),
)  # fmt: skip

DJANGO_IDENTITY_PROVIDERS: tuple[Profile, ...] = (DJANGO_ALLAUTH, DJANGO_OIDC_PROVIDER)
"""The servers of this module, in the order in which they are listed."""
