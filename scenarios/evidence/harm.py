"""The harm that a story shows, taken from its journal alone: what the client's users have lost by what it did.

Blames nobody for what the user, the vendor or the network has done: a grant that one of them ended is not lost by the
client, and a call fails in vain only where everything it needed was well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import Instant, seconds
from refreshproof.scenarios.evidence.asking import NO_ANSWER, false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, once, refresh_token_of, refused_access_token
from refreshproof.scenarios.evidence.grants import OTHERS_DOING, OWN_DOING, Grant, grants
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.lives import GENEROUS, early_refreshes, newest_life, refused
from refreshproof.scenarios.evidence.operations import Operation, operations
from refreshproof.scenarios.evidence.refusals import (
    CONFIGURATION_ERRORS,
    OTHER_MEANINGS,
    PASSING_ERRORS,
    error_of,
    failed,
    is_terminal,
    presented_again,
)
from refreshproof.scenarios.evidence.struck import struck


class Harm(StrEnum):
    """What a story costs, the worst first."""

    GRANT_LOST = "grant_lost"
    """The user has to log in again, although neither they nor the vendor had ended the grant."""
    CALL_FAILED = "call_failed"
    """A call ended badly, or a refused access token was not repaired, although vendor and network were well."""
    USER_ASKED_IN_VAIN = "user_asked_in_vain"
    """The user was said to be needed while the grant lived."""
    NEEDLESS_REQUESTS = "needless_requests"
    """Token requests were sent that a correct client would not send."""
    NONE_YET = "none_yet"
    """Nobody has lost anything in this story."""

    @property
    def weight(self) -> int:
        """How much it weighs against others; the worst weighs most."""
        return -list(Harm).index(self)


SEVERE = frozenset({Harm.GRANT_LOST, Harm.CALL_FAILED})
"""Harm that no client may do, by whatever rule."""


PASSING = (Cause.UNAVAILABLE, Cause.SLOW_DOWN, Cause.REQUEST_LOOP, Cause.TOO_MANY_DEVICES)
DENIED = (
    Cause.INSUFFICIENT_SCOPE, Cause.INSUFFICIENT_AUTHENTICATION, Cause.MISSING_PERMISSION, Cause.UNKNOWN_RESOURCE,
    Cause.GRANT_NOT_ALLOWED,
)  # fmt: skip
"""Causes for which a vendor refuses what neither a token nor a client could help."""

NO_END = frozenset({None}) | PASSING_ERRORS | CONFIGURATION_ERRORS | OTHER_MEANINGS
"""Errors that do not say, under any status, that the grant is over."""

SIGNED = (Cause.INVALID_ASSERTION, Cause.INVALID_PROOF)
"""Causes for which a server refuses what a client signs, and dates by its own clock."""
WRONG_CLOCK = 60
"""Seconds by which a client's clock may be wrong and what it signs is good all the same."""

BUSY = (408, 425, 429)
"""Statuses below 500 that pass by themselves, whatever they say."""

EXCUSED = 86_400
"""Seconds for which a failed request to the token endpoint explains that calls fail."""
RECOVERY = 600
"""Seconds for which it explains that once provider and network are well again, if no longer pause was asked for and the
client knows that it failed."""

REST = 3600
"""Seconds after a failed refresh in which a client may leave the token endpoint alone, if no longer pause was asked
for; so long too where it does not know what became of it."""

BADLY = ("transient_error", "permanent_error", "crash")
MOST_AT_ONCE = 5
"""Refreshes within a minute that fail, or that nothing called for; more are needless."""


def harm_of(evidence: Evidence) -> Harm:
    """Return the worst harm that is seen in a journal."""
    return next((harm for harm, seen in _SEEN.items() if seen(evidence)), Harm.NONE_YET)


@dataclass(frozen=True, kw_only=True)
class Damage:
    """How a grant was lost or a call failed in vain: in words, and by which exchanges."""

    told: str
    witness: tuple[int, ...] = ()


