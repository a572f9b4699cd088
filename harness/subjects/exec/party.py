"""The programs that share a store, and the callers who wait for their answers.

A caller carries the requests of its own program in its own virtual time. Only one caller works at a moment. One that
waits for what another brings about, such as the refresh that a program makes for all its callers, stands at a gate
until its program has something for it. Where a caller's process dies, the others finish what does not depend on that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from refreshproof.harness.subjects.exec.home import Store
from refreshproof.harness.subjects.exec.program import PATIENCE, Program
from refreshproof.harness.subjects.exec.sockets import Visit, readable
from refreshproof.harness.subjects.exec.wall_clock import Deadline
from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.clocks.watchdog import working_elsewhere
from refreshproof.scenarios.steps.subject import LockFactory

LOOK = 0.002
"""Seconds of real time between two looks at whether the programs sleep."""
SILENCE = 0.05
"""Seconds without a word after which a program is taken to sleep where that cannot be told."""


@dataclass(kw_only=True, eq=False)
class Caller:
    """Somebody who waits for a program; `number` tells the callers of one program apart, `gate` holds those up who
    wait for others."""

    program: Program
    number: int
    command: int = 0
    gate: Any = None
    waits: bool = False

    def can_go_on(self, visit: Visit | None) -> bool:
        """Tell whether there is something to do for it."""
        program = self.program
        return visit is not None or self.command in program.answers or program.broken is not None


class Party:
    """Programs on one store; the callers wait by turns."""

    def __init__(self, make_lock: LockFactory) -> None:
        self.store = Store()
        self.programs: list[Program] = []
        self._callers: list[Caller] = []
        self._make_lock = make_lock

    def ask(
        self, program: Program, command: str, now: Callable[[], Instant], say: Callable[[int], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Send a command, with the members that `say` returns for a caller's number, and return the answer.

        Raises ProgramError, and again what the program's process has died of.
        """
        with self._called(program) as caller:
            caller.command = program.send(command, now(), **say(caller.number))
            deadline = Deadline(program.patience)
            while caller.command not in program.answers:
                self._go_on(caller, deadline, now)
            return program.answered(caller.command)

    def settle(self, program: Program) -> bool:
        """Wait until a program has answered whatever was broken off, in which nothing gets through; tells whether that
        came to an end."""
        deadline = Deadline(PATIENCE)
        while program.busy and program.broken is None and self._pump(deadline.left):
            program.hang_up()
        program.answers, program.died = {}, None
        return not program.busy and program.broken is None

    @contextmanager
    def _called(self, program: Program) -> Iterator[Caller]:
        taken = {one.number for one in self._callers if one.program is program}
        caller = Caller(program=program, number=next(n for n in range(1, len(taken) + 2) if n not in taken))
        self._callers.append(caller)
        try:
            yield caller
        finally:
            self._callers.remove(caller)
            if program.hanging and all(one.program is not program for one in self._callers):
                self._bury(program)
            self._wake()

    def _go_on(self, caller: Caller, deadline: Deadline, now: Callable[[], Instant]) -> None:
        """Do what is next for a caller whose answer has not come."""
        program = caller.program
        if program.broken is not None:
            raise program.broken
        visit = self._visit_for(caller)
        if visit is not None:
            program.visits.remove(visit)
            self._carry(program, visit, now)
            deadline.renew()
        elif any(not other.waits for other in self._callers if other is not caller):
            if not self._pump_until_all_sleep():
                self._stand_back(caller)
                deadline.renew()
        elif program.died is not None:
            if not self._pump_until_all_sleep():
                raise program.died
        elif not self._pump(deadline.left):
            raise program.silent(caller.command)

    def _visit_for(self, caller: Caller) -> Visit | None:
        """Return a request that a caller is to carry: its own, or one that may be anybody's."""
        present = {one.number for one in self._callers if one.program is caller.program}
        return next(
            (one for one in caller.program.visits if one.caller == caller.number or one.caller not in present), None
        )

    def _carry(self, program: Program, visit: Visit, now: Callable[[], Instant]) -> None:
        try:
            program.doors.answer(visit, self._carrier(program, now))
        except BaseException as end:
            program.hanging.append(visit)
            if not isinstance(end, Exception):
                program.died = end
            raise

    def _carrier(self, program: Program, now: Callable[[], Instant]) -> Callable[..., Any] | None:
        """Return a program's carrier, after which the program's clock shows the time."""
        if program.carrier is None:
            return None
        carrier = program.carrier

        def carry(*arguments: Any) -> Any:
            try:
                return carrier(*arguments)
            finally:
                program.home.show(now())

        return carry

    def _bury(self, program: Program) -> None:
        """End a process that has died, before it can make anything of the connections that break off. One that keeps
        nothing in its store lives on, for what it would have stored is in its memory."""
        if self.store.used:
            program.kill()
        program.hang_up()

    def _stand_back(self, caller: Caller) -> None:
        """Wait until there is something to do for a caller, while others go on. Taking the gate for the first time is
        a moment at which others may go on, and come to their end: the caller looks again before it waits."""
        if caller.gate is None:
            caller.gate = self._make_lock()
            caller.gate.acquire()
            return
        caller.waits = True
        caller.gate.acquire()

    def _wake(self) -> None:
        """Let those go on for whom there is something to do; one of them at least, if nobody else is left."""
        waiting = [one for one in self._callers if one.waits]
        ready = [one for one in waiting if one.can_go_on(self._visit_for(one))]
        if not ready and len(waiting) == len(self._callers):
            ready = waiting[:1]
        for one in ready:
            one.waits = False
            one.gate.release()

    def _pump(self, seconds: float) -> bool:
        """Take what arrives within so many seconds, from whichever program; tells whether there was anything."""
        files = {file: program for program in self.programs for file in program.files}
        with working_elsewhere():
            ready = readable(files, seconds)
        for file in ready:
            files[file].take(file)
        if ready:
            self._wake()
        return bool(ready)

    def _pump_until_all_sleep(self) -> bool:
        """Take what the programs have for whomever; tells whether it was anything before all of them slept."""
        deadline, silence = Deadline(PATIENCE), Deadline(SILENCE)
        while deadline.left:
            if self._pump(LOOK):
                return True
            asleep = [program.sleeps for program in self.programs if program.busy]
            if (None in asleep and not silence.left) or (all(asleep) and None not in asleep):
                return self._pump(0)
        return False
