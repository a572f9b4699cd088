"""Access tokens as a client was told of them: how old each was when it was used, and when it was presented too late.

Instants of a client are its own clock's; a lifetime is what expires_in said, None where it said no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, once, refused_access_token
from refreshproof.scenarios.evidence.journal import Exchange

SKEW = 60
"""Seconds by which a client's clock may move within the bounds (seed 003: max.clock.skew)."""
DELAY = 60
"""Seconds that a request may take to arrive within the bounds (seed 003: max.client.delay)."""
ANSWER_DELAY = 120
"""Seconds that a token answer may take within the bounds (seed 003: max.server.delay)."""
USUAL_DELAY = 5
"""Seconds that a request or an answer may take where the client promises no bounds."""
GENEROUS = 600
"""Least lifetime in seconds of which even a long lead is a small part."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """An access token that reached the client, with the token answer that brought it; the lifetime in seconds."""

    access_token: str
    lifetime: float | None
    exchange: Exchange

    def age(self, later: Exchange) -> float:
        """Return the age in seconds, by the client's clock, at which a later request was sent."""
        return in_seconds(later.client_sent_at - self.exchange.client_sent_at)

    @property
    def on_its_way(self) -> float:
        """How many seconds passed between the issue of the token and its arrival at the client."""
        asked = self.exchange
        return in_seconds(asked.finished_at - (asked.finished_at if asked.arrived_at is None else asked.arrived_at))

    def shift(self, later: Exchange) -> float:
        """Return by how many seconds the client's clock has moved against true time since the token was asked for."""
        return in_seconds(_error(later) - _error(self.exchange))


def _error(exchange: Exchange) -> Instant:
    return exchange.client_sent_at - exchange.sent_at


@once
def lives(evidence: Evidence) -> tuple[Life, ...]:
    """Return every access token that was delivered, in the order of delivery."""
    return tuple(
        Life(access_token=one.members["access_token"], lifetime=_number(one.members.get("expires_in")), exchange=one)
        for one in evidence.token_answers
    )


def _number(value: object) -> float | None:
    """Read a positive number, also one written as a string, as vendors send it."""
    try:
        found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except ValueError:
        return None
    return found if 0 < found < seconds(1) ** 2 else None


def newest_life(evidence: Evidence, request: Exchange) -> Life | None:
    """Return the newest access token that had been delivered when a request was sent."""
    return newest_of(lives(evidence), request)


def newest_of(brought: Sequence[Life], request: Exchange) -> Life | None:
    """Return the newest of some access tokens, by delivery, that had been delivered when a request was sent."""
    return next((one for one in reversed(brought) if request.follows(one.exchange)), None)


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """A request that reached the resource with an expired access token; shift and delay in seconds."""

    exchange: Exchange
    life: Life
    shift: float
    delay: float


@once
def lapses(evidence: Evidence) -> tuple[Lapse, ...]:
    """Return every presentation of an expired access token whose lifetime the client had been told.

    Not counted are those for which the client had no choice: by its own clock the token still lived, and it had tried
    to refresh, in vain, or was told the whole life of a token that had been issued before.
    """
    known = {one.access_token: one for one in lives(evidence) if one.lifetime is not None}
    return tuple(
        Lapse(exchange=one, life=life, shift=life.shift(one), delay=in_seconds((one.arrived_at or 0) - one.sent_at))
        for one in evidence.resource_calls
        if one.cause is Cause.ACCESS_TOKEN_EXPIRED
        and (life := known.get(one.presented or "")) is not None
        and not (
            life.age(one) < (life.lifetime or 0)
            and (tried_to_refresh(evidence, life, one) or _told_too_much(evidence, life))
        )
    )


def _told_too_much(evidence: Evidence, life: Life) -> bool:
    """Tell whether a lifetime was told as if an access token were new that an earlier answer should have brought."""
    earlier = (one for one in evidence.exchanges("token") if one.number < life.exchange.number)
    return evidence.profile.refresh.tells_on_replay == "whole_life" and any(
        life.access_token in one.issued for one in earlier
    )


def tried_to_refresh(evidence: Evidence, life: Life, before: Exchange) -> bool:
    """Tell whether a refresh had failed between the arrival of an access token and a request."""
    since = [one for one in evidence.refreshes if one.follows(life.exchange) and before.follows(one)]
    return any(one.number not in evidence.answered for one in since)


