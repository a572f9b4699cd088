"""What a request to an authorization server is, read without changing anything: endpoint, grant, credentials presented.

The provider and whoever records traffic read a request through the same eyes.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from refreshproof.mock_servers.wire import WireRequest, lazy


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """Client authentication as it came: `methods` holds every way that was used in one request."""

    methods: tuple[str, ...]
    client_id: str | None
    client_secret: str | None = field(default=None, repr=False)
    client_assertion: str | None = field(default=None, repr=False)
    raw_client_id: str | None = None
    raw_client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A request as an authorization server reads it; `view` is None for an address the vendor does not have.

    `bearer_methods` are where an access token counts.
    """

    request: WireRequest = field(repr=False)
    view: str | None
    bearer_methods: tuple[str, ...] = ("header",)

    @lazy
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Parameters where the endpoint looks for them: the body of a POST, else the query."""
        return self.request.form if self.request.method == "POST" else self.request.query

    @lazy
    def values(self) -> dict[str, str]:
        """Parameters by name; an empty value equals an absent one (RFC 6749 s3.1, s3.2)."""
        return {name: value for name, value in self.parameters if value != ""}

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of this endpoint as its client may know them: the vendor's, and the one it was served at."""
        url, path, host = self.request.url.partition("?")[0], self.request.path, self.request.header("host")
        return (url,) if host is None else (url, f"https://{host}{path}", f"http://{host}{path}")

    @property
    def grant_type(self) -> str | None:
        """The grant type of a token request."""
        return self.values.get("grant_type") if self.view == "token" else None

    @lazy
    def credentials(self) -> ClientCredentials:
        """Client authentication from the Authorization header and the body (RFC 6749 s2.3.1)."""
        return read_credentials(self.request, self.values)

    @lazy
    def bearer(self) -> str | None:
        """The access token in the Authorization header (RFC 6750 s2.1), or in the query where it counts there
        (s2.3)."""
        scheme, _, token = (self.request.header("authorization") or "").partition(" ")
        found = token.strip() if scheme.lower() == "bearer" else ""
        if not found and "query" in self.bearer_methods:
            found = dict(self.request.query).get("access_token", "")
        return found or None


def read_credentials(request: WireRequest, values: dict[str, str]) -> ClientCredentials:
    """Collect every client authentication of a request."""
    methods: list[str] = []
    client_id, secret = values.get("client_id"), values.get("client_secret")
    if secret is not None:
        methods.append("client_secret_post")
    assertion = values.get("client_assertion")
    if assertion is not None:
        methods.append("private_key_jwt")
    basic = _basic(request.header("authorization"))
    if basic is None:
        return ClientCredentials(
            methods=tuple(methods), client_id=client_id, client_secret=secret, client_assertion=assertion
        )
    return ClientCredentials(
        methods=("client_secret_basic", *methods),
        client_id=unquote_plus(basic[0]),
        client_secret=unquote_plus(basic[1]),
        raw_client_id=basic[0],
        raw_client_secret=basic[1],
    )


def _basic(header: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
