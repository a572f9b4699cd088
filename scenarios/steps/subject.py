"""The client under test as the harness sees it: what it is given, what it can be asked to do, what it says happened.

The harness trusts the wire and the ledger; what a subject says only corroborates. A subject never learns a
scenario's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from refreshproof.mock_servers.profile.profile import BodyFormat, ClientAuthentication
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.scenarios.clocks.clock import Clock

OutcomeKind: TypeAlias = Literal[
    "ok", "reauthorization_required", "transient_error", "permanent_error", "unsupported", "crash"
]
Capability: TypeAlias = Literal[
    "refresh", "restart", "parallel", "disconnect", "clock", "visible_output", "minimum_lifetime", "flow_limits",
    "gives_up_after_a_week", "tolerates_a_minute", "provider_types", "shared_store", "two_servers", "margin", "pages",
    "two_pairs",
    "device", "private_key_jwt", "repeats_login", "dpop", "steps_up",
    "discovers", "logs_in_anew",
]  # fmt: skip
MINIMUM_LIFETIME = 30 * 86_400
"""Seconds that an access token has to live that a client with the capability minimum_lifetime takes without a refresh
token."""

CAPABILITIES: Mapping[str, str] = {
    "refresh": "`refresh` forces a refresh",
    "restart": "`restart` ends its process and begins a new one on the same store",
    "parallel": "several callers can use it at once",
    "disconnect": "`disconnect` logs out",
    "clock": "it reads time from the clock that it is given",
    "visible_output": "what it logs or prints, it does in this process, where the harness can read it",
    "minimum_lifetime": "it takes no access token of less than 30 days that comes without a refresh token",
    "flow_limits": "it takes a callback until two minutes after the user left for the vendor, and no later",
    "gives_up_after_a_week": "it gives a grant up after seven days of nothing but failures",
    "tolerates_a_minute": (
        "no access token of its own expires on its way while its clock is moved, and a request delayed, by up to a "
        "minute each"
    ),
    "provider_types": "it knows the types of provider of the seeds, each with its own default parameters",
    "shared_store": "`twin` begins another process that works on the same store",
    "two_servers": "it works with the second registration too, see `TwoServerSubject`; `call` is about the first",
    "margin": "a caller can ask for a token that is good for so many seconds more, see `MarginSubject`",
    "pages": "one operation of a caller can read several pages of the resource, see `PagingSubject`",
    "two_pairs": "it keeps the second pair of tokens in the member `authed_user` of an answer too, and refreshes each",
    "private_key_jwt": "it signs who it is with the registration's `private_key` where that is the vendor's way",
    "dpop": "it proves with every token request that it holds a key (RFC 9449), to which its tokens are bound",
    "repeats_login": (
        "it sends with a refresh what the registration has in `repeated_on_refresh`: the resource of the login, the "
        "scopes that were granted"
    ),
    "steps_up": "after a 403 that names scopes as missing (RFC 6750 s3.1) its next login asks for these",
    "logs_in_anew": (
        "after a 401 with insufficient_user_authentication its next login asks for what that names (RFC 9470 s4)"
    ),
    "discovers": (
        "given nothing but the resource's address it finds out where to log in (RFC 9728, RFC 8414) and registers "
        "itself there (RFC 7591), see `DiscoveringSubject`"
    ),
    "device": "it can log in with a code that the user enters elsewhere, see `DeviceSubject`",
}
"""What a client can claim beyond authorize, callback and call, and what it promises by that."""
LockFactory: TypeAlias = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an operation ended for the caller.

    `status` is an HTTP status, `error` an OAuth error code; `detail` is the subject's own text. After a callback
    `refreshable` says whether the subject believes that it can refresh.
    """

    kind: OutcomeKind
    status: int | None = None
    error: str | None = None
    detail: str | None = None
    refreshable: bool | None = None


OK = Outcome(kind="ok", status=200)
UNSUPPORTED = Outcome(kind="unsupported")
"""What a subject answers when it is asked for something that it does not claim."""


@dataclass(frozen=True, kw_only=True)
class StatusMove:
    """A move of a client's own table of statuses: from `status` by `event` to `after`.

    `beyond` says why no scenario can bring it about; it is empty where one can.
    """

    status: str
    event: str
    after: str
    beyond: str = ""