def within_bounds(evidence: Evidence, lapse: Lapse) -> bool:
    """Tell whether clock and delay were such that the token should not have been expired on arrival.

    The bounds are the subject's own promise; without one only a clock that keeps its error, and usual delays, count.
    """
    skew, delay, answer = (SKEW, DELAY, ANSWER_DELAY) if promises(evidence) else (0, USUAL_DELAY, USUAL_DELAY)
    return abs(lapse.shift) <= skew and lapse.delay <= delay and lapse.life.on_its_way <= answer


def promises(evidence: Evidence) -> bool:
    """Tell whether the client promises that no access token expires on its way within the bounds."""
    return "tolerates_a_minute" in evidence.journal.claims


def waits_to_be_refused(evidence: Evidence) -> bool:
    """Tell whether nothing in a journal shows that the client goes by lifetimes: each refresh was called for."""
    return not unforced_refreshes(evidence)


def told(lapse: Lapse) -> str:
    """Say what happened in one sentence."""
    late = in_seconds((lapse.exchange.arrived_at or 0) - (lapse.life.exchange.arrived_at or 0)) - (
        lapse.life.lifetime or 0
    )
    circumstances = f"its clock had moved by {lapse.shift:+g} s, " if lapse.shift else ""
    circumstances += f"the request took {lapse.delay:g} s, " if lapse.delay else ""
    circumstances += f"the token answer took {lapse.life.on_its_way:g} s, " if lapse.life.on_its_way else ""
    sender, bringer = lapse.exchange.node, lapse.life.exchange.node
    circumstances += f"node {sender} sent what node {bringer} had brought, " if sender != bringer else ""
    return (
        f"{lapse.exchange.presented} reached the resource {late:g} s after its expiry"
        f"{' (' + circumstances[:-2] + ')' if circumstances else ''}."
    )


@once
def unforced_refreshes(evidence: Evidence) -> tuple[tuple[Exchange, Life], ...]:
    """Return refreshes that were the client's own decision, with the access token of known lifetime they replace.

    A forced refresh, the repetition of one that brought nothing, and one after a refusal of the token are called for.
    What a login brought without a refresh token is left out: a client may keep the grant that it had.
    """
    found, brought = [], lives(evidence)
    for one in evidence.refreshes:
        life = newest_of(brought, one)
        known = life is not None and life.lifetime is not None and _taken(life)
        own = one.step not in evidence.forced and not _repeats(evidence, one)
        if life is not None and known and own and not refused(evidence, life, one):
            found.append((one, life))
    return tuple(found)


def _repeats(evidence: Evidence, one: Exchange) -> bool:
    before = [other for other in evidence.refreshes if other.number < one.number and other.presented == one.presented]
    return any(other.number not in evidence.answered for other in before)


def _taken(life: Life) -> bool:
    brought = life.exchange.members.get("refresh_token")
    return life.exchange.grant_type == "refresh_token" or (isinstance(brought, str) and bool(brought.strip()))


@once
def early_refreshes(evidence: Evidence) -> tuple[tuple[Exchange, Life], ...]:
    """Return refreshes in the first half of a lifetime that nothing called for, by the client's clock.

    A lifetime may be counted from the first sending of what was sent again.
    """
    return tuple(
        (one, life)
        for one, life in unforced_refreshes(evidence)
        if in_seconds(one.client_sent_at - _first_sent(evidence, life)) < (life.lifetime or 0) / 2
    )


def _first_sent(evidence: Evidence, life: Life) -> Instant:
    asked = life.exchange
    return min(
        one.client_sent_at
        for one in evidence.exchanges("token", asked.grant_type)
        if (one.step, one.actor, one.presented) == (asked.step, asked.actor, asked.presented)
    )


def refused(evidence: Evidence, life: Life, before: Exchange) -> bool:
    """Tell whether the resource had refused a token before a request."""
    hidden = evidence.profile.hidden_expiry
    return any(
        one.presented == life.access_token
        and (refused_access_token(one) or (one.delivered and one.status in hidden))
        and before.follows(one)
        for one in evidence.resource_calls
    )
