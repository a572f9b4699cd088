"""Everything that makes a vendor that vendor, as one frozen value; data only, no function and no running state.

Every field a vendor sets carries a source: `Profile.sources` maps dotted field names to where and when the value was
seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from refreshproof.mock_servers.refresh_policy import RefreshPolicy

Evidence: TypeAlias = Literal["documented", "observed", "unverified"]
ClientAuthentication: TypeAlias = Literal["client_secret_post", "client_secret_basic", "none"]
BodyFormat: TypeAlias = Literal["form", "json"]
Member: TypeAlias = Literal[
    "access_token", "token_type", "expires_in", "ext_expires_in", "refresh_token", "refresh_token_expires_in",
    "scope", "scopes", "id_token", "client_info",
]  # fmt: skip


class Cause(StrEnum):
    """Why a provider refuses a request; each profile says what it answers."""

    # authorization endpoint
    UNKNOWN_CLIENT = "unknown_client"
    REDIRECT_URI_MISMATCH = "redirect_uri_mismatch"
    MISSING_PARAMETER = "missing_parameter"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    INVALID_SCOPE = "invalid_scope"
    ACCESS_DENIED = "access_denied"
    INVALID_REQUEST = "invalid_request"
    # client authentication
    MISSING_CLIENT = "missing_client"
    MISSING_SECRET = "missing_secret"
    WRONG_SECRET = "wrong_secret"
    TWO_AUTHENTICATIONS = "two_authentications"
    # code grant
    UNKNOWN_CODE = "unknown_code"
    USED_CODE = "used_code"
    EXPIRED_CODE = "expired_code"
    CODE_OF_OTHER_CLIENT = "code_of_other_client"
    MISSING_VERIFIER = "missing_verifier"
    WRONG_VERIFIER = "wrong_verifier"
    UNEXPECTED_VERIFIER = "unexpected_verifier"
    # refresh grant
    UNKNOWN_REFRESH_TOKEN = "unknown_refresh_token"
    REFRESH_TOKEN_OF_OTHER_CLIENT = "refresh_token_of_other_client"
    REFRESH_TOKEN_REVOKED = "refresh_token_revoked"
    REFRESH_TOKEN_IDLE = "refresh_token_idle"
    REFRESH_TOKEN_AGED = "refresh_token_aged"
    REFRESH_TOKEN_EVICTED = "refresh_token_evicted"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    PASSWORD_CHANGED = "password_changed"
    # any grant
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_BODY = "unsupported_body"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    # resource
    NO_ACCESS_TOKEN = "no_access_token"
    UNKNOWN_ACCESS_TOKEN = "unknown_access_token"
    ACCESS_TOKEN_EXPIRED = "access_token_expired"
    ACCESS_TOKEN_REVOKED = "access_token_revoked"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    UNKNOWN_RESOURCE = "unknown_resource"
    # revocation
    UNKNOWN_TOKEN = "unknown_token"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a fact comes from: a page key or address, the day it was seen, and how far it can be trusted."""

    where: str
    seen: str
    evidence: Evidence = "documented"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One address of a vendor: `view` names the function that answers (see `views.VIEWS`).

    `url` is absolute, with the vendor's real host; a path segment in braces matches anything. `options` are the
    view's own.
    """

    view: str
    url: str
    methods: tuple[str, ...] = ("GET",)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AuthorizationRules:
    """What the authorization endpoint asks for and shows.

    `required` maps a parameter to the only value it may have, or "" for any value. `consent` says when the screen is
    shown:
    always, when no grant covers the scopes or prompt asks for it, or only then when prompt asks.
    `on_error` is what a wrong client or redirect URI meets; other errors are redirected unless `errors_as_page`
    names them.
    `site_selection` makes the user pick one site, which joins the grant.
    """

    required: Mapping[str, str] = field(default_factory=lambda: {"client_id": "", "response_type": "code"})
    default_prompt: str = ""
    consent: Literal["always", "uncovered_or_prompted", "prompted"] = "uncovered_or_prompted"
    prompt_values: tuple[str, ...] = ("none", "login", "consent", "select_account")
    errors_as_page: tuple[Cause, ...] = (Cause.UNKNOWN_CLIENT, Cause.REDIRECT_URI_MISMATCH)
    error_page: str = ""
    sends_iss: bool = False
    extra_callback_parameters: tuple[str, ...] = ()
    scope_separator: str = " "
    scope_aliases: Mapping[str, str] = field(default_factory=dict)
    pkce: Literal["enforced", "ignored", "refused", "required"] = "enforced"
    site_selection: bool = False
    new_grant_replaces_scopes: bool = False
    loopback_port_free: bool = True
    project_wide_consent: bool = False


@dataclass(frozen=True, kw_only=True)
class IssuanceRules:
    """When a code exchange brings a refresh token: every gate that is set must be open.

    `parameter` is a pair such as (access_type, offline); `scope` such as offline_access; `consent_shown` that the
    user saw the
    consent screen in this flow; `application_switch` that the application's refresh-token switch is on.
    """

    ever: bool = True
    parameter: tuple[str, str] | None = None
    scope: str | None = None
    consent_shown: bool = False
    application_switch: bool = False


@dataclass(frozen=True, kw_only=True)
class TokenShape:
    """How a token looks: a prefix and a length in characters, or a JWT-shaped string."""

    prefix: str = ""
    length: int = 43
    jwt_shaped: bool = False


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """Lifetimes in seconds; an access token lives a seeded number of seconds between the two bounds."""

    access_token: int = 3600
    access_token_longest: int | None = None
    code: int = 600


@dataclass(frozen=True, kw_only=True)
class LifetimeRule:
    """A shorter life for refresh tokens under a condition: application status, application type or account.

    `absolute` and `inactivity` are seconds; `exempt_scopes` lift the rule when the grant holds nothing else;
    `refusal` is the cause that the refusal is reported under.
    """

    when: Mapping[str, str]
    absolute: int | None = None
    inactivity: int | None = None
    exempt_scopes: tuple[str, ...] = ()
    announced: bool = False


@dataclass(frozen=True, kw_only=True)
class TokenRequestRules:
    """What the token endpoint accepts."""

    authentication: tuple[ClientAuthentication, ...] = ("client_secret_post", "client_secret_basic")
    both_at_once: Literal["refused", "tolerated"] = "refused"
    basic_encoding: Literal["form_encoded", "raw", "either"] = "either"
    bodies: tuple[BodyFormat, ...] = ("form",)
    redirect_uri_on_refresh: bool = False


@dataclass(frozen=True, kw_only=True)
class ResponseShape:
    """The members of a success body, in order, and their values' forms.

    `expires_in` is a number, a string or left out; `scope` is echoed always, never, or when it differs from the
    request.
    """

    members: tuple[Member, ...] = ("access_token", "token_type", "expires_in", "refresh_token", "scope")
    token_type: str | None = "Bearer"
    expires_in: Literal["number", "string", "omitted"] = "number"
    scope: Literal["always", "if_changed", "never"] = "always"
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


@dataclass(frozen=True, kw_only=True)
class ErrorReply:
    """One refusal: status, OAuth error and description (a format string), further members and headers."""

    status: int
    error: str | None
    description: str | None = None
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class AccountRules:
    """What an event on the user's account does to grants.

    A password change leaves tokens alone, revokes them, or suspends them until the old password is back.
    `password_scopes` limits that to grants that hold one of the scopes.
    """

    password_change: Literal["nothing", "revoke", "suspend"] = "nothing"
    password_scopes: tuple[str, ...] = ()
    revoking_access_token_revokes_grant: bool = False
    revocation_spans_project: bool = False


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One vendor. `client_type` is the provider type a client would be configured with; `body_format` what its docs
    show."""

    name: str
    title: str
    issuer: str
    endpoints: tuple[Endpoint, ...]
    scopes: tuple[str, ...]
    authorization: AuthorizationRules = field(default_factory=AuthorizationRules)
    issuance: IssuanceRules = field(default_factory=IssuanceRules)
    access_token: TokenShape = field(default_factory=TokenShape)
    refresh_token: TokenShape = field(default_factory=TokenShape)
    code: TokenShape = field(default_factory=TokenShape)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    lifetime_rules: tuple[LifetimeRule, ...] = ()
    token_request: TokenRequestRules = field(default_factory=TokenRequestRules)
    refresh: RefreshPolicy = field(default_factory=RefreshPolicy)
    response: ResponseShape = field(default_factory=ResponseShape)
    error_envelope: Literal["rfc6749", "aadsts"] = "rfc6749"
    errors: Mapping[Cause, ErrorReply] = field(default_factory=dict)
    accounts: AccountRules = field(default_factory=AccountRules)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    client_type: Literal["GENERIC", "GOOGLE", "MICROSOFT"] = "GENERIC"
    client_parameters: Mapping[str, str] = field(default_factory=dict)
    body_format: BodyFormat = "form"
    sources: Mapping[str, Source] = field(default_factory=dict)

    def url(self, view: str) -> str | None:
        """Return the first address of a view, or None if the vendor has none."""
        return next((endpoint.url for endpoint in self.endpoints if endpoint.view == view), None)

    def reply(self, cause: Cause) -> ErrorReply:
        """Return the vendor's answer to a cause, else the one of the specification."""
        return self.errors.get(cause) or STANDARD_ERRORS[cause]


