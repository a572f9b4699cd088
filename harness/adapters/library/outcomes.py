"""What statuses, error codes and exceptions of a library mean to whoever called it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from refreshproof.scenarios.steps.subject import Outcome, OutcomeKind

DEAD = ("invalid_grant", "interaction_required", "consent_required", "login_required")
"""RFC 6749 s5.2; OpenID Connect Core s3.1.2.6, which token endpoints answer with too: only the user can help."""
PASSING = ("temporarily_unavailable", "server_error", "slow_down")
BUSY = (429, 500, 502, 503, 504)

_HTTPX = ("TimeoutException", "NetworkError", "RemoteProtocolError", "ProxyError")
NETWORK: Mapping[str, tuple[str, ...]] = {
    "httpx": _HTTPX,
    "httpx2": _HTTPX,
    "httpcore": _HTTPX,
    "httpcore2": _HTTPX,
    "aiohttp": ("ClientConnectionError", "ClientPayloadError"),
    "requests": ("ConnectionError", "Timeout", "ChunkedEncodingError"),
    "urllib3": ("TimeoutError", "ProtocolError", "NewConnectionError", "MaxRetryError", "ProxyError", "SSLError"),
    "http": ("IncompleteRead", "BadStatusLine"),
}
"""Where HTTP stacks have their exceptions, and those by which they tell of the network; many are no OSError."""
ANY = "*"
STATUS = ((ANY, "status_code"), (ANY, "status"), ("urllib", "code"))
"""Under which names exceptions carry the status of a refusal by themselves, and in which package."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a library's exceptions mean: the grant is over unless they say otherwise, try again, or see the OAuth error
    that they carry. `own_codes` are error codes that the library makes up and no server sent."""

    over: tuple[type[Exception], ...] = ()
    passing: tuple[type[Exception], ...] = ()
    coded: tuple[type[Exception], ...] = ()
    own_codes: tuple[str, ...] = ()


def kind_of(code: str | None) -> OutcomeKind:
    """Return what an OAuth error code means."""
    if code in DEAD:
        return "reauthorization_required"
    return "transient_error" if code in PASSING else "permanent_error"


def is_of_the_network(error: Exception) -> bool:
    """Tell whether an exception is an HTTP stack's, or derived from one, and tells of the network."""
    return any(name in NETWORK.get(home, ()) for home, name in _kin(error))


def status_of(error: Exception) -> int | None:
    """Return the status that an exception was given, or the answer that it holds has; what its class says is no
    server's."""
    answer, given = getattr(error, "response", None), getattr(error, "__dict__", {})
    names = [name for home, name in STATUS if home in (ANY, *(kin for kin, _ in _kin(error)))]
    told = (getattr(answer, "status_code", None), *(given.get(name) for name in names))
    return next((status for status in told if isinstance(status, int)), None)


def _kin(error: Exception) -> list[tuple[str, str]]:
    """Return package and name of an exception's class and of those that it derives from."""
    return [(one.__module__.partition(".")[0], one.__name__) for one in type(error).__mro__]


def code_in(error: Exception) -> str | None:
    """Return the OAuth error code in the answer that an exception of an HTTP stack carries."""
    carrier: Any = error
    try:
        document = carrier.response.json() if hasattr(carrier, "response") else json.loads(carrier.read())
    except (AttributeError, ValueError, RecursionError, OSError):
        return None
    code = document.get("error") if isinstance(document, dict) else None
    return code if isinstance(code, str) else None


def outcome_of(status: int) -> Outcome:
    """Return what a status of the resource means to a caller."""
    if status < 400:
        return Outcome(kind="ok", status=status)
    return Outcome(kind="transient_error" if status in BUSY else "permanent_error", status=status)
