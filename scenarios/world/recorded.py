"""What a journal writes down of a request and its answer: with the aliases of secrets in their places.

Aliases are given at once, in the order in which secrets are seen. What takes most to write and is seldom read is
written when it is first asked for, with what was known when it passed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from refreshproof.mock_servers.provider.http.sighting import Sighting
from refreshproof.mock_servers.provider.provider import Provider
from refreshproof.mock_servers.provider.state.vault import SECRET_PARAMETERS, Vault, name_secrets, redact_body
from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.evidence.proofs import HEADER as PROOF
from refreshproof.scenarios.evidence.proofs import thumbprint_of

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_RECORDED_REQUEST_HEADERS = ("authorization", "content-type", "accept", "user-agent", PROOF)
_TOKENS = ("access_token", "refresh_token", "id_token", "client_secret")

_Written: TypeAlias = Callable[[Vault, WireRequest, "WireResponse | None"], Any]


class Unread:
    """A request and its answer, from which fields of an exchange are written when they are first asked for."""

    __slots__ = ("_known", "_request", "_response", "_vault")

    def __init__(self, vault: Vault, request: WireRequest, response: WireResponse | None) -> None:
        if response is not None:
            _name(vault, response)
        self._vault, self._known = vault, vault.known
        self._request, self._response = request, response

    def __call__(self, field: str) -> Any:
        """Write a field, with the aliases that there were when this was made."""
        return _WRITTEN[field](self._vault.as_of(self._known), self._request, self._response)


def _name(vault: Vault, response: WireResponse) -> None:
    """Give aliases to the secrets of a body, as writing it does."""
    body = response.body
    # What is read alike as bytes and as text, and that is nearly everything, is not read once more.
    if body[:1] == b"{" and body.isascii() and b"\0" not in body[:4] and response.document is not None:
        name_secrets(vault, response.document)
    elif body:
        redact_body(vault, body)


def _request_headers(vault: Vault, request: WireRequest, _: WireResponse | None) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, thumbprint_of(value) if name.lower() == PROOF else vault.redact(value))
        for name, value in request.headers
        if name.lower() in _RECORDED_REQUEST_HEADERS
    )


def _response_headers(vault: Vault, _: WireRequest, response: WireResponse | None) -> tuple[tuple[str, str], ...]:
    return () if response is None else tuple((name, vault.redact(value)) for name, value in response.headers)


def _response_body(vault: Vault, _: WireRequest, response: WireResponse | None) -> str:
    return "" if response is None else redact_body(vault, response.body)


_WRITTEN: Mapping[str, _Written] = {
    "url": lambda vault, request, _: vault.redact(request.url),
    "request_headers": _request_headers,
    "response_headers": _response_headers,
    "response_body": _response_body,
}


def challenge_of(verifier: str | None) -> str | None:
    """Return the S256 challenge of a verifier (RFC 7636 s4.2), empty if the verifier is not well formed."""
    if verifier is None:
        return None
    if not _VERIFIER.fullmatch(verifier):
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def presented(provider: Provider, sighting: Sighting) -> str | None:
    """Return the alias of the credential a request presents: refresh token, code, token to revoke, or bearer token."""
    vault = provider.vault
    if sighting.view in ("token", "revocation"):
        for name in ("refresh_token", "code", "token"):
            value = sighting.values.get(name)
            if value is not None:
                return vault.name(SECRET_PARAMETERS[name], value)
    return None if sighting.bearer is None else vault.name("AT", sighting.bearer)


def members(vault: Vault, response: WireResponse | None) -> Mapping[str, Any]:
    """Return the top members of a JSON answer with tokens as aliases; empty for anything else."""
    document = None if response is None else response.document
    if not isinstance(document, dict):
        return {}
    return {
        name: vault.name(SECRET_PARAMETERS[name], value)
        if name in _TOKENS and isinstance(value, str) and value.strip()
        else value
        for name, value in document.items()
    }