def severe_harm(evidence: Evidence) -> Damage | None:
    """Return the first lost grant or, where none was lost, the first call that failed in vain."""
    return next(_damages(evidence), None)


def _damages(evidence: Evidence) -> Iterator[Damage]:
    for grant in grants(evidence):
        for spent in _spent(evidence, grant):
            what = f"presented {spent.presented}" if spent.presented else "presented no refresh token"
            yield Damage(told=f"The client {what}, and with that the grant was lost.", witness=(spent.number,))
        for ask in _thrown_away(evidence, grant):
            told = f"A {ask.operation} ended with the words that the user is needed, although the grant was good."
            yield Damage(told=told, witness=tuple(one.number for one in failed(evidence) if ask.made(one)))
    for one in _failed_in_vain(evidence):
        detail = f" ({one.outcome.detail})" if one.outcome.detail else ""
        asked = "user, vendor and network were well" if one.exchanges else "all was well and it had asked nobody"
        asked = "its access token was refused" if one.outcome.kind == "ok" else asked
        kind = one.outcome.kind.replace("_", " ")
        yield Damage(
            told=f"A {one.outcome.operation} ended with {kind}{detail}, although {asked}.",
            witness=tuple(other.number for other in one.exchanges[-1:]),
        )


def _grant_lost(evidence: Evidence) -> bool:
    return any(any(_spent(evidence, one)) or any(_thrown_away(evidence, one)) for one in grants(evidence))


def _spent(evidence: Evidence, grant: Grant) -> Iterator[Exchange]:
    """Yield the refreshes by which a grant came to its end, with a token that the client should not have presented.

    Whoever never had a usable answer has no other token to present.
    """
    lost = _lost(evidence)
    if _repeats_on_their_way(evidence):
        return
    own = [one for one in grant.refreshes if one.cause in OWN_DOING or _is_empty(one)]
    refusals = [one for one in own if grant.renewable and one.presented not in lost]
    for one in refusals:
        saved = any(later.number in evidence.answered and later.follows(one) for later in grant.refreshes)
        policy = evidence.profile_at(one.sent_at).refresh
        spares = one.cause is Cause.REFRESH_TOKEN_REUSED and policy.on_breach == "nothing"
        asked = any(call.kind == "reauthorization_required" and call.at >= one.finished_at for call in grant.calls)
        if not saved and (asked or not spares):
            yield one


@once
def _lost(evidence: Evidence) -> frozenset[str | None]:
    """Return the refresh tokens that were spent without a usable answer."""
    refreshes = (one for one in evidence.refreshes if one.committed and one.number not in evidence.answered)
    return frozenset(one.presented for one in refreshes)


def _repeats_on_their_way(evidence: Evidence) -> bool:
    """Tell whether a refresh that was given up may have arrived late, after its repetition, and ended the family."""
    slow = any(one.step["step"] == "delay" and one.step["leg"] == "request" for one in evidence.steps)
    return slow and any(one.trouble == "timeout" and one.arrived_at is None for one in evidence.refreshes)


def _is_empty(refresh: Exchange) -> bool:
    """Tell whether a refresh was refused because it presented nothing."""
    return refresh.cause is Cause.MISSING_REFRESH_TOKEN and not refresh.presented


def _thrown_away(evidence: Evidence, grant: Grant) -> Iterator[OutcomeRecord]:
    """Yield the asks for the user of a client that had a good refresh token and did not come back to it: nothing had
    troubled it, or what had was long over, and it did not try."""
    for ask in _vain_asks(evidence, grant):
        known = [one for one in evidence.token_answers if one.finished_at <= ask.began_at]
        trouble = [one for one in failed(evidence) if one.number <= ask.ended and (not known or one.follows(known[-1]))]
        back = any(call.kind == "ok" and call.began_at > ask.at for call in grant.calls)
        back = back or any(one.number > ask.ended for one in grant.refreshes)
        if not back and (not trouble or _is_past(trouble[-1], ask)):
            yield ask


