"""A client in another process: a program that answers commands, one JSON object a line, for as long as it lives.

It knows the protocol and nothing of OAuth. stdin brings commands, stdout takes answers, and the end of what came by
stderr is told when the program breaks.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from refreshproof.harness.subjects.exec.answers import LONGEST_LINE, ProgramError, quoted, read, tail
from refreshproof.harness.subjects.exec.process import end, start
from refreshproof.harness.subjects.exec.sockets import Gateway, Silence
from refreshproof.harness.subjects.exec.wall_clock import Deadline
from refreshproof.mock_servers.wire import SECOND, Instant

PATIENCE = 4.0
"""Seconds of real time within which a command is answered, or a request made."""
FIRST_PATIENCE = 20.0
"""The same for the first command to a new process: some interpreters take long to start."""
KEPT = 4000
"""Bytes of stderr that are kept."""
PLAINLY = "is-this-a-command"
"""A command that there is not."""


class Program:
    """A command's process, and the next one where it is begun anew. Its requests go through `gateway`; its clock is in
    every command, and in libfaketime's file."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._argv = argv(command)
        self.gateway = Gateway()
        self._folder = tempfile.TemporaryDirectory(prefix="refreshproof-")
        self._clock = Path(self._folder.name) / "clock"
        self._numbers, self._stores = count(1), count(1)
        self.store = Path(self._folder.name)
        self._owner = os.getpid()
        self.show(0)
        try:
            self._begin()
        except BaseException:
            self._end()
            raise

    def _begin(self) -> None:
        self._rest, self._stderr = b"", b""
        self._unanswered: int | None = None
        self._patience = FIRST_PATIENCE
        try:
            self._process = start(self._argv, self._environment())
        except OSError as error:
            raise ProgramError(f"exec:{self._command}: {error}") from None
        for name in ("stdout", "stderr"):
            self.gateway.watch(self._pipe(name))
        self._open = {"stdout", "stderr"}

    def _environment(self) -> Mapping[str, str]:
        """Return what libfaketime needs; without it, by LD_PRELOAD, it means nothing."""
        return {
            "FAKETIME_TIMESTAMP_FILE": str(self._clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }

    def show(self, now: Instant) -> None:
        """Write the client's time for libfaketime, whole seconds, in one move."""
        moment = datetime.fromtimestamp(now // SECOND, tz=UTC)
        new = self._clock.with_suffix(".new")
        new.write_text(f"{moment:%Y-%m-%d %H:%M:%S}\n", encoding="ascii")
        new.replace(self._clock)

    def new_store(self) -> Path:
        """Give the program an empty folder to keep its store in, and take the one before away."""
        if self.store != Path(self._folder.name):
            shutil.rmtree(self.store, ignore_errors=True)
        self.store = Path(self._folder.name) / f"store-{next(self._stores)}"
        self.store.mkdir(mode=0o700)
        return self.store

    @property
    def stores(self) -> bool:
        """Whether the program has put something into its folder."""
        return any(self.store.iterdir())

    def ask(self, command: str, now: Instant, **members: Any) -> Mapping[str, Any]:
        """Send a command and return the answer, serving the program's requests meanwhile; raises ProgramError."""
        self.show(now)
        number = next(self._numbers)
        sent = json.dumps({"id": number, "cmd": command, "now": now / SECOND, **members})
        self._unanswered = number
        try:
            self._pipe("stdin").write(sent.encode() + b"\n")
            self._pipe("stdin").flush()
        except OSError:
            raise self._ended() from None
        answer = self._read(command)
        if answer.get("id") != number:
            raise ProgramError(f"the answer to {command} has id {answer.get('id')!r:.50}; expected {number}")
        self._unanswered, self._patience = None, PATIENCE
        return answer

    @property
    def busy(self) -> bool:
        """Whether a command has not been answered: the conversation was broken off."""
        return self._unanswered is not None

    def settle(self) -> bool:
        """Wait for the answer to a command that was broken off, in which nothing gets through any more; tells whether
        it came."""
        number = self._unanswered
        try:
            while number is not None and self._read("a command that was broken off").get("id") != number:
                pass
        except ProgramError:
            return False
        self._unanswered = None
        return True

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def begin_anew(self) -> None:
        """End the process and begin another one; store, clock and gateway stay."""
        self._end_process()
        self._begin()

    def close(self) -> None:
        """End the process, and those that it has begun."""
        if os.getpid() == self._owner:  # a forked process has a copy of this value, and no program
            self._end_process()
            self._end()

    def _end(self) -> None:
        self.gateway.close()
        self._folder.cleanup()

    def _end_process(self) -> None:
        end(self._process)
        for name in tuple(self._open):
            self._leave(name)
        for name in ("stdin", "stdout", "stderr"):
            with suppress(OSError):  # of a command that nobody has read
                self._pipe(name).close()

    def _leave(self, name: str) -> None:
        self._open.discard(name)
        self.gateway.leave(self._pipe(name))

    def _read(self, command: str) -> Mapping[str, Any]:
        deadline = Deadline(self._patience)
        while b"\n" not in self._rest:
            try:
                ready = self.gateway.serve_until(deadline)
            except Silence:
                raise self._broke(f"no answer to {command} within {self._patience:g} s", self._rest) from None
            for name in tuple(self._open):
                if self._pipe(name) in ready:
                    self._take(name)
            if "stdout" not in self._open:
                raise self._ended()
            if len(self._rest) > LONGEST_LINE:
                raise self._broke(f"the answer to {command} is longer than {LONGEST_LINE} bytes", self._rest)
        line, _, self._rest = self._rest.partition(b"\n")
        return read(line, command)

    def _take(self, name: str) -> None:
        more = os.read(self._pipe(name).fileno(), 65536)
        if not more:
            self._leave(name)
        elif name == "stdout":
            self._rest += more
        else:
            self._stderr = (self._stderr + more)[-KEPT:]

    def _ended(self) -> ProgramError:
        """Return the error of a program that says nothing any more."""
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return self._broke("the program has closed its output", self._rest)
        if "stderr" in self._open:
            self._take("stderr")  # the last words of a process that has ended are in the pipe, or there are none
        return self._broke(f"the program ended with exit status {status}", self._rest)

    def _broke(self, what: str, begun: bytes = b"") -> ProgramError:
        """Return an error with the line that was begun and the end of what came by stderr."""
        line = f"; its line began {quoted(begun)}" if begun.strip() else ""
        last = f"; its stderr ends {tail(self._stderr)}" if self._stderr.strip() else ""
        return ProgramError(f"{what}{line}{last}")

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
