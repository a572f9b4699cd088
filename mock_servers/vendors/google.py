"""Google: offline access only on request, no new refresh token on refresh, silent eviction, wordy but vague refusals.

Data only. Page keys of the sources (G-WEB ...) are those of Google's OAuth 2.0 documentation listed in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.profile import (
    AccountRules,
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
    TokenRequestRules,
    TokenShape,
)
from refreshproof.mock_servers.refresh_policy import RefreshPolicy

PAGES: Mapping[str, str] = {
    "G-OIDC": "https://developers.google.com/identity/openid-connect/openid-connect",
    "G-REF": "https://developers.google.com/identity/openid-connect/reference",
    "G-WEB": "https://developers.google.com/identity/protocols/oauth2/web-server",
    "G-NATIVE": "https://developers.google.com/identity/protocols/oauth2/native-app",
    "G-DEVICE": "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
    "G-OAUTH2": "https://developers.google.com/identity/protocols/oauth2",
    "G-HEALTH": "https://developers.google.com/health/codelabs/make-your-first-api-call",
}
"""The pages behind the keys in `GOOGLE.sources`."""

ISSUER = "https://accounts.google.com"
OAUTH2 = "https://oauth2.googleapis.com"
APIS = "https://www.googleapis.com"
MAIL = "https://mail.google.com/"
GMAIL = f"{APIS}/auth/gmail"
DAY = 86_400

SCOPE_ALIASES = {"email": f"{APIS}/auth/userinfo.email", "profile": f"{APIS}/auth/userinfo.profile"}
SIGN_IN_SCOPES = ("openid", *SCOPE_ALIASES, *SCOPE_ALIASES.values())
GMAIL_SCOPES = (
    MAIL,
    *(
        f"{GMAIL}.{name}"
        for name in ("readonly", "modify", "compose", "send", "insert", "labels", "metadata", "settings.basic")
    ),
    f"{GMAIL}.settings.sharing",
)

METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/o/oauth2/v2/auth",
    "device_authorization_endpoint": f"{OAUTH2}/device/code",
    "token_endpoint": f"{OAUTH2}/token",
    "userinfo_endpoint": "https://openidconnect.googleapis.com/v1/userinfo",
    "revocation_endpoint": f"{OAUTH2}/revoke",
    "jwks_uri": f"{APIS}/oauth2/v3/certs",
    "response_types_supported": [
        "code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none",
    ],
    "response_modes_supported": ["query", "fragment", "form_post"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "scopes_supported": ["openid", "email", "profile"],
    "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    "claims_supported": [
        "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "locale", "name",
        "picture", "sub",
    ],
    "code_challenge_methods_supported": ["plain", "S256"],
    "grant_types_supported": [
        "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
    ],
    "authorization_response_iss_parameter_supported": True,
}  # fmt: skip

TOKEN_HEADERS = (
    ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Expires", "Mon, 01 Jan 1990 00:00:00 GMT"),
    ("Vary", "Origin, X-Origin, Referer"),
    ("Server", "scaffolding on HTTPServer2"),
)


def _grant(description: str, **members: str) -> ErrorReply:
    return ErrorReply(status=400, error="invalid_grant", description=description, members=members)


def _api(status: int, name: str, message: str) -> ErrorReply:
    """Make a Google API's refusal: the body of google.rpc.Status in JSON."""
    return ErrorReply(
        status=status,
        error=None,
        members={"error": {"code": status, "message": message, "status": name}},
        headers=(("WWW-Authenticate", f'Bearer realm="{ISSUER}/", error="invalid_token"'),) if status == 401 else (),
    )


_DEAD = _grant("Token has been expired or revoked.")
_VAGUE = _grant("Bad Request")
_UNAUTHENTICATED = _api(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
    " authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
)

