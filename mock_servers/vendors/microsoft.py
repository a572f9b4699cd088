"""Microsoft identity platform: a new refresh token on every refresh while the old ones live on, random access token
lifetimes, and refusals whose AADSTS code and suberror decide what a client does.

Data only. Page keys of the sources (M-RT ...) are the files of github.com/MicrosoftDocs/entra-docs in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refreshproof.mock_servers.profile import (
    AuthorizationRules,
    Cause,
    Endpoint,
    ErrorReply,
    Evidence,
    IssuanceRules,
    LifetimeRule,
    Lifetimes,
    Profile,
    ResponseShape,
    Source,
    TokenShape,
)
from refreshproof.mock_servers.refresh_policy import RefreshPolicy

PAGES: Mapping[str, str] = {
    "M-CODE": "docs/identity-platform/v2-oauth2-auth-code-flow.md",
    "M-RT": "docs/identity-platform/refresh-tokens.md",
    "M-ERR": "docs/identity-platform/reference-error-codes.md",
    "M-DEV": "docs/identity-platform/v2-oauth2-device-code.md",
    "M-AT": "docs/identity-platform/access-tokens.md",
    "M-OIDC": "docs/identity-platform/v2-protocols-oidc.md",
    "M-CC": "docs/identity-platform/claims-challenge.md",
    "M-URL": "docs/identity-platform/reply-url.md",
    "M-CERT": "docs/identity-platform/certificate-credentials.md",
    "M-V1": "github.com/MicrosoftDocs/azure-docs, articles/active-directory/azuread-dev/v1-protocols-oauth-code.md",
    "REC": "github.com/Azure/azure-sdk-for-js, published test recordings (2021, 2022)",
}
"""The pages behind the keys in `MICROSOFT.sources`; those without a host are in github.com/MicrosoftDocs/entra-docs."""

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
COMMON = f"{LOGIN}/common"
DAY = 86_400

METADATA = {
    "token_endpoint": f"{COMMON}/oauth2/v2.0/token",
    "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    "jwks_uri": f"{COMMON}/discovery/v2.0/keys",
    "response_modes_supported": ["query", "fragment", "form_post"],
    "subject_types_supported": ["pairwise"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
    "scopes_supported": ["openid", "profile", "email", "offline_access"],
    "issuer": f"{LOGIN}/{{tenantid}}/v2.0",
    "request_uri_parameter_supported": False,
    "userinfo_endpoint": f"{GRAPH}/oidc/userinfo",
    "authorization_endpoint": f"{COMMON}/oauth2/v2.0/authorize",
    "device_authorization_endpoint": f"{COMMON}/oauth2/v2.0/devicecode",
    "http_logout_supported": True,
    "frontchannel_logout_supported": True,
    "end_session_endpoint": f"{COMMON}/oauth2/v2.0/logout",
    "claims_supported": [
        "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud",
        "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash",
        "email",
    ],
    "kerberos_endpoint": f"{COMMON}/kerberos",
    "tenant_region_scope": None,
    "cloud_instance_name": "microsoftonline.com",
    "cloud_graph_host_name": "graph.windows.net",
    "msgraph_host": "graph.microsoft.com",
    "rbac_url": "https://pas.windows.net",
}  # fmt: skip

TOKEN_HEADERS = (
    ("Cache-Control", "no-store, no-cache"),
    ("Pragma", "no-cache"),
    ("Expires", "-1"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
)


def _aadsts(code: int, error: str, description: str, *, status: int = 400, suberror: str | None = None) -> ErrorReply:
    members: dict[str, Any] = {"aadsts": code} | ({} if suberror is None else {"suberror": suberror})
    return ErrorReply(status=status, error=error, description=description, members=members)


_GRAPH_CHALLENGE = (
    f'Bearer realm="", authorization_uri="{COMMON}/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"'
)


def _graph(status: int, code: str, message: str) -> ErrorReply:
    """Make a refusal of Microsoft Graph: an error object instead of OAuth's members."""
    challenge = (("WWW-Authenticate", _GRAPH_CHALLENGE),) if status == 401 else ()
    return ErrorReply(
        status=status, error=None, members={"error": {"code": code, "message": message}}, headers=challenge
    )


_REVOKED = _aadsts(
    50173,
    "invalid_grant",
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed"
    " or reset their password. The grant was issued on '{granted_on}' and the TokensValidFrom date (before which"
    " tokens are not valid) for this user is '{valid_from}'.",
    suberror="bad_token",
)
_MALFORMED = _aadsts(9002313, "invalid_grant", "Invalid request. Request is malformed or invalid.")
_VERIFIER = _aadsts(
    501481,
    "invalid_grant",
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
)
_BODY = "The request body must contain the following parameter: '{parameter}'."

