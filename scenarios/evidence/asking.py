"""When a client may send its caller for the user: the one notion that all checks have of it.

Whatever a client was told in any words excuses it, and so does what it could not know: that the grant was over at the
provider. What it is accused of is only what it could see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.evidence.evidence import (
    Evidence,
    once,
    refresh_token_of,
    refused_access_token,
    usable_string,
)
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord, Record, UserAction
from refreshproof.scenarios.evidence.refusals import (
    ENOUGH_DOUBTS,
    FAILING_PERIOD,
    asks_for_user,
    error_of,
    is_doubtful,
    is_over,
)

Reason: TypeAlias = Literal["no_grant", "over", "doubts", "failed_for_long", "unknown", "access_refused"]
"""Why the user may be asked: there is no grant that could be refreshed; it is over; it was refused so often in doubtful
words, or has failed for so long, that it counts as over; the answer of a refresh was lost, so that the client cannot
know whether its refresh token is spent; the resource refused a new access token, or wants more than was granted."""

WANTS_MORE = ("insufficient_scope", "insufficient_user_authentication")
"""Errors of a resource that no refresh ends: it wants more than was granted, or another login (RFC 6750 s3.1, RFC 9470
s3)."""

NO_ANSWER = (502, 504)
"""Statuses of a gateway that does not know what the server made of the request."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A caller was told that the user is needed; `reason` is None where the client had none.

    `failure` is the newest refresh that failed since the last one that went well, `first` the oldest.
    """

    outcome: OutcomeRecord
    reason: Reason | None
    failure: Exchange | None = None
    first: Exchange | None = None

    @property
    def circumstances(self) -> str:
        """What had become of the last refresh, as a clause."""
        if self.failure is None:
            return "no refresh had failed"
        error = error_of(self.failure)
        ending = self.failure.trouble or f"status {self.failure.status}{f' and {error}' if error else ''}"
        return f"the last refresh had ended with {ending}, which ends no grant"


class _Grant:
    """What can be known of the client's grant, record by record."""

    def __init__(self) -> None:
        self.held = self._left = False
        self.begin()

    def begin(self) -> None:
        """Know of no trouble."""
        self.over = self.unknown = False
        self.doubts = 0
        self.first: Exchange | None = None
        self.failure: Exchange | None = None

    def meet(self, record: Record) -> None:
        """Take notice of what happened."""
        if isinstance(record, UserAction):
            self.over = self.over or record.what == "revoke"
        elif isinstance(record, OutcomeRecord):
            self._left = self._left or record.operation == "disconnect"
            self.held = self.held and not self._left
        elif isinstance(record, Exchange) and record.view == "token":
            self._answer(record)

    def _answer(self, one: Exchange) -> None:
        brought = one.ok and usable_string(one.members.get("access_token"))
        if one.grant_type == "refresh_token":
            self.held = self.held or (one.presented is not None and not self._left)
            self.begin() if brought else self._fail(one)
        elif brought and refresh_token_of(one) is not None:
            self.held, self._left = True, False
            self.begin()

    def _fail(self, one: Exchange) -> None:
        self.first, self.failure = self.first or one, one
        self.doubts += is_doubtful(one)
        self.over = self.over or is_over(one)
        lost = one.trouble not in (None, "refused") or one.status in NO_ANSWER
        self.unknown = self.unknown or lost or one.committed


@once
def asks(evidence: Evidence) -> tuple[Ask, ...]:
    """Return every operation whose caller was told that the user is needed, in the order in which they ended."""
    return tuple(_asks(evidence))


def _asks(evidence: Evidence) -> Iterator[Ask]:
    grant = _Grant()
    for record in evidence.journal.records:
        grant.meet(record)
        if isinstance(record, OutcomeRecord) and asks_for_user(record) and record.operation != "callback":
            yield Ask(outcome=record, reason=_reason(evidence, grant, record), failure=grant.failure, first=grant.first)


def _reason(evidence: Evidence, grant: _Grant, record: OutcomeRecord) -> Reason | None:
    reasons: tuple[tuple[Reason, bool], ...] = (
        ("no_grant", not grant.held),
        ("over", grant.over),
        ("doubts", grant.doubts >= ENOUGH_DOUBTS),
        ("failed_for_long", grant.first is not None and _span(evidence, grant.first, record) >= FAILING_PERIOD),
        ("access_refused", _access_refused(evidence, record)),
        ("unknown", grant.unknown),
    )
    return next((reason for reason, holds in reasons if holds), None)


def _access_refused(evidence: Evidence, record: OutcomeRecord) -> bool:
    """Tell whether an operation ended when the resource refused an access token that it had just been brought, or
    wanted more than was granted (RFC 6750 s3.1), which no refresh afterwards changes."""
    own = [one for one in evidence.exchanges() if record.made(one) and one.view in ("token", "resource")]
    last = next((one for one in reversed(own) if one.view == "resource"), None)
    if last is None:
        return False
    wants_more = last.cause is Cause.CLAIMS_CHALLENGE or error_of(last) in WANTS_MORE
    brought = {one.members["access_token"] for one in own if one.number in evidence.answered}
    return wants_more or (last is own[-1] and refused_access_token(last) and last.presented in brought)


def _span(evidence: Evidence, first: Exchange, record: OutcomeRecord) -> Instant:
    """Return how long a grant had been failing, by true time or by the client's clock, whichever is longer."""
    return record.at - first.sent_at + max(0, _clock_error(evidence, record) - _error(first))


def _clock_error(evidence: Evidence, record: OutcomeRecord) -> Instant:
    """Return by how much the client's clock was ahead when an operation ended; drift since its last request is left
    out."""
    seen = [one for one in evidence.exchanges() if one.node == record.node and one.number <= record.ended]
    error, since = (_error(seen[-1]), seen[-1].sent_at) if seen else (0, 0)
    for move in evidence.clock_moves:
        if since < move.at <= record.at:
            error = {"skew": seconds(move.value), "step": error + seconds(move.value)}.get(move.what, error)
    return error


def _error(one: Exchange) -> Instant:
    return one.client_sent_at - one.sent_at


@once
def false_asks(evidence: Evidence) -> tuple[Ask, ...]:
    """Return the asks for which the client had no reason."""
    return tuple(ask for ask in asks(evidence) if ask.reason is None)


@once
def doubtful_asks(evidence: Evidence) -> tuple[Ask, ...]:
    """Return the asks of a client that could not know whether its refresh token was spent, and did not try it."""
    return tuple(ask for ask in asks(evidence) if ask.reason == "unknown")


@once
def justified_asks(evidence: Evidence) -> tuple[Ask, ...]:
    """Return the asks of a client that had to ask."""
    return tuple(ask for ask in asks(evidence) if ask.reason not in (None, "unknown"))


def may_ask(evidence: Evidence, record: OutcomeRecord) -> bool:
    """Tell whether a client had a reason to tell a caller that the user is needed, if that is what it told."""
    return all(ask.reason is not None for ask in asks(evidence) if ask.outcome is record)
