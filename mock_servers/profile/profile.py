"""Everything that makes a vendor that vendor, as one frozen value; data only, no function and no running state.

Every field a vendor sets carries a source: `Profile.sources` maps dotted field names to where and when the value was
seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from refreshproof.mock_servers.profile.announcement import Announcement
from refreshproof.mock_servers.profile.authorization_rules import AuthorizationRules as AuthorizationRules
from refreshproof.mock_servers.profile.authorization_rules import Pkce as Pkce
from refreshproof.mock_servers.profile.authorization_rules import ResponseMode as ResponseMode
from refreshproof.mock_servers.profile.causes import KINDS_OF, STANDARD_ERRORS
from refreshproof.mock_servers.profile.causes import Cause as Cause
from refreshproof.mock_servers.profile.causes import ErrorReply as ErrorReply
from refreshproof.mock_servers.profile.flow_rules import ClientTokens as ClientTokens
from refreshproof.mock_servers.profile.flow_rules import ContinuousAccess as ContinuousAccess
from refreshproof.mock_servers.profile.flow_rules import DeviceRules as DeviceRules
from refreshproof.mock_servers.profile.flow_rules import Member as Member
from refreshproof.mock_servers.profile.flow_rules import ProofRules as ProofRules
from refreshproof.mock_servers.profile.flow_rules import ResourceIndicators as ResourceIndicators
from refreshproof.mock_servers.profile.flow_rules import RevocationRules as RevocationRules
from refreshproof.mock_servers.profile.identity import IdTokenRules
from refreshproof.mock_servers.profile.refresh_policy import RefreshPolicy
from refreshproof.mock_servers.profile.sites import Site
from refreshproof.mock_servers.profile.sources import Evidence as Evidence
from refreshproof.mock_servers.profile.sources import Source as Source
from refreshproof.mock_servers.profile.units import Characters, Count, Seconds

ClientAuthentication: TypeAlias = Literal[
    "client_secret_post", "client_secret_basic", "private_key_jwt", "none", "secret_as_username", "secret_as_bearer",
    "secret_digest", "signed_secret", "connect_jwt",
]  # fmt: skip
BodyFormat: TypeAlias = Literal["form", "json"]
BearerMethod: TypeAlias = Literal["header", "query"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One address of a vendor: `view` names the function that answers (see `views.VIEWS`).

    `url` is absolute, with the vendor's real host; a path segment in braces matches anything. `options` are the
    view's own, `overrides` the profile's fields that have another value here. `issuer_path` comes behind the profile's
    issuer, where one host holds several.
    """

    view: str
    url: str
    methods: tuple[str, ...] = ("GET",)
    options: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    issuer_path: str = ""


@dataclass(frozen=True, kw_only=True)
class SecondPair:
    """A second access token and its refresh token, in one member of the answer to a code; the life is in seconds."""

    member: str
    token_type: str
    access_token: Seconds


@dataclass(frozen=True, kw_only=True)
class IssuanceRules:
    """When a code exchange brings a refresh token: every gate that is set must be open.

    `parameter` is a pair such as (access_type, offline); `scope` such as offline_access; `consent_shown` that the
    user saw the consent screen in this flow; `application_switch` that the application's refresh-token switch is on.
    Applications of `ungated_kinds` need no gate. `token_parameter` is a pair that the token request must carry.

    Without the pair `expiring_parameter` in the exchange of the code (any value where it has none) access tokens do not
    expire, unless a refresh carries it; `lifetime_parameter` names the one that says how many seconds they shall live.
    `second` is a pair of tokens beside the first. A code that comes twice is refused, and `used_code` says whether that
    ends the tokens which it has brought.
    """

    ever: bool = True
    used_code: Literal["ends_tokens", "refused"] = "ends_tokens"
    parameter: tuple[str, str] | None = None
    token_parameter: tuple[str, str] | None = None
    expiring_parameter: tuple[str, str] | None = None
    lifetime_parameter: str | None = None
    second: SecondPair | None = None
    scope: str | None = None
    consent_shown: bool = False
    application_switch: bool = False
    ungated_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TokenShape:
    """How a token looks: a prefix and a length in characters, or a JWT-shaped string.

    Each further token is longer than the one before by `growth` characters.
    """

    prefix: str = ""
    length: Characters = 43
    growth: Characters = 0
    jwt_shaped: bool = False


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """Lifetimes in seconds; an access token lives a seeded number of seconds between the two bounds, or
    `refreshed_access_token` if a refresh brought it."""

    access_token: Seconds = 3600
    access_token_longest: Seconds | None = None
    refreshed_access_token: Seconds | None = None
    code: Seconds = 600


