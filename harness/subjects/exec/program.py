"""A client in another process: a program that answers commands, one JSON object a line, for as long as it lives.

It knows the protocol and nothing of OAuth. stdin brings commands, stdout takes answers, stderr is the program's own.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from refreshproof.harness.adapters.errors import SubjectError
from refreshproof.harness.subjects.exec.sockets import Gateway, Silence
from refreshproof.mock_servers.wire import SECOND, Instant

PATIENCE = 4.0
"""Seconds of real time within which a command is answered."""
LONGEST_ANSWER = 1_000_000
"""Bytes of an answer."""


class ProgramError(SubjectError, ValueError):
    """The program does not speak the protocol, or has ended; the message says what was expected and what came."""


class Program:
    """One process. Its requests go through `gateway`; its clock is in every command, and in libfaketime's file."""

    def __init__(self, command: str) -> None:
        self.gateway = Gateway()
        self._folder = tempfile.TemporaryDirectory(prefix="refreshproof-")
        self._clock = Path(self._folder.name) / "clock"
        self._numbers = count(1)
        self._rest = b""
        self.show(0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                shlex.split(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | self._environment(),
            )
        except (OSError, ValueError, IndexError) as error:
            self.gateway.close()
            self._folder.cleanup()
            raise ProgramError(f"exec:{command}: {error}") from error

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

    def ask(self, command: str, now: Instant, **members: Any) -> Mapping[str, Any]:
        """Send a command and return the answer, serving the program's requests meanwhile; raises ProgramError."""
        self.show(now)
        number = next(self._numbers)
        sent = json.dumps({"id": number, "cmd": command, "now": now / SECOND, **members})
        try:
            self._pipe("stdin").write(sent.encode() + b"\n")
            self._pipe("stdin").flush()
        except OSError:
            raise self._ended() from None
        answer = self._read(command)
        if answer.get("id") != number:
            raise ProgramError(f"the answer to {command} has id {answer.get('id')!r}; expected {number}")
        return answer

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for name in ("stdin", "stdout"):
            self._pipe(name).close()
        self.gateway.close()
        self._folder.cleanup()

    def _read(self, command: str) -> Mapping[str, Any]:
        while b"\n" not in self._rest:
            try:
                self.gateway.serve_until(self._pipe("stdout"), PATIENCE)
            except Silence:
                raise ProgramError(f"no answer to {command} within {PATIENCE:g} s") from None
            more = os.read(self._pipe("stdout").fileno(), 65536)
            if not more:
                raise self._ended()
            self._rest += more
            if len(self._rest) > LONGEST_ANSWER:
                raise ProgramError(f"the answer to {command} is longer than {LONGEST_ANSWER} bytes")
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise ProgramError(f"the answer to {command} is no JSON object, one to a line")
        return answer

    def _ended(self) -> ProgramError:
        return ProgramError(f"the program ended with exit status {self._process.wait()}")

    def _pipe(self, name: str) -> Any:
        return getattr(self._process, name)
