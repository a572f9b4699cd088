"""Failure: how often a provider in trouble is asked again, and how long an answer is waited for."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from refreshproof.mock_servers.wire import HOUR, SECOND, Instant, seconds
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refused_access_token
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.operations import Operation, operations
from refreshproof.scenarios.evidence.refusals import (
    backs_off,
    failed,
    is_doubtful,
    is_terminal,
    outages,
    terminal_refusals,
    told,
)
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Lose, Skew, Step, Until

HONOURED = 300
"""Seconds of a Retry-After that every client waits in full; how much more of a longer one is its own choice."""

LONGEST = 86_400
"""Seconds after which a client tries again, however long it was told to wait."""

MOST_WITHOUT_HEADER = 10
"""Requests in ten minutes to a provider that refuses for being busy and does not say for how long."""

MOST_IN_AN_HOUR = 60
MOST_TERMINAL = 2
MOST_DOUBTFUL = 5
DOUBTING = 1200
"""Seconds in which that many refusals came in words that may or may not end a grant: whoever pauses for five minutes
after each does not loop."""

_BUSY = (429, 503)


def waits_as_told(evidence: Evidence) -> Verdict:
    """Nothing is sent to an endpoint before its Retry-After is over; without one, requests grow rare."""
    tested = False
    for one in (*evidence.refreshes, *evidence.resource_calls):
        header = _retry_after(one)
        if header is None or one.status not in _BUSY:
            continue
        for again in _requests_again(evidence, one):
            if _too_soon(one, again, header):
                return violated(
                    f"Told to wait ({one.status}, Retry-After: {header}), the client asked again after"
                    f" {in_seconds(again.sent_at - _answered(one)):g} s.",
                    one.number,
                    again.number,
                    expected="Nothing is sent there before the time is over.",
                )
        silent = _silent_for_ever(evidence, one, header)
        if silent:
            return violated(
                f"Told to wait ({one.status}, Retry-After: {header}), the client had not asked again after"
                f" {in_seconds(silent):g} s.",
                one.number,
                expected=f"A wait is cut to {LONGEST} s at most, and ends within an hour of what was asked for.",
            )
        tested = tested or any(record.began_at > one.finished_at for record in evidence.calls)
    busy = [one for one in evidence.refreshes if one.status in _BUSY and _retry_after(one) is None]
    crowd = _crowd(_without_pause(evidence, busy), 600, MOST_WITHOUT_HEADER)
    if crowd:
        return violated(
            f"{len(crowd)} refreshes were sent within ten minutes to a provider that answered {crowd[0].status}.",
            *(one.number for one in crowd),
            expected=f"Pauses grow, or at most {MOST_WITHOUT_HEADER} requests come in ten minutes.",
        )
    return exercised(tested, "No answer told the client to wait.")


def _retry_after(one: Exchange) -> str | None:
    if not one.delivered:
        return None
    return next((value for name, value in one.response_headers if name.lower() == "retry-after"), None)


def _answered(one: Exchange) -> Instant:
    return one.sent_at if one.arrived_at is None else one.arrived_at


def _requests_again(evidence: Evidence, one: Exchange) -> list[Exchange]:
    """Return the requests that a wait forbids: refreshes of the same process, or the same call's own repetitions.

    That a person calls the API again, asks for a refresh, logs in anew or restarts the client is their own decision.
    """
    if one.view == "resource":
        ending = told(evidence, one)
        own = [again for again in evidence.resource_calls if ending is not None and ending.made(again)]
        return [again for again in own if again.follows(one)]
    return [
        again
        for again in evidence.refreshes
        if again.follows(one)
        and again.node == one.node
        and again.step not in evidence.forced
        and not _new_life(evidence, one, again)
    ]


def _new_life(evidence: Evidence, first: Exchange, second: Exchange) -> bool:
    restarted = any(first.step < record.step <= second.step for record in evidence.outcomes("restart"))
    return restarted or any(one.follows(first) and second.follows(one) for one in evidence.code_exchanges)


def _too_soon(one: Exchange, again: Exchange, header: str) -> bool:
    """Tell whether a request came before the time was over by true time and by the client's own clock."""
    start = _answered(one)
    least = seconds(HONOURED)
    if header.strip().isdigit():
        least = min(seconds(int(header)), least)
        return again.sent_at - start < least and again.client_sent_at - one.client_sent_at < least
    until = _named_date(header)
    if until is None:
        return False
    return again.sent_at < min(until, start + least) and again.client_sent_at < until


