"""Failure: after how long a grant that only fails is given up."""

from __future__ import annotations

from refreshproof.mock_servers.wire import DAY, seconds
from refreshproof.scenarios.evidence.asking import false_asks
from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.refusals import FAILING_PERIOD, failed, is_about_client, told
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.refresh.refresh import issues_refresh_tokens
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Advance, Call, Fault, Mend, Until


def gives_up_after_seven_days(evidence: Evidence) -> Verdict:
    """A failing grant counts as lost after seven days of nothing but failures: not before, and then for good."""
    for ask in false_asks(evidence):
        if ask.first is not None:
            return violated(
                f"The grant was given up {in_seconds(ask.outcome.at - ask.first.sent_at):g} s after it began to fail.",
                ask.first.number,
                expected=f"It counts as unrecoverable after {FAILING_PERIOD // DAY} days of failing, not before.",
            )
    streaks = _streaks(evidence)
    for streak in streaks:
        last = next((one for one in streak if one.sent_at > streak[0].finished_at + FAILING_PERIOD), None)
        if last is None:
            continue
        after = [
            one
            for one in evidence.refreshes
            if one.follows(last) and one.step not in evidence.forced and not _one_call(evidence, last, one)
        ]
        if after and not _logged_in_between(evidence, last, after[0]):
            return violated(
                f"The grant had failed for {_gap(streak[0], last):g} s, and was tried again.",
                streak[0].number,
                after[0].number,
                expected=f"After {FAILING_PERIOD // DAY} days of failing it is unrecoverable: the user is asked.",
            )
    tested = any(one[-1].sent_at >= one[0].sent_at + FAILING_PERIOD - seconds(60) for one in streaks)
    return exercised(tested or len(streaks) > 1, "No grant failed for seven days.")


def _gap(first: Exchange, later: Exchange) -> float:
    return in_seconds(later.sent_at - first.finished_at)


def _one_call(evidence: Evidence, first: Exchange, second: Exchange) -> bool:
    call = told(evidence, first)
    return call is not None and call.made(second)


def _streaks(evidence: Evidence) -> list[list[Exchange]]:
    """Return runs of failed refreshes without a success between them, but those in which the client was refused and
    not the grant: the failing of a configuration is none of the grant's."""
    ours = {one.number for one in failed(evidence) if is_about_client(one)}
    bad = {one.number for one in failed(evidence)}
    streaks: list[list[Exchange]] = [[]]
    for one in evidence.exchanges("token"):
        if one.number in bad - ours:
            streaks[-1].append(one)
        elif one.number in ours or one.ok:
            streaks.append([])
    return [streak for streak in streaks if streak]


def _logged_in_between(evidence: Evidence, first: Exchange, second: Exchange) -> bool:
    return any(one.follows(first) and second.follows(one) for one in evidence.code_exchanges)


_EXPIRED = Until(limit="access_token_expiry", offset=1)
_WEEK = 7 * 86_400
_DOWN = Fault(fault="status", parameters={"code": 503}, times=None)
_BACK = (Mend(), Advance(seconds=400), Call(times=4, every=400))

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="failure-unrecoverable-after",
        keyword="VENDOR",
        statement=(
            "A failing grant counts as unrecoverable after seven days of uninterrupted failing; one success resets."
        ),
        source="seed 003 (unrecoverable token failing period, 7 days)",
        effect="Given up too early, a weekend's outage costs every login; never given up, the user is never asked.",
        fix="Keep the time of the first failure with the grant, clear it on success, and compare at every failed try.",
        anomaly="A11",
        check=gives_up_after_seven_days,
        scenarios=(
            flow(_EXPIRED, _DOWN, Call(), Advance(seconds=_WEEK - 1), Call(), *_BACK, name="a second less"),
            flow(_EXPIRED, _DOWN, Call(), Advance(seconds=_WEEK + 1), Call(), *_BACK, name="a second more"),
            flow(
                _EXPIRED, _DOWN, Call(), Advance(seconds=_WEEK // 2), *_BACK,
                _EXPIRED, _DOWN, Call(), Advance(seconds=_WEEK // 2 + 10), Call(), *_BACK,
                name="a success between",
            ),
        ),
        applies=issues_refresh_tokens,
        needs=frozenset({"gives_up_after_a_week"}),
        depends=("refresh-request-shape",),
    ),
)  # fmt: skip
