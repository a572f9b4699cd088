"""What a process is like on which the results of a run depend: two that are alike come to the same."""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.under_test import SubjectFaultError, client_named
from refreshproof.harness.subjects.own import SUFFIX, UnknownSubjectError, is_file
from refreshproof.harness.subjects.registry import EXEC, SUBJECTS
from refreshproof.harness.work.pieces import Likeness
from refreshproof.reports.version import VERSION

PACKAGES = ("harness", "mock_servers", "scenarios")
SOURCES = (SUFFIX, ".json", ".go", ".mjs", ".pl", ".rb")
"""What files in them end in that play or judge."""
LIBRARIES = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib"))
SHOWN = 12
"""Digits of a digest that are told."""


def likeness_of(plan: Plan) -> Likeness:
    """Return what tells, here and elsewhere, on what the results of a plan depend: interpreter, Refreshproof, what
    draws the lives, the client under test and the files of its own that have been loaded here."""
    client_named(plan.subject)
    return partial(told, plan, tuple(sorted(set(_own_files(plan.subject)))))


def told(plan: Plan, own: tuple[str, ...]) -> Mapping[str, str]:
    """Say what this process is like; what cannot be had of the client is said in its place."""
    found = {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "Refreshproof": f"{VERSION} ({_digest(b''.join(_sources()))})",
        "Hypothesis": version("hypothesis"),
        "the client": _client(plan),
    }
    for name in own:
        found[f"the client's file {name}"] = _file(plan.subject, name)
    return found


def _client(plan: Plan) -> str:
    try:
        about = plan.describe()
    except (UnknownSubjectError, SubjectFaultError) as error:
        return str(error)
    return f"{about.name} {about.version}".rstrip() + f" (it can {', '.join(sorted(about.capabilities))})"


def _file(subject: str, name: str) -> str:
    try:
        return _digest((_root(subject) / name).read_bytes())
    except (OSError, UnknownSubjectError) as error:
        return str(error)


def _own_files(subject: str) -> Iterator[str]:
    """Yield the files of a client of the user's own by their names below its root: for a program those its command
    names, else those of the modules that have been loaded, libraries apart."""
    if subject in SUBJECTS or subject.startswith("miniature:"):
        return
    if subject.startswith(EXEC):
        from refreshproof.harness.subjects.exec.program import argv  # here: no other client needs programs

        yield from (word for word in argv(subject.removeprefix(EXEC)) if Path(word).is_file())
        return
    root, package = _root(subject), subject.partition(":")[0].partition(".")[0]
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "")
        own = name.partition(".")[0] == package or not any(file.resolve().is_relative_to(one) for one in LIBRARIES)
        if file.suffix == SUFFIX and own and file.is_relative_to(root) and not name.startswith(("refreshproof.", "__")):
            yield str(file.relative_to(root))


def _root(subject: str) -> Path:
    """Return the folder in which the client's own files are; for a program the working folder."""
    place = subject.partition(":")[0]
    if subject.startswith(EXEC):
        return Path()
    if is_file(subject):
        return Path(place).resolve().parent
    client_named(subject)
    top = sys.modules[place.partition(".")[0]]
    folders = [Path(one) for one in getattr(top, "__path__", ())]
    return folders[0].parent if folders else Path(top.__file__ or "").parent


def _sources() -> Iterator[bytes]:
    for package in PACKAGES:
        yield from _below(files(f"refreshproof.{package}"))


def _below(place: Traversable) -> Iterator[bytes]:
    """Yield names and contents of the modules and data in a folder."""
    for one in sorted(place.iterdir(), key=lambda one: one.name):
        if one.is_file() and one.name.endswith(SOURCES):
            yield from (one.name.encode(), one.read_bytes())
        elif one.is_dir() and one.name not in ("__pycache__", "node_modules"):
            yield from _below(one)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:SHOWN]
