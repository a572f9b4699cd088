"""The programs of this process: each is begun with what it needs around it, and kept for the next session while it is
well."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from refreshproof.harness.subjects.exec import answers
from refreshproof.harness.subjects.exec.answers import ProgramError
from refreshproof.harness.subjects.exec.home import Needs
from refreshproof.harness.subjects.exec.messages import PROTOCOL, Greeting
from refreshproof.harness.subjects.exec.party import Party
from refreshproof.harness.subjects.exec.process import dismiss_warden
from refreshproof.harness.subjects.exec.program import Program
from refreshproof.mock_servers.wire import Instant

_IDLE: dict[tuple[int, str], list[Program]] = {}
_NEEDS: dict[str, Needs] = {}
"""What programs have turned out to need, by command."""


def taken(command: str, party: Party, now: Instant) -> Program:
    """Return a program that has a session in a party from now on, begun if there is none that waits for one."""
    idle = _IDLE.setdefault((os.getpid(), command), [])
    program = idle.pop() if idle else _begun(command, party, now)
    party.programs.append(program)
    return program


def given_back(program: Program, party: Party) -> None:
    """Keep a program that is well for the next session."""
    party.programs.remove(program)
    program.carrier = None
    if program.broken is not None or program.died is not None or program.busy or not program.alive:
        program.close()
    else:
        _IDLE.setdefault((os.getpid(), program.command), []).append(program)


def begun_with(program: Program, needs: Needs, party: Party, now: Instant) -> Program:
    """Return a program of the same command that has something else around it; the first one ends."""
    _NEEDS[program.command] = needs
    given_back(program, party)
    end_idle_programs()
    return taken(program.command, party, now)


def greet(program: Program, party: Party, now: Instant) -> Greeting:
    """Begin the conversation with a new process: agree on the edition of the protocol; raises ProgramError."""
    answer = party.ask(program, "hello", lambda: now, lambda caller: {"protocol": PROTOCOL})
    if answer.get("unsupported"):
        return Greeting(id=0, ok=True, protocol=1)
    if "protocol" not in answer:
        raise ProgramError(
            f"exec:{program.command} answers a command that it does not know; expected {{'unsupported': true}}, or the"
            " protocol that it speaks"
        )
    greeting = answers.understood(answer, "hello")
    assert isinstance(greeting, Greeting)  # noqa: S101 - anything else has no member of that name
    return greeting


def end_idle_programs() -> None:
    """End the processes that wait for another session."""
    for programs in _IDLE.values():
        while programs:
            programs.pop().close()
    dismiss_warden()


def _begun(command: str, party: Party, now: Instant) -> Program:
    needs = _NEEDS.get(command, Needs())
    program = Program(command, needs)
    with _in(party, program):
        greeting = greet(program, party, now)
    if greeting.https == needs.https:
        return program
    program.close()
    _NEEDS[command] = replace(needs, https=greeting.https)
    return _begun(command, party, now)


@contextmanager
def _in(party: Party, program: Program) -> Iterator[None]:
    """Have a program in a party that it may not stay in; one that does not keep the protocol ends."""
    party.programs.append(program)
    try:
        yield
    except BaseException:
        program.close()
        raise
    finally:
        party.programs.remove(program)


atexit.register(end_idle_programs)
