"""How Microsoft refuses: AADSTS codes with their suberrors, Microsoft Graph's own form, and where each was seen.

Data only. Page keys of the sources (M-ERR ...) are those of `microsoft.PAGES`. The suberror matters: it alone decides
whether Microsoft's SDKs ask the user again (and drop the refresh token) or report a server error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from refreshproof.mock_servers.profile.profile import Cause, ErrorReply, Source
from refreshproof.mock_servers.profile.sources import source
from refreshproof.mock_servers.vendors.microsoft.cloud import TENANT


def _aadsts(code: int, error: str, description: str, *, status: int = 400, **members: str) -> ErrorReply:
    return ErrorReply(status=status, error=error, description=description, members={"aadsts": code, **members})


_GRAPH_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize",'
    ' client_id="00000003-0000-0000-c000-000000000000"'
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
_UNKNOWN_CLIENT = _aadsts(
    700016,
    "unauthorized_client",
    f"Application with identifier '{{client_id}}' was not found in the directory '{TENANT}'.",
)
_MULTI_FACTOR = _aadsts(
    50076,
    "invalid_grant",
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use"
    " multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.",
    suberror="basic_action",
)
_ENROLMENT = _aadsts(
    50079,
    "invalid_grant",
    "The user is required to use multi-factor authentication.",
    suberror="basic_action",
    claims='{"access_token":{"capolids":{"essential":true,"values":["7f4a4c4e-0000-4000-8000-000000000001"]}}}',
)
_EXPIRED_DEVICE_CODE = _aadsts(
    70020,
    "expired_token",
    "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
)
_BODY = "The request body must contain the following parameter: '{parameter}'."

ERRORS: dict[Cause, ErrorReply] = {
    Cause.UNKNOWN_CLIENT: _UNKNOWN_CLIENT,
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
    Cause.SIGN_IN_FREQUENCY: _aadsts(
        70043,
        "invalid_grant",
        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token"
        " was issued on {issued_on} and the maximum allowed lifetime for this request is 86400.",
        suberror="bad_token",
    ),
    Cause.CONSENT_REQUIRED: _aadsts(
        65001,
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID '{client_id}' named '{client_id}'."
        " Send an interactive authorization request for this user and resource.",
        suberror="consent_required",
    ),
    Cause.OWN_API_WITHOUT_SCOPE: _aadsts(
        90009,
        "invalid_request",
        "Application '{client_id}'({client_id}) is requesting a token for itself. This scenario is supported only if"
        " resource is specified using the GUID based App Identifier.",
    ),
    Cause.RESOURCE_NOT_OF_SCOPES: _aadsts(
        9010010,
        "invalid_target",
        "The resource parameter provided in the request doesn't match with the requested scopes.",
    ),
    Cause.MULTI_FACTOR_REQUIRED: _MULTI_FACTOR,
    Cause.MULTI_FACTOR_ENROLMENT: _ENROLMENT,
    Cause.ACCOUNT_DELETED: _aadsts(
        50034,
        "invalid_grant",
        f"The user account {{{{EmailHidden}}}} does not exist in the {TENANT} directory.",
        suberror="bad_token",
    ),
    Cause.CODE_OF_OTHER_TENANT: _aadsts(
        700005,
        "invalid_grant",
        "Provided Authorization Code is intended to use against other tenant, thus rejected.",
    ),
    Cause.REFRESH_TOKEN_OF_OTHER_TENANT: _aadsts(
        7000012, "invalid_grant", "The grant was obtained for a different tenant."
    ),
    Cause.SINGLE_TENANT: _aadsts(
        50194,
        "invalid_request",
        "Application '{client_id}' is not configured as a multi-tenant application.",
    ),
    Cause.REQUEST_LOOP: _aadsts(
        50196,
        "invalid_grant",
        "The server terminated an operation because it encountered a client request loop.",
    ),
    Cause.UNAVAILABLE: _aadsts(
        90033, "temporarily_unavailable", "A transient error has occurred. Please try again.", status=503
    ),
    Cause.UNEXPECTED_SECRET: _aadsts(
        700025,
        "invalid_client",
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        status=401,
    ),
    Cause.SECRET_EXPIRED: _aadsts(
        7000222,
        "invalid_client",
        "The provided client secret keys for app '{client_id}' are expired.",
        status=401,
    ),
    Cause.INVALID_ASSERTION: _aadsts(
        700027,
        "invalid_client",
        "The certificate used to sign the client assertion is not valid: {detail}.",
        status=401,
    ),
    Cause.CLIENT_DELETED: _UNKNOWN_CLIENT,
    Cause.MISSING_ORIGIN: _aadsts(
        9002327,
        "invalid_request",
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    ),
    Cause.UNKNOWN_TENANT: _aadsts(90002, "invalid_tenant", "Tenant '{tenant}' not found."),
    Cause.UNKNOWN_INSTANCE: _aadsts(50049, "invalid_instance", "Unknown or invalid instance."),
    Cause.ACCESS_DENIED: _aadsts(65004, "access_denied", "User declined to consent to access the app."),
    Cause.INTERACTION_REQUIRED: _aadsts(
        65001,
        "interaction_required",
        "The user or administrator has not consented to use the application with ID '{client_id}'. Send an interactive"
        " authorization request for this user and resource.",
    ),
    Cause.AUTHORIZATION_PENDING: _aadsts(
        70016,
        "authorization_pending",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
    Cause.DEVICE_DENIED: _aadsts(65004, "authorization_declined", "User declined to consent to access the app."),
    Cause.EXPIRED_DEVICE_CODE: _EXPIRED_DEVICE_CODE,
    Cause.UNKNOWN_DEVICE_CODE: _aadsts(
        70018, "bad_verification_code", "Invalid verification code due to the user typing in a wrong code."
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
    Cause.CLAIMS_CHALLENGE: ErrorReply(
        status=401,
        error=None,
        members={
            "error": {
                "code": "InvalidAuthenticationToken",
                "message": "Continuous access evaluation resulted in challenge.",
            }
        },
        headers=(("WWW-Authenticate", f'{_GRAPH_CHALLENGE}, error="insufficient_claims", claims="{{claims}}"'),),
    ),
    Cause.INSUFFICIENT_SCOPE: _graph(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    ),
}


def _without_suberror(reply: ErrorReply) -> ErrorReply:
    return replace(reply, members={name: value for name, value in reply.members.items() if name != "suberror"})


V1_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | {
    Cause.REFRESH_TOKEN_IDLE: _without_suberror(ERRORS[Cause.REFRESH_TOKEN_IDLE]),
    Cause.MULTI_FACTOR_REQUIRED: replace(_MULTI_FACTOR, error="interaction_required"),
    Cause.MULTI_FACTOR_ENROLMENT: replace(_ENROLMENT, error="interaction_required"),
    Cause.EXPIRED_DEVICE_CODE: replace(_EXPIRED_DEVICE_CODE, error="code_expired"),
}
"""How the v1.0 endpoints refuse."""

_EXPIRED_GRANT = _aadsts(70000, "invalid_grant", "The user could not be authenticated as the grant is expired.")
PERSONAL_ERRORS: Mapping[Cause, ErrorReply] = ERRORS | {
    Cause.REFRESH_TOKEN_REVOKED: _EXPIRED_GRANT,
    Cause.REFRESH_TOKEN_IDLE: _EXPIRED_GRANT,
    Cause.PASSWORD_CHANGED: _EXPIRED_GRANT,
    Cause.UNKNOWN_REFRESH_TOKEN: _aadsts(
        70000,
        "invalid_grant",
        "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.",
    ),
}
"""How the token endpoint refuses personal accounts."""

ERROR_SOURCES: Mapping[str, Source] = {
    "errors.unknown_client": source("M-ERR 700016"),
    "errors.redirect_uri_mismatch": source("M-ERR 50011"),
    "errors.missing_parameter": source("M-ERR 900144"),
    "errors.missing_client": source("M-ERR 900144"),
    "errors.unsupported_body": source("M-ERR 900144; that JSON meets it is inferred", "unverified"),
    "errors.missing_secret": source("M-ERR 7000218, Azure/azure-sdk-for-go#22386"),
    "errors.wrong_secret": source("M-ERR 7000215"),
    "errors.unknown_code": source("MicrosoftDocs/azure-docs#63819", "observed"),
    "errors.used_code": source("M-ERR 54005, mspnp/multitenant-saas-guidance#111"),
    "errors.expired_code": source("M-ERR 70008, M-CODE"),
    "errors.code_of_other_client": source("M-ERR 70000; which cause meets it is inferred", "unverified"),
    "errors.missing_verifier": source("M-ERR 501481"),
    "errors.wrong_verifier": source("M-ERR 501481"),
    "errors.unexpected_verifier": source("inferred from M-ERR 501481", "unverified"),
    "errors.unknown_refresh_token": source("AzureAD/azure-activedirectory-library-for-nodejs#219", "observed"),
    "errors.refresh_token_of_other_client": source("M-ERR 70000; which cause meets it is inferred", "unverified"),
    "errors.refresh_token_revoked": source("REC 50173", "observed"),
    "errors.password_changed": source("REC 50173", "observed"),
    "errors.refresh_token_idle": source("700082: Azure/azure-cli#14244, microsoft/foundry-dev-tools#707", "observed"),
    "errors.refresh_token_aged": source("700084: AzureAD/microsoft-authentication-library-for-js#7033", "observed"),
    "errors.unsupported_grant_type": source("M-ERR 70003"),
    "errors.invalid_scope": source("M-ERR 70011"),
    "errors.method_not_allowed": source("M-ERR 900561; status inferred", "unverified"),
    "errors.access_token_expired": source("microsofthackathons/tdi#24 (2022-09-23)", "observed"),
    "errors.no_access_token": source("code and status as for an expired one; wording inferred", "unverified"),
    "errors.sign_in_frequency": source("M-ERR 70043, microsoft/azuredatastudio#22853"),
    "errors.own_api_without_scope": source(
        "modelcontextprotocol/typescript-sdk#2718; invalid_request: "
        "AzureAD/microsoft-authentication-library-for-js#5198",
        "observed",
        "2026-11-30",
    ),
    "errors.resource_not_of_scopes": source("microsoft/azure-devops-mcp#1381", "observed", "2026-11-30"),
    "errors.consent_required": source("MicrosoftDocs/azure-docs#39189", "observed"),
    "errors.multi_factor_required": source("microsoftgraph/microsoft-graph-docs-contrib#6306", "observed"),
    "errors.unexpected_secret": source("M-ERR 700025, harishkrupo/oauth2ms#19; status unverified"),
    "errors.secret_expired": source("M-ERR 7000222; status microsoft/botframework-sdk#6221"),
    "errors.invalid_assertion": source("code and wording inferred", "unverified"),
    "errors.client_deleted": source("as errors.unknown_client", "unverified"),
    "errors.missing_origin": source("M-ERR 9002327"),
    "errors.unknown_tenant": source("M-ERR 90002; error value invalid_tenant or invalid_request"),
    "errors.unknown_instance": source("AzureAD/microsoft-authentication-library-for-dotnet#669", "observed"),
    "errors.access_denied": source("error M-CODE; code inferred", "unverified"),
    "errors.interaction_required": source("error M-CODE; code inferred", "unverified"),
    "errors.authorization_pending": source("M-ERR 70016, M-DEV"),
    "errors.device_denied": source("error M-DEV; code inferred", "unverified"),
    "errors.expired_device_code": source("Azure/azure-sdk-for-python#32375; v2 error value unverified", "observed"),
    "errors.unknown_device_code": source("error M-DEV; pairing with 70018 inferred", "unverified"),
    "errors.claims_challenge": source("M-CC, REC; wording of the body inferred"),
    "errors.unknown_access_token": source("as errors.access_token_expired; wording inferred", "unverified"),
    "errors.access_token_revoked": source("as errors.access_token_expired; wording inferred", "unverified"),
    "errors.insufficient_scope": source("no capture", "unverified"),
    "errors.multi_factor_enrolment": source("v1 juunas11/aspnetcore2aadauth#6; v2 as 50076", "observed"),
    "errors.account_deleted": source("REC 50034", "observed"),
    "errors.code_of_other_tenant": source("M-ERR 700005, MicrosoftDocs/azure-docs#51023; error value unverified"),
    "errors.refresh_token_of_other_tenant": source("BingAds/BingAds-Python-SDK#297; status unverified", "observed"),
    "errors.single_tenant": source("M-ERR 50194"),
    "errors.request_loop": source("M-ERR 50196; error value unverified"),
    "errors.unavailable": source("M-ERR 90033; status and error value unverified"),
    "errors.personal": source("BingAds/BingAds-Python-SDK#279; M-ERR 70000", "observed"),
    "errors.v1": source("M-V1; Azure/azure-cli#14244, Azure/azure-cli#22252", "observed"),
}
"""Where the refusals were seen, by cause."""
