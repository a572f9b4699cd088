"""How Google refuses: one answer per cause, with where each was seen.

Data only. Page keys of the sources (G-WEB ...) are those of `google.PAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping

from refreshproof.mock_servers.profile.profile import Cause, ErrorReply, Source
from refreshproof.mock_servers.profile.sources import source


def _grant(description: str, **members: str) -> ErrorReply:
    return ErrorReply(status=400, error="invalid_grant", description=description, members=members)


def _api(status: int, name: str, message: str) -> ErrorReply:
    """Make a Google API's refusal: the body of google.rpc.Status in JSON."""
    return ErrorReply(
        status=status,
        error=None,
        members={"error": {"code": status, "message": message, "status": name}},
        headers=(("WWW-Authenticate", 'Bearer realm="https://accounts.google.com/", error="invalid_token"'),)
        if status == 401
        else (),
    )


_DEAD = _grant("Token has been expired or revoked.")
_VAGUE = _grant("Bad Request")
_UNAUTHENTICATED = _api(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
    " authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
)

ERRORS: dict[Cause, ErrorReply] = {
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
    Cause.REAUTHENTICATION_REQUIRED: _grant(
        "reauth related error (invalid_rapt)",
        error_subtype="invalid_rapt",
        error_uri="https://support.google.com/a/answer/9368756",
    ),
    Cause.REAUTHENTICATION_UNPROVEN: _grant("reauth related error (rapt_required)", error_subtype="rapt_required"),
    # An empty description: the redirect carries error and state alone.
    Cause.ACCESS_DENIED: ErrorReply(status=400, error="access_denied", description=""),
    Cause.INVALID_PROOF: ErrorReply(status=400, error="invalid_dpop_proof", description="{detail}"),
    Cause.MISSING_NONCE: ErrorReply(
        status=400,
        error="use_dpop_nonce",
        description="A nonce of the server is needed.",
        headers=(("DPoP-Nonce", "{nonce}"),),
    ),
    Cause.TOO_MANY_DEVICES: ErrorReply(status=403, error=None, members={"error_code": "rate_limit_exceeded"}),
    Cause.ADMIN_POLICY: ErrorReply(
        status=400, error="admin_policy_enforced", description="Access is restricted by the administrator."
    ),
    Cause.APPLICATION_NOT_SHARED: ErrorReply(
        status=403, error="org_internal", description="The client is limited to users of its organisation."
    ),
    Cause.EMBEDDED_BROWSER: ErrorReply(
        status=403, error="disallowed_useragent", description="Only browsers of their own may ask for authorization."
    ),
    Cause.CLIENT_DELETED: ErrorReply(status=401, error="deleted_client", description="The OAuth client was deleted."),
    Cause.AUTHORIZATION_PENDING: ErrorReply(
        status=428, error="authorization_pending", description="Precondition Required"
    ),
    Cause.SLOW_DOWN: ErrorReply(status=403, error="slow_down", description="Forbidden"),
    Cause.DEVICE_DENIED: ErrorReply(status=403, error="access_denied", description="Forbidden"),
    Cause.UNKNOWN_DEVICE_CODE: _VAGUE,
    Cause.EXPIRED_DEVICE_CODE: ErrorReply(status=400, error="expired_token", description="Bad Request"),
    Cause.UNSUPPORTED_GRANT_TYPE: ErrorReply(
        status=400, error="unsupported_grant_type", description="Invalid grant_type: {grant_type}"
    ),
    Cause.INVALID_SCOPE: ErrorReply(
        status=400,
        error="invalid_scope",
        description="Some requested scopes were invalid. {{invalid=[{scope}]}}",
        members={"error_uri": "https://developers.google.com/identity/protocols/oauth2"},
    ),
    Cause.UNKNOWN_TOKEN: ErrorReply(status=400, error="invalid_token", description="Token expired or revoked"),
    Cause.NO_ACCESS_TOKEN: _UNAUTHENTICATED,
    Cause.UNKNOWN_ACCESS_TOKEN: _UNAUTHENTICATED,
    Cause.ACCESS_TOKEN_EXPIRED: _UNAUTHENTICATED,
    Cause.ACCESS_TOKEN_REVOKED: _UNAUTHENTICATED,
    Cause.INSUFFICIENT_SCOPE: _api(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes."),
}


_USERINFO = ErrorReply(status=401, error="invalid_request", description="Invalid Credentials")
USERINFO_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | dict.fromkeys(
    (Cause.NO_ACCESS_TOKEN, Cause.UNKNOWN_ACCESS_TOKEN, Cause.ACCESS_TOKEN_EXPIRED, Cause.ACCESS_TOKEN_REVOKED),
    _USERINFO,
)
"""How userinfo refuses."""

DEVICE_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | {
    Cause.INVALID_SCOPE: ErrorReply(status=400, error="invalid_scope", description="Invalid device flow scope: {scope}")
}
"""How the first request of the device flow refuses."""

TOKENINFO_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | {
    Cause.UNKNOWN_TOKEN: ErrorReply(status=400, error=None, description="Invalid Value")
}
"""How tokeninfo refuses since version 2."""

TOKENINFO_V1_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | {
    Cause.UNKNOWN_TOKEN: ErrorReply(status=400, error="invalid_token", description="Invalid Value")
}
"""How version 1 of tokeninfo refuses."""

REVOKE_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | {
    Cause.METHOD_NOT_ALLOWED: ErrorReply(status=404, error=None, page=True)
}
"""How the revocation endpoint refuses: a GET meets a page."""

ERROR_SOURCES: Mapping[str, Source] = {
    "errors.unknown_client": source("parro-it/electron-google-oauth#16", "observed"),
    "errors.wrong_secret": source("SocialiteProviders/Providers#564, hybridauth/hybridauth#973", "observed"),
    "errors.missing_client": source("openid/AppAuth-iOS#226, SecureAuthCorp/oauth2c#94", "observed"),
    "errors.missing_secret": source("googleapis/google-api-nodejs-client#1582", "observed"),
    "errors.missing_parameter": source("googleapis/google-api-nodejs-client#3089", "observed"),
    "errors.redirect_uri_mismatch": source("googleapis/google-api-nodejs-client#744; text unverified", "observed"),
    "errors.unknown_code": source("googleworkspace/go-samples#85", "observed"),
    "errors.used_code": source("googleapis/google-auth-library-python#1043; exact list unverified", "unverified"),
    "errors.expired_code": source("catch-all wording, exact list unverified", "unverified"),
    "errors.code_of_other_client": source("catch-all wording, exact list unverified", "unverified"),
    "errors.missing_verifier": source("googleapis/google-api-php-client#2669, onaio/onadata#3068", "observed"),
    "errors.wrong_verifier": source("googleapis/google-api-java-client#1479; status unverified", "observed"),
    "errors.unexpected_verifier": source("googleapis/google-auth-library-nodejs#2028; status unverified", "observed"),
    "errors.unknown_refresh_token": source("googleapis/google-auth-library-python#1043", "observed"),
    "errors.refresh_token_of_other_client": source(
        "prasmussen/gdrive#375 (status), googleapis/google-auth-library-python#1561 (text)", "observed"
    ),
    "errors.refresh_token_revoked": source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.refresh_token_idle": source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.refresh_token_aged": source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.refresh_token_evicted": source("simonw/google-drive-to-sqlite#16, apache/opendal#3901", "observed"),
    "errors.password_changed": source("catch-all wording, exact list unverified", "unverified"),
    "errors.unsupported_grant_type": source("natelindev/tsdav#130", "observed"),
    "errors.invalid_scope": source("googleapis/google-auth-library-python#999; status unverified", "observed"),
    "errors.unknown_token": source("status G-WEB; wording not traced to a public source", "unverified"),
    "errors.no_access_token": source(
        "googleapis/google-api-nodejs-client#2665, dacastro4/laravel-gmail#273", "observed"
    ),
    "errors.insufficient_scope": source("googleworkspace/php-samples#123", "observed"),
    "errors.reauthentication_required": source("cline/cline#4080, anthropics/blobfile#2", "observed"),
    "errors.reauthentication_unproven": source("googleapis/python-storage#17 (2020)", "observed"),
    "errors.access_denied": source("G-WEB: error and state"),
    "errors.invalid_proof": source("code and status G-NATIVE; text unverified"),
    "errors.missing_nonce": source("code, status and DPoP-Nonce G-NATIVE; text unverified"),
    "errors.too_many_devices": source("G-DEVICE"),
    "errors.device_scope": source("hickford/git-credential-oauth#38 (2023-09-14)", "observed"),
    "errors.admin_policy": source("code in G-OAUTH2, G-DEVICE; text unverified"),
    "errors.application_not_shared": source("code in G-DEVICE; text unverified"),
    "errors.embedded_browser": source("code in G-WEB; status Clancey/simple_auth#75 (2019-03-26); text unverified"),
    "errors.client_deleted": source("code in G-WEB; status and text unverified"),
    "errors.authorization_pending": source("G-DEVICE"),
    "errors.slow_down": source("G-DEVICE"),
    "errors.device_denied": source("G-DEVICE"),
    "errors.unknown_device_code": source("code in G-DEVICE; text unverified"),
    "errors.expired_device_code": source("no public capture", "unverified"),
    "errors.unknown_access_token": source("as errors.no_access_token", "observed"),
    "errors.access_token_expired": source("as errors.no_access_token", "observed"),
    "errors.access_token_revoked": source("as errors.no_access_token", "observed"),
    "errors.userinfo": source("pimplesushant/laravelsocialiteapi#1", "observed"),
    "errors.tokeninfo": source("pulkitjalan/google-apiclient#38", "observed"),
    "errors.tokeninfo_v1": source("googlearchive/gplus-verifytoken-java#4", "observed"),
    "errors.revoke_by_get": source("googleapis/oauth2client#750 (2019)", "observed"),
}
"""Where the refusals were seen, by cause or endpoint."""