ERRORS: Mapping[Cause, ErrorReply] = {
    Cause.UNKNOWN_CLIENT: ErrorReply(status=401, error="invalid_client", description="The OAuth client was not found."),
    Cause.WRONG_SECRET: ErrorReply(status=401, error="invalid_client", description="Unauthorized"),
    Cause.MISSING_CLIENT: ErrorReply(
        status=400, error="invalid_request", description="Could not determine client ID from request."
    ),
    Cause.MISSING_SECRET: ErrorReply(status=400, error="invalid_request", description="client_secret is missing."),
    Cause.MISSING_PARAMETER: ErrorReply(
        status=400, error="invalid_request", description="Missing required parameter: {parameter}"
    ),
    Cause.REDIRECT_URI_MISMATCH: ErrorReply(status=400, error="redirect_uri_mismatch", description="Bad Request"),
    Cause.UNKNOWN_CODE: _grant("Malformed auth code."),
    Cause.USED_CODE: _VAGUE,
    Cause.EXPIRED_CODE: _VAGUE,
    Cause.CODE_OF_OTHER_CLIENT: _VAGUE,
    Cause.MISSING_VERIFIER: _grant("Missing code verifier."),
    Cause.WRONG_VERIFIER: _grant("Invalid code verifier."),
    Cause.UNEXPECTED_VERIFIER: _grant("code_verifier or verifier is not needed"),
    Cause.UNKNOWN_REFRESH_TOKEN: _VAGUE,
    Cause.REFRESH_TOKEN_OF_OTHER_CLIENT: ErrorReply(
        status=401, error="unauthorized_client", description="Unauthorized"
    ),
    Cause.REFRESH_TOKEN_REVOKED: _DEAD,
    Cause.REFRESH_TOKEN_IDLE: _DEAD,
    Cause.REFRESH_TOKEN_AGED: _DEAD,
    Cause.REFRESH_TOKEN_EVICTED: _DEAD,
    Cause.PASSWORD_CHANGED: _VAGUE,
    Cause.UNSUPPORTED_GRANT_TYPE: ErrorReply(
        status=400, error="unsupported_grant_type", description="Invalid grant_type: {grant_type}"
    ),
    Cause.INVALID_SCOPE: ErrorReply(
        status=400,
        error="invalid_scope",
        description="Some requested scopes were invalid. {{invalid=[{scope}]}}",
        members={"error_uri": PAGES["G-OAUTH2"]},
    ),
    Cause.UNKNOWN_TOKEN: ErrorReply(status=400, error="invalid_token", description="Token expired or revoked"),
    Cause.NO_ACCESS_TOKEN: _UNAUTHENTICATED,
    Cause.UNKNOWN_ACCESS_TOKEN: _UNAUTHENTICATED,
    Cause.ACCESS_TOKEN_EXPIRED: _UNAUTHENTICATED,
    Cause.ACCESS_TOKEN_REVOKED: _UNAUTHENTICATED,
    Cause.INSUFFICIENT_SCOPE: _api(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes."),
}

ENDPOINTS = (
    Endpoint(
        view="resource",
        url="https://gmail.googleapis.com/gmail/v1/users/me/profile",
        options={"scopes": (MAIL,), "document": {"emailAddress": "alice@example.com", "messagesTotal": 3}},
    ),
    Endpoint(view="authorization", url=f"{ISSUER}/o/oauth2/v2/auth"),
    Endpoint(view="authorization", url=f"{ISSUER}/o/oauth2/auth"),
    Endpoint(view="token", url=f"{OAUTH2}/token", methods=("POST",)),
    Endpoint(view="token", url=f"{APIS}/oauth2/v4/token", methods=("POST",)),
    Endpoint(view="token", url=f"{ISSUER}/o/oauth2/token", methods=("POST",)),
    Endpoint(view="revocation", url=f"{OAUTH2}/revoke", methods=("POST",), options={"authenticate": False}),
    Endpoint(view="discovery", url=f"{ISSUER}/.well-known/openid-configuration"),
)


def _source(where: str, evidence: Evidence = "documented") -> Source:
    return Source(where=where, seen="2026-11-22", evidence=evidence)


SOURCES: Mapping[str, Source] = {
    "endpoints": _source("G-WEB, G-OIDC; older addresses openid/AppAuth-iOS#226, IonicaBizau/youtube-api#87"),
    "scopes": _source("mail handlers need it: support.atlassian.com, Resolve OAuth 2.0 scope issues for mail handlers"),
    "metadata": _source("G-OIDC, G-REF"),
    "metadata.response_modes_supported": _source("member in G-REF, values not listed", "unverified"),
    "authorization.required": _source("G-WEB"),
    "authorization.consent": _source("G-WEB: asked only the first time unless prompt says otherwise"),
    "authorization.project_wide_consent": _source("G-WEB: per project, not per client"),
    "authorization.prompt_values": _source("G-WEB; no prompt=login: dev.to/googleworkspace"),
    "authorization.errors_as_page": _source("G-WEB: authorization errors shown to the user"),
    "authorization.sends_iss": _source("G-REF"),
    "authorization.scope_aliases": _source("G-OIDC sample"),
    "authorization.extra_callback_parameters": _source("scope: G-OIDC; authuser and prompt: no capture", "unverified"),
    "issuance.parameter": _source("seed 001_d2bfe1973e2b411e.txt; G-WEB"),
    "issuance.consent_shown": _source("seed 001_d2bfe1973e2b411e.txt; G-WEB"),
    "access_token": _source("G-OAUTH2 (at most 2048 bytes), G-HEALTH (prefix)"),
    "refresh_token": _source("G-OAUTH2 (at most 512 bytes), G-HEALTH (prefix)"),
    "code": _source("G-OAUTH2 (at most 256 bytes), G-OIDC (prefix)"),
    "lifetimes.access_token": _source("G-HEALTH sample 3599; G-WEB: about an hour"),
    "lifetimes.code": _source("not documented; 600 s is this project's choice", "unverified"),
    "lifetime_rules.testing": _source("G-OAUTH2: 7 days, scope exemption"),
    "lifetime_rules.announced": _source("G-HEALTH sample 604799; the link to Testing is inferred", "unverified"),
    "refresh.rotation": _source("G-WEB, G-NATIVE, G-DEVICE samples: no refresh_token in the answer"),
    "refresh.inactivity_ttl": _source("G-OAUTH2: six months without use, taken as 183 days"),
    "refresh.cap_per_user": _source("G-OAUTH2: 100 per account and client, the oldest goes without warning"),
    "token_request.basic_encoding": _source("raw works: panva/oauth4webapi#165; strict raw is a switch", "unverified"),
    "response.members": _source("G-WEB, G-OIDC, G-HEALTH samples"),
    "response.headers": _source("apache/opendal#3901, anthropics/blobfile#2, openid/AppAuth-iOS#226", "observed"),
    "accounts.password_change": _source("G-OAUTH2: refresh tokens with Gmail scopes"),
    "accounts.revoking_access_token_revokes_grant": _source("G-WEB"),
    "accounts.revocation_spans_project": _source("G-WEB, G-OAUTH2"),
    "errors.unknown_client": _source("parro-it/electron-google-oauth#16", "observed"),
    "errors.wrong_secret": _source("SocialiteProviders/Providers#564, hybridauth/hybridauth#973", "observed"),
    "errors.missing_client": _source("openid/AppAuth-iOS#226, SecureAuthCorp/oauth2c#94", "observed"),
    "errors.missing_secret": _source("googleapis/google-api-nodejs-client#1582", "observed"),
    "errors.missing_parameter": _source("googleapis/google-api-nodejs-client#3089", "observed"),
    "errors.redirect_uri_mismatch": _source("googleapis/google-api-nodejs-client#744; text unverified", "observed"),
    "errors.unknown_code": _source("googleworkspace/go-samples#85", "observed"),
    "errors.used_code": _source("googleapis/google-auth-library-python#1043; exact list unverified", "unverified"),
    "errors.expired_code": _source("catch-all wording, exact list unverified", "unverified"),
    "errors.code_of_other_client": _source("catch-all wording, exact list unverified", "unverified"),
    "errors.missing_verifier": _source("googleapis/google-api-php-client#2669, onaio/onadata#3068", "observed"),
    "errors.wrong_verifier": _source("googleapis/google-api-java-client#1479; status unverified", "observed"),
    "errors.unexpected_verifier": _source("googleapis/google-auth-library-nodejs#2028; status unverified", "observed"),
    "errors.unknown_refresh_token": _source("googleapis/google-auth-library-python#1043", "observed"),
    "errors.refresh_token_of_other_client": _source(
        "prasmussen/gdrive#375 (status), googleapis/google-auth-library-python#1561 (text)", "observed"
    ),
    "errors.refresh_token_revoked": _source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.refresh_token_idle": _source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.refresh_token_aged": _source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.refresh_token_evicted": _source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.password_changed": _source("catch-all wording, exact list unverified", "unverified"),
    "errors.unsupported_grant_type": _source("natelindev/tsdav#130", "observed"),
    "errors.invalid_scope": _source("googleapis/google-auth-library-python#999; status unverified", "observed"),
    "errors.unknown_token": _source("status G-WEB; wording not traced to a public source", "unverified"),
    "errors.no_access_token": _source(
        "googleapis/google-api-nodejs-client#2665, dacastro4/laravel-gmail#273", "observed"
    ),
    "errors.insufficient_scope": _source("googleworkspace/php-samples#123", "observed"),
}

GOOGLE = Profile(
    name="google",
    title="Google (accounts.google.com)",
    issuer=ISSUER,
    endpoints=ENDPOINTS,
    scopes=(MAIL,),
    authorization=AuthorizationRules(
        required={"client_id": "", "redirect_uri": "", "response_type": "code", "scope": ""},
        prompt_values=("none", "consent", "select_account"),
        errors_as_page=(
            Cause.UNKNOWN_CLIENT, Cause.REDIRECT_URI_MISMATCH, Cause.MISSING_PARAMETER, Cause.INVALID_REQUEST,
            Cause.INVALID_SCOPE, Cause.UNSUPPORTED_RESPONSE_TYPE,
        ),
        sends_iss=True,
        extra_callback_parameters=("scope", "authuser", "prompt"),
        scope_aliases=SCOPE_ALIASES,
        project_wide_consent=True,
    ),
    issuance=IssuanceRules(parameter=("access_type", "offline"), consent_shown=True),
    access_token=TokenShape(prefix="ya29.", length=220),
    refresh_token=TokenShape(prefix="1//", length=103),
    code=TokenShape(prefix="4/0A", length=73),
    lifetimes=Lifetimes(access_token=3599),
    lifetime_rules=(
        LifetimeRule(
            when={"application.status": "testing"}, absolute=7 * DAY, exempt_scopes=SIGN_IN_SCOPES, announced=True
        ),
    ),
    token_request=TokenRequestRules(),
    refresh=RefreshPolicy(
        rotation="never", refresh_token_on_refresh="omitted", inactivity_ttl=183 * DAY, cap_per_user=100
    ),
    response=ResponseShape(
        members=(
            "access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "scope", "token_type",
            "id_token",
        ),
        headers=TOKEN_HEADERS,
    ),
    errors=ERRORS,
    accounts=AccountRules(
        password_change="revoke",
        password_scopes=GMAIL_SCOPES,
        revoking_access_token_revokes_grant=True,
        revocation_spans_project=True,
    ),
    metadata=METADATA,
    client_type="GOOGLE",
    client_parameters={"access_type": "offline", "prompt": "consent"},
    sources=SOURCES,
)  # fmt: skip
