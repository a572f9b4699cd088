"""The append-only record of one run: steps, exchanges, clock moves, user actions and outcomes, with virtual times.

Records hold aliases such as AT1 and RT2, never a secret; they are frozen values that become JSON lines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.profile.refresh_policy import TokenEvent
from refreshproof.mock_servers.wire import Instant
from refreshproof.scenarios.clocks.actors import Branch
from refreshproof.scenarios.evidence.crashes import Crash
from refreshproof.scenarios.steps.subject import Capability, OutcomeKind


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """A step begins; `number` counts from 1, `step` is the step as data."""

    number: int
    at: Instant
    step: Mapping[str, Any]


Later: TypeAlias = Callable[[str], Any]
"""Works a field of an exchange out, by its name."""

_LATER = frozenset({"url", "request_headers", "response_headers", "response_body"})
"""The fields that few readers ask for, and that take most to write down: they may be worked out at the first asking."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and what became of it.

    `sent_at`, `arrived_at` and `finished_at` are true time, `client_sent_at` the client's clock; `arrived_at` is None
    when the request never reached the server. `presented` is the alias of the refresh token, code or access token it
    carried. `committed` tells whether the provider acted on it, `cause` why it refused, `issued` what it minted.
    `members` are those of a JSON answer, with tokens as aliases; `delivered` whether the whole answer reached the
    client; `trouble` what the client's stack raised instead. `on_behalf` says that the client did not send it itself:
    the harness did for it, as it logged the application in. `challenge` is the S256 challenge of the verifier it
    carried, empty if the verifier is not one (RFC 7636 s4.1). `basic` holds the client id of its `Authorization: Basic`
    and the alias of the secret there, each if known to a server. `node` is the client's process that sent it; where
    that died, whatever it read is lost and `trouble` is "died".
    """

    number: int
    step: int
    actor: str
    sent_at: Instant
    sent_order: int
    settled_order: int
    client_sent_at: Instant
    arrived_at: Instant | None
    finished_at: Instant
    method: str
    url: str
    origin: str
    view: str | None
    grant_type: str | None
    client_authentication: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    request_headers: tuple[tuple[str, str], ...]
    presented: str | None
    committed: bool
    cause: Cause | None
    event: TokenEvent | None
    issued: tuple[str, ...]
    status: int | None
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    members: Mapping[str, Any]
    delivered: bool
    trouble: str | None
    challenge: str | None = None
    leaks: tuple[str, ...] = ()
    node: int = 1
    on_behalf: bool = False
    basic: tuple[str, ...] = ()

    @classmethod
    def read_later(cls, later: Later, **known: Any) -> Exchange:
        """Make one of which some fields are worked out when they are first asked for; all others have to be given."""
        made = object.__new__(cls)
        vars(made).update(known, _later=later)
        return made

    if not TYPE_CHECKING:  # a type checker is to know the fields, and no others

        def __getattr__(self, name: str) -> Any:
            """Work a field out that is asked for the first time."""
            later = vars(self).get("_later")
            if later is None or name not in _LATER:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = vars(self)[name] = later(name)
            return value

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields alone, worked out: what they are worked out from stays here."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def values(self) -> dict[str, str]:
        """The request's parameters by name, the last of each."""
        return dict(self.parameters)

    def follows(self, other: Exchange) -> bool:
        """Whether this request was sent after the other one had ended."""
        return self.sent_order > other.settled_order

    @property
    def ok(self) -> bool:
        """Whether a 2xx answer reached the client that does not refuse; some vendors refuse with 200."""
        return self.delivered and self.status is not None and 200 <= self.status < 300 and self.cause is None


