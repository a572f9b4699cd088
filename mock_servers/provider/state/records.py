"""What a provider keeps: applications, accounts, grants, codes, token families and tokens.

Rows are mutable and private to one provider; values never appear in a `repr`, only their aliases do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from refreshproof.mock_servers.profile.causes import Cause
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent, TokenState
from refreshproof.mock_servers.wire import Instant


@dataclass(frozen=True, kw_only=True)
class Application:
    """A registered client. `project` groups clients that share consent; `kind` is web, native or spa.

    One that is not `shared` serves its owner only; one that is not `approved` makes the consent screen warn. One
    that `spans_sites` gets every site of a user with one consent. `certificate` (PEM) stands for the key of its
    assertions. `refusal` is why the vendor no longer serves it. One with `any_loopback` takes, besides its
    `redirect_uris`, every http or https address on the loopback interface: no vendor's rule, but a developer's ease.
    `tenant` is the id of the only tenant it serves, `client_family` the family of client ids it belongs to.
    `app_id`, `name`, `description`, `avatar_url` and `updated_at` are what the developer console shows of it besides.
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_uris: tuple[str, ...]
    project: str = "project"
    kind: str = "web"
    status: str = "production"
    certificate: str | None = field(default=None, repr=False)
    refusal: Cause | None = None
    scopes: frozenset[str] | None = None
    refresh_tokens: bool = True
    owner: str = "alice"
    shared: bool = True
    approved: bool = True
    spans_sites: bool = False
    any_loopback: bool = False
    tenant: str | None = None
    client_family: str | None = None
    app_id: str = ""
    name: str = ""
    description: str = ""
    avatar_url: str = ""
    updated_at: Instant = 0

    @property
    def deleted(self) -> bool:
        """Whether its owner deleted it; it is kept, because vendors tell what was deleted from what never was."""
        return self.refusal in (Cause.CLIENT_DELETED, Cause.UNKNOWN_CLIENT)


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user: name, password, the sites they can pick from, what they may do there, and members of their public
    profile.

    A password is a number: the one in force, those before it, and how many were ever set. `sites` None means all of
    the vendor's. `refusal` is why a policy refuses the user's refreshes.
    """

    name: str
    password_version: int = 0
    earlier_passwords: tuple[int, ...] = ()
    passwords_set: int = 0
    kind: str = "user"
    refusal: Cause | None = None
    sites: tuple[str, ...] | None = None
    permissions: frozenset[str] = frozenset()
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Grant:
    """What one account allowed one project or client; `sites` maps a site to its scopes.

    A `stale` grant no longer stands for consent: the application's scopes have changed since. A revoked one knows
    when and, where it was not the user's wish, why.
    """

    account: str
    holder: str
    scopes: frozenset[str]
    granted_at: Instant
    sites: dict[str, frozenset[str]] = field(default_factory=dict)
    stale: bool = False
    revoked: bool = False
    revoked_at: Instant | None = None
    revoked_by: Cause | None = None


@dataclass(slots=True, kw_only=True)
class Code:
    """An authorization code and everything its exchange must match; `offline` tells whether it brings a refresh
    token."""

    alias: str
    client_id: str
    account: str
    redirect_uri: str
    redirect_uri_given: bool
    requested: tuple[str, ...]
    scopes: frozenset[str]
    grant: Grant
    issued_at: Instant
    offline: bool
    challenge: str | None = None
    challenge_method: str = "plain"
    nonce: str | None = None
    claims: frozenset[str] = frozenset()
    tenant: str | None = None
    resource: str | None = None
    acr: str | None = None
    authenticated_at: Instant = 0
    seconds: int | None = None
    used: bool = False
    families: list[Family] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Device:
    """A device authorization; `code` stands for the tokens once the user has approved, `interval` is in seconds."""

    alias: str
    client_id: str
    user_code: str
    requested: tuple[str, ...]
    issued_at: Instant
    interval: int
    tenant: str | None = None
    polled_at: Instant | None = None
    denied: bool = False
    code: Code | None = None


@dataclass(slots=True, kw_only=True)
class Family:
    """All tokens that descend from one completed flow, or the `second` of them that did; lifetimes in seconds.

    Its user had logged in by `acr` when it began, and proved who they are at `authenticated_at`. A `lasting` one has
    access tokens that do not expire unless a request asks for it.
    """

    number: int
    client_id: str
    account: str
    grant: Grant
    started_at: Instant
    scopes: frozenset[str]
    inactivity_ttl: int | None = None
    absolute_ttl: int | None = None
    announced_ttl: int | None = None
    password_version: int = 0
    newest_generation: int = 0
    nonce: str | None = None
    claims: frozenset[str] = frozenset()
    signed_in_at: Instant = 0
    acr: str | None = None
    authenticated_at: Instant = 0
    tenant: str | None = None
    resource: str | None = None
    key: str | None = None
    second: bool = False
    lasting: bool = False
    refresh_tokens: list[RefreshToken] = field(default_factory=list, repr=False)
    access_tokens: list[AccessToken] = field(default_factory=list, repr=False)

    @property
    def renewable(self) -> bool:
        """Whether a refresh token of the family is live."""
        return any(token.state is TokenState.LIVE for token in self.refresh_tokens)


@dataclass(slots=True, kw_only=True)
class RefreshToken:
    """One refresh token of a family."""

    value: str = field(repr=False)
    alias: str
    family: Family = field(repr=False)
    generation: int
    issued_at: Instant
    last_used_at: Instant
    state: TokenState = TokenState.LIVE
    superseded_at: Instant | None = None
    successor: RefreshToken | None = field(default=None, repr=False)
    companion: AccessToken | None = field(default=None, repr=False)
    reuses: int = 0
    last_event: TokenEvent | None = None
    refused_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class AccessToken:
    """One access token; `dies_at` is where an early death by rotation lies, `expires_at` what the client was told.

    A `lasting` one does not expire.
    """

    value: str = field(repr=False)
    alias: str
    family: Family = field(repr=False)
    scopes: frozenset[str]
    issued_at: Instant
    expires_at: Instant
    dies_at: Instant | None = None
    revoked: bool = False
    continuous: bool = False
    lasting: bool = False
    predecessor: AccessToken | None = field(default=None, repr=False)
    retires: RefreshToken | None = field(default=None, repr=False)
