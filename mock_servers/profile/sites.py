"""Sites that a user picks at consent, and the operations of their products; values only, no vendor's own data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from refreshproof.mock_servers.profile.units import Status


@dataclass(frozen=True, kw_only=True)
class Site:
    """One site of a vendor: its id in API addresses, name, address, products and avatar if it has one."""

    id: str
    name: str
    url: str
    products: tuple[str, ...]
    avatar_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Product:
    """A kind of container; a scope belongs to it when one of the words occurs in the scope's name."""

    name: str
    words: tuple[str, ...]

    def own(self, scopes: frozenset[str]) -> tuple[str, ...]:
        """Return the scopes that belong to this product, in alphabetical order."""
        return tuple(sorted(scope for scope in scopes if any(word in scope for word in self.words)))


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of a product's API.

    `scopes` are all needed; `permission` is what the user must hold besides; an operation closed to applications is
    opened by no scope. `identity` maps members of the document to facts of the user, as in `identity.facts_of`.
    """

    path: str
    scopes: tuple[str, ...]
    document: Mapping[str, Any] | tuple[Mapping[str, Any], ...]
    method: str = "GET"
    status: Status = 200
    permission: str | None = None
    closed: bool = False
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Api:
    """A product's API behind a gateway: operations, and a path prefix that may be left out."""

    product: Product
    operations: tuple[Operation, ...] = field(repr=False)
    optional_prefix: str = ""

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation at a path, or None."""
        bare = path.removeprefix(self.optional_prefix)
        return next((one for one in self.operations if one.method == method and one.path in (bare, path)), None)
