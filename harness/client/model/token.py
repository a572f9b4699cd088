"""The token values: what a provider issued, and the stored record with its health, lease and version.

Both are plain values; who may change them and when stands in `status`, `refresh` and the storages.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any


class Status(Enum):
    """What the engine knows about a token (ST-01)."""

    UNKNOWN = "unknown"
    VALID = "valid"
    RECOVERABLE = "recoverable"
    UNRECOVERABLE = "unrecoverable"


class FailureKind(Enum):
    """What the last failed refresh means."""

    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    TRANSIENT = "transient"
    AMBIGUOUS = "ambiguous"
    ALARM = "alarm"


@dataclass(frozen=True, kw_only=True)
class ClientToken:
    """A token pair, or a lone access token. Instants are microseconds.

    `access_token_expiration` None is an unknown lifetime. The refresh token and its expiration are both set or both
    absent. `issued_at` is the time the request was sent; it bounds the refresh lead. `scope` is what was granted.
    `authorization_expiration` is when the user's consent ends, None where the provider told no end.
    """

    access_token: str = field(repr=False)
    access_token_expiration: int | None
    refresh_token: str | None = field(default=None, repr=False)
    refresh_token_expiration: int | None = None
    refresh_expiration_supplied: bool = False
    issued_at: int | None = None
    token_type: str = "Bearer"
    scope: tuple[str, ...] | None = None
    authorization_expiration: int | None = None

    def __post_init__(self) -> None:
        """Refuse an empty access token and half a refresh token."""
        if not isinstance(self.access_token, str) or not self.access_token:
            raise ValueError("access_token must be a non-empty text")
        if self.refresh_token == "" or (self.refresh_token is None) != (self.refresh_token_expiration is None):
            raise ValueError("refresh_token and refresh_token_expiration must both be set or both be absent")

    @property
    def lifetime(self) -> int | None:
        """Issued lifetime of the access token in microseconds, None if unknown."""
        if self.access_token_expiration is None or self.issued_at is None:
            return None
        return self.access_token_expiration - self.issued_at


@dataclass(frozen=True, kw_only=True)
class Health:
    """How refreshing has gone. `failures` and `ambiguous` count in a row; `rejections` counts 401s in a row.

    `wanted` are the scopes that the resource server has asked for besides those configured, `acr_values` and `max_age`
    how the user is to log in for it (RFC 9470 3), `step_ups` how often the user has authorized in vain since it last
    asked for something new.
    """

    status: Status = Status.UNKNOWN
    failure: FailureKind | None = None
    error: str | None = None
    failing_since: int | None = None
    failures: int = 0
    ambiguous: int = 0
    retry_at: int | None = None
    unrecoverable_since: int | None = None
    rejections: int = 0
    wanted: tuple[str, ...] = ()
    acr_values: str = ""
    max_age: str = ""
    step_ups: int = 0


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The in-flight marker: who is refreshing, and until when by its own clock it will have finished."""

    holder: str
    until: int


@dataclass(frozen=True, kw_only=True)
class ClientTokenEntity(ClientToken):
    """A stored token. `generation` counts the pairs it has held, `version` every write; both belong to the storage."""

    id: str = ""
    config_id: str
    health: Health = Health()
    lease: Lease | None = None
    generation: int = 0
    version: int = 0

    @classmethod
    def of(cls, token: ClientToken, *, config_id: str, id: str = "") -> ClientTokenEntity:
        """Make a record of a token for a configuration; with the id of a stored one, saving replaces that (ST-06)."""
        return cls(config_id=config_id, id=id, **token_fields(token))


def token_fields(token: ClientToken) -> dict[str, Any]:
    """Return the fields that belong to the token itself, without those of a record."""
    return {one.name: getattr(token, one.name) for one in fields(ClientToken)}
