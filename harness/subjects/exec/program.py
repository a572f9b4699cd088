"""A client in another process: a program that answers commands, one JSON object a line, for as long as it lives.

It knows the protocol and nothing of OAuth. stdin brings commands, stdout takes answers; what comes by stderr is logged
where it comes, and its end is told when the program breaks. Whoever waits for an answer has to `take` what arrives.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from typing import Any

from refreshproof.harness.subjects.exec.answers import LONGEST_LINE, ProgramError, quoted, read, tail
from refreshproof.harness.subjects.exec.home import Home, Needs
from refreshproof.harness.subjects.exec.process import end, sleeps, start
from refreshproof.harness.subjects.exec.sockets import Doors, Visit, readable
from refreshproof.harness.subjects.exec.tls import authority
from refreshproof.mock_servers.stacks.carrier import Carrier
from refreshproof.mock_servers.wire import SECOND, Instant

PATIENCE = 4.0
"""Seconds of real time within which a command is answered, or a request made."""
FIRST_PATIENCE = 20.0
"""The same for the first command to a new process: some interpreters take long to start."""
KEPT = 4000
"""Bytes of stderr that are kept."""
LOGGED = 1_000_000
"""Bytes of stderr that are logged between two commands."""

STDERR = logging.getLogger("refreshproof.program.stderr")
"""Where every line goes that a program writes to stderr."""


class Program:
    """A command's process, and the next one where it is begun anew.

    `visits` are requests that wait to be carried, `hanging` those that nobody answers any more, `answers` came to
    commands by their numbers; `broken` is why no more can come, `died` what its process died of.
    """

    def __init__(self, command: str, needs: Needs) -> None:
        self.command = command
        self._argv = argv(command)
        self.home = Home(needs)
        self.doors = Doors(authority()[0] if needs.https else None)
        self.carrier: Carrier | None = None
        self._numbers = count(1)
        self._owner = os.getpid()
        try:
            self._begin()
        except BaseException:
            self._leave_home()
            raise

    def _begin(self) -> None:
        self._rest, self._stderr, self._said, self._logged = b"", b"", b"", 0
        self.answers: dict[int, Mapping[str, Any]] = {}
        self.visits: list[Visit] = []
        self.hanging: list[Visit] = []
        self.broken: ProgramError | None = None
        self.died: BaseException | None = None
        self._unanswered: dict[int, str] = {}
        self._killed = False
        self.patience = FIRST_PATIENCE
        try:
            self._process = start(self._argv, self.home.environment)
        except OSError as error:
            raise ProgramError(f"exec:{self.command}: {error}") from None
        self._open = {name: self._pipe(name) for name in ("stdout", "stderr")}

    @property
    def pid(self) -> int:
        """The process, by its number."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """Whether a command has not been answered: it is under way, or the conversation was broken off."""
        return bool(self._unanswered)

    @property
    def sleeps(self) -> bool | None:
        """Whether the process waits for something, None where that cannot be told."""
        return sleeps(self._process)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def files(self) -> list[Any]:
        """What may have to be taken."""
        return [*self._open.values(), *self.doors.open]

    def send(self, command: str, now: Instant, **members: Any) -> int:
        """Send a command and return its number; raises ProgramError."""
        self.home.show(now)
        number = next(self._numbers)
        line = json.dumps({"id": number, "cmd": command, "now": now / SECOND, **members})
        self._unanswered[number] = command
        self._logged = 0
        try:
            self._pipe("stdin").write(line.encode() + b"\n")
            self._pipe("stdin").flush()
        except OSError:
            raise self._ended() from None
        return number

    def take(self, file: Any) -> None:
        """Take what can be read from one of `files`; what is no answer breaks the program."""
        name = next((name for name, pipe in self._open.items() if pipe is file), None)
        if name is None:  # one of the doors, or a pipe that has come to its end meanwhile
            visit = self.doors.take(file) if file in self.doors.open else None
            self.visits += [] if visit is None else [visit]
            return
        more = os.read(file.fileno(), 65536)
        if not more:
            del self._open[name]
        if name == "stderr":
            self._hear(more)
            return
        self._rest += more
        try:
            self._read_lines()
            if not more:
                raise self._ended()
        except ProgramError as error:
            self.broken = self.broken or error

    def silent(self, number: int) -> ProgramError:
        """Return the error of a program that has not answered in time."""
        return self._broke(f"no answer to {self._unanswered.get(number)} within {self.patience:g} s", self._rest)

    def answered(self, number: int) -> Mapping[str, Any]:
        """Return the answer that has come to a command."""
        self.patience = PATIENCE
        return self.answers.pop(number)

    def begin_anew(self) -> None:
        """End the process and begin another one; home and doors stay."""
        self.kill()
        self._begin()

    def kill(self) -> None:
        """End the process, and those that it has begun."""
        if self._killed:
            return
        self._killed = True
        end(self._process)
        self._open = {}
        self.hang_up()
        for name in ("stdin", "stdout", "stderr"):
            with suppress(OSError):  # of a command that nobody has read
                self._pipe(name).close()

    def hang_up(self) -> None:
        """Break off whatever waits for an answer."""
        for visit in (*self.visits, *self.hanging):
            visit.reset()
        self.visits, self.hanging = [], []

    def close(self) -> None:
        """End the process and take its home away."""
        if os.getpid() == self._owner:  # a forked process has a copy of this value, and no program
            self.kill()
            self._leave_home()

    def _leave_home(self) -> None:
        self.doors.close()
        self.home.close()

    def _read_lines(self) -> None:
        while b"\n" in self._rest:
            line, _, self._rest = self._rest.partition(b"\n")
            under_way = next(iter(self._unanswered.values()), "no command")
            answer = read(line, under_way)
            number = answer.get("id", next(iter(self._unanswered), None) if len(self._unanswered) == 1 else None)
            if type(number) is not int or number not in self._unanswered:
                known = " or ".join(map(str, self._unanswered)) or "no answer: no command is under way"
                raise ProgramError(f"the answer to {under_way} has id {number!r:.50}; expected {known}: {quoted(line)}")
            del self._unanswered[number]
            self.answers[number] = {**answer, "id": number}
        if len(self._rest) > LONGEST_LINE:
            under_way = next(iter(self._unanswered.values()), "no command")
            raise self._broke(f"the answer to {under_way} is longer than {LONGEST_LINE} bytes", self._rest)

    def _hear(self, more: bytes) -> None:
        """Log what came by stderr, line by line, and the last one when it has ended."""
        self._stderr = (self._stderr + more)[-KEPT:]
        *lines, self._said = (self._said + more).split(b"\n") if more else (self._said, b"")
        for line in lines:
            if line.strip() and self._logged < LOGGED:
                self._logged += len(line)
                STDERR.warning("%s", line.decode("utf-8", "backslashreplace"))
        self._said = self._said[-LONGEST_LINE:]

    def _ended(self) -> ProgramError:
        """Return the error of a program that says nothing any more."""
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return self._broke("the program has closed its output", self._rest)
        while "stderr" in self._open and readable([self._open["stderr"]], 0):
            self.take(self._open["stderr"])  # the last words of a process that has ended are in the pipe
        return self._broke(f"the program ended with exit status {status}", self._rest)

    def _broke(self, what: str, begun: bytes = b"") -> ProgramError:
        """Return an error with the line that was begun and the end of what came by stderr."""
        line = f"; its line began {quoted(begun)}" if begun.strip() else ""
        return ProgramError(f"{what}{line}{self.last_words}")

    @property
    def last_words(self) -> str:
        """The end of what came by stderr, as a part of a sentence; empty where nothing came."""
        return f"; its stderr ends {tail(self._stderr)}" if self._stderr.strip() else ""

    def _pipe(self, name: str) -> Any:
        return getattr(self._process, name)


def argv(command: str) -> list[str]:
    """Return a command as words; raises ProgramError where there is no such program."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ProgramError(f"exec:{command}: {error}") from None
    if not words:
        raise ProgramError(f"exec:{command}: there is no program; expected exec:COMMAND")
    if shutil.which(words[0]) is None:
        raise ProgramError(f"exec:{command}: there is no program {words[0]!r} that can be run")
    return words
