"""What a client does when a refresh fails: how often and when it asks again, how long it waits, when it gives up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Lose, Mend, Revoke, Step
from refreshproof.scenarios.survey.bisection import flips, listed
from refreshproof.scenarios.survey.item import Probe, SurveyItem, UnmeasurableError, Value
from refreshproof.scenarios.survey.probing import (
    EXPIRED,
    MOST_LISTED,
    after_login,
    brief,
    grouped,
    refresh_offsets,
    refreshed,
)
from refreshproof.scenarios.world.network import GIVES_UP

HOUR, DAY = 3600, 86_400
A_MINUTE_OF_CALLS = Call(times=61, every=1)
AN_HOUR_OF_CALLS: tuple[Step, ...] = (A_MINUTE_OF_CALLS, Call(times=237, every=15))
"""A call every second for a minute, then every 15 s."""
A_DAY_OF_CALLS: tuple[Step, ...] = (A_MINUTE_OF_CALLS, Call(times=60, every=60), Call(times=47, every=1800))
SEEDS = 20
ANSWERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "400 invalid_grant": ("status", {"code": 400, "error": "invalid_grant"}),
    "401 invalid_grant": ("status", {"code": 401, "error": "invalid_grant"}),
    "403 invalid_grant": ("status", {"code": 403, "error": "invalid_grant"}),
    "200 invalid_grant": ("error_body", {"code": 200, "document": {"error": "invalid_grant"}}),
    "403 unauthorized_client": ("status", {"code": 403, "error": "unauthorized_client"}),
    "400 interaction_required": ("status", {"code": 400, "error": "interaction_required"}),
    "400 consent_required": ("status", {"code": 400, "error": "consent_required"}),
    "400 invalid_request": ("status", {"code": 400, "error": "invalid_request"}),
    "401 invalid_client": ("status", {"code": 401, "error": "invalid_client"}),
    "401 access_denied": ("status", {"code": 401, "error": "access_denied"}),
    "400 without a body": ("status", {"code": 400}),
    "401 without a body": ("status", {"code": 401}),
    "404 page": ("html", {"code": 404}),
    "500 invalid_grant": ("status", {"code": 500, "error": "invalid_grant"}),
}
"""Answers to a refresh that may be taken as the end of the grant."""
LOSSES: Mapping[str, Lose] = {
    "answer cut off": Lose(leg="response", times=None),
    "answer never comes": Lose(leg="response", times=None, silent=True),
    "request cut off": Lose(leg="request", times=None),
}


def _sent(probe: Probe, trouble: Step, calls: tuple[Step, ...]) -> tuple[list[float], str]:
    """Return when refreshes are sent under a trouble, in seconds after the first, and of which calls that is said.

    What fills a list in the first minute is not looked at any longer.
    """
    short = refresh_offsets(probe(after_login(EXPIRED, trouble, calls[0])))
    if len(short) > MOST_LISTED:
        return short, f" in the first {A_MINUTE_OF_CALLS.times} calls"
    return refresh_offsets(probe(after_login(EXPIRED, trouble, *calls))), ""


def _status(code: int) -> Fault:
    return Fault(fault="status", parameters={"code": code}, times=None)


def _retries(probe: Probe, code: int) -> str:
    offsets, when = _sent(probe, _status(code), AN_HOUR_OF_CALLS)
    return brief(offsets) + when


def retry_5xx(probe: Probe, profile: Profile) -> Value:
    """Answer every refresh with 500, 502, 503 or 504 for an hour in which the client is called every second, after a
    minute every 15 s, or for the minute alone where more than 12 come in it; the spread of the first retry comes from
    20 seeds."""
    offsets = {str(code): _retries(probe, code) for code in (500, 502, 503, 504)}
    firsts = [_first_retry(probe, seed) for seed in range(SEEDS)]
    met = sorted({first for first in firsts if first is not None})
    spread = f"; first retry after {met[0]:g} to {met[-1]:g} s" if len(met) > 1 else ""
    return grouped(offsets) + spread


def _first_retry(probe: Probe, seed: int) -> float | None:
    """Return when the first retry comes; so many calls as it takes with the first seed come first."""
    sent: tuple[Exchange, ...] = ()
    for calls in (replace(A_MINUTE_OF_CALLS, times=_calls_to_a_retry(probe)), A_MINUTE_OF_CALLS):
        sent = sent if sent[1:] else _minute(probe, calls, seed).refreshes
    return in_seconds(sent[1].sent_at - sent[0].sent_at) if sent[1:] else None


def _minute(probe: Probe, calls: Call, seed: int = 0) -> Evidence:
    return probe(after_login(EXPIRED, _status(503), calls, seed=seed))


def _calls_to_a_retry(probe: Probe) -> int:
    """Return with how many calls a refresh is sent again, all those of a minute if it is not."""
    met = _minute(probe, A_MINUTE_OF_CALLS)
    second = met.refreshes[1].number if met.refreshes[1:] else None
    ended = [one.ended for one in met.outcomes("call")]
    return len(ended) if second is None else 1 + sum(number < second for number in ended)


def retry_429(probe: Probe, profile: Profile) -> Value:
    """Answer every refresh with 429 and no Retry-After for an hour in which the client is called every second, after a
    minute every 15 s, or for the minute alone where more than 12 refreshes come in it."""
    return _retries(probe, 429)


def retry_after_cap(probe: Probe, profile: Profile) -> Value:
    """Answer one refresh with 429 and a Retry-After, call again a second before it is over, and bisect the longest, 1 s
    to 10^9 s, that is waited for."""

    def honoured(wait: int) -> bool:
        fault = Fault(fault="status", parameters={"code": 429, "retry_after": str(wait)})
        return not refreshed(probe(after_login(EXPIRED, fault, Call(), Advance(seconds=wait - 1), Call())))

    points = (2, 60, 300, HOUR, DAY, 10**9)
    found = flips(honoured, points)
    if found:
        return listed([left for left, _ in found])
    return "1000000000 or more" if honoured(points[-1]) else 0


def replay(probe: Probe, profile: Profile) -> Value:
    """Lose every answer to a refresh, or every refresh, for 24 h in which the client is called every second, then every
    minute, then every half hour, and list when the same refresh token is presented again; the first minute is enough
    where more than 12 come in it."""
    return grouped({name: _replays(probe, lost) for name, lost in LOSSES.items()})


def _replays(probe: Probe, lost: Lose) -> str:
    sent, when = _sent(probe, lost, A_DAY_OF_CALLS)
    return f"{len(sent) - 1} times{when}, {brief(sent[1:])} s later" if sent[1:] else "never"


def token_deadline(probe: Probe, profile: Profile) -> Value:
    """Let the token endpoint be silent, then send a byte every ten seconds, and take the time after which the client
    turns away. In process the timeout that a client gives its HTTP library bounds the whole answer."""
    waits = {name: _wait(probe, fault) for name, fault in _SLOW.items()}
    return waits["silent"] if len(set(waits.values())) == 1 else grouped({k: f"{v} s" for k, v in waits.items()})


_SLOW: Mapping[str, Fault] = {
    "silent": Fault(fault="drop", parameters={"how": "hang"}),
    "a byte every 10 s": Fault(fault="drip", parameters={"seconds_": 10}),
}


def _wait(probe: Probe, slow: Fault) -> Value:
    sent = probe(after_login(EXPIRED, slow, Call())).refreshes
    if not sent:
        raise UnmeasurableError("The client sent no refresh.")
    waited = in_seconds(sent[0].finished_at - sent[0].sent_at)
    return waited if waited < GIVES_UP else "none"


def terminal_set(probe: Probe, profile: Profile) -> Value:
    """Answer every refresh in one of 14 ways, call five times two hours apart, and see when the caller is told that the
    user is needed."""
    return grouped({name: _verdict(probe, *answer) for name, answer in ANSWERS.items()})


def _verdict(probe: Probe, fault: str, parameters: Mapping[str, Any]) -> str:
    refusal = Fault(fault=fault, parameters=parameters, times=None)
    told = [one.kind for one in probe(after_login(EXPIRED, refusal, Call(times=5, every=7200))).outcomes("call")]
    if told[0] == "reauthorization_required":
        return "the end at once"
    return "the end after five" if told[-1] == "reauthorization_required" else "not the end"


def reauthorization_latency(probe: Probe, profile: Profile) -> Value:
    """Revoke the grant, let the access token expire, call every minute for ten, every hour for a day and every day for
    a week; the time counts from the first refused refresh."""
    calls = (Call(times=10, every=60), Call(times=24, every=HOUR), Call(times=8, every=DAY))
    evidence = probe(after_login(Revoke(), EXPIRED, *calls))
    refused = next((one for one in evidence.refreshes if _refused(one)), None)
    if refused is None:
        raise UnmeasurableError("No refresh was refused.")
    told = [one.at for one in evidence.outcomes("call") if one.kind == "reauthorization_required"]
    late = [in_seconds(at - refused.finished_at) for at in told if at >= refused.finished_at]
    return late[0] if late else "not within 8 days"


def _refused(one: Exchange) -> bool:
    return one.delivered and (one.status or 0) >= 400


def recovery_time(probe: Probe, profile: Profile) -> Value:
    """Answer every refresh with 503 for 1, 10 and 60 min in which the client is called 60 times, mend, and call every
    5 s until a call succeeds."""
    return ", ".join(f"{_recovery(probe, minutes)} s after {minutes} min" for minutes in (1, 10, 60))


def _recovery(probe: Probe, minutes: int) -> str:
    found: list[float] = []
    for calls in ((Call(),), (Call(times=61, every=5), Call(times=60, every=60))):
        found = found or _recovered(probe, Call(times=61, every=minutes), Mend(), *calls)
    return f"{found[0]:g}" if found else "more than 3600"


def _recovered(probe: Probe, *calls: Step) -> list[float]:
    """Return how many seconds after the end of an outage each call succeeded."""
    outage = Fault(fault="status", parameters={"code": 503}, times=None)
    evidence = probe(after_login(EXPIRED, outage, *calls))
    mended = next(record.at for record in evidence.steps if record.step["step"] == "mend")
    good = [one.at for one in evidence.outcomes("call") if one.kind == "ok" and one.at >= mended]
    return [in_seconds(at - mended) for at in good]


_FAILURE = ("failure-no-loop", "failure-transient-keeps-grant")

ITEMS: tuple[SurveyItem, ...] = (
    SurveyItem(
        id="sv-retry-5xx",
        statement="When a refresh is sent again while the provider answers 500, 502, 503 or 504, in s after the first.",
        measure=retry_5xx,
        related=_FAILURE,
    ),
    SurveyItem(
        id="sv-retry-429",
        statement=(
            "When a refresh is sent again while the provider answers 429 without Retry-After, in s after the first."
        ),
        measure=retry_429,
        related=("failure-retry-after",),
    ),
    SurveyItem(
        id="sv-retry-after-cap",
        statement="The longest Retry-After that is waited for.",
        measure=retry_after_cap,
        unit="s",
        related=("failure-retry-after",),
    ),
    SurveyItem(
        id="sv-replay",
        statement="How often, and when, a refresh whose answer was lost is sent again within a day.",
        measure=replay,
        related=("rotation-lost-response-recovers", "rotation-replay-bounded"),
    ),
    SurveyItem(
        id="sv-token-deadline",
        statement="How long the client waits for an answer of the token endpoint.",
        measure=token_deadline,
        unit="s",
        related=("failure-total-deadline",),
    ),
    SurveyItem(
        id="sv-terminal-set",
        statement="Answers to a refresh that are taken as the end of the grant.",
        measure=terminal_set,
        related=("failure-vendor-forms", "failure-terminal-stops"),
    ),
    SurveyItem(
        id="sv-reauth-latency",
        statement="Time from the refusal of a dead grant until a caller is told that the user is needed.",
        measure=reauthorization_latency,
        unit="s",
        related=("failure-terminal-stops",),
        scope="every vendor",
    ),
    SurveyItem(
        id="sv-recovery-time",
        statement="Time from the end of an outage to the first call that succeeds.",
        measure=recovery_time,
        related=("failure-transient-keeps-grant",),
    ),
)
