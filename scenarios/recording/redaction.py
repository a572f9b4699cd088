"""What is kept of real traffic: aliases in the place of whatever is or may be a secret, and nothing no check reads.

Known secrets go by the vault; of what the vault has never met the name of a parameter or the look of a value decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from refreshproof.mock_servers.provider.state.vault import SECRET_PARAMETERS, Vault, redact_document
from refreshproof.mock_servers.wire import WireResponse

KEPT_REQUEST_HEADERS = ("authorization", "content-type", "accept", "user-agent")
KEPT_RESPONSE_HEADERS = (
    "content-type", "location", "www-authenticate", "retry-after", "date", "cache-control", "pragma", "dpop-nonce",
)  # fmt: skip
"""Every other header is left out: cookies and whatever a gateway adds are nobody's business."""

PLAIN = frozenset(
    {
        "access_type", "audience", "client_id", "code_challenge", "code_challenge_method", "display", "error",
        "error_description", "error_uri", "grant_type", "include_granted_scopes", "iss", "issued_token_type", "max_age",
        "nonce", "prompt", "redirect_uri", "resource", "response_mode", "response_type", "scope", "state", "token_type",
        "token_type_hint", "ui_locales",
    }
)  # fmt: skip
"""Parameters and members whose values are no secrets, however they look; a state is good for one login only."""

PERSONAL = frozenset({"email", "id_token_hint", "login_hint", "username"})
"""Parameters that name a person."""

UNREADABLE = "(no address)"
"""What stands for an address that is none."""

_SECRETIVE = re.compile(r"[A-Za-z0-9._~+/=-]{20,}")


def redacted_pairs(vault: Vault, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Redact parameters: known secrets, secrets by their names, and values that look like one."""
    return tuple((name, _value(vault, name, value)) for name, value in pairs)


def redacted_url(vault: Vault, url: str) -> str:
    """Redact an address: path, query and fragment; one that cannot be read is left out."""
    try:
        split = urlsplit(url)
    except ValueError:
        return UNREADABLE
    query, fragment = (_query(vault, part) for part in (split.query, split.fragment))
    host = split.netloc.rpartition("@")[2]
    return urlunsplit((split.scheme, host, vault.redact(split.path), query, fragment))


def redacted_headers(
    vault: Vault, headers: tuple[tuple[str, str], ...], kept: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Return the headers that are kept."""
    return tuple(
        (name, redacted_url(vault, value) if name.lower() == "location" else vault.redact(value))
        for name, value in headers
        if name.lower() in kept
    )


def redacted_members(vault: Vault, members: Mapping[str, Any]) -> dict[str, Any]:
    """Redact the members of a JSON answer to any depth; a blank token stays one."""
    return {
        name: value if name in SECRET_PARAMETERS and _is_blank(value) else _member(vault, name, value)
        for name, value in members.items()
    }


def redacted_answer(vault: Vault, response: WireResponse) -> str:
    """Return a body as a journal keeps it: JSON by its members, of anything else only its kind and size."""
    if isinstance(response.document, dict):
        return json.dumps(redacted_members(vault, response.document), ensure_ascii=False)
    kind = (response.header("content-type") or "no type").partition(";")[0]
    return f"({kind}, {len(response.body)} bytes)" if response.body else ""


def _query(vault: Vault, text: str) -> str:
    pairs = tuple(parse_qsl(text, keep_blank_values=True))
    return urlencode(redacted_pairs(vault, pairs)) if pairs else vault.redact(text)


def _value(vault: Vault, name: str, value: str) -> str:
    ((_, redacted),) = vault.redact_parameters(((name, value),))
    if name in PERSONAL:
        return vault.name("SECRET", value) if value else value
    if redacted != value or name in PLAIN or not _SECRETIVE.fullmatch(value):
        return redacted
    return vault.name("SECRET", value)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _member(vault: Vault, name: str, value: Any) -> Any:
    redacted = redact_document(vault, {name: value})
    return _hidden(vault, name, redacted[name]) if isinstance(redacted, dict) else value


def _hidden(vault: Vault, name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(vault, key, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_hidden(vault, name, one) for one in value]
    if not isinstance(value, str) or name in PLAIN or not _SECRETIVE.fullmatch(value):
        return value
    return vault.name("SECRET", value)
