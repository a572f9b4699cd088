"""Every error the client engine raises; the type says who has to act. None of them holds a token, code or secret."""

from __future__ import annotations

from dataclasses import dataclass


class ClientEngineError(Exception):
    """Root of the tree."""


class ConfigurationError(ClientEngineError):
    """A setting, argument or record is wrong; the message names the place, what was found and what is allowed."""


class NotFoundError(ClientEngineError):
    """No configuration, token or flow has this id or name."""


class FieldErrors(ConfigurationError):
    """A client configuration is refused; `fields` maps every offending field to its reason (CFG-03)."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in sorted(fields.items())))
        self.fields = fields


class FlowError(ClientEngineError):
    """A leg of the authorization flow was refused; no token request was made for it."""


class DiscoveryError(ClientEngineError):
    """What a resource or a server tells of itself leads to no login; the message names which, and why."""


class StorageError(ClientEngineError):
    """The database refused a read or a write; a pair already received is kept and written first at the next call."""


@dataclass(kw_only=True)
class TokenError(ClientEngineError):
    """A token cannot be used now: the provider's `error` or the kind of failure, HTTP `status`, `correlation_id`."""

    reason: str
    error: str | None = None
    status: int | None = None
    correlation_id: str | None = None

    def __str__(self) -> str:
        """Return the reason with the provider's code and status."""
        known = {"error": self.error, "status": self.status, "correlation id": self.correlation_id}
        facts = ", ".join(f"{name} {value}" for name, value in known.items() if value is not None)
        return f"{self.reason} ({facts})" if facts else self.reason


@dataclass(kw_only=True)
class ReauthorizationRequired(TokenError):
    """The grant was refused or cannot be refreshed: the user has to authorize again."""


@dataclass(kw_only=True)
class ScopeRefused(TokenError):
    """The resource server wants a scope that no authorization has brought: asking the user again is of no use."""


@dataclass(kw_only=True)
class AuthenticationRefused(TokenError):
    """The resource server wants the user to log in as no authorization has had them do: asking again is of no use."""


@dataclass(kw_only=True)
class TransientTokenError(TokenError):
    """A passing fault: the grant is kept; the next attempt is made at or after `retry_at` (microseconds)."""

    retry_at: int


@dataclass(kw_only=True)
class ClientConfigurationAlarm(TokenError):
    """The provider refuses the client itself, not the grant: an operator has to act, every grant is kept (ST-03)."""


class InvalidToken(ClientEngineError):
    """Raised by a callback to say that the resource server refused the access token (401)."""


class InsufficientScope(ClientEngineError):
    """Raised by a callback to say that the resource server wants `scopes` that were not granted (403, RFC 6750 3.1)."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__(f"the resource server wants {len(scopes)} scopes that were not granted")
        self.scopes = scopes


class InsufficientAuthentication(ClientEngineError):
    """Raised by a callback to say that the resource server wants the user to log in again (401, RFC 9470 3): by one of
    `acr_values`, which are separated by spaces, no longer ago than `max_age` seconds; "" where it does not say."""

    def __init__(self, acr_values: str = "", max_age: str = "") -> None:
        super().__init__("the resource server wants another login of the user")
        self.acr_values, self.max_age = acr_values, max_age
