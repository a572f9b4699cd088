"""Functions of `time` and `datetime` that client code took hold of before they were virtual: those in the default
values of a function are exchanged for as long as they are, the others are told.
"""

from __future__ import annotations

import gc
import sys
import sysconfig
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from freezegun import api

from refreshproof.scenarios.clocks.waits import ClockWarning
from refreshproof.scenarios.clocks.wall_clock import is_machinery, real_sleep

_OWN = (__name__.rpartition(".")[0], "freezegun", "time", "datetime")
_NAMES = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime", "gmtime")
_SHOWN: Mapping[int, Any] = {id(getattr(api, f"real_{name}")): getattr(api, f"fake_{name}") for name in _NAMES}
"""What is shown instead of a clock, by the id of its function."""
_CLASSES: Mapping[type, Any] = {api.real_datetime: api.FakeDatetime, api.real_date: api.FakeDate}

Defaults: TypeAlias = tuple[types.FunctionType, "tuple[Any, ...] | None", "dict[str, Any] | None"]

_LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_seen: dict[str, Any] = {"modules": -1, "functions": []}


@contextmanager
def followed(sleep: Callable[[float], None]) -> Iterator[None]:
    """Let the default values of functions follow the clocks that are shown, and what is called instead of `time.sleep`;
    warn of what does not follow."""
    instead = {**_SHOWN, id(real_sleep()): sleep}
    undo: list[Callable[[], None]] = []
    for function in _holding():
        undo.append(_restoring(function))
        if function.__defaults__:
            function.__defaults__ = tuple(_shown(value, instead) for value in function.__defaults__)
        if function.__kwdefaults__:
            function.__kwdefaults__ = {name: _shown(value, instead) for name, value in function.__kwdefaults__.items()}
    for place in escaped():
        what = f"{place} was taken before the clock was virtual, and tells real time; look it up when it is used"
        warnings.warn(ClockWarning(what), stacklevel=2)
    try:
        yield
    finally:
        for again in undo:
            again()


def _restoring(function: types.FunctionType) -> Callable[[], None]:
    defaults, named = function.__defaults__, function.__kwdefaults__

    def restore() -> None:
        function.__defaults__, function.__kwdefaults__ = defaults, named

    return restore


def _shown(value: Any, instead: Mapping[int, Any]) -> Any:
    """Return what is shown in the place of a clock, and any other value as it is."""
    if id(value) in instead:
        return instead[id(value)]
    owner = getattr(value, "__self__", None)
    if isinstance(value, types.BuiltinMethodType) and isinstance(owner, type) and owner in _CLASSES:
        return getattr(_CLASSES[owner], value.__name__)
    return value


def _holding() -> list[types.FunctionType]:
    """Return the functions with a clock among their default values; they are looked for when modules have come."""
    if _seen["modules"] != len(sys.modules):
        _seen["functions"] = [one for one in gc.get_objects() if type(one) is types.FunctionType and _holds(one)]
        _seen["modules"] = len(sys.modules)
    functions: list[types.FunctionType] = _seen["functions"]
    return functions


def _holds(function: types.FunctionType) -> bool:
    values = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    held = {**_SHOWN, id(real_sleep()): None}
    return any(_shown(value, held) is not value for value in values) and not is_machinery(str(function.__module__))


def escaped() -> list[str]:
    """Return where client code still holds a real clock, in words."""
    reals = [getattr(api, f"real_{name}") for name in _NAMES]
    own = {id(vars(module)) for module in list(sys.modules.values()) if hasattr(module, "__dict__")}
    return sorted({place for holder in gc.get_referrers(*reals) if id(holder) not in own for place in _places(holder)})


def _places(holder: Any) -> Iterator[str]:
    """Yield what client code calls a holder of a clock; nothing for one of Python's, of a library's or of ours."""
    names = {name: value for name, value in _values(holder) if id(value) in _SHOWN}
    owners = (
        [holder] if not isinstance(holder, dict) else [one for one in gc.get_referrers(holder) if _owns(one, holder)]
    )
    for owner in owners:
        kind = owner if isinstance(owner, type) else type(owner)
        if _is_client_code(kind.__module__):
            for name, value in names.items():
                yield f"{kind.__module__}.{kind.__qualname__}.{name} (time.{value.__name__})"


def _values(holder: Any) -> list[tuple[str, Any]]:
    if isinstance(holder, dict):
        return [(name, value) for name, value in holder.items() if isinstance(name, str)]
    return list(getattr(holder, "__dict__", {}).items())


def _owns(one: Any, namespace: dict[str, Any]) -> bool:
    return getattr(one, "__dict__", None) is namespace


def _is_client_code(name: str) -> bool:
    module = sys.modules.get(name)
    file = str(getattr(module, "__file__", None) or "")
    return bool(file) and not file.startswith(_LIBRARIES) and not is_machinery(name) and not name.startswith(_OWN)
