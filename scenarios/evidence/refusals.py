"""Refused and failed refreshes, and what callers were told: questions that checks of failures and endings ask.

A refusal is terminal where the provider says with an error code that the grant is over, doubtful where it says so in
words of its own or in a code that means something else in RFC 6749, and anything else passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

from refreshproof.mock_servers.profile.profile import Cause
from refreshproof.mock_servers.wire import DAY, MINUTE, SECOND
from refreshproof.scenarios.evidence.evidence import Evidence, once, refresh_token_of
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord

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
        Cause.REFRESH_TOKEN_SPENT,
    }
)  # fmt: skip
"""Causes that only the user can mend."""


@once
def failed(evidence: Evidence) -> tuple[Exchange, ...]:
    """Return every refresh that brought the client no token, in the order in which they were sent."""
    return tuple(one for one in evidence.refreshes if one.number not in evidence.answered)


def error_of(exchange: Exchange) -> str | None:
    """Return the error code of an answer, None where there is none in the place that RFC 6749 s5.2 gives it."""
    error = exchange.members.get("error")
    return error if isinstance(error, str) else None


def is_over(exchange: Exchange) -> bool:
    """Tell whether a refused refresh means that the grant is over: to whoever reads its error code under any status, or
    in truth, whatever reached the client. It excuses a client, and never accuses one."""
    return exchange.cause in DEAD_GRANT or error_of(exchange) in TERMINAL_ERRORS


def is_terminal(exchange: Exchange) -> bool:
    """Tell whether a refusal that reached the client says with an error code that the grant is over."""
    other = OTHER_MEANINGS | PASSING_ERRORS | CONFIGURATION_ERRORS | {None}
    clear = exchange.delivered and _refuses(exchange) and error_of(exchange) not in other
    return clear and is_over(exchange) and LOCKED not in str(exchange.members.get("error_description"))


def is_doubtful(exchange: Exchange) -> bool:
    """Tell whether a refusal may mean the end of the grant, in words that no specification has."""
    if not exchange.delivered or is_terminal(exchange) or not exchange.members:
        return False
    speaks = any(name in exchange.members for name in ("error", "errors", "status", "error_type"))
    known = error_of(exchange) in PASSING_ERRORS | CONFIGURATION_ERRORS
    return speaks and not known and (_refuses(exchange) or (exchange.status or 0) // 100 == 2)


def is_about_client(exchange: Exchange) -> bool:
    """Tell whether a refusal that reached the client was of the client itself, not of its grant."""
    return exchange.delivered and _refuses(exchange) and error_of(exchange) in CONFIGURATION_ERRORS


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
        said = is_over(one) and is_doubtful(one)
        if is_terminal(one) or (said and (enough or _understood(evidence, one))):
            found.append(one)
    return tuple(found)


def _understood(evidence: Evidence, one: Exchange) -> bool:
    """Tell whether a caller was sent for the user because of a refusal, not of one that came after it."""
    ending = told(evidence, one)
    later = [again for again in evidence.refreshes if again.follows(one) and ending is not None and ending.made(again)]
    return ending is not None and asks_for_user(ending) and not later


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


def crash_over(evidence: Evidence, answer: Exchange) -> OutcomeRecord | None:
    """Return how the operation ended in which an answer came, if that was a crash and the answer was the last that it
    had: whoever has sent another request since may have crashed over what came of that.

    A recording shows no crash; there an answer has come when something that it brought is presented.
    """
    if not evidence.shows("caller"):
        return None
    ended = told(evidence, answer)
    if ended is None or ended.kind != "crash":
        return None
    later = any(ended.made(one) and one.follows(answer) for one in evidence.exchanges())
    return None if later else ended


def detail_of(crash: OutcomeRecord) -> str:
    """Return what a crash says of itself, in brackets."""
    return f" ({crash.detail})" if crash.detail else ""


def knew(evidence: Evidence, refused: Exchange, later: Exchange) -> bool:
    """Tell whether a request was sent by an operation that could know of a refusal: the one that met it, or one that
    began after that had ended."""
    met, own = told(evidence, refused), told(evidence, later)
    return later.follows(refused) and (met is None or own is None or own is met or own.begun >= met.ended)


def access_tokens_of(evidence: Evidence, refused: Exchange) -> set[str]:
    """Return the access tokens that had come with a refused refresh token, or from it and from those before it."""
    grant, found = {refused.presented}, set[str]()
    for one in reversed(evidence.token_answers):
        brought = refresh_token_of(one)
        own = brought in grant or (brought is None and one.presented in grant)
        if own and refused.follows(one):
            found.add(one.members["access_token"])
            grant |= {one.presented} if one.grant_type == "refresh_token" else set()
    return found


def held(evidence: Evidence, before: Exchange) -> str | None:
    """Return the newest refresh token that had reached the client when a request was sent."""
    answers = (one for one in reversed(evidence.token_answers) if before.follows(one))
    return next((token for token in map(refresh_token_of, answers) if token is not None), None)


def asks_for_user(record: OutcomeRecord) -> bool:
    """Tell whether a caller was told that the user is needed."""
    return record.kind == "reauthorization_required"


def step_numbers(evidence: Evidence, name: str) -> list[int]:
    """Return the numbers of the steps of one kind."""
    return [record.number for record in evidence.steps if record.step["step"] == name]


def outages(evidence: Evidence, failures: Sequence[Exchange]) -> list[list[Exchange]]:
    """Return failures by outage: none of one outage has a good answer to a token request before another of it."""

    def answers_before(one: Exchange) -> int:
        return sum(one.follows(good) for good in evidence.token_answers)

    return [list(those) for _, those in groupby(failures, answers_before)]


def backs_off(requests: Sequence[Exchange]) -> bool:
    """Tell whether pauses between requests grow, as those of an exponential backoff with jitter do, to its cap.

    The first pause may be none. Caps of 32 or 64 s are common (Google Cloud, "Truncated exponential backoff"); jitter
    may halve them.
    """
    pauses = [later.sent_at - one.sent_at for one, later in pairwise(requests)]
    if not pauses or max(pauses) < max(2 * pauses[0], SECOND):
        return False
    return all(
        pause >= min(MINUTE // 2, max(SECOND // 10, (one.sent_at - requests[0].sent_at) // 4))
        for one, pause in zip(requests[1:], pauses[1:], strict=False)
    )
