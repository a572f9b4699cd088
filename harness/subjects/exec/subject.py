"""A program in any language as a subject: `refreshproof run 'exec:node client.js'`.

The program reads commands from stdin, one JSON object a line, and answers each with one on stdout:

    {"id": 1, "cmd": "start", "now": 1900000000.0, "registration": {...}, "resource": "http://127.0.0.2:4711/...",
     "store": "/tmp/refreshproof-.../store-1"}
    {"id": 1, "ok": true, "subject": {"name": "my client", "version": "1.2", "capabilities": ["refresh", "restart"]}}

| command | answer | what it does |
| --- | --- | --- |
| start | subject | takes a registration, named as in RFC 8414 and RFC 7591; knows what is in `store` and no more |
| clock | now | tells the client's time: that of the last command, or of a wall clock that libfaketime holds |
| authorize | url | begins a login |
| callback, with url | refreshable | takes the redirect |
| call | status | uses the resource as the client would, refreshing first if it is time |
| refresh | | forces a refresh, if `refresh` is among the capabilities |
| restart | | forgets what is not stored, if `restart` is |
| disconnect | | logs out, if `disconnect` is |

`store` is a folder of the session's own, empty when that begins. A program that keeps there what must survive is ended
for a restart, and where its process is taken to die; a new process then gets `start` with the same folder. One that
leaves the folder empty is told `restart` instead: what it calls stored survives in its memory, and when it is taken to
die nothing of its requests or answers gets through until then.

A command that the program does not know it answers with `{"unsupported": true}`; a failure with `{"ok": false,
"error": {"class": C, "status": 400, "oauth_error": "invalid_grant", "message": "..."}}`, where C is one of `KINDS`.
An answer comes within `PATIENCE` seconds, a line of at most `LONGEST_LINE` bytes; stderr is the program's own, and its
end is shown when the program breaks. Every address that the program is told, in the registration, in a redirect and in
an answer's endpoints, is on this machine, each origin at an address of its own; `issuer` and `redirect_uri` are names
that are compared and not gone to. libfaketime's file is set up in the environment:
`exec:env LD_PRELOAD=.../libfaketime.so.1 node client.js` is all it takes. The program's own timers run in real time, so
a request that would time out is reset instead.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from refreshproof.harness.adapters.adapter import Adapter
from refreshproof.harness.adapters.library.outcomes import outcome_of
from refreshproof.harness.subjects.exec import answers
from refreshproof.harness.subjects.exec.answers import ProgramError
from refreshproof.harness.subjects.exec.program import PLAINLY, Program
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.steps.subject import UNSUPPORTED, Description, Outcome, OutcomeKind, Surroundings

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

POSSIBLE: frozenset[str] = frozenset({"refresh", "restart", "disconnect"})
"""What a program can claim."""

_IDLE: dict[tuple[int, str], list[Program]] = {}


class ExecSubject(Adapter):
    """A session with a program; a process that is well is kept for the next one.

    A program that breaks stays broken: every further operation raises the same ProgramError.
    """

    def __init__(self, surroundings: Surroundings, command: str) -> None:
        super().__init__(surroundings)
        self._key = (os.getpid(), command)
        idle = _IDLE.setdefault(self._key, [])
        self._program = idle.pop() if idle else _started(command, self.clock.now())
        self._gateway = self._program.gateway
        self._gateway.carrier = surroundings.carrier
        self._gateway.after = lambda: self._program.show(self.clock.now())
        self._broken: ProgramError | None = None
        self._program.new_store()
        try:
            self._description = self._begin()
        except BaseException:
            self._program.close()
            raise

    def describe(self) -> Description:
        """Return what the program says of itself."""
        return self._description

    def authorize(self) -> str:
        """Begin a flow; returns the vendor's own address."""
        answer = self._ask("authorize")
        if not answer.get("ok"):
            raise self._breaks(answers.wrong("authorize", "ok", answer.get("ok"), "true, and a url"))
        return self._gateway.addresses.real(answers.text(answer, "url", "authorize") or "")

    def callback(self, url: str) -> Outcome:
        """Hand the redirect over."""
        return self._done("callback", url=url)

    def call(self) -> Outcome:
        """Have the resource used."""
        return self._done("call")

    def refresh(self) -> Outcome:
        """Have a refresh forced."""
        return self._done("refresh")

    def restart(self) -> None:
        """Begin a new process on what is stored, or have forgotten what is not; after a death as at any other time."""
        if self._broken is not None:
            raise self._broken
        settled = not self._program.busy
        if not settled and not self._program.stores:
            # The process is taken to be dead: whatever it still does about the command, nothing gets through.
            self._gateway.carrier = None
            settled = self._program.settle()
            self._gateway.carrier = self.surroundings.carrier
        if settled and not self._program.stores:
            self._done("restart")
            return
        self._program.begin_anew()
        self._begin()

    def disconnect(self) -> Outcome:
        """Have the client log out."""
        return self._done("disconnect")

    def close(self) -> None:
        """Keep a process that is well for the next session."""
        super().close()
        self._gateway.carrier = None
        if self._broken is not None or self._program.busy or not self._program.alive:
            self._program.close()
        else:
            _IDLE[self._key].append(self._program)

    def _begin(self) -> Description:
        local = {name: self._local(name, value) for name, value in asdict(self.registration).items()}
        resource, store = self._gateway.addresses.local(self.surroundings.resource), str(self._program.store)
        answer = self._ask("start", registration=local, resource=resource, store=store)
        about = answers.members(answer, "subject", "start")
        claimed: frozenset[Any] = answers.words(about, "capabilities", POSSIBLE, "start")
        return Description(
            name=answers.label(about, "name", "program", "start"),
            version=answers.label(about, "version", "0", "start"),
            capabilities=claimed,
            unsuited=self._clock_fault(),
        )

    def _local(self, name: str, value: Any) -> Any:
        return self._gateway.addresses.local(value) if name.endswith("_endpoint") and value is not None else value

    def _clock_fault(self) -> str | None:
        """Tell why the program's clock cannot be set, None if it can: it must show the time of the command."""
        now = self.clock.now()
        shown = answers.number(self._ask("clock"), "now", "clock")
        if shown is not None and abs(shown - now / SECOND) <= 1:
            return None
        return f"the program's clock shows {shown!r} where the command said {now // SECOND}: it cannot be set"

    def _done(self, command: str, **members: Any) -> Outcome:
        answer = self._ask(command, **members)
        try:
            return _outcome(answer, command)
        except ProgramError as error:
            raise self._breaks(error) from None

    def _ask(self, command: str, **members: Any) -> Mapping[str, Any]:
        if self._broken is not None:
            raise self._broken
        try:
            return self._program.ask(command, self.clock.now(), **members)
        except ProgramError as error:
            raise self._breaks(error) from None

    def _breaks(self, error: ProgramError) -> ProgramError:
        """Return the error that this session ends in, without the client's secret."""
        secret = self.registration.client_secret
        self._broken = ProgramError(error.what.replace(secret, "***") if secret else error.what)
        return self._broken


def _started(command: str, now: int) -> Program:
    """Start a program and see that it says so when it cannot do something."""
    program = Program(command)
    try:
        if program.ask(PLAINLY, now).get("unsupported"):
            return program
        raise ProgramError(f"exec:{command} answers a command that there is not; expected {{'unsupported': true}}")
    except BaseException:
        program.close()
        raise


def end_idle_programs() -> None:
    """End the processes that wait for another session."""
    for programs in _IDLE.values():
        while programs:
            programs.pop().close()


def _outcome(answer: Mapping[str, Any], command: str) -> Outcome:
    if answer.get("unsupported"):
        return UNSUPPORTED
    if answer.get("ok"):
        refreshable = answers.truth(answer, "refreshable", command)
        found = outcome_of(answers.status(answer, command) or 200)
        return Outcome(kind=found.kind, status=found.status, refreshable=refreshable)
    about = answers.members(answer, "error", command)
    kind, status = answers.text(about, "class", command), answers.status(about, command)
    if kind is None or kind not in KINDS:
        raise answers.wrong(command, "class", kind, f"one of {', '.join(KINDS)}")
    return Outcome(
        kind=outcome_of(status).kind if kind == "http_status" and status is not None else KINDS[kind],
        status=status,
        error=answers.text(about, "oauth_error", command),
        detail=answers.text(about, "message", command),
    )


atexit.register(end_idle_programs)