@dataclass(frozen=True, kw_only=True)
class LifetimeRule:
    """A shorter life for refresh tokens under conditions, all of which must hold.

    `when` maps `application.status`, `application.kind`, `application.shared` (yes or no) or `account.kind` to the
    value it must have. `absolute` and `inactivity` are seconds; `exempt_scopes` lift the rule when the grant holds
    nothing else; an `announced` life is told as refresh_token_expires_in.
    """

    when: Mapping[str, str]
    absolute: Seconds | None = None
    inactivity: Seconds | None = None
    exempt_scopes: tuple[str, ...] = ()
    announced: bool = False


@dataclass(frozen=True, kw_only=True)
class TokenRequestRules:
    """What the token endpoint accepts.

    `grants` are the grant types. A refresh needs the redirect_uri of the login with `redirect_uri_on_refresh`, and the
    parameters that are `repeated_on_refresh`. `origin_kinds` are kinds of application whose requests need an Origin
    header. `public_secret` is what becomes of a public client that presents a secret. A refresh may ask for scopes
    within `scopes_within`: those of its own flow, or all that the user granted. `grant_authentication` names grants
    that take an authentication of their own; `audiences` is what an assertion may be for: the endpoint at its address,
    or the issuer. `scope_of_client` says whether a client must name the scopes of a token of its own.

    `scope_on_refresh` is what the scope of a refresh does: narrow this answer, or the tokens to come as well, or
    nothing. One that goes beyond what was granted is refused, or cut down to it (`wider_scope`); an empty one is as
    none at all, or refused, or brings tokens without scope (`blank_scope`). `basic_encoding` is how the secret stands
    in Basic: form-encoded (RFC 6749 s2.3.1), raw, either, percent-encoded with "+" for itself, or raw and read up to
    the next colon only. `without_grant_type` is the grant that a request for none gets. Of the grants those that are
    `unauthorized_grants` are refused to every application, whatever was handed out to it.

    `other_resource` is what becomes of a `resource` (RFC 8707) in the exchange of a code or in a refresh that differs
    from that of the authorization request. With `assertion_ids` at once an assertion needs a jti, and each is taken
    once.
    """

    authentication: tuple[ClientAuthentication, ...] = ("client_secret_post", "client_secret_basic")
    both_at_once: Literal["refused", "tolerated"] = "refused"
    basic_encoding: Literal["form_encoded", "raw", "either", "percent_encoded", "raw_to_colon"] = "either"
    bodies: tuple[BodyFormat, ...] = ("form",)
    redirect_uri_on_refresh: bool = False
    repeated_on_refresh: tuple[Literal["resource", "scope"], ...] = ()
    grants: tuple[str, ...] = ("authorization_code", "refresh_token")
    origin_kinds: tuple[str, ...] = ()
    public_secret: Literal["refused", "ignored"] = "ignored"
    scopes_within: Literal["flow", "grant"] = "flow"
    scope_on_refresh: Literal["narrows", "narrows_for_good", "ignored"] = "narrows"
    wider_scope: Literal["refused", "cut"] = "refused"
    blank_scope: Literal["omitted", "refused", "empty"] = "omitted"
    repeated_parameters: Literal["refused", "tolerated"] = "refused"
    without_grant_type: str | None = None
    grant_authentication: Mapping[str, tuple[ClientAuthentication, ...]] = field(default_factory=dict)
    audiences: tuple[Literal["token_endpoint", "issuer"], ...] = ("token_endpoint",)
    scope_of_client: Literal["optional", "required"] = "optional"
    unauthorized_grants: tuple[str, ...] = ()
    other_resource: Literal["ignored", "refused"] = "ignored"
    assertion_ids: Literal["ignored", "once"] = "ignored"


