"""The shortest scenario that breaks a requirement, told for people and for machines. Texts arrive redacted."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Server: TypeAlias = Literal["authorization server", "resource"]
"""Which of a vendor's two servers a request is meant for."""

NoteKind: TypeAlias = Literal["client", "crash", "clock", "user", "fault"]
"""What a note tells of: how an operation ended, an exception that left the client, its clock, a person, a fault that
was set or mended."""


@dataclass(frozen=True, kw_only=True)
class ExchangeView:
    """One exchange for display, redacted.

    `at` and `answered_at` are instants in virtual time (integer microseconds since the Unix epoch): the request leaves
    the client, the answer arrives or is lost. `summary` and `answer` are one line each ("POST /token RT1", "200 AT2,
    RT2"); `request` and `response` are the lines of both messages. `delivered` is True if the answer reached the
    client, False if the provider answered and the answer was lost, None if the request never reached the provider.
    `trouble` names what the network did, None if it did nothing. `witness` says that it shows the finding.

    `arrived_at` is when the request reached the server, None if it never did or nobody knows; `client_at` what the
    client's own clock showed as it left, None if nobody knows. `struck` says that a fault of the scenario shaped the
    answer, `on_behalf` that the harness sent the request for the client.
    """

    number: int
    at: int
    endpoint: str
    summary: str
    answer: str = ""
    request: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    status: int | None = None
    delivered: bool | None = True
    trouble: str | None = None
    answered_at: int | None = None
    witness: bool = False
    arrived_at: int | None = None
    client_at: int | None = None
    server: Server = "authorization server"
    struck: bool = False
    on_behalf: bool = False


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that happened outside any exchange: a restart, a clock step, an exception.

    `at` as in `ExchangeView`; `follows` is the number of the last exchange before it, 0 if there was none. `lines` are
    the client's own: what it logged and printed until then, or where an exception came from.
    """

    at: int
    text: str
    follows: int = 0
    kind: NoteKind = "client"
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TokenLife:
    """How long a token was good for, as the wire tells it; instants as in `ExchangeView`.

    `expires_at` is what the answer said that brought it, None if it said nothing. `ended_at` is when it was replaced,
    revoked or refused before that, None if it never was, and `ending` says which. `issued_by` and `ended_by` are the
    numbers of the exchanges that brought and ended it, 0 if none did.
    """

    alias: str
    kind: Literal["access", "refresh"]
    issued_at: int
    expires_at: int | None = None
    ended_at: int | None = None
    ending: str = ""
    issued_by: int = 0
    ended_by: int = 0


@dataclass(frozen=True, kw_only=True)
class Skew:
    """From an instant on the client's clock is so many seconds ahead of true time, or behind it where negative."""

    at: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Story:
    """The shortest scenario that breaks a requirement, told four ways.

    Of recorded traffic `scenario` and `pytest` are empty, and `prose` tells its requests.

    `scenario` is the scenario as JSON-able data, `prose` its steps without numbers (formats number them), `pytest` the
    text of a test function, `exchanges` and `notes` what crossed the network and what else happened. `started` is the
    instant the scenario began, in microseconds since the Unix epoch. `tokens` and `skews` tell how long its tokens were
    good for, and how wrong the client's clock was.
    """

    started: int
    scenario: dict[str, Any]
    prose: tuple[str, ...]
    expected: str
    happened: str
    pytest: str
    exchanges: tuple[ExchangeView, ...] = ()
    notes: tuple[Note, ...] = ()
    tokens: tuple[TokenLife, ...] = ()
    skews: tuple[Skew, ...] = ()

    @property
    def heading(self) -> str:
        """What the prose tells, in two words."""
        return "Shortest scenario" if self.scenario else "As recorded"
