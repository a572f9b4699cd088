"""Accepting, continued: lifetimes that are missing, zero or odd make a token neither immortal nor born expired."""

from __future__ import annotations

from dataclasses import dataclass

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds, refused_access_token
from refreshproof.scenarios.evidence.journal import Exchange, OutcomeRecord
from refreshproof.scenarios.evidence.lives import newest_life, refused
from refreshproof.scenarios.evidence.refusals import crash_over, detail_of
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.cases import renews_late, renews_late_and_serves_well
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Mend, Step, Until


def missing_is_unknown(evidence: Evidence) -> Verdict:
    """A token without expires_in is used, refreshed once it is refused, and not refreshed for every call."""
    silent = [one for one in evidence.token_answers if one.members.get("expires_in") is None]
    if not silent:
        return exercised(False, "Every token answer told a lifetime.")
    refusals = [one for one in evidence.resource_calls if refused_access_token(one)]
    for number, one in enumerate(refusals):
        again = [other for other in refusals[:number] if other.presented == one.presented]
        if again and not _failed_between(evidence, again[0], one):
            return violated(
                f"{one.presented}, of unknown lifetime, was refused {len(again) + 1} times and not refreshed.",
                *(other.number for other in (*again, one)),
                expected="The first refusal leads to a refresh.",
            )
    span = in_seconds(evidence.span)
    renewed = [one for one in evidence.token_answers if one.grant_type == "refresh_token"]
    uncalled = [one for one in renewed if not _called_for(evidence, one)]
    if len(uncalled) > 2 * span / 3600 + 1:
        return violated(
            f"{len(uncalled)} refreshes in {span:g} s that no refusal called for, with tokens of unknown lifetime.",
            *(one.number for one in uncalled),
            expected="A stated default lifetime, or a refresh at the first refusal: at most two in an hour.",
        )
    return _never_used(evidence, silent) or exercised(bool(renewed), "No token of unknown lifetime was renewed.")


def _called_for(evidence: Evidence, refresh: Exchange) -> bool:
    """Tell whether the newest access token had been refused before a refresh."""
    newest = newest_life(evidence, refresh)
    return newest is not None and refused(evidence, newest, refresh)


def _failed_between(evidence: Evidence, first: Exchange, last: Exchange) -> bool:
    between = [one for one in evidence.refreshes if one.follows(first) and last.follows(one)]
    return any(one.number not in evidence.answered for one in between)


def _never_used(evidence: Evidence, silent: list[Exchange]) -> Verdict | None:
    tokens = {one.members["access_token"] for one in silent}
    if evidence.outcomes("call") and not any(one.presented in tokens for one in evidence.resource_calls):
        crash = crash_over(evidence, silent[0])
        ended = f" The {crash.operation} that brought it ended in a crash{detail_of(crash)}." if crash else ""
        return violated(
            f"A token of unknown lifetime was never used.{ended}",
            silent[0].number,
            expected="expires_in that is absent or null is an unknown lifetime, no failure.",
        )
    return None


MOST_WHERE_GOOD = 2
MOST_WHERE_REFUSED = 3
SOON = 60


def zero_is_unknown(evidence: Evidence) -> Verdict:
    """expires_in 0 leads to no refresh for every call; a token that works goes on being used."""
    first = next((one for one in evidence.token_answers if one.members.get("expires_in") == 0), None)
    if first is None:
        return exercised(False, "No token answer told a lifetime of 0.")
    asked = [
        one
        for one in evidence.exchanges("token")
        if 0 <= one.sent_at - first.sent_at <= round(SOON * 1_000_000) and not _called_for(evidence, one)
    ]
    used = [one for one in evidence.resource_calls if one.follows(first)]
    works = any(one.ok for one in used)
    most = MOST_WHERE_GOOD if works else MOST_WHERE_REFUSED
    if len(asked) > most:
        return violated(
            f"{len(asked)} token requests within {SOON} s that no refusal called for, after an answer that told a"
            " lifetime of 0.",
            *(one.number for one in asked),
            expected=f"At most {most} token requests.",
        )
    failed = next((call for call in evidence.outcomes("call") if works and call.kind != "ok"), None)
    if failed is not None and not any(refused_access_token(one) for one in used):
        return violated(
            f"A call ended with {failed.kind.replace('_', ' ')} although the token works.",
            first.number,
            expected="The token is used until the resource refuses it.",
        )
    return exercised(len(evidence.outcomes("call")) > most, "The token was not used more often than it may be renewed.")


@dataclass(frozen=True, kw_only=True)
class _Login:
    """One login whose answer told an odd lifetime, the calls until the next one, and the refreshes it led to."""

    exchange: Exchange
    calls: list[OutcomeRecord]
    renewals: list[Exchange]