def _named_date(header: str) -> Instant | None:
    """Read a header that is a date."""
    try:
        return round(parsedate_to_datetime(header).timestamp()) * SECOND
    except (TypeError, ValueError, OverflowError):
        return None


def _silent_for_ever(evidence: Evidence, one: Exchange, header: str) -> Instant | None:
    """Return how long a client had been silent when it sent a caller away, though the wait it was told, or a day, had
    been over for an hour."""
    again = any(other.follows(one) for other in (*evidence.refreshes, *evidence.code_exchanges))
    asked = _asked_for(one, header)
    if one.view != "token" or again or one in terminal_refusals(evidence) or asked is None:
        return None
    over = _answered(one) + min(asked, seconds(LONGEST)) + HOUR
    late = (
        call.outcome for call in operations(evidence, "call") if _is_sent_away(call) and call.outcome.node == one.node
    )
    return next((record.at - one.finished_at for record in late if record.began_at > over), None)


def _is_sent_away(call: Operation) -> bool:
    """Tell whether a call failed for want of an access token: nothing was sent, or what was sent was refused."""
    badly = call.outcome.kind in ("transient_error", "permanent_error", "crash")
    return badly and all(refused_access_token(one) for one in call.exchanges)


def _asked_for(one: Exchange, header: str) -> Instant | None:
    """Return how long a client was told to wait; a header that says nothing is none."""
    until = _named_date(header)
    if until is not None:
        return max(0, until - _answered(one))
    return seconds(int(header)) if header.strip().isdigit() else None


def _without_pause(evidence: Evidence, failures: list[Exchange]) -> list[Exchange]:
    """Return the failures of those outages in which the client did not ask more and more rarely."""
    return [one for those in outages(evidence, failures) if not backs_off(those) for one in those]


def _crowd(requests: list[Exchange], span: float, most: int) -> list[Exchange]:
    """Return more than `most` requests within a span of seconds, else nothing."""
    for index in range(len(requests) - most):
        crowd = requests[index : index + most + 1]
        if crowd[-1].sent_at - crowd[0].sent_at < seconds(span):
            return crowd
    return []


def stays_quiet(evidence: Evidence) -> Verdict:
    """However often the client is called, a persistent answer leads to a bounded number of token requests."""
    requests = [one for one in failed(evidence) if one.step not in evidence.forced]
    bounds = (
        ([one for one in requests if is_terminal(one)], MOST_TERMINAL, 3600),
        ([one for one in requests if is_doubtful(one)], MOST_DOUBTFUL, DOUBTING),
        (_without_pause(evidence, requests), MOST_IN_AN_HOUR, 3600),
    )
    for found, most, span in bounds:
        crowd = _crowd(found, span, most)
        if crowd and len({one.presented for one in crowd}) == 1:
            answer = crowd[0].trouble or f"status {crowd[0].status}"
            took = in_seconds(crowd[-1].sent_at - crowd[0].sent_at)
            when = f"{took / 60:.0f} minutes" if took >= 120 else f"{took:.0f} s" if took >= 1 else "a second"
            return violated(
                f"{crowd[0].presented} was presented {len(crowd)} times within {when}; the first answer was {answer}.",
                *(one.number for one in crowd[:3]),
                expected=f"At most {most} such requests in {span // 60} minutes, whatever the number of calls.",
            )
    called = [record for record in evidence.calls if requests and record.began_at > requests[0].finished_at]
    return exercised(len(called) > MOST_DOUBTFUL, "Nobody called often while the provider answered no refresh.")


_EXPIRED = Until(limit="access_token_expiry", offset=1)


def _told(code: int, retry_after: str | None, view: str = "token", times: int | None = 1) -> Fault:
    parameters = {"code": code} | ({} if retry_after is None else {"retry_after": retry_after})
    grant_type = "refresh_token" if view == "token" else None
    return Fault(fault="status", parameters=parameters, view=view, grant_type=grant_type, times=times)


def _calls_at(*instants: float) -> list[Step]:
    """Call now, and again at so many seconds from now."""
    steps: list[Step] = [Call()]
    for earlier, later in zip((0, *instants), instants, strict=False):
        steps += [Advance(seconds=later - earlier), Call()]
    return steps


_AROUND_120 = tuple(_calls_at(1, 30, 119, 121, 180, 240, 300, 600))


def _answer(code: int, **document: Any) -> Fault:
    return Fault(fault="error_body", parameters={"code": code, "document": document}, times=None)


