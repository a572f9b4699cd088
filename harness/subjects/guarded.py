"""Every subject that runs in this process, behind one wall: no way out of the machine, and no answer unread.

Whatever HTTP stack a client has is led to its world; what would have left the machine, and what ended the client's
process, is raised by the operation though the client may have caught it; what an operation returns is compared with
the contract.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from refreshproof.harness.adapters.contract import RETURNS, checked, complete
from refreshproof.harness.adapters.errors import FactoryError, IncompleteError, SubjectError, listed, place_of, told
from refreshproof.mock_servers.stacks import HOOKS, Led, NetworkForbidden, line_of
from refreshproof.mock_servers.stacks.led import block
from refreshproof.mock_servers.wire import WireRequest, WireResponse
from refreshproof.scenarios.steps.subject import Description, Subject, SubjectFactory, Surroundings


@dataclass(frozen=True)
class GuardedFactory:
    """Makes subjects that are guarded."""

    factory: SubjectFactory

    def __call__(self, surroundings: Surroundings) -> Subject:
        """Make one; raises SubjectError where that fails by the fault of the client's own code."""
        made: Any = Guarded(self.factory, surroundings)
        return made  # type: ignore[no-any-return]


def guarded(factory: SubjectFactory) -> SubjectFactory:
    """Return a factory of the same subjects, guarded."""
    return factory if isinstance(factory, GuardedFactory) else GuardedFactory(factory)


class Guarded:
    """A subject, made behind the wall and asked only there."""

    def __init__(self, factory: Callable[[Surroundings], Any], surroundings: Surroundings) -> None:
        self._carry = _ending(surroundings)
        inside = replace(surroundings, carrier=self._carry)
        self._under_way: list[Led] = []
        self._subject: Any = None
        HOOKS.__enter__()
        try:
            self._subject = self._led(lambda: _made(factory, inside))
            self._description = checked(self._subject, "describe", self._led(self._subject.describe))
        except BaseException:
            with suppress(Exception):
                self.close()
            raise

    def __getattr__(self, name: str) -> Any:
        if name == "_subject":
            raise AttributeError(name)
        found = getattr(self._subject, name)
        if name not in RETURNS:
            return found

        def operation(*arguments: Any) -> Any:
            return checked(self._subject, name, self._led(lambda: found(*arguments)))

        vars(self)[name] = operation
        return operation

    def describe(self) -> Description:
        """Return what it said of itself when it was made."""
        return self._description  # type: ignore[no-any-return]

    def twin(self, surroundings: Surroundings) -> Guarded:
        """Begin another process on the same store, guarded as well."""
        return Guarded(self._subject.twin, surroundings)

    def close(self) -> None:
        """Release everything."""
        try:
            if self._subject is not None:
                self._led(self._subject.close)
        finally:
            for led in self._under_way:
                led.end()
            HOOKS.__exit__(None, None, None)

    def _led(self, work: Callable[[], Any]) -> Any:
        led = _Operation(self._carry)
        self._under_way.append(led)
        try:
            with led:
                result = work()
            self._under_way.remove(led)
        except Exception as error:
            if led.ended is None and led.refused is None:
                raise
            raise _end(led, error) from None
        if led.ended is not None or led.refused is not None:
            raise _end(led)
        return result


class _Operation(Led):
    """An operation under way; `ended` is what ended the client's process in it."""

    ended: BaseException | None = None


def _ending(surroundings: Surroundings) -> Callable[[WireRequest, float | None], WireResponse]:
    """Return the carrier of surroundings that remembers the end of the client's process, after which nothing is
    carried."""
    carrier = surroundings.carrier

    def carry(request: WireRequest, timeout: float | None) -> WireResponse:
        operation = block()
        while operation is not None and not isinstance(operation, _Operation):
            operation = operation.outer
        if operation is not None and operation.ended is not None:
            raise operation.ended
        try:
            return carrier(request, timeout)
        except Exception:
            raise
        except BaseException as end:
            if operation is not None:
                operation.ended = end
            raise

    return carry


def _end(led: _Operation, error: Exception | None = None) -> BaseException:
    """Return what an operation ends in, whatever the client made of it; a way out that was met in a thread of an event
    loop's learns the client's line."""
    refused = led.refused
    if isinstance(refused, NetworkForbidden) and refused.line is None:
        refused.line = line_of(error or refused)
    return led.ended or refused or RuntimeError("nothing ended")


def _made(factory: Callable[[Surroundings], Any], surroundings: Surroundings) -> Any:
    if inspect.isabstract(factory):
        missing = listed(getattr(factory, "__abstractmethods__", ()))
        raise IncompleteError(f"{factory.__name__} lacks the method {missing}; it has to be written", place_of(factory))
    try:
        made = factory(surroundings)
    except (SubjectError, NetworkForbidden):
        raise
    except Exception as error:
        name = getattr(factory, "__qualname__", type(factory).__name__)
        raise FactoryError(f"{name} could not be made: {told(error)}") from error
    complete(made)
    return made