def _is_past(failure: Exchange, ask: OutcomeRecord) -> bool:
    """Tell whether a caller was sent for the user long after a refresh had failed, as if nothing could be tried."""
    pause = EXCUSED if _names_a_pause(failure) else REST
    return ask.began_at - failure.finished_at >= seconds(pause)


def _names_a_pause(exchange: Exchange) -> bool:
    return any(name.lower() == "retry-after" for name, _ in exchange.response_headers)


def _vain_asks(evidence: Evidence, grant: Grant) -> list[OutcomeRecord]:
    """Return the asks of callers whom the provider had given no reason; whoever believes its words asks rightly, unless
    they came with a status that passes."""
    asks = (ask.outcome for ask in false_asks(evidence))
    believed = [
        one.number
        for one in grant.refreshes
        if one.delivered and error_of(one) not in NO_END and one.status not in BUSY and (one.status or 0) < 500
    ]
    return [
        ask
        for ask in asks
        if grant.renewable and grant.holds(ask) and not any(number <= ask.ended for number in believed)
    ]


def _call_failed(evidence: Evidence) -> bool:
    return any(_failed_in_vain(evidence))


def _failed_in_vain(evidence: Evidence) -> Iterator[Operation]:
    """Yield the operations that failed although everything was well that they needed."""
    for one in operations(evidence, "callback"):
        if one.outcome.kind == "crash" and _brought(evidence, one):
            yield one
    for one in operations(evidence, "call", "pages"):
        if any(grant.holds(one.outcome) and _in_vain(evidence, grant, one) for grant in grants(evidence)):
            yield one


def _brought(evidence: Evidence, login: Operation) -> bool:
    return any(one.number in evidence.answered for one in login.exchanges)


def _in_vain(evidence: Evidence, grant: Grant, operation: Operation) -> bool:
    """Tell whether an operation failed although everything was well that it needed."""
    used = [one for one in operation.exchanges if one.view == "resource"]
    refused = {one.presented for one in used if refused_access_token(one)}
    unrepaired = bool(used) and refused_access_token(used[-1])
    untold = operation.outcome.kind == "ok" and unrepaired
    if operation.outcome.kind not in BADLY and not untold:
        return False
    if len(refused) > 1 or (refused and not grant.renewable):
        return False  # a fresh token was refused too, or there is none to be had
    if _is_excused(evidence, operation.outcome) or not (operation.exchanges or grant.renewable):
        return False
    return all(_is_well(evidence, one) or (untold and one is used[-1]) for one in operation.exchanges)


def _is_excused(evidence: Evidence, outcome: OutcomeRecord) -> bool:
    """Tell whether a request to the token endpoint that had gone wrong not long before explains how an operation ended.

    What another caller has got since the operation began came too late for it.
    """
    asked = [
        one
        for one in evidence.exchanges("token")
        if one.number <= outcome.begun
        or (one.number <= outcome.ended and (outcome.made(one) or not _is_well(evidence, one)))
    ]
    if not asked or _is_well(evidence, asked[-1]):
        return False
    last = asked[-1]
    mended = [one.at for one in evidence.steps if one.step["step"] == "mend" and last.step < one.number]
    if mended and _can_be_mended(evidence, last) and not _names_a_pause(last):
        known = last.trouble == "refused" or (last.delivered and last.status not in NO_ANSWER)
        return outcome.began_at - mended[0] < seconds(RECOVERY if known else REST)
    return outcome.at - last.finished_at < seconds(EXCUSED)


def _can_be_mended(evidence: Evidence, exchange: Exchange) -> bool:
    """Tell whether the scenario brought the trouble of a request about, and not a vendor by its lasting ways."""
    return exchange.number in struck(evidence) or not exchange.delivered


