"""Refused and failed refreshes, and what callers were told: questions that checks of failures and endings ask.

A refusal is terminal where the provider says with an error code that the grant is over, doubtful where it says so in
words of its own or in a code that means something else in RFC 6749, and anything else passes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import DAY, Instant
from refreshproof.scenarios.evidence.evidence import Evidence, once, refresh_token_of, usable_string
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record

FAILING_PERIOD = 7 * DAY
"""How long a grant may fail before it counts as lost (seed 003: 7 days)."""

ENOUGH_DOUBTS = 5
"""So many doubtful refusals in a row may be taken as the end of a grant (misb err-invalid-request-for-dead-grant)."""

TERMINAL_ERRORS = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
"""RFC 6749 s5.2; OpenID Connect Core s3.1.2.6, which Microsoft sends from its token endpoint (M-ERR)."""

PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
OTHER_MEANINGS = frozenset({"invalid_request", "invalid_scope", "unsupported_grant_type"})
"""Errors of a request rather than of the grant (RFC 6749 s5.2): a dead grant cannot be told by them."""
LOCKED = "already being processed"
"""What Salesforce says, with invalid_grant, while another refresh is under way (misb rot-lock-as-400)."""
CONFIGURATION_ERRORS = frozenset({"invalid_client", "access_denied"})
"""Errors of the client rather than of the grant (RFC 6749 s5.2; A-SECRET)."""

DEAD_GRANT = frozenset(
    {
        Cause.UNKNOWN_REFRESH_TOKEN, Cause.REFRESH_TOKEN_REVOKED, Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED,
        Cause.REFRESH_TOKEN_EVICTED, Cause.REFRESH_TOKEN_REUSED, Cause.PASSWORD_CHANGED, Cause.CONSENT_REQUIRED,
        Cause.REAUTHENTICATION_REQUIRED, Cause.REAUTHENTICATION_UNPROVEN, Cause.MULTI_FACTOR_REQUIRED,
        Cause.MULTI_FACTOR_ENROLMENT, Cause.SIGN_IN_FREQUENCY, Cause.ADMIN_POLICY, Cause.ACCOUNT_DELETED,
    }
)  # fmt: skip
"""Causes that only the user can mend."""

RUN_OUT = (Cause.REFRESH_TOKEN_IDLE, Cause.REFRESH_TOKEN_AGED)
"""Ends that come by themselves, at some vendors after half an hour."""


@once
def failed(evidence: Evidence) -> tuple[Exchange, ...]:
    """Return every refresh that brought the client no token, in the order in which they were sent."""
    return tuple(one for one in evidence.refreshes if one.number not in evidence.answered)


def error_of(exchange: Exchange) -> str | None:
    """Return the error code of an answer, None where there is none in the place that RFC 6749 s5.2 gives it."""
    error = exchange.members.get("error")
    return error if isinstance(error, str) else None


def is_over(exchange: Exchange) -> bool:
    """Tell whether a refusal that reached the client means that the grant is over, in whatever words."""
    if not exchange.delivered or exchange.ok:
        return False
    return exchange.cause in DEAD_GRANT or (_refuses(exchange) and error_of(exchange) in TERMINAL_ERRORS)


def is_terminal(exchange: Exchange) -> bool:
    """Tell whether a refusal that reached the client says with an error code that the grant is over."""
    clear = _refuses(exchange) and error_of(exchange) not in OTHER_MEANINGS | {None}
    return is_over(exchange) and clear and LOCKED not in str(exchange.members.get("error_description"))


def is_doubtful(exchange: Exchange) -> bool:
    """Tell whether a refusal may mean the end of the grant, in words that no specification has."""
    if not exchange.delivered or is_terminal(exchange) or not exchange.members:
        return False
    speaks = any(name in exchange.members for name in ("error", "errors", "status", "error_type"))
    known = error_of(exchange) in PASSING_ERRORS | CONFIGURATION_ERRORS
    return speaks and not known and (_refuses(exchange) or (exchange.status or 0) // 100 == 2)


def _refuses(exchange: Exchange) -> bool:
    status = exchange.status or 0
    return 400 <= status < 500 and status not in (408, 425, 429)


@once
def terminal_refusals(evidence: Evidence) -> tuple[Exchange, ...]:
    """Return the refusals that ended a grant and said so; doubtful ones count once the client has drawn the conclusion,
    or has to."""
    found: list[Exchange] = []
    doubts: Counter[str | None] = Counter()
    for one in evidence.refreshes:
        doubts[one.presented] += is_doubtful(one)
        enough = doubts[one.presented] >= ENOUGH_DOUBTS
        if is_terminal(one) or (is_over(one) and (enough or _understood(evidence, one))):
            found.append(one)
    return tuple(found)


def _understood(evidence: Evidence, one: Exchange) -> bool:
    ending = told(evidence, one)
    return ending is not None and _asks(ending)


def presented_again(evidence: Evidence, refused: Exchange) -> list[Exchange]:
    """Return later presentations of a refused refresh token that nobody asked for."""
    return [
        one
        for one in evidence.refreshes
        if one.presented == refused.presented and one.follows(refused) and one.step not in evidence.forced
    ]


def told(evidence: Evidence, exchange: Exchange) -> OutcomeRecord | None:
    """Return how the operation ended in which a request was sent; None if it never ended."""
    return next((record for record in evidence.outcomes() if record.made(exchange)), None)


def held(evidence: Evidence, before: Exchange) -> str | None:
    """Return the newest refresh token that had reached the client when a request was sent."""
    answers = (one for one in reversed(evidence.token_answers) if before.follows(one))
    return next((token for token in map(refresh_token_of, answers) if token is not None), None)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A caller was told that the user is needed, though the provider had not said so.

    `ambiguous` where the answer of a rotation had been lost before: then the client cannot know better.
    """

    outcome: OutcomeRecord
    ambiguous: bool


