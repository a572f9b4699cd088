"""The client under test as a run handles it: whatever it raises, returns or claims that no client can is told as such.

A subject behind the guard is asked like any other; good ones notice nothing.
"""

from __future__ import annotations

import asyncio
import difflib
import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, get_args, get_type_hints

from refreshproof.harness.subjects.registry import UnknownSubjectError, subject_factory
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.crashes import place_of, shown_place, told
from refreshproof.scenarios.steps.subject import Capability, Description, Outcome, SubjectFactory, Surroundings

METHODS = ("describe", "authorize", "callback", "call")
"""Without these a thing is no subject."""

OUTCOMES = (
    "callback", "call", "refresh", "disconnect", "call_with_margin", "call_pages", "log_in_by_device",
)  # fmt: skip
"""Methods that say how they ended."""
ADDRESSES = ("authorize", "authorize_at_second")
"""Methods that return a URL."""


class SubjectFaultError(Exception):
    """The client under test cannot be had: nothing can be said of it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


class BrokenOffError(RuntimeError):
    """A method of the client ended in what would have ended more than itself; `place` is where it did."""

    def __init__(self, message: str, place: tuple[str, int]) -> None:
        super().__init__(message)
        self.place = place


class WrongAnswerError(TypeError):
    """A method of the client returned something that it must not; `place` is where the method stands."""

    def __init__(self, message: str, place: tuple[str, int] | None) -> None:
        super().__init__(message)
        self.place = place


class Guard:
    """A factory of subjects behind the guard; `troubles` collects what went wrong where no journal tells it."""

    def __init__(self, factory: SubjectFactory) -> None:
        self._factory = factory
        self.troubles: list[Trouble] = []

    def __call__(self, surroundings: Surroundings) -> Any:
        """Make a subject."""
        try:
            subject = self._factory(surroundings)
        except SubjectFaultError:
            raise
        except _EXCEPTIONS as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                raise UnknownSubjectError(f"the factory cannot be called with the surroundings: {error}") from None
            made = _trouble("factory", "the client could not be made", error, surroundings)
            raise SubjectFaultError(made) from error
        if isinstance(subject, type):
            raise UnknownSubjectError(
                f"the factory returned the class {subject.__name__}; expected a client made of it"
            )
        missing = [name for name in METHODS if not callable(getattr(subject, name, None))]
        if missing:
            what = f"the factory returned {_kind(subject)} without {', '.join(missing)}"
            raise UnknownSubjectError(f"{what}: that is no client")
        return Guarded(subject, self, surroundings)

    def drain(self) -> tuple[Trouble, ...]:
        """Return what has been collected, and forget it."""
        told, self.troubles = tuple(self.troubles), []
        return told


class Guarded:
    """A subject whose answers are looked at before anyone believes them."""

    def __init__(self, subject: Any, guard: Guard, surroundings: Surroundings) -> None:
        self._subject = subject
        self._guard = guard
        self._surroundings = surroundings

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the subject; a method is watched."""
        found = getattr(self._subject, name)
        return self._watched(name, found) if callable(found) and not name.startswith("_") else found

    def describe(self) -> Description:
        """Return what the subject says of itself, if it is a description."""
        try:
            about = self._subject.describe()
        except SubjectFaultError:
            raise
        except _EXCEPTIONS as error:
            what = "the client could not describe itself"
            raise SubjectFaultError(_trouble("describe()", what, error, self._surroundings)) from error
        wrong = _misdescribed(about)
        if wrong:
            file, line = shown_place(_home_of_class(type(self._subject)))
            raise SubjectFaultError(Trouble(where="describe()", what=wrong, file=file, line=line or None))
        return about  # type: ignore[no-any-return]

    def twin(self, surroundings: Surroundings) -> Guarded:
        """Begin another process."""
        return Guarded(self._watched("twin", self._subject.twin)(surroundings), self._guard, surroundings)

    def close(self) -> None:
        """Release everything; a failure is told and ends nothing else."""
        try:
            self._subject.close()
        except _EXCEPTIONS as error:
            told_of = _trouble("close()", "the client could not be closed", error, self._surroundings)
            self._guard.troubles.append(replace(told_of, stops=False))

    def _watched(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def ask(*arguments: Any, **options: Any) -> Any:
            try:
                answer = method(*arguments, **options)
            except SystemExit as error:
                what = f"the client ended the process with exit status {_code(error)}"
                raise BrokenOffError(what, place_of(error)) from error
            except asyncio.CancelledError as error:
                raise BrokenOffError("the client's task was cancelled", place_of(error)) from error
            wrong = _wrong(name, answer)
            if wrong:
                raise WrongAnswerError(wrong, _home(method))
            return answer

        return ask


_EXCEPTIONS = (Exception, SystemExit, asyncio.CancelledError)


def guarded(subject: str) -> Guard:
    """Return the factory of a subject by its name, behind the guard; raises UnknownSubjectError for what is none."""
    module, colon, attribute = subject.partition(":")
    if colon and module.endswith(".py"):
        hint = f"{Path(module).stem}:{attribute}"
        raise UnknownSubjectError(f"subject {subject!r}: found a file; name the module that it is, such as {hint}")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # the user's own module stands where the command was given, as for python -m
    try:
        factory = subject_factory(subject)
    except UnknownSubjectError:
        raise
    except _EXCEPTIONS as error:
        file, line = place_of(error)
        at = f" at {file}:{line}" if file else ""
        raise UnknownSubjectError(f"subject {subject!r} cannot be imported: {told(error)}{at}") from error
    _check_factory(subject, factory)
    return Guard(factory)


def _check_factory(subject: str, factory: SubjectFactory) -> None:
    """Refuse what can never make a client: an abstract class, and what takes no surroundings."""
    missing = sorted(getattr(factory, "__abstractmethods__", ()))
    if inspect.isabstract(factory):
        raise UnknownSubjectError(f"subject {subject!r}: the class lacks {', '.join(missing)}; write them")
    try:
        inspect.signature(factory).bind(object())
    except TypeError as error:
        wanted = "it is called with one argument, the surroundings"
        raise UnknownSubjectError(f"subject {subject!r} is no factory of clients: {error}; {wanted}") from None
    except ValueError:
        return  # a function in C that does not tell what it takes


def _wrong(name: str, answer: Any) -> str:
    """Say what is wrong with an answer; empty if nothing is."""
    if inspect.iscoroutine(answer):
        answer.close()
        return f"{name}() returned a coroutine; expected it to be awaited: the harness asks in turn"
    if name in ADDRESSES and not (isinstance(answer, str) and answer):
        return f"{name}() returned {_kind(answer)}; expected the URL that the user's browser is sent to"
    if name not in OUTCOMES:
        return ""
    if not isinstance(answer, Outcome):
        return f"{name}() returned {_kind(answer)}; expected an Outcome"
    for member, allowed in _MEMBERS.items():
        value = getattr(answer, member)
        if not (value in allowed if member == "kind" else isinstance(value, allowed) or value is None):
            found = repr(value)[:40] if member == "kind" else _kind(value)
            expected = f"one of {', '.join(allowed)}" if member == "kind" else f"{allowed.__name__} or None"
            return f"{name}() returned an Outcome whose {member} is {found}; expected {expected}"
    return ""


_MEMBERS: Mapping[str, Any] = {
    "kind": get_args(get_type_hints(Outcome)["kind"]), "status": int, "error": str, "detail": str, "refreshable": bool,
}  # fmt: skip


def _misdescribed(about: Any) -> str:
    if not isinstance(about, Description):
        return f"describe() returned {_kind(about)}; expected a Description"
    if not (isinstance(about.name, str) and isinstance(about.version, str)):
        return "describe() returned a name or a version that is no text"
    known = get_args(Capability)
    for claimed in sorted(map(str, about.capabilities)) if _is_a_set(about.capabilities) else ():
        if claimed not in known:
            near = difflib.get_close_matches(claimed, known, n=2)
            meant = f"did you mean {' or '.join(near)}? " if near else ""
            return f"there is no capability {claimed!r}; {meant}There are {', '.join(sorted(known))}"
    if not _is_a_set(about.capabilities):
        return f"capabilities is {_kind(about.capabilities)}; expected a set of their names"
    return ""


def _is_a_set(value: Any) -> bool:
    return isinstance(value, set | frozenset)


def _kind(value: Any) -> str:
    """Name a value without telling what it holds: it may hold secrets."""
    return "None" if value is None else f"a {type(value).__name__}"


def _home(method: Callable[..., Any]) -> tuple[str, int] | None:
    code = getattr(inspect.unwrap(getattr(method, "__func__", method)), "__code__", None)
    return None if code is None else (code.co_filename, code.co_firstlineno)


def _home_of_class(kind: type) -> tuple[str, int] | None:
    try:
        return inspect.getsourcefile(kind) or "", inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        return None


def _code(error: SystemExit) -> str:
    return repr(error.code) if isinstance(error.code, int) or error.code is None else "1"


def _trouble(where: str, what: str, error: BaseException, surroundings: Surroundings) -> Trouble:
    file, line = place_of(error)
    text = told(error, lambda said: _without_secrets(said, surroundings.registration.client_secret))
    return Trouble(where=where, what=what, exception=text, file=file, line=line or None)


def _without_secrets(text: str, secret: str | None) -> str:
    """Leave out the client's secret, and whatever could be a token: outside a world nobody can say what is one."""
    text = text.replace(secret, "(the client's secret)") if secret else text
    return re.sub(r"[A-Za-z0-9_~+=-]{20,}", "(...)", text)