def _is_well(evidence: Evidence, exchange: Exchange) -> bool:
    """Tell whether neither network nor vendor stood in the way: the request was answered, or refused for its own
    sake."""
    if exchange.number in struck(evidence) and (exchange.cause is None or not _reads_as_refusal(exchange)):
        return False  # what the provider itself refuses it refuses under any fault that leaves a refusal
    if exchange.view == "token" and exchange.cause is None:
        return exchange.number in evidence.answered
    if exchange.cause in OWN_DOING and exchange.presented in _lost(evidence):
        return False
    if exchange.cause is Cause.INVALID_SCOPE and _names_what_was_told(evidence, exchange):
        return False
    if exchange.ok or (refused_access_token(exchange) and exchange.cause not in DENIED):
        return True
    if exchange.grant_type == "refresh_token" and not evidence.profile.renews:
        return False  # nobody may use what was handed out here
    if exchange.cause in SIGNED and abs(_error(exchange)) > seconds(WRONG_CLOCK):
        return False  # what is signed tells the time of a clock that is wrong
    return exchange.delivered and exchange.cause not in (None, *PASSING, *DENIED, *OTHERS_DOING)


def _error(exchange: Exchange) -> Instant:
    """Return by how much the client's clock was ahead when it sent a request."""
    return exchange.client_sent_at - exchange.sent_at


def _reads_as_refusal(exchange: Exchange) -> bool:
    return 400 <= (exchange.status or 0) < 500 and exchange.status not in BUSY


def _names_what_was_told(evidence: Evidence, refresh: Exchange) -> bool:
    """Tell whether a refresh named the scope that an answer had told, true or not."""
    answers = (one for one in evidence.token_answers if refresh.follows(one))
    told = {scope for one in answers for scope in str(one.members.get("scope") or "").replace(",", " ").split()}
    named = set(refresh.values.get("scope", "").split())
    return bool(named) and named <= told


def _user_asked_in_vain(evidence: Evidence) -> bool:
    return any(_vain_asks(evidence, grant) for grant in grants(evidence))


def _needless_requests(evidence: Evidence) -> bool:
    early = any((life.lifetime or 0) >= GENEROUS for _, life in early_refreshes(evidence))
    stubborn = any(is_terminal(one) and presented_again(evidence, one) for one in evidence.refreshes)
    return early or stubborn or _doubled(evidence) or _hurried(evidence)


def _doubled(evidence: Evidence) -> bool:
    """Tell whether a token was presented while it was being answered, or after the answer that replaced it."""
    return any(
        other.presented == one.presented
        and other.number > one.number
        and other.step not in evidence.forced
        and (_replaces(one) or not other.follows(one))
        for one in evidence.token_answers
        for other in evidence.exchanges("token")
        if one.presented is not None
    )


def _replaces(exchange: Exchange) -> bool:
    """Tell whether an answer ended the use of what was presented: a code, or a token that it replaced."""
    successor = refresh_token_of(exchange)
    return exchange.grant_type == "authorization_code" or (successor or exchange.presented) != exchange.presented


def _hurried(evidence: Evidence) -> bool:
    early = {one.number for one, _ in early_refreshes(evidence)}
    vain = {one.number for one in failed(evidence)}
    sent = [one.sent_at for one in evidence.refreshes if one.number in vain | early or _is_uncalled_for(evidence, one)]
    return any(last - first < seconds(60) for first, last in zip(sent, sent[MOST_AT_ONCE:], strict=False))


def _is_uncalled_for(evidence: Evidence, refresh: Exchange) -> bool:
    """Tell whether a client renewed by itself what had no end that it knew of, and nobody had refused."""
    life = newest_life(evidence, refresh)
    known = life is None or life.lifetime is not None or refresh.step in evidence.forced
    return life is not None and not known and not refused(evidence, life, refresh)


_SEEN: Mapping[Harm, Callable[[Evidence], bool]] = {
    Harm.GRANT_LOST: _grant_lost,
    Harm.CALL_FAILED: _call_failed,
    Harm.USER_ASKED_IN_VAIN: _user_asked_in_vain,
    Harm.NEEDLESS_REQUESTS: _needless_requests,
}
