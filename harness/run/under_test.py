"""The client under test as a run handles it: what keeps it from being had is told as such, and ends nothing else.

What its methods may return is compared elsewhere (`harness.adapters.contract`), where every subject passes.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from refreshproof.harness.adapters.errors import CapabilityError, FactoryError, IncompleteError, SubjectError
from refreshproof.harness.adapters.errors import place_of as written_at
from refreshproof.harness.subjects.guarded import GuardedFactory
from refreshproof.harness.subjects.own import UnknownSubjectError
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.reports import Trouble
from refreshproof.scenarios.clocks.ending import Ending
from refreshproof.scenarios.evidence.crashes import BrokenOffError, place_of, told
from refreshproof.scenarios.steps.subject import Description, SubjectFactory, Surroundings


class SubjectFaultError(Exception):
    """The client under test cannot be had: nothing can be said of it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


class UnderTest:
    """A factory of clients under test; `troubles` collects what went wrong where no journal tells it."""

    def __init__(self, factory: SubjectFactory) -> None:
        self._factory = factory
        self.troubles: list[Trouble] = []

    def __call__(self, surroundings: Surroundings) -> Any:
        """Make a client; raises SubjectFaultError where its own code fails, UnknownSubjectError for what is none."""
        try:
            return Client(self._factory(surroundings), self, surroundings)
        except FactoryError as error:
            if error.__cause__ is None or not place_of(error.__cause__)[0]:
                made = self._factory.factory if isinstance(self._factory, GuardedFactory) else self._factory
                raise UnknownSubjectError(_without_secrets(error.what, surroundings) + _place(made)) from None
            what = "the client could not be made"
            raise SubjectFaultError(_trouble("factory", what, error.__cause__, surroundings)) from error
        except SubjectError as error:
            raise SubjectFaultError(_trouble("factory", error.what, error, surroundings)) from error
        except BaseException as error:
            _pass_on(error)
            what = error.what if isinstance(error, SubjectError) else "the client could not be made"
            raise SubjectFaultError(_trouble("factory", what, error, surroundings)) from error

    def drain(self) -> tuple[Trouble, ...]:
        """Return what has been collected, and forget it."""
        collected, self.troubles = tuple(self.troubles), []
        return collected


class Client:
    """A client whose every end is one of an operation, and not of the run."""

    def __init__(self, subject: Any, under_test: UnderTest, surroundings: Surroundings) -> None:
        self._subject = subject
        self._under_test = under_test
        self._surroundings = surroundings

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the client; what would end the process ends a method."""
        found = getattr(self._subject, name)
        if not callable(found) or name.startswith("_"):
            return found
        vars(self)[name] = method = _ending(found)
        return method

    def describe(self) -> Description:
        """Return what the client says of itself; raises SubjectFaultError where that cannot be had or is wrong."""
        try:
            return self._subject.describe()  # type: ignore[no-any-return]
        except BaseException as error:
            _pass_on(error)
            what = error.what if isinstance(error, SubjectError) else "the client could not describe itself"
            raise SubjectFaultError(_trouble("describe()", what, error, self._surroundings)) from error

    def twin(self, surroundings: Surroundings) -> Client:
        """Begin another process."""
        return Client(_ending(self._subject.twin)(surroundings), self._under_test, surroundings)

    def close(self) -> None:
        """Release everything; a failure is told and ends nothing else."""
        try:
            self._subject.close()
        except BaseException as error:
            _pass_on(error)
            failure = _trouble("close()", "the client could not be closed", error, self._surroundings)
            self._under_test.troubles.append(replace(failure, stops=False))


def _ending(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def ask(*arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            raise BrokenOffError(f"the client ended the process with exit status {code}", place_of(error)) from error
        except (Exception, Ending, KeyboardInterrupt):
            raise
        except BaseException as error:
            from asyncio import CancelledError  # here: no other client needs it

            what = f"the client raised {type(error).__name__}, which is no Exception"
            if isinstance(error, CancelledError):
                what = "the client's task was cancelled"
            raise BrokenOffError(what, place_of(error)) from error

    return ask


def _pass_on(error: BaseException) -> None:
    """Raise again what is not the client's own."""
    if isinstance(error, Ending | KeyboardInterrupt):
        raise error


def client_named(subject: str) -> UnderTest:
    """Return the factory of the client with this name on the command line; raises UnknownSubjectError for what is
    none."""
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # the user's own module stands where the command was given, as for python -m
    try:
        factory = subject_factory(subject)
    except UnknownSubjectError:
        raise
    except BaseException as error:
        _pass_on(error)
        file, line = place_of(error)
        at = f" at {file}:{line}" if file else ""
        raise UnknownSubjectError(f"subject {subject!r} cannot be imported: {told(error)}{at}") from error
    _check_factory(subject, factory.factory if isinstance(factory, GuardedFactory) else factory)
    return UnderTest(factory)


def unusable(fault: SubjectFaultError) -> None:
    """Refuse a client that lacks a method, or claims what there is not: no run could say anything of it. Raises
    UnknownSubjectError with file and line."""
    if isinstance(fault.__cause__, CapabilityError | IncompleteError):
        trouble = fault.trouble
        raise UnknownSubjectError(f"{trouble.what}{_at(trouble.file, trouble.line)}") from fault


def _at(file: str, line: int | None) -> str:
    return f" ({file}:{line})" if file and line else ""


def _place(code: Any) -> str:
    """Return where a class or function is written, in brackets; empty where nobody knows."""
    file, _, line = written_at(code).rpartition(":")
    return _at(os.path.relpath(file), int(line)) if file else ""


def _check_factory(subject: str, factory: SubjectFactory) -> None:
    """Refuse what can never make a client: an abstract class, and what takes no surroundings."""
    if inspect.isabstract(factory):
        missing = ", ".join(sorted(getattr(factory, "__abstractmethods__", ())))
        lacking = f"the class lacks {missing}; it has to be written{_place(factory)}"
        raise UnknownSubjectError(f"subject {subject!r}: {lacking}")
    try:
        inspect.signature(factory).bind(object())
    except TypeError as error:
        wanted = f"it is called with one argument, the surroundings{_place(factory)}"
        raise UnknownSubjectError(f"subject {subject!r} is no factory of clients: {error}; {wanted}") from None
    except ValueError:
        return  # a function in C that does not tell what it takes


def _trouble(where: str, what: str, error: BaseException, surroundings: Surroundings) -> Trouble:
    file, line = place_of(error)
    text = "" if isinstance(error, SubjectError) else told(error, lambda said: _without_secrets(said, surroundings))
    return Trouble(where=where, what=what, exception=text, file=file, line=line or None)


def _without_secrets(text: str, surroundings: Surroundings) -> str:
    """Leave out the client's secret, and whatever could be a token: outside a world nobody can say what is one."""
    secret = surroundings.registration.client_secret
    text = text.replace(secret, "(the client's secret)") if secret else text
    return re.sub(r"[A-Za-z0-9_~+=-]{20,}", "(...)", text)
