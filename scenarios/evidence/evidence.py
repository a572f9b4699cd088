"""What checks judge: one journal at one vendor, and the questions they ask of it, each of which is answered once.

Which token came when, what superseded it, who presented it again; the companions `lives`, `refusals`, `operations` and
`logins` ask further.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

from refreshproof.mock_servers.profile.in_force import in_force
from refreshproof.mock_servers.profile.profile import Cause, Profile
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.evidence.journal import ClockMove, Exchange, Journal, OutcomeRecord, StepRecord, UserAction
from refreshproof.scenarios.evidence.sights import Sight

Answer = TypeVar("Answer")

REFUSED_ACCESS_TOKEN = (
    Cause.UNKNOWN_ACCESS_TOKEN, Cause.ACCESS_TOKEN_EXPIRED, Cause.ACCESS_TOKEN_REVOKED, Cause.CLAIMS_CHALLENGE,
)  # fmt: skip
"""Why a resource refuses an access token that was sent as it should be."""


@dataclass(frozen=True, kw_only=True)
class Supersession:
    """A refresh token was replaced: an answer that carried another one reached the client."""

    old: str
    new: str
    exchange: Exchange

    @property
    def at(self) -> Instant:
        """When the successor arrived."""
        return self.exchange.finished_at


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """A journal that is complete, and the profile of the vendor at which it was written."""

    journal: Journal
    profile: Profile
    answers: dict[object, Any] = field(default_factory=dict, init=False, repr=False)
    """What was asked already, for `once`."""

    def shows(self, sight: Sight) -> bool:
        """Tell whether something that a record may leave out can be seen: in a scenario everything can."""
        return True

    def profile_at(self, instant: Instant) -> Profile:
        """Return the profile that was in force at an instant: another one after the day of a change that was lived
        through."""
        return in_force(self.profile, instant) if self.actions("announced_change") else self.profile

    def exchanges(self, view: str | None = None, grant_type: str | None = None) -> tuple[Exchange, ...]:
        """Return exchanges in the order in which they were sent, of one endpoint and grant if given."""
        return self._kept((Exchange, view, grant_type), lambda: tuple(self.journal.exchanges(view, grant_type)))

    def outcomes(self, operation: str | None = None) -> tuple[OutcomeRecord, ...]:
        """Return how operations of the client ended, of one kind if given."""
        return self._kept((OutcomeRecord, operation), lambda: tuple(self.journal.outcomes(operation)))

    def actions(self, what: str | None = None) -> tuple[UserAction, ...]:
        """Return what people did, of one kind if given."""
        return self._kept((UserAction, what), lambda: tuple(self.journal.actions(what)))

    def _kept(self, question: object, ask: Callable[[], Answer]) -> Answer:
        if question not in self.answers:
            self.answers[question] = ask()
        answer: Answer = self.answers[question]
        return answer

    @cached_property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps."""
        return tuple(self.journal.steps())

    @cached_property
    def clock_moves(self) -> tuple[ClockMove, ...]:
        """The moves of clocks."""
        return tuple(self.journal.clock_moves())

    @cached_property
    def span(self) -> Instant:
        """Virtual time from the first record to the last."""
        return self.journal.span

    @cached_property
    def refreshes(self) -> tuple[Exchange, ...]:
        """Every refresh request that was sent, but those that only brought the nonce for the next one."""
        return self._carried_out("refresh_token")

    @cached_property
    def code_exchanges(self) -> tuple[Exchange, ...]:
        """Every code exchange that was sent, but those that only brought the nonce for the next one."""
        return self._carried_out("authorization_code")

    def _carried_out(self, grant_type: str) -> tuple[Exchange, ...]:
        return tuple(one for one in self.exchanges("token", grant_type) if one.number not in self.nonce_requests)

    @cached_property
    def nonce_requests(self) -> frozenset[int]:
        """The numbers of the token requests that were only told which nonce to come back with (RFC 9449 s8).

        Of several in a row the first: who is told so again has not come back with the nonce.
        """
        found: set[int] = set()
        asked: dict[tuple[str, str | None], bool] = {}
        for one in self.exchanges("token"):
            caller = (one.actor, one.presented)
            if wants_nonce(one) and not asked.get(caller):
                found.add(one.number)
            asked[caller] = wants_nonce(one)
        return frozenset(found)

    @cached_property
    def resource_calls(self) -> tuple[Exchange, ...]:
        """Every request to a protected resource with an access token, or with what its sender took for one."""
        return tuple(one for one in self.exchanges("resource") if not is_bare(one))

    @property
    def consents(self) -> tuple[Exchange, ...]:
        """Every authorization request that reached the provider."""
        return self.exchanges("authorization")

    @property
    def calls(self) -> tuple[OutcomeRecord, ...]:
        """How every use of the resource ended for the caller."""
        return self.outcomes("call")

    @cached_property
    def token_answers(self) -> tuple[Exchange, ...]:
        """Token requests whose whole 2xx answer with an access token reached the client, by arrival of the answer."""
        found = (one for one in self.exchanges("token") if one.ok and usable_string(one.members.get("access_token")))
        return tuple(sorted(found, key=lambda one: one.settled_order))

    @cached_property
    def answered(self) -> frozenset[int]:
        """The numbers of the token requests whose answer brought an access token to the client."""
        return frozenset(one.number for one in self.token_answers)

    @cached_property
    def supersessions(self) -> tuple[Supersession, ...]:
        """When each refresh token was replaced by a delivered successor, in that order."""
        found = []
        for one in self.token_answers:
            new = refresh_token_of(one)
            if one.grant_type == "refresh_token" and one.presented and new is not None and new != one.presented:
                found.append(Supersession(old=one.presented, new=new, exchange=one))
        return tuple(found)

    @cached_property
    def lost_after_commit(self) -> tuple[Exchange, ...]:
        """Refreshes that the provider carried out and whose answer never reached the client."""
        return tuple(one for one in self.refreshes if one.committed and not one.delivered)

    @cached_property
    def forced(self) -> frozenset[int]:
        """The numbers of the steps in which a person asked for a refresh; those are theirs to decide."""
        return frozenset(record.number for record in self.steps if record.step["step"] == "refresh")

    def issue_time(self, access_token: str) -> Instant | None:
        """Return when an access token was minted, by its alias."""
        return next((one.arrived_at for one in self.exchanges("token") if access_token in one.issued), None)

    def logged_out(self, record: OutcomeRecord) -> bool:
        """Tell whether the user had told the client to log out before an operation, and has not logged in since."""
        ended = [one.step for one in self.outcomes("disconnect") if one.step < record.step]
        begun = [one.step for one in self.outcomes("callback") if one.step < record.step and one.kind == "ok"]
        return bool(ended) and max(ended) > max(begun, default=0)