@dataclass(frozen=True, kw_only=True)
class ResponseShape:
    """The members of a success body, in order, and their values' forms.

    `expires_in` is a number, a string (then every other number is one too) or left out; `scope` is echoed always,
    never, or when it differs from the request, without `unlisted_scopes`, in the order of the request or sorted.
    `only_on_code` are members that no refresh brings, `on_request` those that come only where a header of the request,
    by whose name they stand, says "true". `refresh_in` is half the life of an access token that lives for
    `refresh_in_above` seconds or longer. JSON bodies are indented by `indent` blanks. `made_headers` are like
    `headers`, but format strings of {trace_id}, {code} and {client_request_id}: the id of this answer, the vendor's
    number of the error or 0, and what the client sent as client-request-id; one that comes out empty is left out.
    """

    members: tuple[Member, ...] = ("access_token", "token_type", "expires_in", "refresh_token", "scope")
    token_type: str | None = "Bearer"
    expires_in: Literal["number", "string", "omitted"] = "number"
    scope: Literal["always", "if_changed", "never"] = "always"
    scope_order: Literal["request", "sorted"] = "request"
    unlisted_scopes: tuple[str, ...] = ()
    only_on_code: tuple[Member, ...] = ()
    on_request: Mapping[str, Member] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    refresh_in_above: Seconds | None = None
    indent: Count | None = None
    made_headers: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))

    @property
    def tells_lifetime(self) -> bool:
        """Whether answers say how long an access token lives."""
        return self.expires_in != "omitted" and "expires_in" in self.members


