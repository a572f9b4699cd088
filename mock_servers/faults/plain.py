"""Faults that are plainly right, which is known of most without a model: pydantic takes time and memory, and each
process of a run its own.

What is wrong with a fault is not said here but by `model`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from inspect import Parameter, signature
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Interval

from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.profile.view_options import OPTIONS

Hints = Mapping[str, Any]

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which no body can hold."""


def is_plain(spec: FaultSpec) -> bool:
    """Tell whether a fault is plainly one that `model.check` lets pass; of any other nothing is known."""
    hints, needed = _parameters(spec.fault)
    try:
        return (
            needed <= spec.parameters.keys() <= hints.keys()
            and all(_fits(value, hints[name]) for name, value in spec.parameters.items())
            and all(_fits(getattr(spec, name), hint) for name, hint in _selection().items())
            and spec.view in (None, *OPTIONS)
        )
    except (OverflowError, RecursionError):  # larger or deeper than is plain
        return False


@cache
def _parameters(fault: str) -> tuple[Hints, frozenset[str]]:
    """Return the types of a fault's parameters, and those that must be given."""
    hints, parameters = get_type_hints(FAULTS[fault], include_extras=True), signature(FAULTS[fault]).parameters
    needed = frozenset(name for name, one in parameters.items() if one.default is Parameter.empty)
    return {name: hints[name] for name in parameters}, needed


@cache
def _selection() -> Hints:
    """Return the types of what says which requests a fault is for."""
    hints = get_type_hints(FaultSpec, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in ("fault", "parameters")}


def _fits(value: object, hint: Any) -> bool:
    """Tell whether a value is plainly of a type."""
    origin, inside = get_origin(hint), get_args(hint)
    if hint in (int, bool, NoneType):
        return type(value) is hint
    if hint is float:
        return type(value) in (int, float) and isfinite(value)  # type: ignore[arg-type]
    if hint is str:
        return type(value) is str and not _HALF.search(value)
    if hint is Any:
        return any(_fits(value, one) for one in _JSON)
    if origin is list:
        return type(value) is list and all(_fits(one, inside[0]) for one in value)
    if origin is Mapping:
        return type(value) is dict and all(_fits(name, str) and _fits(one, inside[1]) for name, one in value.items())
    if origin is Literal:
        return type(value) is str and value in inside
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inside)
    return origin is Annotated and _fits(value, inside[0]) and all(_is_within(value, bound) for bound in inside[1:])


_JSON = (str, int, float, bool, NoneType, list[Any], Mapping[str, Any])


def _is_within(value: Any, bound: object) -> bool:
    if isinstance(bound, Ge):
        return bool(value >= bound.ge)
    if isinstance(bound, Interval) and bound.gt is None and bound.lt is None:
        return bool((bound.ge is None or value >= bound.ge) and (bound.le is None or value <= bound.le))
    return False