def _for_an_hour(name: str, fault: Fault | Lose) -> Scenario:
    return flow(_EXPIRED, fault, Call(times=MOST_IN_AN_HOUR + 4, every=56), name=name)


def _for_minutes(name: str, fault: Fault) -> Scenario:
    return flow(_EXPIRED, fault, Call(times=8, every=400), name=name)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="failure-retry-after",
        keyword="SHOULD",
        statement=(
            "Retry-After in both forms is waited for, up to a cap, at the token endpoint and at the resource; without "
            "it pauses grow."
        ),
        source="RFC 9110 s10.2.3; RFC 6585 s4; misb err-429-token, net-5xx-retry-after",
        effect="A vendor that asks for rest is hammered, and blocks the whole application for all its users.",
        fix=(
            "Keep the earliest time of the next request with the grant, from either form of Retry-After, and cut it "
            "to a day."
        ),
        anomaly="A10",
        check=waits_as_told,
        scenarios=(
            flow(_EXPIRED, _told(429, "120"), *_AROUND_120, name="429 with 120 s"),
            flow(_EXPIRED, _told(429, "date:120"), *_AROUND_120, name="429 with a date"),
            flow(Skew(seconds=60), _EXPIRED, _told(429, "date:120"), *_AROUND_120, name="a date, 60 s ahead"),
            flow(Skew(seconds=-60), _EXPIRED, _told(429, "date:120"), *_AROUND_120, name="a date, 60 s behind"),
            flow(_EXPIRED, _told(503, "30"), *_calls_at(1, 29, 31, 120, 600), name="503 with 30 s"),
            flow(_EXPIRED, _told(429, "0"), *_calls_at(1, 60, 600), name="429 with 0 s"),
            flow(_EXPIRED, _told(429, "60"), *_calls_at(61, 300, 3700, 7300), name="429 with 60 s, for two hours"),
            flow(
                _EXPIRED,
                _told(503, "30"),
                _told(503, None, times=None),
                Call(),
                Advance(seconds=31),
                Call(times=20, every=25),
                name="503 with 30 s, and then without",
            ),
            flow(
                _EXPIRED,
                _told(429, "1000000000"),
                *_calls_at(3600, 86_399, 90_100, 93_700, 97_300),
                name="429 with thirty years",
            ),
            flow(_EXPIRED, _told(429, None, times=None), Call(times=20, every=30), name="429 without a header"),
            flow(Call(), _told(429, "120", view="resource"), Call(), Call(), name="429 from the resource"),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
        invariant=True,
    ),
    Requirement(
        id="failure-no-loop",
        keyword="SHOULD",
        statement=(
            "For every persistent answer the number of token requests is bounded, whatever the number of calls."
        ),
        source="OAuth 2.1 s1.3.2; misb err-invalid-request-for-dead-grant, exp-lies-short",
        effect=(
            "One dead or ailing grant turns every API call into a token request, until the vendor blocks the client."
        ),
        fix="Let callers share the last failure and its pause; ask again when the pause is over, not when they call.",
        anomaly="A8",
        check=stays_quiet,
        scenarios=(
            _for_an_hour("503", _told(503, None, times=None)),
            _for_an_hour("502", _told(502, None, times=None)),
            _for_an_hour("429", _told(429, None, times=None)),
            _for_an_hour("500 with a page", Fault(fault="html", parameters={"code": 500}, times=None)),
            _for_an_hour("half of an answer", Fault(fault="truncate", parameters={"at": 20}, times=None)),
            _for_an_hour("no answer", Lose(leg="response", silent=True, times=None)),
            _for_an_hour("connection refused", Fault(fault="refuse_connection", times=None)),
            _for_an_hour("a page with 200", Fault(fault="html", times=None)),
            _for_an_hour("invalid_client", _answer(401, error="invalid_client")),
            _for_minutes("invalid_grant", _answer(400, error="invalid_grant")),
            _for_minutes(
                "unauthorized_client",
                _answer(403, error="unauthorized_client", error_description="refresh_token is invalid"),
            ),
            _for_minutes("consent_required", _answer(400, error="consent_required")),
            _for_minutes("invalid_request", _answer(400, error="invalid_request")),
            _for_minutes("an error with 200", _answer(200, error="bad_refresh_token")),
            _for_an_hour("invalid_request, for an hour", _answer(400, error="invalid_request")),
            _for_an_hour("an error with 200, for an hour", _answer(200, error="bad_refresh_token")),
        ),
        applies=issues_refresh_tokens,
        depends=("refresh-request-shape",),
        invariant=True,
    ),
)