@dataclass(frozen=True, kw_only=True)
class AccountRules:
    """What an event on the user's account does to grants.

    A password change leaves tokens alone, revokes them, or suspends them until the old password is back.
    `password_scopes` limits that to grants that hold one of the scopes, `password_public_only` to tokens of clients
    without a secret. Unless `revocation_ends_access_tokens`, those live on until they expire. `session` seconds after
    a user signed in, refreshes are refused for the cause `session_over` until they sign in anew.
    """

    password_change: Literal["nothing", "revoke", "suspend"] = "nothing"
    password_scopes: tuple[str, ...] = ()
    password_public_only: bool = False
    revocation_ends_access_tokens: bool = True
    revoking_access_token_revokes_grant: bool = False
    revocation_spans_project: bool = False
    session: Seconds | None = None
    session_over: Cause = Cause.REAUTHENTICATION_REQUIRED


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One vendor. `issuer_aliases` are what the issuer is called besides, where it is served under another name.

    `provider_type` is the provider type a client would be configured with; `body_format` what its docs show.

    `client_parameters` are what a client adds to authorization requests, `token_parameters` to token requests.
    `tenants` maps what may stand for {tenant} in an address to the tenant's id; `home_tenant` is the users' own. What
    one of the `closed_tenants` issued is good nowhere else, and nothing else is good there.
    `resource_metadata` is what the resource tells of itself (RFC 9728 s2). `client_documents` are metadata documents of
    clients by the https addresses that are their client ids: what the server finds when it looks there.
    `operation_scopes` are those that a resource wants instead of its own: another operation at the same address.
    `deletes_installed` says whether an application can be deleted while a user's grant to it stands.
    `bearer_methods` are where a resource looks for an access token (RFC 6750 s2.1, s2.3).
    `not_measured` are dotted names of fields that a recording of a real server leaves open: their values here are only
    the defaults. `announced` are changes that lie ahead, by date.
    """

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
    error_envelope: Literal["rfc6749", "aadsts", "aadsts_lines"] = "rfc6749"
    errors: Mapping[Cause, ErrorReply] = field(default_factory=dict)
    accounts: AccountRules = field(default_factory=AccountRules)
    revocation: RevocationRules = field(default_factory=RevocationRules)
    id_token: IdTokenRules | None = None
    device: DeviceRules | None = None
    client_tokens: ClientTokens | None = None
    proof: ProofRules | None = None
    continuous_access: ContinuousAccess | None = None
    resource_indicators: ResourceIndicators | None = None
    resource_metadata: Mapping[str, Any] = field(default_factory=dict)
    operation_scopes: tuple[str, ...] = ()
    client_documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tenants: Mapping[str, str] = field(default_factory=dict)
    home_tenant: str = ""
    closed_tenants: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sites: tuple[Site, ...] = ()
    cors_hosts: tuple[str, ...] = ()
    bearer_methods: tuple[BearerMethod, ...] = ("header",)
    provider_type: Literal["GENERIC", "GOOGLE", "MICROSOFT"] = "GENERIC"
    client_parameters: Mapping[str, str] = field(default_factory=dict)
    token_parameters: Mapping[str, str] = field(default_factory=dict)
    body_format: BodyFormat = "form"
    deletes_installed: bool = True
    issuer_aliases: tuple[str, ...] = ()
    not_measured: tuple[str, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    announced: tuple[Announcement, ...] = ()

    def url(self, view: str) -> str | None:
        """Return the first address of a view, or None if the vendor has none."""
        return next((endpoint.url for endpoint in self.endpoints if endpoint.view == view), None)

    @property
    def refresh_url(self) -> str | None:
        """The address that refreshes go to where it is not the one that codes go to."""
        tokens = [one for one in self.endpoints if one.view == "token"]
        apart = (one.url for one in tokens if "authorization_code" not in self.at(one).token_request.grants)
        return next(apart, None)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the vendor answers at."""
        return tuple(dict.fromkeys(urlsplit(endpoint.url).hostname or "" for endpoint in self.endpoints))

    @property
    def public_clients(self) -> bool:
        """Whether a client of this vendor usually has no secret."""
        return self.token_request.authentication[:1] == ("none",)

    @property
    def signs_assertions(self) -> bool:
        """Whether a client of this vendor usually has a key in the place of a secret (RFC 7523 s2.2)."""
        return self.token_request.authentication[:1] == ("private_key_jwt",)

    @property
    def other_bearer_types(self) -> tuple[str, ...]:
        """The vendor's token type where it is a bearer token by another name."""
        named = self.response.token_type
        return () if named is None or named.lower() == "bearer" else (named,)

    @property
    def renews(self) -> bool:
        """Whether refresh tokens are handed out, and an application may use them."""
        rules = self.token_request
        allowed = "refresh_token" in rules.grants and "refresh_token" not in rules.unauthorized_grants
        return self.issuance.ever and allowed

    @property
    def hidden_expiry(self) -> tuple[int, ...]:
        """The status by which the API refuses an expired access token, where that is no 401 but an error."""
        status = self.reply(Cause.ACCESS_TOKEN_EXPIRED).status
        return (status,) if status >= 400 and status != 401 else ()

    def at(self, endpoint: Endpoint) -> Profile:
        """Return the profile as it is at one endpoint."""
        if endpoint.issuer_path:
            return replace(self, **{"issuer": self.issuer.rstrip("/") + endpoint.issuer_path, **endpoint.overrides})
        return replace(self, **endpoint.overrides) if endpoint.overrides else self

    def granting(self, grant_type: str) -> Profile:
        """Return the profile as it is for one grant: what a client gets for itself may look and live otherwise."""
        rules = self.client_tokens
        if rules is None or grant_type != "client_credentials":
            return self
        lifetimes = Lifetimes(access_token=rules.access_token)
        return replace(self, response=replace(self.response, members=rules.members), lifetimes=lifetimes)

    @property
    def seconding(self) -> Profile:
        """The profile as it is for the second pair of tokens."""
        rules = self.issuance.second
        if rules is None:
            return self
        lifetimes = replace(self.lifetimes, access_token=rules.access_token, access_token_longest=None)
        return replace(self, lifetimes=lifetimes, response=replace(self.response, token_type=rules.token_type))

    def reply(self, cause: Cause) -> ErrorReply:
        """Return the vendor's answer to a cause, else the one of the specification."""
        kind = KINDS_OF.get(cause)
        return self.errors.get(cause) or (kind and self.errors.get(kind)) or STANDARD_ERRORS[cause]
