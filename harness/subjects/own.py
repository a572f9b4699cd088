"""A client of the user's own: `module:attribute`, or a file, `./client.py:attribute`; in a file with one subject the
attribute can be left out."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from refreshproof.harness.adapters.contract import NEEDED
from refreshproof.harness.adapters.errors import SubjectError, listed
from refreshproof.harness.adapters.suggestion import hint
from refreshproof.scenarios.steps.subject import SubjectFactory

SUFFIX = ".py"
_LOADED: dict[Path, ModuleType] = {}


class UnknownSubjectError(SubjectError, ValueError):
    """A subject was named that there is not; the message says which there are."""


def is_file(name: str) -> bool:
    """Tell whether a subject is named by its file."""
    return name.partition(":")[0].endswith(SUFFIX)


def own_factory(name: str) -> SubjectFactory:
    """Return what `module:attribute` or `file.py:attribute` names; raises UnknownSubjectError, and whatever the module
    raises as it is imported."""
    place, _, attribute = name.partition(":")
    try:
        module = _module_in(Path(place)) if is_file(name) else importlib.import_module(place)
        wanted = attribute or _only_subject(module, name)
    except (ImportError, AttributeError) as error:
        raise UnknownSubjectError(f"subject {name!r}: {error}") from error
    try:
        factory = getattr(module, wanted)
    except AttributeError as error:
        there = _subjects_of(module)
        otherwise = f"its subjects are {listed(there)}" if there else "no class in it has the methods of a subject"
        raise UnknownSubjectError(f"subject {name!r}: {error}; {hint(wanted, there, otherwise)}") from error
    if not callable(factory):
        raise UnknownSubjectError(f"subject {name!r}: {attribute} is a {type(factory).__name__}, not a factory")
    return factory  # type: ignore[no-any-return]


def _module_in(path: Path) -> ModuleType:
    """Load a file once, under a name that no package has; what stands beside it can be imported as well."""
    file = path.resolve()
    if file in _LOADED:
        return _LOADED[file]
    if not file.is_file():
        raise UnknownSubjectError(f"subject {str(path)!r}: there is no such file")
    name = f"{file.stem}{SUFFIX}"  # with a dot in it, which no import statement can spell for a module at the top
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UnknownSubjectError(f"subject {str(path)!r}: cannot be imported")
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look modules up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return _LOADED.setdefault(file, module)


def _only_subject(module: ModuleType, name: str) -> str:
    found = _subjects_of(module)
    if len(found) != 1:
        which = f"its subjects are {listed(found)}" if found else "no class in it has the methods of one"
        raise UnknownSubjectError(f"subject {name!r} says no name after a colon, and {which}; name one: {name}:NAME")
    return found[0]


def _subjects_of(module: ModuleType) -> list[str]:
    return [key for key, value in vars(module).items() if _is_subject_of(module, value)]


def _is_subject_of(module: ModuleType, value: Any) -> bool:
    if not inspect.isclass(value) or inspect.isabstract(value) or not all(hasattr(value, name) for name in NEEDED):
        return False
    # one that `from_functions` and its like have made says where they are
    return value.__module__ == module.__name__ or not _imported_from_its_home(value)


def _imported_from_its_home(value: type) -> bool:
    return getattr(sys.modules.get(value.__module__), value.__name__, None) is value
