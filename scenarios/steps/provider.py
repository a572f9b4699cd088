"""Steps at the provider: what the user does there with the grant, and what its owners change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOGETHER: Mapping[str, tuple[str, ...]] = {"lifetimes.access_token": ("lifetimes.access_token_longest",)}
"""Fields of a profile that are changed only together with others: a lifetime, with the longest that it may be."""


def without(changes: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return changes to a profile without one of them, and without those that hold only together with it."""
    groups = [{first, *others} for first, others in TOGETHER.items()]
    gone = {name}.union(*(group for group in groups if name in group))
    return {key: value for key, value in changes.items() if key not in gone}


@dataclass(frozen=True, kw_only=True)
class Revoke:
    """The user withdraws the grant at the provider."""

    account: str = "alice"

    def prose(self) -> str:
        """Say what happens."""
        return f"{self.account.capitalize()} revokes the grant at the provider."


@dataclass(frozen=True, kw_only=True)
class ChangePassword:
    """The user changes the password, or changes it back."""

    account: str = "alice"
    back: bool = False

    def prose(self) -> str:
        """Say what happens."""
        return f"{self.account.capitalize()} changes the password{' back' if self.back else ''}."


@dataclass(frozen=True, kw_only=True)
class EndAccessTokens:
    """The provider ends every access token before its time; the grants live, and a refresh brings another."""

    def prose(self) -> str:
        """Say what happens."""
        return "The provider ends every access token before its time; the grant lives."


@dataclass(frozen=True, kw_only=True)
class OtherLogins:
    """The same user logs in so many times with other installations of the same client."""

    times: int = 1
    account: str = "alice"

    def prose(self) -> str:
        """Say what happens."""
        return f"{self.account.capitalize()} logs in {self.times} times with other installations of the client."


@dataclass(frozen=True, kw_only=True)
class ChangeSecret:
    """The client's secret is changed at the provider, or changed back; the client knows only the first one."""

    back: bool = False

    def prose(self) -> str:
        """Say what happens."""
        return f"The client's secret is changed{' back' if self.back else ''} at the provider."


@dataclass(frozen=True, kw_only=True)
class ProviderChanges:
    """The provider behaves in another way from now on: fields of its profile by dotted name."""

    changes: Mapping[str, Any]

    def prose(self) -> str:
        """Say what happens."""
        return f"From now on the provider has {', '.join(f'{key} = {value}' for key, value in self.changes.items())}."


@dataclass(frozen=True, kw_only=True)
class MoveAuthorization:
    """The resource names another authorization server from now on and takes its tokens alone; the first one ends its
    grants and goes on answering."""

    def prose(self) -> str:
        """Say what happens."""
        return "The API names another authorization server from now on, and the first one ends its grants."