ERRORS: Mapping[Cause, ErrorReply] = {
    Cause.UNKNOWN_CLIENT: _aadsts(
        700016, "unauthorized_client", "Application with identifier '{client_id}' was not found in the directory."
    ),
    Cause.REDIRECT_URI_MISMATCH: _aadsts(
        50011,
        "invalid_request",
        "The redirect URI '{found}' specified in the request does not match the redirect URIs configured for the"
        " application '{client_id}'.",
    ),
    Cause.MISSING_PARAMETER: _aadsts(900144, "invalid_request", _BODY),
    Cause.MISSING_CLIENT: _aadsts(900144, "invalid_request", _BODY.format(parameter="client_id")),
    Cause.UNSUPPORTED_BODY: _aadsts(900144, "invalid_request", _BODY.format(parameter="grant_type")),
    Cause.MISSING_SECRET: _aadsts(
        7000218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        status=401,
    ),
    Cause.WRONG_SECRET: _aadsts(
        7000215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not"
        " the client secret ID, for a secret added to app '{client_id}'.",
        status=401,
    ),
    Cause.UNKNOWN_CODE: _MALFORMED,
    Cause.USED_CODE: _aadsts(
        54005,
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh"
        " token.",
    ),
    Cause.EXPIRED_CODE: _aadsts(
        70008,
        "invalid_grant",
        "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive"
        " authorization request for this user and resource.",
    ),
    Cause.CODE_OF_OTHER_CLIENT: _aadsts(70000, "invalid_grant", "Provided grant is invalid or malformed."),
    Cause.MISSING_VERIFIER: _VERIFIER,
    Cause.WRONG_VERIFIER: _VERIFIER,
    Cause.UNEXPECTED_VERIFIER: _VERIFIER,
    Cause.UNKNOWN_REFRESH_TOKEN: _MALFORMED,
    Cause.REFRESH_TOKEN_OF_OTHER_CLIENT: _aadsts(70000, "invalid_grant", "Provided grant is invalid or malformed."),
    Cause.REFRESH_TOKEN_REVOKED: _REVOKED,
    Cause.PASSWORD_CHANGED: _REVOKED,
    Cause.REFRESH_TOKEN_IDLE: _aadsts(
        700082,
        "invalid_grant",
        "The refresh token has expired due to inactivity. The token was issued on {issued_on} and was inactive for"
        " 90.00:00:00.",
        suberror="bad_token",
    ),
    Cause.REFRESH_TOKEN_AGED: _aadsts(
        700084,
        "invalid_grant",
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of"
        " 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to"
        " the sign in page. The token was issued on {issued_on}.",
        suberror="bad_token",
    ),
    Cause.UNSUPPORTED_GRANT_TYPE: _aadsts(
        70003, "unsupported_grant_type", "The app requested an unsupported grant type '{grant_type}'."
    ),
    Cause.INVALID_SCOPE: _aadsts(
        70011, "invalid_scope", "The provided value for the input parameter 'scope' is not valid."
    ),
    Cause.METHOD_NOT_ALLOWED: _aadsts(
        900561,
        "invalid_request",
        "The endpoint only accepts {expected} requests. Received a {found} request.",
        status=405,
    ),
    Cause.NO_ACCESS_TOKEN: _graph(401, "InvalidAuthenticationToken", "Access token is empty."),
    Cause.UNKNOWN_ACCESS_TOKEN: _graph(401, "InvalidAuthenticationToken", "Access token validation failure."),
    Cause.ACCESS_TOKEN_EXPIRED: _graph(
        401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid."
    ),
    Cause.ACCESS_TOKEN_REVOKED: _graph(401, "InvalidAuthenticationToken", "Access token validation failure."),
    Cause.INSUFFICIENT_SCOPE: _graph(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    ),
}

ENDPOINTS = (
    Endpoint(
        view="resource",
        url=f"{GRAPH}/v1.0/me",
        options={
            "scopes": ("User.Read",),
            "document": {"displayName": "Alice Example", "userPrincipalName": "alice@example.com"},
        },
    ),
    # The common tenant first: its addresses are complete, so a client can be configured with them.
    Endpoint(view="authorization", url=f"{COMMON}/oauth2/v2.0/authorize"),
    Endpoint(view="token", url=f"{COMMON}/oauth2/v2.0/token", methods=("POST",)),
    Endpoint(view="discovery", url=f"{COMMON}/v2.0/.well-known/openid-configuration"),
    Endpoint(view="authorization", url=f"{LOGIN}/{{tenant}}/oauth2/v2.0/authorize"),
    Endpoint(view="token", url=f"{LOGIN}/{{tenant}}/oauth2/v2.0/token", methods=("POST",)),
)


def _source(where: str, evidence: Evidence = "documented") -> Source:
    return Source(where=where, seen="2026-11-22", evidence=evidence)


