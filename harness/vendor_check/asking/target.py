"""The server under check and the clients that are registered there; data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

Method: TypeAlias = Literal["client_secret_basic", "client_secret_post", "none"]
"""How a client authenticates itself (RFC 7591 s2)."""

Encoding: TypeAlias = Literal["form_encoded", "raw", "percent_encoded"]
"""How credentials stand in Basic: form-encoded, as they are, or like a form but with %20 for a blank."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """A client that is registered at the server; `encoding` is that of its Basic credentials (RFC 6749 s2.3.1)."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    authentication: Method = "client_secret_basic"
    encoding: Encoding = "form_encoded"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a server's endpoints are, who asks there, and what every login asks for.

    `second` is another client, whose tokens the first must not use; `special` one whose secret has characters that a
    form encodes; `public` one without a secret. `parameters` join every authorization request. `resource` is an address
    that answers 2xx to a GET with a live access token; without one the introspection endpoint tells.
    """

    authorization_endpoint: str
    token_endpoint: str
    redirect_uri: str
    scopes: tuple[str, ...]
    client: Client
    issuer: str = ""
    revocation_endpoint: str | None = None
    introspection_endpoint: str | None = None
    resource: str | None = None
    second: Client | None = None
    special: Client | None = None
    public: Client | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True
    metadata: Mapping[str, Any] | None = None

    @property
    def origins(self) -> frozenset[str]:
        """The origins that were named; nothing is sent anywhere else."""
        named = (
            self.authorization_endpoint, self.token_endpoint, self.revocation_endpoint, self.introspection_endpoint,
            self.resource,
        )  # fmt: skip
        return frozenset(origin_of(url) for url in named if url)

    @property
    def tells_liveness(self) -> bool:
        """Whether there is a way to see that an access token works."""
        return self.resource is not None or self.introspection_endpoint is not None


def origin_of(url: str) -> str:
    """Return scheme and authority of an address, in lower case."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}".lower()
