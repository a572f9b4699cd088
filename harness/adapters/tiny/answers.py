"""How the small client reads answers of a token endpoint: what is a success, what is kept of it, what ends a grant.

Each habit is one method, so that a flaw is one short override.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

from refreshproof.mock_servers.wire import SECOND, Instant, WireResponse, seconds
from refreshproof.scenarios.steps.subject import OK, Outcome, OutcomeKind, Registration

DEAD_GRANT = frozenset(
    {"invalid_grant", "unauthorized_client", "interaction_required", "consent_required"}
    | {"bad_refresh_token", "invalid_refresh_token"}  # GitHub, Slack
)
NO_ANSWER = (502, 504)
"""Statuses of a gateway that does not know what the server made of the request."""
PASSING = ("temporarily_unavailable", "slow_down", "server_error")
CONFIGURATION = ("invalid_client", "access_denied", "incorrect_client_credentials", "bad_client_secret")


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What is kept of one authorization; instants are the client's own."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    obtained_at: Instant
    lifetime: int | None
    token_type: object = None
    scope: str | None = None
    dead: bool = False
    in_flight: bool = False
    failing_since: Instant | None = None
    doubts: int = 0
    unknown: int = 0


@dataclass(kw_only=True)
class Disk:
    """What survives a restart, and is shared by the client's processes; the lock stands for a lock file.

    The provider is not asked again before `not_before`. `key` is what a client proves to hold, if it does.
    """

    lock: AbstractContextManager[object]
    grant: Grant | None = None
    not_before: Instant = 0
    key: Any = field(default=None, repr=False)


class Failure(Exception):
    """A request that did not bring what was wanted; `outcome` is what the caller is told.

    A doubtful one refused the grant in words of its own; `unknown` counts requests whose answer nobody saw.
    """

    def __init__(self, outcome: Outcome, *, doubtful: bool = False, unknown: int = 0) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome
        self.doubtful = doubtful
        self.unknown = unknown


class Answers:
    """Habits of reading."""

    disk: Disk
    registration: Registration

    @property
    def not_before(self) -> Instant:
        """When the provider may be asked again."""
        return self.disk.not_before

    @not_before.setter
    def not_before(self, instant: Instant) -> None:
        """Ask no earlier."""
        self.disk.not_before = instant

    def now(self) -> Instant:
        """Return the client's time."""
        raise NotImplementedError

    def members(self, response: WireResponse) -> Mapping[str, Any]:
        """Return the members of a success; raises `Failure` for everything else."""
        document = self.document(response)
        fine = response.status // 100 == 2 and document.get("error") is None
        if fine and self.usable(document.get("access_token")):
            return document
        code = self.code(document)
        if code is not None and self.is_dead(response.status, code):
            raise Failure(Outcome(kind="reauthorization_required", status=response.status, error=code))
        self.not_before = self.now() + self.pause(response)
        kind: OutcomeKind = "permanent_error" if code in CONFIGURATION else "transient_error"
        raise Failure(
            Outcome(kind=kind, status=response.status, error=code),
            doubtful=self.is_doubtful(response.status, document),
            unknown=int(response.status in NO_ANSWER),
        )

    def code(self, document: Mapping[str, Any]) -> str | None:
        """Return the error code of a refusal; Fitbit has it in an array of errors."""
        errors = document.get("errors")
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        found = document.get("error", first.get("errorType"))
        return found if isinstance(found, str) else None

    def usable(self, value: object) -> bool:
        """Tell whether a member is a non-empty string."""
        return isinstance(value, str) and value != ""

    def document(self, response: WireResponse) -> dict[str, Any]:
        """Read a JSON object, whatever the content type says; anything else is empty."""
        try:
            document = json.loads(response.body.removeprefix(BOM_UTF8).decode().strip())
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    def is_dead(self, status: int, error: str) -> bool:
        """Tell whether an error means that the grant is over."""
        return error in DEAD_GRANT

    def is_doubtful(self, status: int, document: Mapping[str, Any]) -> bool:
        """Tell whether a refusal may be about the grant, though in words that nobody documented."""
        known = not document or self.code(document) in (*PASSING, *CONFIGURATION)
        return not known and (status // 100 == 2 or (400 <= status < 429 and status not in (408, 425)))

    def pause(self, response: WireResponse) -> Instant:
        """Return how long a Retry-After asks to wait, at most a day."""
        value = response.header("retry-after") or ""
        if value.isdigit():
            return seconds(min(int(value), 86_400))
        try:
            until = round(parsedate_to_datetime(value).timestamp()) * SECOND
        except (TypeError, ValueError):
            return 0
        return max(0, min(until - self.now(), seconds(86_400)))

    def merged(self, old: Grant | None, members: Mapping[str, Any], sent_at: Instant) -> Grant:
        """Make a grant of an answer's members; an absent, null or blank refresh token leaves the old one."""
        lifetime = self.lifetime(members)
        if lifetime is None and old is not None:
            lifetime = old.lifetime
        return Grant(
            access_token=members["access_token"],
            refresh_token=self.kept(None if old is None else old.refresh_token, members),
            obtained_at=sent_at,
            lifetime=lifetime,
            token_type=members.get("token_type"),
            scope=self.told_scope(members) or (None if old is None else old.scope),
        )

    def told_scope(self, members: Mapping[str, Any]) -> str | None:
        """Return the scopes that an answer tells of, None where it tells none."""
        told = members.get("scope")
        return told if isinstance(told, str) and told.strip() else None

    def kept(self, old: str | None, members: Mapping[str, Any]) -> str | None:
        """Return the refresh token to keep."""
        new = members.get("refresh_token")
        return new if isinstance(new, str) and new.strip() else old

    def is_bearer(self, token_type: object) -> bool:
        """Tell whether a token may be sent as a bearer token; an absent type counts as one (RFC 6749 s7.1)."""
        known = ("bearer", *map(str.lower, self.registration.bearer_token_types))
        return token_type is None or (isinstance(token_type, str) and token_type.lower() in known)

    def lifetime(self, members: Mapping[str, Any]) -> int | None:
        """Read expires_in; anything but a positive whole number of seconds is an unknown lifetime."""
        try:
            value = int(float(members.get("expires_in")))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return None
        return value if value > 0 else None

    def is_refusal(self, response: WireResponse) -> bool:
        """Tell whether the resource refused the access token: by 401, or in the vendor's way for it."""
        known = (401, *self.registration.hidden_expiry)
        return response.status in known or self.document(response).get("error") in self.registration.refusals

    def scheme(self, grant: Grant) -> str:
        """Return the scheme of the Authorization header, which is the same however the type was written."""
        return "Bearer"

    def outcome_of(self, response: WireResponse) -> Outcome:
        """Tell the caller the truth about an answer of the resource."""
        if response.status // 100 == 2 and not self.is_refusal(response):
            return replace(OK, status=response.status)
        busy = response.status in (429, 500, 502, 503, 504)
        return Outcome(kind="transient_error" if busy else "permanent_error", status=response.status)