@dataclass(frozen=True, kw_only=True)
class Description:
    """Who the subject is and what it can do beyond authorize, callback and call; `CAPABILITIES` says what each claim
    means.

    `redirect_uri` is the one the subject insists on, None if it takes the registration's. `unsuited` says why it cannot
    work with its registration, None if it can. `logged_in` says that its logins are done for it. `table` is its own
    table of statuses; a subject that has one to tell is a `TellingSubject`.
    """

    name: str
    version: str
    capabilities: frozenset[Capability] = frozenset()
    redirect_uri: str | None = None
    unsuited: str | None = None
    logged_in: bool = False
    table: tuple[StatusMove, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What a developer types into a client: the vendor's addresses, the application's credentials and its options.

    `refresh_endpoint` is where refreshes go, if not to the token endpoint.
    `token_parameters` go with every token request, the redirect URI with a refresh too where `redirect_uri_on_refresh`.
    `bearer_token_types` are other names that the vendor has for bearer tokens, `refusals` the error codes by which its
    API refuses an access token in an answer with status 200, `hidden_expiry` the statuses by which it does beside 401.
    `device_scopes` are for logins on another device. A refresh has to repeat what is `repeated_on_refresh` of the
    login: its resource, or the scopes that were granted. `private_key` (PEM, with the certificate) stands in the place
    of the secret where the client signs assertions, which are for `assertion_audience`. `resource_metadata` is where
    the resource tells of itself (RFC 9728), None where it does not.
    """

    provider_type: Literal["GENERIC", "GOOGLE", "MICROSOFT"]
    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    refresh_endpoint: str | None = None
    revocation_endpoint: str | None = None
    authorization_parameters: Mapping[str, str] = field(default_factory=dict)
    body_format: BodyFormat = "form"
    client_authentication: ClientAuthentication = "client_secret_post"
    pkce: bool = True
    iss_expected: bool = False
    scope_separator: str = " "
    token_parameters: Mapping[str, str] = field(default_factory=dict)
    redirect_uri_on_refresh: bool = False
    bearer_token_types: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    device_authorization_endpoint: str | None = None
    device_scopes: tuple[str, ...] = ()
    hidden_expiry: tuple[int, ...] = ()
    repeated_on_refresh: tuple[str, ...] = ()
    private_key: str | None = field(default=None, repr=False)
    assertion_audience: str | None = None
    resource_metadata: str | None = None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Everything a subject may touch: its registration, one resource, a carrier for requests, a clock, locks and a
    seed. `second` is its registration with another server, for a client that can have two.

    A client that calls `touch_store` before each read and write of its store can be crashed there, and is explored in
    every order in which its callers touch the store.
    """

    registration: Registration
    resource: str
    carrier: Carrier
    clock: Clock
    make_lock: LockFactory
    seed: int
    second: Registration | None = None
    touch_store: Callable[[], None] = lambda: None


class Subject(Protocol):
    """A client under test. `restart` forgets everything that is not durable; `close` ends it."""

    def describe(self) -> Description:
        """Return name, version and capabilities."""

    def authorize(self) -> str:
        """Begin a flow; returns the URL the user's browser is sent to."""

    def callback(self, url: str) -> Outcome:
        """Take the redirect that came back to the client."""

    def call(self) -> Outcome:
        """Use the protected resource once, refreshing as the client would."""

    def refresh(self) -> Outcome:
        """Force a refresh."""

    def restart(self) -> None:
        """End the process and begin a new one on the same store."""

    def twin(self, surroundings: Surroundings) -> Subject:
        """Begin another process on the same store, beside this one, in surroundings of its own."""

    def disconnect(self) -> Outcome:
        """Log out: revoke where possible and forget the grant."""

    def close(self) -> None:
        """Release everything."""


@runtime_checkable
class TwoServerSubject(Protocol):
    """What a client that claims two_servers can do besides: its callbacks may be of either server."""

    def authorize_at_second(self) -> str:
        """Begin a flow at the second server; returns the URL the user's browser is sent to."""


@runtime_checkable
class DiscoveringSubject(Protocol):
    """What a client that claims discovers can do besides: from the callback on, `call` uses what this login brought."""

    def authorize_by_discovery(self) -> str | Outcome:
        """Begin a flow at the server that the resource names; returns the URL the user's browser is sent to, or how it
        ended where it finds none."""


@runtime_checkable
class MarginSubject(Protocol):
    """What a client that claims margin can do besides."""

    def call_with_margin(self, margin: float) -> Outcome:
        """Use the protected resource with an access token that is good for so many seconds more."""


@runtime_checkable
class TellingSubject(Protocol):
    """What a client that describes its table of statuses can do besides: tell which moves it has made."""

    def moves_made(self) -> Counter[tuple[str, str]]:
        """Return how often each (status, event) has happened in this process so far."""


@runtime_checkable
class PagingSubject(Protocol):
    """What a client that claims pages can do besides."""

    def call_pages(self, pages: int, pause: Callable[[], None]) -> Outcome:
        """Read so many pages of the protected resource in one operation, with a pause between two of them."""


@runtime_checkable
class DeviceSubject(Protocol):
    """What a client that claims device can do besides."""

    def log_in_by_device(self, show: Callable[[str, str], None]) -> Outcome:
        """Show the user an address and a code, and poll until there is an answer."""


SubjectFactory: TypeAlias = Callable[[Surroundings], Subject]
