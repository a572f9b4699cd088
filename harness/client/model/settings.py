"""The eleven settings of the seed's developer page as one frozen value, with their bounds and their three sources.

It knows nothing of what the settings are used for, except that the pruning schedule must be a readable cron expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from refreshproof.harness.client.model.clock import DAY, SECOND
from refreshproof.harness.client.model.cron import Schedule
from refreshproof.harness.client.model.errors import ConfigurationError
from refreshproof.mock_servers.strict_files import FileError, read_toml

PREFIX = "atlassian.oauth2.client."

KEYS: Mapping[str, str] = {
    "default_refresh_token_duration_days": "default.refresh.token.duration.days",
    "minimum_access_token_only_lifetime_days": "minimum.access.token.only.lifetime.days",
    "max_clock_skew_seconds": "max.clock.skew.seconds",
    "max_client_delay_seconds": "max.client.delay.seconds",
    "max_server_delay_seconds": "max.server.delay.seconds",
    "lifetime_invalid_token_days": "lifetime.invalid.token.days",
    "prune_expired_tokens_schedule": "prune.expired.tokens.schedule",
    "default_monitor_stripe_count": "default.monitor.stripe.count",
    "skip_base_url_https_requirement": "skip.base.url.https.requirement",
    "skip_provider_https_requirement": "skip.provider.https.requirement",
    "unrecoverable_token_failing_period_days": "unrecoverable.token.failing.period.days",
}
"""Attribute name to the page's key without its prefix."""

LARGEST = {"days": 36_500, "seconds": 86_400 * 366, "count": 65_536}
"""Upper bound by the last word of the key: instants have to stay within 64 bits of microseconds."""

LARGEST_FILE = 65_536
"""Bytes of a settings file that are read."""

BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The page's values; where the page prints `60120` for the server delay it is 60 struck out, then 120 (decided)."""

    default_refresh_token_duration_days: int = 30
    minimum_access_token_only_lifetime_days: int = 30
    max_clock_skew_seconds: int = 60
    max_client_delay_seconds: int = 60
    max_server_delay_seconds: int = 120
    lifetime_invalid_token_days: int = 30
    prune_expired_tokens_schedule: str = "0 0 23 * * ?"
    default_monitor_stripe_count: int = 64
    skip_base_url_https_requirement: bool = False
    skip_provider_https_requirement: bool = False
    unrecoverable_token_failing_period_days: int = 7

    def __post_init__(self) -> None:
        """Check every value; raise ConfigurationError that names the key."""
        for field in fields(self):
            _check(field.name, getattr(self, field.name), type(field.default))

    @property
    def skew(self) -> int:
        """Largest clock difference in microseconds."""
        return self.max_clock_skew_seconds * SECOND

    @property
    def client_delay(self) -> int:
        """Largest delay on the client's side in microseconds."""
        return self.max_client_delay_seconds * SECOND

    @property
    def server_delay(self) -> int:
        """Largest delay of a server's answer in microseconds."""
        return self.max_server_delay_seconds * SECOND

    @property
    def default_refresh_lifetime(self) -> int:
        """Refresh-token lifetime recorded when none was supplied, in microseconds."""
        return self.default_refresh_token_duration_days * DAY

    @property
    def minimum_access_only_lifetime(self) -> int:
        """Least access-token lifetime accepted without a refresh token, in microseconds."""
        return self.minimum_access_token_only_lifetime_days * DAY

    @property
    def invalid_lifetime(self) -> int:
        """How long an unrecoverable token is kept, in microseconds."""
        return self.lifetime_invalid_token_days * DAY

    @property
    def failing_period(self) -> int:
        """How long a token must have been failing to become unrecoverable, in microseconds."""
        return self.unrecoverable_token_failing_period_days * DAY


def key(attribute: str) -> str:
    """Return the full key of an attribute of Settings."""
    return PREFIX + KEYS[attribute]


def from_mapping(values: Mapping[str, Any]) -> Settings:
    """Build settings from full keys, as in `Settings` by keyword arguments: `from_mapping({"atlassian...": 30})`."""
    names = {key(attribute): attribute for attribute in KEYS}
    for name in values:
        if name not in names:
            raise ConfigurationError(f"{name}: unknown key; allowed: {', '.join(sorted(names))}")
    return Settings(**{names[name]: _convert(names[name], value) for name, value in values.items()})


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Build settings from environment variables named by the full key, as it stands or upper-case with underscores."""
    return from_mapping(in_environment(environment))


def from_toml(path: Path) -> Settings:
    """Build settings from a TOML file; the keys may be nested tables, dotted or quoted."""
    return from_mapping(in_toml(path))


def in_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what environment variables set, by full key; see `from_environment`."""
    names = {name: name.lower().replace("_", ".") for name in environment}
    return {dotted: environment[name] for name, dotted in names.items() if dotted.startswith(PREFIX)}


def in_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file sets, by full key; raise ConfigurationError if it cannot be read."""
    try:
        document = read_toml(path, LARGEST_FILE)
    except FileError as error:
        raise ConfigurationError(str(error)) from None
    return dict(_flatten("", document))


def _flatten(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in table.items():
        flat += _flatten(f"{prefix}{name}.", value) if isinstance(value, dict) else [(prefix + name, value)]
    return flat


def _convert(attribute: str, value: Any) -> Any:
    kind = type(getattr(Settings, attribute))
    if not isinstance(value, str) or kind is str:
        return value
    if kind is bool:
        return BOOLEANS.get(value.strip().lower(), value)
    return int(value) if value.strip().isascii() and value.strip().isdigit() and len(value) < 20 else value


def _check(attribute: str, value: Any, kind: type[Any]) -> None:
    if type(value) is not kind:
        raise ConfigurationError(f"{key(attribute)}: {value!r} is not {_allowed(attribute, kind)}")
    if kind is int and not _least(attribute) <= value <= LARGEST[attribute.rsplit("_", 1)[-1]]:
        raise ConfigurationError(f"{key(attribute)}: {value} is not {_allowed(attribute, kind)}")
    if kind is str:
        try:
            Schedule(value)
        except ValueError as error:
            raise ConfigurationError(f"{key(attribute)}: {error}") from None


def _least(attribute: str) -> int:
    return 1 if attribute in {"default_monitor_stripe_count", "max_server_delay_seconds"} else 0


def _allowed(attribute: str, kind: type[Any]) -> str:
    if kind is bool:
        return "true or false"
    if kind is str:
        return "a Quartz cron expression"
    return f"an integer from {_least(attribute)} to {LARGEST[attribute.rsplit('_', 1)[-1]]}"