def once(question: Callable[[Evidence], Answer]) -> Callable[[Evidence], Answer]:
    """Let a question be worked out once for each evidence."""

    @wraps(question)
    def asked(evidence: Evidence) -> Answer:
        if question not in evidence.answers:
            evidence.answers[question] = question(evidence)
        answer: Answer = evidence.answers[question]
        return answer

    return asked


def is_bare(exchange: Exchange) -> bool:
    """Tell whether a request carries no credential at all, as one does that asks where to get some (RFC 9728 s5)."""
    named = any(name.lower() == "authorization" for name, _ in exchange.request_headers)
    passed = any(name == "access_token" for name, _ in exchange.parameters)
    return exchange.presented is None and not named and not passed and "access_token=" not in exchange.url


def refused_access_token(exchange: Exchange) -> bool:
    """Tell whether a resource refused the access token: by 401, or in words of its own under any status."""
    return exchange.delivered and (exchange.status == 401 or exchange.cause in REFUSED_ACCESS_TOKEN)


def wants_nonce(exchange: Exchange) -> bool:
    """Tell whether a client was told to send a token request again with a nonce that came with the answer."""
    told = any(name.lower() == "dpop-nonce" for name, _ in exchange.response_headers)
    return exchange.delivered and told and exchange.members.get("error") == "use_dpop_nonce"


def usable_string(value: object) -> bool:
    """Tell whether a member is a non-empty string."""
    return isinstance(value, str) and value.strip() != ""


def refresh_token_of(exchange: Exchange) -> str | None:
    """Return the alias of the refresh token that an answer brought; absent, null and blank are none."""
    value = exchange.members.get("refresh_token")
    return value if usable_string(value) else None


def in_seconds(span: Instant) -> float:
    """Turn microseconds into seconds, for texts."""
    return span / SECOND
