"""A program in any language as a subject: `refreshproof run 'exec:node client.js'`.

The program reads commands from stdin, one JSON object a line, and answers each with one on stdout:

    {"id": 1, "cmd": "start", "now": 1900000000.0, "registration": {...}, "resource": "http://127.0.0.1:4711/..."}
    {"id": 1, "ok": true, "subject": {"name": "my client", "version": "1.2", "capabilities": ["refresh", "restart"]}}

| command | answer | what it does |
| --- | --- | --- |
| start | subject | forgets all and takes a registration, named as in RFC 8414 and RFC 7591; addresses are local |
| clock | now | tells the client's time: that of the last command, or of a wall clock that libfaketime holds |
| authorize | url | begins a login |
| callback, with url | refreshable | takes the redirect |
| call | status | uses the resource as the client would, refreshing first if it is time |
| refresh | | forces a refresh, if `refresh` is among the capabilities |
| restart | | forgets what is not stored, if `restart` is |
| disconnect | | logs out, if `disconnect` is |

A command that the program does not know it answers with `{"unsupported": true}`; a failure with `{"ok": false,
"error": {"class": C, "status": 400, "oauth_error": "invalid_grant", "message": "..."}}`, where C is one of `KINDS`.
libfaketime's file is set up in the environment: `exec:env LD_PRELOAD=.../libfaketime.so.1 node client.js` is all it
takes. The program's own timers run in real time, so a request that would time out is reset instead.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from refreshproof.harness.adapters.adapter import Adapter
from refreshproof.harness.subjects.exec.program import Program, ProgramError
from refreshproof.harness.subjects.third_party.subject import outcome_of
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.steps.subject import Capability, Description, Outcome, OutcomeKind, Surroundings

KINDS: Mapping[str, OutcomeKind] = {
    "invalid_grant": "reauthorization_required",
    "reauth_required": "reauthorization_required",
    "oauth_error": "permanent_error",
    "http_status": "permanent_error",
    "transport": "transient_error",
    "parse": "transient_error",
    "unsupported": "unsupported",
    "config": "permanent_error",
    "crash": "crash",
}
"""The classes of errors; an `http_status` counts by its status."""

POSSIBLE: frozenset[Capability] = frozenset({"refresh", "restart", "disconnect"})
"""What a program can claim."""

_IDLE: dict[tuple[int, str], list[Program]] = {}


class ExecSubject(Adapter):
    """A session with a program; the process is kept for the next one."""

    def __init__(self, surroundings: Surroundings, command: str) -> None:
        super().__init__(surroundings)
        self._key = (os.getpid(), command)
        idle = _IDLE.setdefault(self._key, [])
        self._program = idle.pop() if idle else _started(command, self.clock.now())
        self._gateway = self._program.gateway
        self._gateway.carrier = surroundings.carrier
        self._gateway.after = lambda: self._program.show(self.clock.now())
        self._broken = ""
        try:
            self._description = self._begin()
        except ProgramError:
            self._program.close()
            raise

    def describe(self) -> Description:
        """Return what the program says of itself."""
        return self._description

    def authorize(self) -> str:
        """Begin a flow; returns the vendor's own address."""
        answer = self._program.ask("authorize", self.clock.now())
        return self._gateway.real(str(answer.get("url", "")))

    def callback(self, url: str) -> Outcome:
        """Hand the redirect over."""
        return self._ask("callback", url=url)

    def call(self) -> Outcome:
        """Have the resource used."""
        return self._ask("call")

    def refresh(self) -> Outcome:
        """Have a refresh forced."""
        return self._ask("refresh")

    def restart(self) -> None:
        """Have everything forgotten that is not stored."""
        self._ask("restart")

    def disconnect(self) -> Outcome:
        """Have the client log out."""
        return self._ask("disconnect")

    def close(self) -> None:
        """Keep a process that is well for the next session."""
        super().close()
        if self._broken or not self._program.alive:
            self._program.close()
        else:
            _IDLE[self._key].append(self._program)

    def _begin(self) -> Description:
        local = {name: self._local(name, value) for name, value in asdict(self.registration).items()}
        answer = self._program.ask(
            "start", self.clock.now(), registration=local, resource=self._gateway.local(self.surroundings.resource)
        )
        about = answer.get("subject")
        if not isinstance(about, dict):
            raise ProgramError("the answer to start has no subject; expected name, version and capabilities")
        claimed = about.get("capabilities", [])
        unknown = sorted(set(claimed) - set(POSSIBLE)) if isinstance(claimed, list) else [claimed]
        if unknown:
            raise ProgramError(
                f"start: capabilities: {unknown[0]!r}; a program can claim {', '.join(sorted(POSSIBLE))}"
            )
        return Description(
            name=str(about.get("name", "program")),
            version=str(about.get("version", "0")),
            capabilities=frozenset(claimed),
            unsuited=self._clock_fault(),
        )

    def _local(self, name: str, value: Any) -> Any:
        return self._gateway.local(value) if name.endswith("_endpoint") and value is not None else value

    def _clock_fault(self) -> str | None:
        """Tell why the program's clock cannot be set, None if it can: it must show the time of the command."""
        now = self.clock.now()
        shown = self._program.ask("clock", now).get("now")
        if isinstance(shown, int | float) and abs(shown - now / SECOND) <= 1:
            return None
        return f"the program's clock shows {shown!r} where the command said {now // SECOND}: it cannot be set"

    def _ask(self, command: str, **members: Any) -> Outcome:
        if self._broken:
            return Outcome(kind="crash", detail=self._broken)
        try:
            return _outcome(self._program.ask(command, self.clock.now(), **members))
        except ProgramError as error:
            self._broken = str(error)
            return Outcome(kind="crash", detail=self._broken)
        except BaseException:
            self._broken = "the conversation was broken off"
            raise


def _started(command: str, now: int) -> Program:
    """Start a program and see that it says so when it cannot do something."""
    program = Program(command)
    try:
        if program.ask("is-this-a-command", now).get("unsupported"):
            return program
        raise ProgramError(f"exec:{command} answers a command that there is not; expected {{'unsupported': true}}")
    except ProgramError:
        program.close()
        raise


def end_idle_programs() -> None:
    """End the processes that wait for another session."""
    for programs in _IDLE.values():
        while programs:
            programs.pop().close()


def _outcome(answer: Mapping[str, Any]) -> Outcome:
    if answer.get("unsupported"):
        return Outcome(kind="unsupported")
    if answer.get("ok"):
        status, refreshable = answer.get("status", 200), answer.get("refreshable")
        if isinstance(status, int) and refreshable in (None, True, False):
            found = outcome_of(status)
            return Outcome(kind=found.kind, status=status, refreshable=refreshable)
        return Outcome(kind="crash", detail="status must be a number, refreshable a truth value")
    error = answer.get("error")
    about = error if isinstance(error, dict) else {}
    status, code, message = about.get("status"), about.get("oauth_error"), about.get("message")
    kind = KINDS.get(str(about.get("class")), "crash")
    if about.get("class") == "http_status" and isinstance(status, int):
        kind = outcome_of(status).kind
    return Outcome(
        kind=kind,
        status=status if isinstance(status, int) else None,
        error=code if isinstance(code, str) else None,
        detail=None if message is None else str(message),
    )


atexit.register(end_idle_programs)
