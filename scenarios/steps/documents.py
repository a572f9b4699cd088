"""Steps as JSON data and back; whatever does not fit is refused with the place, what was found and what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from refreshproof.mock_servers.faults.layers import build
from refreshproof.scenarios.steps.steps import STEPS, Fault, Step

LONGEST_QUOTE = 80
"""Characters of a wrong value that a message repeats."""
MOST = {"callers": 64, "nodes": 16, "number": 16, "back_at": 16}
LEAST = {"callers": 1, "nodes": 1, "number": 1, "pages": 1, "times": 1, "skip": 0, "touches": 0}
MOST_ELSE = 10_000
MOST_SECONDS = 36_500 * 86_400.0
"""Bounds of numbers in a step, so that a scenario from elsewhere neither fills the memory nor goes on for ever."""

_NAMES = {kind: name for name, kind in STEPS.items()}
_hints: Callable[[type], dict[str, Any]] = cache(get_type_hints)


def to_document(step: Step) -> dict[str, Any]:
    """Return a step as JSON data: its name and the fields that differ from their defaults."""
    defaults = _DEFAULTS[type(step)]
    changed = {name: value for name, value in asdict(step).items() if value != defaults[name]}
    return {"step": _NAMES[type(step)], **changed}


def from_document(document: Mapping[str, Any], place: str = "step") -> Step:
    """Read a step; raises ValueError that names the place, what was found and what is allowed."""
    name = document.get("step") if isinstance(document, Mapping) else None
    if not isinstance(name, str) or name not in STEPS:
        raise ValueError(f"{place}: step is {shortened(name)}; allowed are {', '.join(STEPS)}")
    kind = STEPS[name]
    allowed = {one.name for one in fields(kind)}
    values = {key: value for key, value in document.items() if key != "step"}
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise ValueError(
            f"{place}: {name} has no field {unknown[0]!r}; allowed are {', '.join(sorted(allowed)) or 'none'}"
        )
    missing = sorted(one.name for one in fields(kind) if one.name not in values and _required(one))
    if missing:
        raise ValueError(f"{place}: {name} needs the field {missing[0]!r}")
    hints = _hints(kind)
    for key, value in values.items():
        wanted = _unfit(value, hints[key])
        if wanted:
            raise ValueError(f"{place}: {name}: {key} is {shortened(value)}; expected {wanted}")
        most = MOST_SECONDS if hints[key] is float else MOST.get(key, MOST_ELSE)
        least = LEAST.get(key, -most)
        if isinstance(value, int | float) and not isinstance(value, bool) and not least <= value <= most:
            raise ValueError(f"{place}: {name}: {key} is {shortened(value)}; that is out of bounds, {least} to {most}")
    return _buildable(kind(**values), place)


def shortened(value: Any) -> str:
    """Return a value as a message repeats it."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def _buildable(step: Step, place: str) -> Step:
    """Refuse a fault that no provider could commit, before anything is played."""
    if isinstance(step, Fault):
        try:
            build(step.spec)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    return step


def _unfit(value: Any, hint: Any) -> str:
    """Say what a field takes where a value does not fit its type; empty where it does."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if any(_fits(value, option) for option in options):
        return ""
    return " or ".join(_wanted(option) for option in options)


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, get_origin(hint) or hint)


def _wanted(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, get_args(hint)))}"
    return _TYPE_NAMES.get(get_origin(hint) or hint, "another type")


_TYPE_NAMES = {
    float: "a number",
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    NoneType: "null",
    Mapping: "an object",
}


def _required(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _default(one: Any) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


_DEFAULTS: Mapping[type, Mapping[str, Any]] = {
    kind: {one.name: _default(one) for one in fields(kind)} for kind in STEPS.values()
}
