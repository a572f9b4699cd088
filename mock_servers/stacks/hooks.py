"""The hooks in HTTP stacks and in `socket`: set while somebody needs them, once for all, and taken out in order.

A hook costs nothing where nobody is led, so that many subjects can come and go in a run. A library that is imported
while hooks are set gets its own as it arrives: a client may import one in the middle of a call.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, TracebackType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Something that is called, and what is called instead; `around` gets the former and returns the latter."""

    owner: Any
    name: str
    around: Callable[[Any], Any]


class Hooks(AbstractContextManager["Hooks"]):
    """The hooks of libraries: `modules` maps each to the module that holds its `hooks()`."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._users = 0
        self._guard = threading.RLock()
        self._undo: list[Callable[[], None]] = []
        self._arrivals = _Arrivals(modules, self._set)

    def __enter__(self) -> Hooks:
        with self._guard:
            self._users += 1
            if self._users == 1:
                for library in self._modules:
                    if sys.modules.get(library) is not None:
                        self._set(library)
                sys.meta_path.insert(0, self._arrivals)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._users -= 1
            if self._users == 0:
                sys.meta_path.remove(self._arrivals)
                while self._undo:
                    self._undo.pop()()

    def _set(self, library: str) -> None:
        with self._guard:
            if self._users:
                hooks: Iterable[Hook] = import_module(self._modules[library]).hooks()
                self._undo += [_put(hook) for hook in hooks]


def _put(hook: Hook) -> Callable[[], None]:
    """Set a hook; returns what takes it out again."""
    owner, name, before = hook.owner, hook.name, getattr(hook.owner, hook.name)
    own = name in vars(owner)  # an inherited method is uncovered again, not copied
    setattr(owner, name, hook.around(before))
    return (lambda: setattr(owner, name, before)) if own else (lambda: delattr(owner, name))


class _Arrivals(MetaPathFinder):
    """Tells when one of the libraries has been imported; finds nothing itself."""

    def __init__(self, libraries: Mapping[str, str], arrived: Callable[[str], None]) -> None:
        self._libraries = libraries
        self._arrived = arrived

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find one of the libraries as the other finders do, and be told when it has been executed."""
        if fullname not in self._libraries:
            return None
        others = (one for one in sys.meta_path if one is not self)
        spec = next(filter(None, (one.find_spec(fullname, path, target) for one in others)), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def executed(module: ModuleType) -> None:
                execute(module)
                self._arrived(fullname)

            spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec
