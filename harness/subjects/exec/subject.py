"""A program in any language as a subject: `refreshproof run 'exec:node client.js'`.

`protocol.md` beside this says what the program has to do; `refreshproof adapter protocol` prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from refreshproof.harness.adapters.adapter import Adapter
from refreshproof.harness.adapters.library.outcomes import outcome_of
from refreshproof.harness.subjects.exec import answers, pool
from refreshproof.harness.subjects.exec.answers import ProgramError
from refreshproof.harness.subjects.exec.home import faketime
from refreshproof.harness.subjects.exec.messages import (
    Answer,
    Begun,
    Called,
    Failed,
    Failure,
    LoggedIn,
    Started,
    Time,
    Unsupported,
)
from refreshproof.harness.subjects.exec.party import Party
from refreshproof.harness.subjects.exec.wall_clock import ahead
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

NEAR = 1
"""Seconds by which a program's clock may differ from what it was told."""


class ExecSubject(Adapter):
    """A session with a program; a process that is well is kept for the next one.

    A program that breaks stays broken: every further operation raises the same ProgramError, `broken`.
    """

    def __init__(self, surroundings: Surroundings, command: str, party: Party | None = None) -> None:
        super().__init__(surroundings)
        self._party = party or Party(surroundings.make_lock)
        self._hosts = party is None
        self.broken: ProgramError | None = None
        self._reads_system_time = False
        self._take(command)
        try:
            self._description = self._begin()
            if self._reads_system_time and self._preloaded():
                self._description = self._begin()
        except BaseException:
            self._program.close()
            self._leave()
            raise

    def describe(self) -> Description:
        """Return what the program says of itself."""
        return self._description

    def authorize(self) -> str:
        """Begin a flow; returns the vendor's own address."""
        said = self._ask("authorize")
        if not isinstance(said, Begun):
            raise self._breaks(answers.wrong("authorize", "ok", said, "true, and a url"))
        return self._program.doors.addresses.real(said.url)

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
        if self.broken is not None:
            raise self.broken
        program, store = self._program, self._party.store
        settled = not program.busy and program.alive
        if not settled and program.alive and not store.used:
            # The process is taken to be dead: whatever it still does about the command, nothing gets through.
            program.carrier = None
            settled = self._party.settle(program)
            program.carrier = self.surroundings.carrier
        if settled and not store.used:
            self._done("restart")
            return
        program.begin_anew()
        try:
            pool.greet(program, self._party, self.clock.now())
        except ProgramError as error:
            raise self._breaks(error) from None
        self._begin()

    def twin(self, surroundings: Surroundings) -> ExecSubject:
        """Begin another process on the same store."""
        return ExecSubject(surroundings, self._program.command, self._party)

    def disconnect(self) -> Outcome:
        """Have the client log out."""
        return self._done("disconnect")

    def close(self) -> None:
        """Keep a process that is well for the next session."""
        super().close()
        pool.given_back(self._program, self._party)
        self._leave()

    @property
    def circumstances(self) -> tuple[str, ...]:
        """What is in force for this program: where the vendors are, whose time it lives in, and what is real."""
        needs, command = self._program.home.needs, self._program.command
        library = needs.preload or ("as the command preloads it" if "libfaketime" in command else "")
        time = (
            f"the system's, made virtual by libfaketime in its offset form ({library})"
            if library
            else "`now` of each command, or the file REFRESHPROOF_CLOCK, which is right within a command too"
        )
        return (
            f"vendors at {'https, with the CA of SSL_CERT_FILE and its kin' if needs.https else 'http'} on loopback",
            f"time: {time}",
            "not virtual: timers, sleeps, timeouts and the monotonic clock of the program",
        )

    def _take(self, command: str) -> None:
        self._program = pool.taken(command, self._party, self.clock.now())
        self._enter()

    def _enter(self) -> None:
        self._program.carrier = self.surroundings.carrier
        self._program.home.lead_to(self._party.store.path)

    def _leave(self) -> None:
        if self._hosts:
            self._party.store.close()

    def _begin(self) -> Description:
        registration = {name: self._local(name, value) for name, value in asdict(self.registration).items()}
        resource, store = self._program.doors.addresses.local(self.surroundings.resource), str(self._party.store.path)
        said = self._ask("start", registration=registration, resource=resource, store=store)
        if not isinstance(said, Started):
            raise self._breaks(answers.wrong("start", "ok", said, "true, and a subject"))
        about = said.subject
        return Description(
            name=about.name,
            version=about.version,
            capabilities=frozenset(about.capabilities),
            unsuited=about.unsuited or self._clock_fault(),
        )

    def _local(self, name: str, value: Any) -> Any:
        return self._program.doors.addresses.local(value) if name.endswith("_endpoint") and value is not None else value

    def _clock_fault(self) -> str | None:
        """Tell why the program's clock cannot be set, None if it can: it must show the time of the command."""
        now = self.clock.now()
        said = self._ask("clock")
        shown = said.now if isinstance(said, Time) else None
        if shown is not None and abs(shown - now / SECOND) <= NEAR:
            return None
        self._reads_system_time = shown is not None and abs(ahead(shown)) <= NEAR
        return (
            f"the program's clock shows {shown!r} where the command said {now // SECOND}: it cannot be set; take the"
            " time from the commands, or from the file REFRESHPROOF_CLOCK"
            + (
                ""
                if faketime()
                else ", or install libfaketime (Debian: faketime) for a program that reads the system's"
            )
        )

    def _preloaded(self) -> bool:
        """Begin the program once more with libfaketime; tells whether it could be."""
        library, needs = faketime(), self._program.home.needs
        if library is None or needs.preload:
            return False
        self._program = pool.begun_with(self._program, replace(needs, preload=library), self._party, self.clock.now())
        self._enter()
        return True

    def _done(self, command: str, **members: Any) -> Outcome:
        said = self._ask(command, **members)
        if isinstance(said, Unsupported):
            return UNSUPPORTED
        if isinstance(said, Failed):
            return self._failed(said.error)
        status = said.status if isinstance(said, Called) else None
        refreshable = said.refreshable if isinstance(said, LoggedIn) else None
        return replace(outcome_of(status or 200), refreshable=refreshable)

    def _failed(self, failure: Failure) -> Outcome:
        kind, status = failure.kind, failure.status
        words = self._program.last_words if kind == "crash" else ""
        return Outcome(
            kind=outcome_of(status).kind if kind == "http_status" and status is not None else KINDS[kind],
            status=status,
            error=failure.oauth_error,
            detail=f"{failure.message or ''}{words}".removeprefix("; ") or None,
        )

    def _ask(self, command: str, **members: Any) -> Answer | Failed | Unsupported:
        if self.broken is not None:
            raise self.broken
        try:
            answer = self._party.ask(
                self._program, command, self.clock.now, lambda caller: {**members, **self._own(command, caller)}
            )
            return answers.understood(answer, command)
        except ProgramError as error:
            raise self._breaks(error) from None

    def _own(self, command: str, caller: int) -> Mapping[str, Any]:
        """Return what only one caller is told: where it is to go, so that its requests can be told from others'."""
        addresses, resource = self._program.doors.addresses, self.surroundings.resource
        return {"resource": addresses.local(resource, caller)} if command == "call" else {}

    def _breaks(self, error: ProgramError) -> ProgramError:
        """Return the error that this session ends in, without the client's secret."""
        secret = self.registration.client_secret

        def plain(text: str) -> str:
            return text.replace(secret, "***") if secret else text

        self.broken = ProgramError(plain(error.what), plain(error.quote), tuple(map(plain, error.complaints)))
        self._program.broken = self._program.broken or self.broken
        return self.broken
