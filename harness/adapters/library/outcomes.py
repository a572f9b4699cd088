"""What statuses, error codes and exceptions of a library mean to whoever called it."""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.scenarios.steps.subject import Outcome, OutcomeKind

DEAD = ("invalid_grant",)
PASSING = ("temporarily_unavailable", "server_error", "slow_down")
BUSY = (429, 500, 502, 503, 504)


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


def status_of(error: Exception) -> int | None:
    """Return the status that an exception of an HTTP stack carries."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def code_in(error: Exception) -> str | None:
    """Return the OAuth error code in the answer that an exception of an HTTP stack carries."""
    try:
        document = error.response.json()  # type: ignore[attr-defined]
    except (AttributeError, ValueError, RecursionError):
        return None
    code = document.get("error") if isinstance(document, dict) else None
    return code if isinstance(code, str) else None


def outcome_of(status: int) -> Outcome:
    """Return what a status of the resource means to a caller."""
    if status < 400:
        return Outcome(kind="ok", status=status)
    return Outcome(kind="transient_error" if status in BUSY else "permanent_error", status=status)
