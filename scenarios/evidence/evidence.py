"""Questions that checks ask of a journal: which token came when, what superseded it, who presented it again."""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import SECOND, Instant
from refreshproof.scenarios.evidence.journal import Exchange, Journal, OutcomeRecord

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


def refreshes(journal: Journal) -> list[Exchange]:
    """Return every refresh request that was sent."""
    return journal.exchanges("token", "refresh_token")


def code_exchanges(journal: Journal) -> list[Exchange]:
    """Return every code exchange that was sent."""
    return journal.exchanges("token", "authorization_code")


def resource_calls(journal: Journal) -> list[Exchange]:
    """Return every request to a protected resource."""
    return journal.exchanges("resource")


def refused_access_token(exchange: Exchange) -> bool:
    """Tell whether a resource refused the access token: by 401, or in words of its own under any status."""
    return exchange.delivered and (exchange.status == 401 or exchange.cause in REFUSED_ACCESS_TOKEN)


def token_answers(journal: Journal) -> list[Exchange]:
    """Return token requests whose whole 2xx answer with an access token reached the client, by arrival of the
    answer."""
    found = [one for one in journal.exchanges("token") if one.ok and usable_string(one.members.get("access_token"))]
    return sorted(found, key=lambda one: one.settled_order)


def answered(journal: Journal) -> frozenset[int]:
    """Return the numbers of the token requests whose answer brought an access token to the client."""
    return frozenset(one.number for one in token_answers(journal))


def usable_string(value: object) -> bool:
    """Tell whether a member is a non-empty string."""
    return isinstance(value, str) and value.strip() != ""


def refresh_token_of(exchange: Exchange) -> str | None:
    """Return the alias of the refresh token that an answer brought; absent, null and blank are none."""
    value = exchange.members.get("refresh_token")
    return value if usable_string(value) else None


def supersessions(journal: Journal) -> list[Supersession]:
    """Return when each refresh token was replaced by a delivered successor, in that order."""
    found = []
    for one in token_answers(journal):
        new = refresh_token_of(one)
        if one.grant_type == "refresh_token" and one.presented and new is not None and new != one.presented:
            found.append(Supersession(old=one.presented, new=new, exchange=one))
    return found


def lost_after_commit(journal: Journal) -> list[Exchange]:
    """Return refreshes that the provider carried out and whose answer never reached the client."""
    return [one for one in refreshes(journal) if one.committed and not one.delivered]


def issue_time(journal: Journal, access_token: str) -> Instant | None:
    """Return when an access token was minted, by its alias."""
    return next((one.arrived_at for one in journal.exchanges("token") if access_token in one.issued), None)


def calls(journal: Journal) -> list[OutcomeRecord]:
    """Return how every use of the resource ended for the caller."""
    return journal.outcomes("call")


def consents(journal: Journal) -> list[Exchange]:
    """Return every authorization request that reached the provider."""
    return journal.exchanges("authorization")


def in_seconds(span: Instant) -> float:
    """Turn microseconds into seconds, for texts."""
    return span / SECOND


def logged_out(journal: Journal, record: OutcomeRecord) -> bool:
    """Tell whether the user had told the client to log out before an operation, and has not logged in since."""
    ended = [one.step for one in journal.outcomes("disconnect") if one.step < record.step]
    begun = [one.step for one in journal.outcomes("callback") if one.step < record.step and one.kind == "ok"]
    return bool(ended) and max(ended) > max(begun, default=0)
