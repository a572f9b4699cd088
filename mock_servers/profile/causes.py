"""Why a provider refuses a request, what a refusal looks like, and the specification's answer to every cause.

A profile's own table stands before this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from refreshproof.mock_servers.profile.units import Status


class Cause(StrEnum):
    """Why a provider refuses a request; each profile says what it answers."""

    # authorization endpoint
    UNKNOWN_CLIENT = "unknown_client"
    APPLICATION_KIND = "application_kind"
    APPLICATION_NOT_SHARED = "application_not_shared"
    REDIRECT_URI_MISMATCH = "redirect_uri_mismatch"
    MISSING_PARAMETER = "missing_parameter"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TARGET = "invalid_target"
    ACCESS_DENIED = "access_denied"
    INVALID_REQUEST = "invalid_request"
    INTERACTION_REQUIRED = "interaction_required"
    LOGIN_REQUIRED = "login_required"
    EMBEDDED_BROWSER = "embedded_browser"
    SINGLE_TENANT = "single_tenant"
    UNKNOWN_TENANT = "unknown_tenant"
    UNKNOWN_INSTANCE = "unknown_instance"
    # client authentication
    MISSING_CLIENT = "missing_client"
    MISSING_SECRET = "missing_secret"
    WRONG_SECRET = "wrong_secret"
    TWO_AUTHENTICATIONS = "two_authentications"
    UNEXPECTED_SECRET = "unexpected_secret"
    INVALID_ASSERTION = "invalid_assertion"
    SECRET_EXPIRED = "secret_expired"
    CLIENT_DELETED = "client_deleted"
    # code grant
    UNKNOWN_CODE = "unknown_code"
    USED_CODE = "used_code"
    EXPIRED_CODE = "expired_code"
    CODE_OF_OTHER_CLIENT = "code_of_other_client"
    CODE_OF_OTHER_TENANT = "code_of_other_tenant"
    MISSING_VERIFIER = "missing_verifier"
    WRONG_VERIFIER = "wrong_verifier"
    UNEXPECTED_VERIFIER = "unexpected_verifier"
    # refresh grant
    MISSING_REFRESH_TOKEN = "missing_refresh_token"
    UNKNOWN_REFRESH_TOKEN = "unknown_refresh_token"
    REFRESH_TOKEN_OF_OTHER_CLIENT = "refresh_token_of_other_client"
    REFRESH_TOKEN_OF_OTHER_TENANT = "refresh_token_of_other_tenant"
    REFRESH_TOKEN_REVOKED = "refresh_token_revoked"
    REFRESH_TOKEN_IDLE = "refresh_token_idle"
    REFRESH_TOKEN_AGED = "refresh_token_aged"
    REFRESH_TOKEN_EVICTED = "refresh_token_evicted"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    REFRESH_TOKEN_SPENT = "refresh_token_spent"
    PASSWORD_CHANGED = "password_changed"
    CONSENT_REQUIRED = "consent_required"
    OWN_API_WITHOUT_SCOPE = "own_api_without_scope"
    REAUTHENTICATION_REQUIRED = "reauthentication_required"
    REAUTHENTICATION_UNPROVEN = "reauthentication_unproven"
    MULTI_FACTOR_REQUIRED = "multi_factor_required"
    MULTI_FACTOR_ENROLMENT = "multi_factor_enrolment"
    SIGN_IN_FREQUENCY = "sign_in_frequency"
    ADMIN_POLICY = "admin_policy"
    ACCOUNT_DELETED = "account_deleted"
    # device grant
    AUTHORIZATION_PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    DEVICE_DENIED = "device_denied"
    UNKNOWN_DEVICE_CODE = "unknown_device_code"
    EXPIRED_DEVICE_CODE = "expired_device_code"
    TOO_MANY_DEVICES = "too_many_devices"
    # any grant
    MISSING_ORIGIN = "missing_origin"
    INVALID_PROOF = "invalid_proof"
    MISSING_NONCE = "missing_nonce"
    GRANT_NOT_ALLOWED = "grant_not_allowed"
    REQUEST_LOOP = "request_loop"
    UNAVAILABLE = "unavailable"
    MISSING_GRANT_TYPE = "missing_grant_type"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_BODY = "unsupported_body"
    RESOURCE_NOT_OF_SCOPES = "resource_not_of_scopes"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    # resource
    NO_ACCESS_TOKEN = "no_access_token"
    UNKNOWN_ACCESS_TOKEN = "unknown_access_token"
    ACCESS_TOKEN_EXPIRED = "access_token_expired"
    ACCESS_TOKEN_REVOKED = "access_token_revoked"
    CLAIMS_CHALLENGE = "claims_challenge"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    INSUFFICIENT_AUTHENTICATION = "insufficient_authentication"
    MISSING_PERMISSION = "missing_permission"
    UNKNOWN_RESOURCE = "unknown_resource"
    # revocation
    UNKNOWN_TOKEN = "unknown_token"
    TOKEN_OF_OTHER_CLIENT = "token_of_other_client"
    # registration
    INVALID_CLIENT_METADATA = "invalid_client_metadata"
    INVALID_REDIRECT_URI = "invalid_redirect_uri"


KINDS_OF: Mapping[Cause, Cause] = {
    Cause.MISSING_GRANT_TYPE: Cause.MISSING_PARAMETER,
    Cause.MISSING_REFRESH_TOKEN: Cause.MISSING_PARAMETER,
    Cause.REFRESH_TOKEN_SPENT: Cause.REFRESH_TOKEN_REUSED,
    Cause.TOKEN_OF_OTHER_CLIENT: Cause.REFRESH_TOKEN_OF_OTHER_CLIENT,
}
"""Causes that most vendors answer like a wider one, whose answer they have unless the profile gives them their own."""


@dataclass(frozen=True, kw_only=True)
class ErrorReply:
    """One refusal: status, OAuth error and description (a format string), further members and headers.

    `status_by_post` is the status of a request without an Authorization header, which no challenge goes with.
    `page` shows it to a person: an HTML page instead of JSON. `text` is the whole body where that is plain text. Where
    it is redirected to the client, the parameters of `callback` go with it, and an empty description is left out.
    """

    status: Status
    error: str | None
    description: str | None = None
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    status_by_post: Status | None = None
    page: bool = False
    text: str | None = None
    callback: Mapping[str, str] = field(default_factory=dict)


_RESOURCE_CHALLENGE = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
_BASIC_CHALLENGE = (("WWW-Authenticate", "Basic"),)


def _grant(description: str) -> ErrorReply:
    return ErrorReply(status=400, error="invalid_grant", description=description)


_MISSING_PARAMETER = ErrorReply(status=400, error="invalid_request", description="Missing parameter: {parameter}")

# RFC 6749 s4.1.2.1 and s5.2, RFC 6750 s3.1, RFC 7009 s2.2, RFC 8628 s3.5, RFC 8707 s2, RFC 9449 s5 and s8, RFC 9470 s3.
STANDARD_ERRORS: Mapping[Cause, ErrorReply] = {
    Cause.UNKNOWN_CLIENT: ErrorReply(
        status=401, error="invalid_client", description="Unknown client.", headers=_BASIC_CHALLENGE
    ),
    Cause.APPLICATION_KIND: ErrorReply(
        status=400, error="unauthorized_client", description="Expected {expected}, found {found}."
    ),
    Cause.APPLICATION_NOT_SHARED: ErrorReply(
        status=403, error="unauthorized_client", description="Only its owner may use this application."
    ),
    Cause.REDIRECT_URI_MISMATCH: _grant("redirect_uri does not match."),
    Cause.MISSING_PARAMETER: _MISSING_PARAMETER,
    Cause.UNSUPPORTED_RESPONSE_TYPE: ErrorReply(status=400, error="unsupported_response_type"),
    Cause.MISSING_GRANT_TYPE: _MISSING_PARAMETER,
    Cause.MISSING_REFRESH_TOKEN: _MISSING_PARAMETER,
    Cause.INVALID_SCOPE: ErrorReply(status=400, error="invalid_scope", description="Scope not allowed: {scope}"),
    Cause.INVALID_TARGET: ErrorReply(
        status=400, error="invalid_target", description="Expected resource {expected}, found {found}."
    ),
    Cause.ACCESS_DENIED: ErrorReply(
        status=400, error="access_denied", description="The resource owner denied the request."
    ),
    Cause.INVALID_REQUEST: ErrorReply(status=400, error="invalid_request", description="{detail}"),
    Cause.INTERACTION_REQUIRED: ErrorReply(status=400, error="interaction_required"),
    Cause.EMBEDDED_BROWSER: ErrorReply(
        status=403, error="access_denied", description="This browser is part of an application."
    ),
    Cause.LOGIN_REQUIRED: ErrorReply(status=400, error="login_required"),
    Cause.SINGLE_TENANT: ErrorReply(
        status=400, error="unauthorized_client", description="The application serves {expected} only."
    ),
    Cause.UNKNOWN_TENANT: ErrorReply(status=404, error="not_found", description="No tenant {tenant}."),
    Cause.UNKNOWN_INSTANCE: ErrorReply(status=400, error="invalid_instance", description="No authority {found}."),
    Cause.MISSING_CLIENT: ErrorReply(
        status=401, error="invalid_client", description="No client authentication.", headers=_BASIC_CHALLENGE
    ),
    Cause.MISSING_SECRET: ErrorReply(
        status=401, error="invalid_client", description="No client secret.", headers=_BASIC_CHALLENGE
    ),
    Cause.WRONG_SECRET: ErrorReply(
        status=401, error="invalid_client", description="Wrong client secret.", headers=_BASIC_CHALLENGE
    ),
    Cause.TWO_AUTHENTICATIONS: ErrorReply(
        status=400, error="invalid_request", description="More than one client authentication."
    ),
    Cause.UNEXPECTED_SECRET: ErrorReply(
        status=401, error="invalid_client", description="A public client has no secret.", headers=_BASIC_CHALLENGE
    ),
    Cause.INVALID_ASSERTION: ErrorReply(status=401, error="invalid_client", description="{detail}"),
    Cause.SECRET_EXPIRED: ErrorReply(
        status=401, error="invalid_client", description="The client secret has expired.", headers=_BASIC_CHALLENGE
    ),
    Cause.CLIENT_DELETED: ErrorReply(status=401, error="invalid_client", description="The client was deleted."),
    Cause.UNKNOWN_CODE: _grant("Unknown authorization code."),
    Cause.USED_CODE: _grant("Authorization code was already used."),
    Cause.EXPIRED_CODE: _grant("Authorization code has expired."),
    Cause.CODE_OF_OTHER_CLIENT: _grant("Authorization code of another client."),
    Cause.CODE_OF_OTHER_TENANT: _grant("Authorization code of another tenant."),
    Cause.MISSING_VERIFIER: _grant("Missing code_verifier."),
    Cause.WRONG_VERIFIER: _grant("code_verifier does not match."),
    Cause.UNEXPECTED_VERIFIER: _grant("code_verifier without a challenge."),
    Cause.UNKNOWN_REFRESH_TOKEN: _grant("Unknown refresh token."),
    Cause.REFRESH_TOKEN_OF_OTHER_CLIENT: _grant("Refresh token of another client."),
    Cause.REFRESH_TOKEN_OF_OTHER_TENANT: _grant("Refresh token of another tenant."),
    Cause.REFRESH_TOKEN_REVOKED: _grant("Refresh token was revoked."),
    Cause.REFRESH_TOKEN_IDLE: _grant("Refresh token has expired."),
    Cause.REFRESH_TOKEN_AGED: _grant("Refresh token has expired."),
    Cause.REFRESH_TOKEN_EVICTED: _grant("Refresh token was revoked."),
    Cause.REFRESH_TOKEN_REUSED: _grant("Refresh token was already used."),
    Cause.REFRESH_TOKEN_SPENT: _grant("Refresh token was already used."),
    Cause.PASSWORD_CHANGED: _grant("The grant is no longer valid."),
    Cause.CONSENT_REQUIRED: _grant("Scope was not granted: {scope}"),
    Cause.OWN_API_WITHOUT_SCOPE: ErrorReply(
        status=400, error="invalid_request", description="Expected a scope of {expected}, found {found}."
    ),
    Cause.RESOURCE_NOT_OF_SCOPES: ErrorReply(
        status=400, error="invalid_target", description="Expected resource {expected}, found {found}."
    ),
    Cause.REAUTHENTICATION_REQUIRED: _grant("The user must sign in again."),
    Cause.REAUTHENTICATION_UNPROVEN: _grant("The user must sign in again."),
    Cause.MULTI_FACTOR_REQUIRED: _grant("The user must use a second factor."),
    Cause.MULTI_FACTOR_ENROLMENT: _grant("The user must register a second factor."),
    Cause.SIGN_IN_FREQUENCY: _grant("The user must sign in again."),
    Cause.ADMIN_POLICY: _grant("An administrator does not allow this client."),
    Cause.ACCOUNT_DELETED: _grant("The account no longer exists."),
    Cause.AUTHORIZATION_PENDING: ErrorReply(status=400, error="authorization_pending"),
    Cause.SLOW_DOWN: ErrorReply(status=400, error="slow_down"),
    Cause.DEVICE_DENIED: ErrorReply(status=400, error="access_denied"),
    Cause.UNKNOWN_DEVICE_CODE: _grant("Unknown device code."),
    Cause.EXPIRED_DEVICE_CODE: ErrorReply(status=400, error="expired_token"),
    Cause.TOO_MANY_DEVICES: ErrorReply(status=429, error="temporarily_unavailable"),
    Cause.MISSING_ORIGIN: ErrorReply(status=400, error="invalid_request", description="No Origin header."),
    Cause.INVALID_PROOF: ErrorReply(status=400, error="invalid_dpop_proof", description="{detail}"),
    Cause.MISSING_NONCE: ErrorReply(status=400, error="use_dpop_nonce", headers=(("DPoP-Nonce", "{nonce}"),)),
    Cause.GRANT_NOT_ALLOWED: ErrorReply(
        status=400, error="unauthorized_client", description="The client may not use the grant {grant_type}."
    ),
    Cause.REQUEST_LOOP: ErrorReply(status=400, error="invalid_request", description="The client asks in a loop."),
    Cause.UNAVAILABLE: ErrorReply(status=503, error="temporarily_unavailable"),
    Cause.UNSUPPORTED_GRANT_TYPE: ErrorReply(status=400, error="unsupported_grant_type"),
    Cause.UNSUPPORTED_BODY: ErrorReply(
        status=400, error="invalid_request", description="Expected {expected}, found {found}."
    ),
    Cause.METHOD_NOT_ALLOWED: ErrorReply(
        status=405, error="invalid_request", description="Expected {expected}, found {found}."
    ),
    Cause.NO_ACCESS_TOKEN: ErrorReply(status=401, error=None, headers=(("WWW-Authenticate", "Bearer"),)),
    Cause.UNKNOWN_ACCESS_TOKEN: ErrorReply(status=401, error="invalid_token", headers=_RESOURCE_CHALLENGE),
    Cause.ACCESS_TOKEN_EXPIRED: ErrorReply(status=401, error="invalid_token", headers=_RESOURCE_CHALLENGE),
    Cause.ACCESS_TOKEN_REVOKED: ErrorReply(status=401, error="invalid_token", headers=_RESOURCE_CHALLENGE),
    Cause.CLAIMS_CHALLENGE: ErrorReply(
        status=401,
        error=None,
        headers=(("WWW-Authenticate", 'Bearer error="insufficient_claims", claims="{claims}"'),),
    ),
    Cause.INSUFFICIENT_AUTHENTICATION: ErrorReply(
        status=401,
        error="insufficient_user_authentication",
        headers=(("WWW-Authenticate", 'Bearer error="insufficient_user_authentication"{wanted}'),),
    ),
    Cause.INSUFFICIENT_SCOPE: ErrorReply(
        status=403,
        error="insufficient_scope",
        headers=(("WWW-Authenticate", 'Bearer error="insufficient_scope", scope="{scope}"'),),
    ),
    Cause.MISSING_PERMISSION: ErrorReply(status=403, error="forbidden", description="The user lacks {permission}."),
    Cause.UNKNOWN_RESOURCE: ErrorReply(status=404, error="not_found", description="Nothing at {path}."),
    Cause.UNKNOWN_TOKEN: ErrorReply(status=200, error=None),
    Cause.TOKEN_OF_OTHER_CLIENT: _grant("Refresh token of another client."),
    Cause.INVALID_CLIENT_METADATA: ErrorReply(status=400, error="invalid_client_metadata", description="{detail}"),
    Cause.INVALID_REDIRECT_URI: ErrorReply(status=400, error="invalid_redirect_uri", description="{detail}"),
}