class _Grant:
    """What a client can know of its grant, record by record."""

    def __init__(self, lost: set[int]) -> None:
        self._lost = lost
        self._live = False
        self._forget()

    def _forget(self) -> None:
        self._doubts = 0
        self._failing_since: Instant | None = None
        self.ambiguous = False

    def meet(self, record: Record) -> None:
        """Take notice of a token answer or of a logout."""
        if isinstance(record, OutcomeRecord) and record.operation == "disconnect":
            self._live = False
        if not isinstance(record, Exchange) or record.view != "token":
            return
        brought = record.ok and usable_string(record.members.get("access_token"))
        if record.grant_type == "refresh_token" and not brought:
            self._fail(record)
        elif record.grant_type == "refresh_token" or refresh_token_of(record) is not None:
            self._live = self._live or record.grant_type == "authorization_code"
            self._forget()

    def _fail(self, record: Exchange) -> None:
        self._doubts += is_doubtful(record)
        self._live = self._live and not is_over(record)
        self.ambiguous = self.ambiguous or record.number in self._lost
        if self._failing_since is None:
            self._failing_since = record.sent_at

    def needs_nobody(self, at: Instant) -> bool:
        """Tell whether there is no reason to ask the user."""
        outlasted = self._failing_since is not None and at - self._failing_since >= FAILING_PERIOD
        return self._live and self._doubts < ENOUGH_DOUBTS and not outlasted


@once
def false_asks(evidence: Evidence) -> tuple[Ask, ...]:
    """Return the calls whose callers were sent for the user without a reason."""
    grant = _Grant({one.number for one in evidence.lost_after_commit})
    found = []
    for record in evidence.journal.records:
        grant.meet(record)
        if isinstance(record, OutcomeRecord) and record.operation == "call" and _asks(record):
            found += [Ask(outcome=record, ambiguous=grant.ambiguous)] if grant.needs_nobody(record.at) else []
    return tuple(found)


def _asks(record: OutcomeRecord) -> bool:
    return record.kind == "reauthorization_required"


def step_numbers(evidence: Evidence, name: str) -> list[int]:
    """Return the numbers of the steps of one kind."""
    return [record.number for record in evidence.steps if record.step["step"] == name]
