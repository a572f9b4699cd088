"""What a subject's methods may return, and what it may claim: compared once, where every subject passes.

A value that is not allowed is an error that names the method, what was returned and what is allowed.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from refreshproof.harness.adapters.errors import (
    CapabilityError,
    FactoryError,
    IncompleteError,
    ReturnError,
    listed,
    place_of,
)
from refreshproof.scenarios.steps.subject import CAPABILITIES, Description, Outcome, OutcomeKind

NEEDED = ("describe", "authorize", "callback", "call", "close")
"""The methods of every subject."""
CLAIMED: Mapping[str, str] = {
    "refresh": "refresh",
    "restart": "restart",
    "disconnect": "disconnect",
    "shared_store": "twin",
    "two_servers": "authorize_at_second",
    "discovers": "authorize_by_discovery",
    "margin": "call_with_margin",
    "pages": "call_pages",
    "device": "log_in_by_device",
}
"""The method that a capability needs."""
KINDS: tuple[str, ...] = get_args(OutcomeKind)

_LONGEST = 80


def complete(subject: Any) -> None:
    """See that a subject has the methods of one; raises FactoryError or IncompleteError."""
    missing = [name for name in NEEDED if not callable(getattr(subject, name, None))]
    if len(missing) == len(NEEDED):
        raise FactoryError(f"the factory returned {shown(subject)}, which is no subject; derive one from Adapter")
    if missing:
        what = f"{type(subject).__name__} has no {listed(missing)}; a subject has {', '.join(NEEDED)}"
        raise IncompleteError(what, place_of(type(subject)))


def capabilities(subject: Any, claimed: Any) -> frozenset[Any]:
    """Return what a subject claims; raises CapabilityError for a word that there is not, IncompleteError for a claim
    without the method that it is about."""
    kind = type(subject)
    if not isinstance(claimed, set | frozenset | list | tuple):
        what = f"{kind.__name__}: capabilities is {shown(claimed)}; allowed: a set of names"
        raise CapabilityError(what, place_of(kind))
    for one in claimed:
        if not isinstance(one, str) or one not in CAPABILITIES:
            near = difflib.get_close_matches(str(one), CAPABILITIES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            what = f"{kind.__name__} claims {shown(one)}{hint}; allowed: {listed(CAPABILITIES)}"
            raise CapabilityError(what, place_of(kind))
        method = CLAIMED.get(one)
        if method is not None and not _is_written(getattr(subject, method, None)):
            what = f"{kind.__name__} claims {one} and has no method {method} of its own: {CAPABILITIES[one]}"
            raise IncompleteError(what, place_of(kind))
    return frozenset(claimed)


def _is_written(method: Any) -> bool:
    """Tell whether a method does something: the ones that `Adapter` has for what is not claimed do not."""
    return callable(method) and getattr(method, "__module__", "") != f"{__package__}.adapter"


def checked(subject: Any, method: str, returned: Any) -> Any:
    """Return what a method returned if it may; raises ReturnError, and what `capabilities` raises."""
    wrong = RETURNS[method](returned) if method in RETURNS else ""
    if wrong:
        code = getattr(getattr(type(subject), method, None), "__func__", getattr(type(subject), method, None))
        raise ReturnError(f"{type(subject).__name__}.{method} returned {wrong}", place_of(code))
    if isinstance(returned, Description):
        capabilities(subject, returned.capabilities)
    return returned


def _outcome(value: object) -> str:
    if not isinstance(value, Outcome):
        return f"{shown(value)}; allowed: an Outcome, such as Outcome(kind='ok', status=200)"
    if value.kind not in KINDS:
        return f"an Outcome of kind {shown(value.kind)}; allowed: {listed(KINDS)}"
    wrong = [
        f"an Outcome whose {name} is {shown(found)}; allowed: {allowed}, or None"
        for name, found, kinds, allowed in (
            ("status", value.status, int, "a number"),
            ("error", value.error, str, "a text"),
            ("detail", value.detail, str, "a text"),
            ("refreshable", value.refreshable, bool, "True or False"),
        )
        if found is not None and (not isinstance(found, kinds) or (kinds is int and isinstance(found, bool)))
    ]
    return next(iter(wrong), "")


def _address(value: object) -> str:
    if not isinstance(value, str):
        return f"{shown(value)}; allowed: the URL, a text, that the user's browser is sent to"
    split = _split(value)
    if split is None or split[0] not in ("http", "https") or not split[1]:
        return f"{shown(value.partition('?')[0])}; allowed: a URL that begins with https:// and names a host"
    return ""


def _split(url: str) -> tuple[str, str] | None:
    try:
        split = urlsplit(url)
        return split.scheme, split.hostname or ""
    except ValueError:
        return None


def _description(value: object) -> str:
    if not isinstance(value, Description):
        return f"{shown(value)}; allowed: a Description"
    for name in ("name", "version"):
        text = getattr(value, name)
        if not is_text(text):
            return f"a Description whose {name} is {shown(text)}; allowed: a printable text"
    return ""


def _nothing(value: object) -> str:
    return ""


def _subject(value: object) -> str:
    return f"{shown(value)}; allowed: another subject" if value is None else ""


def _moves(value: object) -> str:
    return "" if isinstance(value, Counter) else f"{shown(value)}; allowed: a Counter of (status, event)"


RETURNS: Mapping[str, Callable[[object], str]] = {
    "describe": _description,
    "authorize": _address,
    "authorize_at_second": _address,
    "authorize_by_discovery": lambda value: "" if isinstance(value, Outcome) else _address(value),
    "callback": _outcome,
    "call": _outcome,
    "call_with_margin": _outcome,
    "call_pages": _outcome,
    "log_in_by_device": _outcome,
    "refresh": _outcome,
    "disconnect": _outcome,
    "restart": _nothing,
    "twin": _subject,
    "moves_made": _moves,
    "close": _nothing,
}
"""What is wrong with a value that a method returned, empty where nothing is."""


def is_text(value: object) -> bool:
    """Tell whether a value is a text that can be shown on a line: no control characters, no halves of characters."""
    return isinstance(value, str) and value.isprintable()


def shown(value: object) -> str:
    """Return a value with its type, short and printable."""
    if value is None or isinstance(value, bool):
        return str(value)
    text = ascii(value)
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"{type(value).__name__} {short}" if isinstance(value, str | int | float) else f"a {type(value).__name__}"