def odd_is_unknown(evidence: Evidence) -> Verdict:
    """An odd expires_in makes no call fail, no token born expired, and none immortal."""
    logins = _logins(evidence)
    for login in logins:
        told = login.exchange.members.get("expires_in")
        crash = crash_over(evidence, login.exchange)
        if crash is not None:
            return violated(
                f"expires_in {told!r} came, and the {crash.operation} ended in a crash{detail_of(crash)}.",
                login.exchange.number,
                expected="The token is used; its lifetime is read as a number, or unknown.",
            )
        early = [call for call in login.calls if call.began_at - login.exchange.finished_at <= SOON * 1_000_000]
        renewed = [one for one in login.renewals if one.sent_at - login.exchange.finished_at <= SOON * 1_000_000]
        bad = next((call for call in early if call.kind != "ok"), None)
        if bad is not None or len(renewed) > 1:
            what = f"{len(renewed)} refreshes" if bad is None else f"a call that ended with {bad.kind}"
            return violated(
                f"expires_in {told!r} led to {what.replace('_', ' ')} within {SOON} s.",
                login.exchange.number,
                *(one.number for one in renewed),
                expected="The token is used; its lifetime is read as a number, or unknown.",
            )
        # A refresh was due and came: that the vendor refused it is not for the lifetime.
        refused_at_last = bool(login.renewals) and not login.renewals[-1].ok
        if login.calls and login.calls[-1].kind != "ok" and not refused_at_last:
            return violated(
                f"After expires_in {told!r} the last call ended with {login.calls[-1].kind.replace('_', ' ')}.",
                login.exchange.number,
                expected="The token's true end is met by a refresh.",
            )
    return exercised(any(login.renewals for login in logins), "No token of odd lifetime was renewed.")


def _logins(evidence: Evidence) -> list[_Login]:
    begun = evidence.code_exchanges
    ends = [*(one.number for one in begun), 10**9][1:]
    found = []
    for exchange, end in zip(begun, ends, strict=True):
        if not exchange.ok or _plain(exchange.members.get("expires_in")):
            continue
        calls = [call for call in evidence.outcomes("call") if exchange.number <= call.begun and call.ended < end]
        renewals = [one for one in evidence.refreshes if exchange.number < one.number < end]
        found.append(_Login(exchange=exchange, calls=calls, renewals=renewals))
    return found


def _plain(value: object) -> bool:
    """Tell whether a lifetime is a number as RFC 6749 has it, of at most a day."""
    return type(value) is int and 0 < value <= 86_400


def _told(value: object, *, remove: bool = False) -> Fault:
    parameters = {"name": "expires_in", "remove": True} if remove else {"name": "expires_in", "value": value}
    return Fault(fault="member", parameters=parameters, grant_type=None, times=None)


def _odd(*values: object) -> tuple[Step, ...]:
    """Log in with each lifetime, call early and after the true end."""
    return tuple(
        step
        for value in values
        for step in (
            Mend(),
            _told(value),
            Authorize(),
            Call(times=3, every=20),
            Until(limit="access_token_expiry", offset=1),
            Call(times=2, every=100),
        )
    )


FOREVER = {"lifetimes.access_token": 315_360_000, "lifetimes.access_token_longest": None}

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="accept-expires-missing",
        keyword="SHOULD",
        statement=(
            "An absent or null expires_in means unknown lifetime: the token is used, and its end is met by a stated "
            "default or by reacting to 401, neither immortal nor refreshed on every call."
        ),
        source=(
            "RFC 6749 s5.1; seed 002 (sample skips the check); misb exp-missing, exp-null, "
            "iss-expires-only-if-requested"
        ),
        effect="An hour after the login every call fails with 401 and nothing refreshes.",
        fix="Without expires_in use the token until the resource answers 401, then refresh once.",
        anomaly="A18",
        check=missing_is_unknown,
        scenarios=tuple(
            Scenario(
                steps=(
                    fault,
                    Authorize(),
                    Advance(seconds=10),
                    Call(times=2, every=1490),
                    Until(limit="access_token_expiry", offset=1),
                    Call(times=3, every=100),
                    Until(limit="access_token_expiry", offset=1),
                    Call(times=6, every=100),
                ),
                name=name,
            )
            for name, fault in (("no expires_in", _told(None, remove=True)), ("expires_in null", _told(None)))
        ),
        applies=renews_late,
    ),
    Requirement(
        id="accept-expires-zero",
        keyword="SHOULD",
        statement="expires_in 0 leads neither to a refresh on every call nor to an immortal token.",
        source="misb exp-zero-means-never, exp-zero-real",
        effect="Every call refreshes, and the vendor's rate limit stops the integration within minutes.",
        fix="Read 0 as an unknown lifetime: use the token until the resource answers 401.",
        anomaly="A8",
        check=zero_is_unknown,
        scenarios=(
            Scenario(
                steps=(_told(0), Authorize(), Call(times=12, every=1), Advance(seconds=3600), Call()),
                name="0 means for ever",
                profile=FOREVER,
            ),
            Scenario(
                steps=(
                    _told(0),
                    Fault(fault="status", parameters={"code": 401}, view="resource", grant_type=None, times=None),
                    Authorize(),
                    Call(times=12, every=1),
                ),
                name="0 means refused on arrival",
            ),
        ),
    ),
    Requirement(
        id="accept-expires-odd",
        keyword="ADVICE",
        statement=(
            "Digit strings and finite floats are read as numbers; negative, textual, overflowing or millisecond values "
            "give an unknown or clamped lifetime, never a crash."
        ),
        source=(
            "RFC 6749 App. A.14; misb exp-string, exp-float, exp-huge, exp-milliseconds, exp-negative-nan-garbage, "
            "exp-absolute-timestamp, clk-2038"
        ),
        effect="One strange number makes the client crash after the login, or refresh before every call.",
        fix="Parse expires_in in one place; whatever is no number between 1 and some years is an unknown lifetime.",
        anomaly="A18",
        check=odd_is_unknown,
        scenarios=(
            Scenario(steps=_odd("3599", 3599.27, -1, "", "1 hour"), name="strings, fractions and less than nothing"),
            Scenario(steps=_odd(2_147_483_647, 2_147_483_648, 10**12, 3_600_000), name="numbers too large"),
        ),
        applies=renews_late_and_serves_well,
    ),
)
