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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from freezegun import api

from refreshproof.scenarios.clocks.waits import ClockWarning
from refreshproof.scenarios.clocks.wall_clock import is_machinery, real_sleep

_OWN = (__name__.rpartition(".")[0], "freezegun", "time", "datetime")
_NAMES = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime", "gmtime")
_SHOWN: Mapping[int, Any] = {id(getattr(api, f"real_{name}")): getattr(api, f"fake_{name}") for name in _NAMES}
"""What is shown instead of a clock, by the id of its function."""
_CLASSES: Mapping[type, Any] = {api.real_datetime: api.FakeDatetime, api.real_date: api.FakeDate}

_LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_MODULES: WeakSet[types.ModuleType] = WeakSet()
_FUNCTIONS: list[types.FunctionType] = []
"""The functions of these modules that have a clock among their default values."""


@dataclass(frozen=True)
class Held:
    """A clock that client code holds as an attribute."""

    owner: Any
    name: str
    clock: Any

    def __str__(self) -> str:
        kind = _kind(self.owner)
        return f"{kind.__module__}.{kind.__qualname__}.{self.name} (time.{self.clock.__name__})"


@contextmanager
def followed(sleep: Callable[[float], None]) -> Iterator[None]:
    """Let default values of functions and attributes of classes follow the clocks that are shown, and what is called
    instead of `time.sleep`; warn of what does not follow."""
    instead = {**_SHOWN, id(real_sleep()): sleep}
    with ExitStack() as undo:
        for function in _holding():
            undo.callback(_set_defaults, function, function.__defaults__, function.__kwdefaults__)
            _set_defaults(
                function,
                tuple(_shown(value, instead) for value in function.__defaults__) if function.__defaults__ else None,
                {name: _shown(value, instead) for name, value in (function.__kwdefaults__ or {}).items()} or None,
            )
        for held in _held():
            if isinstance(held.owner, type):
                undo.callback(setattr, held.owner, held.name, held.clock)
                setattr(held.owner, held.name, staticmethod(instead[id(held.clock)]))
            else:
                what = f"{held} was taken before the clock was virtual, and tells real time; look it up when it is used"
                warnings.warn(ClockWarning(what), stacklevel=2)
        yield


def _set_defaults(function: types.FunctionType, defaults: Any, named: Any) -> None:
    function.__defaults__, function.__kwdefaults__ = defaults, named


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
    modules = [one for one in list(sys.modules.values()) if issubclass(type(one), types.ModuleType)]
    arrived = [one for one in modules if one not in _MODULES]
    if arrived:
        held = {**_SHOWN, id(real_sleep()): None}
        functions = (one for one in gc.get_objects() if type(one) is types.FunctionType)
        _FUNCTIONS[:] = [one for one in functions if (one.__defaults__ or one.__kwdefaults__) and _holds(one, held)]
        _MODULES.update(arrived)
    return _FUNCTIONS


def _holds(function: types.FunctionType, held: Mapping[int, Any]) -> bool:
    values = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return any(_shown(value, held) is not value for value in values) and not is_machinery(str(function.__module__))


def _held() -> list[Held]:
    """Return the clocks that client code holds: no module's, which freezegun exchanges, none of Python's, of a
    library's or of ours."""
    reals = [getattr(api, f"real_{name}") for name in _NAMES]
    modules = {id(vars(module)) for module in list(sys.modules.values()) if hasattr(module, "__dict__")}
    holders = [one for one in gc.get_referrers(*reals) if id(one) not in modules]
    namespaces = {id(one): one for one in holders if type(one) is dict}
    owners = [(one, _namespace(one)) for one in gc.get_referrers(*namespaces.values())] if namespaces else []
    owned = [(one, namespaces[id(found)]) for one, found in owners if id(found) in namespaces]
    alone = [(one, _attributes(one)) for one in holders if type(one) is not dict]
    return sorted(
        (
            Held(owner, name, value)
            for owner, values in (*owned, *alone)
            if _is_client_code(_kind(owner).__module__)
            for name, value in values.items()
            if id(value) in _SHOWN
        ),
        key=str,
    )


def _namespace(owner: Any) -> Any:
    """Return the dictionary in which an object has its attributes."""
    if isinstance(owner, type):
        return next(one for one in gc.get_referents(owner) if type(one) is dict and "__module__" in one)
    return getattr(owner, "__dict__", None)


def _attributes(owner: Any) -> dict[str, Any]:
    """Return the attributes of an object that has them without a dictionary."""
    slots = [slot for kind in type(owner).__mro__ for slot in vars(kind).get("__slots__", ())]
    own = dict(vars(owner)) if hasattr(owner, "__dict__") else {}
    return own | {slot: getattr(owner, slot, None) for slot in slots if slot != "__dict__"}


def _kind(owner: Any) -> type:
    return owner if isinstance(owner, type) else type(owner)


def _is_client_code(name: str) -> bool:
    module = sys.modules.get(name)
    file = str(getattr(module, "__file__", None) or "")
    return bool(file) and not file.startswith(_LIBRARIES) and not is_machinery(name) and not name.startswith(_OWN)