@dataclass(frozen=True, kw_only=True)
class OutcomeRecord:
    """How an operation of the subject ended, in its own words; `operation` is the subject's method.

    `begun` counts the exchanges that had been begun when it began, `ended` when it ended. `log` holds the warnings and
    errors logged meanwhile and what was printed, `leaks` the aliases of the secrets in any log line or print, in the
    detail, or in the text of a crash and of its causes.
    """

    step: int
    actor: str
    operation: str
    began_at: Instant
    at: Instant
    kind: OutcomeKind
    status: int | None = None
    error: str | None = None
    detail: str | None = None
    refreshable: bool | None = None
    log: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    begun: int = 0
    ended: int = 0
    node: int = 1

    @property
    def said(self) -> str:
        """What the client said of how it ended, besides the kind; empty if nothing."""
        return " ".join(str(part) for part in (self.status, self.error, self.detail) if part)

    def made(self, exchange: Exchange) -> bool:
        """Whether an exchange was part of the operation."""
        return exchange.actor == self.actor and self.begun < exchange.number <= self.ended


@dataclass(frozen=True, kw_only=True)
class ClockMove:
    """The client's clock or the world's was moved; `value` is in seconds, or parts per million for drift."""

    step: int
    at: Instant
    what: str
    value: float


@dataclass(frozen=True, kw_only=True)
class UserAction:
    """Something a person did: consent, denial, revocation, a password change, a callback delivered by a browser.

    `about` holds what a check may need, such as how a callback was changed on its way.
    """

    step: int
    at: Instant
    what: str
    about: Mapping[str, Any] = field(default_factory=dict)


Record: TypeAlias = StepRecord | Exchange | OutcomeRecord | ClockMove | UserAction


class TableMove(NamedTuple):
    """A move by a table: of a refresh token by the provider's, or of the client's status by the client's own."""

    table: Literal["provider", "client"]
    state: str
    event: str


@dataclass(kw_only=True)
class Journal:
    """Records in the order in which they were made; none is taken back. `claims` are the capabilities that
    the subject claims.

    `started_at` is when the world began. `moves` are counted when it is closed. `crashes` are the exceptions that left
    the client.

    Of the last callers that ran together `branches` are the moments at which there was a choice among them, and
    `touches` counts the moments at which each could give way.
    """

    records: list[Record] = field(default_factory=list)
    moves: Counter[TableMove] = field(default_factory=Counter)
    branches: tuple[Branch, ...] = ()
    touches: tuple[int, ...] = ()
    started_at: Instant = 0
    claims: frozenset[Capability] = frozenset()
    crashes: list[Crash] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Append a record."""
        self.records.append(record)

    def revise(self, exchange: Exchange) -> None:
        """Put an exchange in the place of what was written of it while nobody knew what had become of its answer."""
        same = (one for one in self.records if isinstance(one, Exchange) and one.number == exchange.number)
        self.records[self.records.index(next(same))] = exchange

    def exchanges(self, view: str | None = None, grant_type: str | None = None) -> list[Exchange]:
        """Return exchanges in the order in which they were sent, of one endpoint and grant if given."""
        found = [
            record
            for record in self.records
            if isinstance(record, Exchange) and view in (None, record.view) and grant_type in (None, record.grant_type)
        ]
        return sorted(found, key=lambda exchange: exchange.number)

    def outcomes(self, operation: str | None = None) -> list[OutcomeRecord]:
        """Return outcomes, of one operation if given."""
        return [
            record
            for record in self.records
            if isinstance(record, OutcomeRecord) and operation in (None, record.operation)
        ]

    def steps(self) -> list[StepRecord]:
        """Return the steps."""
        return [record for record in self.records if isinstance(record, StepRecord)]

    def actions(self, what: str | None = None) -> list[UserAction]:
        """Return what people did, of one kind if given."""
        return [record for record in self.records if isinstance(record, UserAction) and what in (None, record.what)]

    def clock_moves(self) -> list[ClockMove]:
        """Return the moves of clocks."""
        return [record for record in self.records if isinstance(record, ClockMove)]

    @property
    def span(self) -> Instant:
        """Virtual time from the first record to the last."""
        instants = [instant_of(record) for record in self.records]
        return max(instants) - min(instants) if instants else 0

    def lines(self) -> Iterator[str]:
        """Yield the records as JSON lines; keys are sorted, so that equal runs give equal bytes."""
        for record in self.records:
            yield json.dumps({"record": type(record).__name__, **asdict(record)}, sort_keys=True, default=str)


def instant_of(record: Record) -> Instant:
    """Return when a record was made."""
    return record.finished_at if isinstance(record, Exchange) else record.at