SOURCES: Mapping[str, Source] = {
    "endpoints": _source("M-CODE"),
    "metadata": _source("REC", "observed"),
    "authorization.required": _source("M-CODE"),
    "authorization.prompt_values": _source("M-CODE"),
    "authorization.extra_callback_parameters": _source("M-CODE"),
    "authorization.errors_as_page": _source("the codes are in M-ERR; that they are pages is inferred", "unverified"),
    "issuance.scope": _source("seeds 000_3fd09d9f99707348.txt, 001_d2bfe1973e2b411e.txt; M-CODE"),
    "access_token": _source("M-AT: a JWT for own APIs, opaque to clients"),
    "refresh_token": _source("M-CODE samples"),
    "code": _source("M-CODE samples"),
    "lifetimes.access_token": _source("M-AT: random, 60 to 90 minutes; one second less is common in REC"),
    "lifetimes.code": _source("M-CODE: about ten minutes"),
    "lifetime_rules.spa": _source("M-RT; MicrosoftDocs/azure-docs#92394"),
    "refresh.rotation": _source("M-CODE, M-RT"),
    "refresh.on_replay": _source("M-RT: the old token is not revoked"),
    "refresh.inactivity_ttl": _source("M-RT (2025-05-14): 90 days from the issue of each token"),
    "response.members": _source("M-CODE, REC"),
    "response.headers": _source("REC", "observed"),
    "error_envelope": _source("REC", "observed"),
    "errors.unknown_client": _source("M-ERR 700016"),
    "errors.redirect_uri_mismatch": _source("M-ERR 50011"),
    "errors.missing_parameter": _source("M-ERR 900144"),
    "errors.missing_client": _source("M-ERR 900144"),
    "errors.unsupported_body": _source("M-ERR 900144; that JSON meets it is inferred", "unverified"),
    "errors.missing_secret": _source("M-ERR 7000218, Azure/azure-sdk-for-go#22386"),
    "errors.wrong_secret": _source("M-ERR 7000215"),
    "errors.unknown_code": _source("MicrosoftDocs/azure-docs#63819", "observed"),
    "errors.used_code": _source("M-ERR 54005, mspnp/multitenant-saas-guidance#111"),
    "errors.expired_code": _source("M-ERR 70008, M-CODE"),
    "errors.code_of_other_client": _source("M-ERR 70000; which cause meets it is inferred", "unverified"),
    "errors.missing_verifier": _source("M-ERR 501481"),
    "errors.wrong_verifier": _source("M-ERR 501481"),
    "errors.unexpected_verifier": _source("inferred from M-ERR 501481", "unverified"),
    "errors.unknown_refresh_token": _source("AzureAD/azure-activedirectory-library-for-nodejs#219", "observed"),
    "errors.refresh_token_of_other_client": _source("M-ERR 70000; which cause meets it is inferred", "unverified"),
    "errors.refresh_token_revoked": _source("REC 50173", "observed"),
    "errors.password_changed": _source("REC 50173", "observed"),
    "errors.refresh_token_idle": _source("700082: Azure/azure-cli#14244, microsoft/foundry-dev-tools#707", "observed"),
    "errors.refresh_token_aged": _source("700084: AzureAD/microsoft-authentication-library-for-js#7033", "observed"),
    "errors.unsupported_grant_type": _source("M-ERR 70003"),
    "errors.invalid_scope": _source("M-ERR 70011"),
    "errors.method_not_allowed": _source("M-ERR 900561; status inferred", "unverified"),
    "errors.access_token_expired": _source("microsofthackathons/tdi#24 (2022-09-23)", "observed"),
    "errors.no_access_token": _source("code and status as for an expired one; wording inferred", "unverified"),
}

MICROSOFT = Profile(
    name="microsoft",
    title="Microsoft identity platform (login.microsoftonline.com)",
    issuer=f"{LOGIN}/{{tenantid}}/v2.0",
    endpoints=ENDPOINTS,
    scopes=("User.Read",),
    authorization=AuthorizationRules(
        required={"client_id": "", "response_type": "code", "scope": ""},
        extra_callback_parameters=("session_state",),
    ),
    issuance=IssuanceRules(scope="offline_access"),
    access_token=TokenShape(length=900, jwt_shaped=True),
    refresh_token=TokenShape(prefix="1.A", length=640),
    code=TokenShape(prefix="1.A", length=640),
    lifetimes=Lifetimes(access_token=3599, access_token_longest=5399),
    lifetime_rules=(LifetimeRule(when={"application.kind": "spa"}, absolute=DAY),),
    refresh=RefreshPolicy(
        rotation="always",
        refresh_token_on_refresh="new",
        on_replay="accept_until_expiry",
        window=None,
        generations=None,
        inactivity_ttl=90 * DAY,
    ),
    response=ResponseShape(
        members=(
            "token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token",
            "client_info",
        ),
        headers=TOKEN_HEADERS,
    ),
    error_envelope="aadsts",
    errors=ERRORS,
    metadata=METADATA,
    client_type="MICROSOFT",
    sources=SOURCES,
)  # fmt: skip