_RESOURCE_CHALLENGE = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
_BASIC_CHALLENGE = (("WWW-Authenticate", "Basic"),)

# RFC 6749 s4.1.2.1 and s5.2, RFC 6750 s3.1, RFC 7009 s2.2.
STANDARD_ERRORS: Mapping[Cause, ErrorReply] = {
    Cause.UNKNOWN_CLIENT: ErrorReply(
        status=401, error="invalid_client", description="Unknown client.", headers=_BASIC_CHALLENGE
    ),
    Cause.REDIRECT_URI_MISMATCH: ErrorReply(
        status=400, error="invalid_grant", description="redirect_uri does not match."
    ),
    Cause.MISSING_PARAMETER: ErrorReply(
        status=400, error="invalid_request", description="Missing parameter: {parameter}"
    ),
    Cause.UNSUPPORTED_RESPONSE_TYPE: ErrorReply(status=400, error="unsupported_response_type"),
    Cause.INVALID_SCOPE: ErrorReply(status=400, error="invalid_scope", description="Scope not allowed: {scope}"),
    Cause.ACCESS_DENIED: ErrorReply(
        status=400, error="access_denied", description="The resource owner denied the request."
    ),
    Cause.INVALID_REQUEST: ErrorReply(status=400, error="invalid_request", description="{detail}"),
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
    Cause.UNKNOWN_CODE: ErrorReply(status=400, error="invalid_grant", description="Unknown authorization code."),
    Cause.USED_CODE: ErrorReply(status=400, error="invalid_grant", description="Authorization code was already used."),
    Cause.EXPIRED_CODE: ErrorReply(status=400, error="invalid_grant", description="Authorization code has expired."),
    Cause.CODE_OF_OTHER_CLIENT: ErrorReply(
        status=400, error="invalid_grant", description="Authorization code of another client."
    ),
    Cause.MISSING_VERIFIER: ErrorReply(status=400, error="invalid_grant", description="Missing code_verifier."),
    Cause.WRONG_VERIFIER: ErrorReply(status=400, error="invalid_grant", description="code_verifier does not match."),
    Cause.UNEXPECTED_VERIFIER: ErrorReply(
        status=400, error="invalid_grant", description="code_verifier without a challenge."
    ),
    Cause.UNKNOWN_REFRESH_TOKEN: ErrorReply(status=400, error="invalid_grant", description="Unknown refresh token."),
    Cause.REFRESH_TOKEN_OF_OTHER_CLIENT: ErrorReply(
        status=400, error="invalid_grant", description="Refresh token of another client."
    ),
    Cause.REFRESH_TOKEN_REVOKED: ErrorReply(
        status=400, error="invalid_grant", description="Refresh token was revoked."
    ),
    Cause.REFRESH_TOKEN_IDLE: ErrorReply(status=400, error="invalid_grant", description="Refresh token has expired."),
    Cause.REFRESH_TOKEN_AGED: ErrorReply(status=400, error="invalid_grant", description="Refresh token has expired."),
    Cause.REFRESH_TOKEN_EVICTED: ErrorReply(
        status=400, error="invalid_grant", description="Refresh token was revoked."
    ),
    Cause.REFRESH_TOKEN_REUSED: ErrorReply(
        status=400, error="invalid_grant", description="Refresh token was already used."
    ),
    Cause.PASSWORD_CHANGED: ErrorReply(status=400, error="invalid_grant", description="The grant is no longer valid."),
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
    Cause.INSUFFICIENT_SCOPE: ErrorReply(
        status=403,
        error="insufficient_scope",
        headers=(("WWW-Authenticate", 'Bearer error="insufficient_scope", scope="{scope}"'),),
    ),
    Cause.UNKNOWN_RESOURCE: ErrorReply(status=404, error="not_found", description="Nothing at {path}."),
    Cause.UNKNOWN_TOKEN: ErrorReply(status=200, error=None),
}
