"""Expiry: no access token is presented past its end, whatever the clock and the network do inside the bounds."""

from __future__ import annotations

from refreshproof.scenarios.evidence.evidence import Evidence, in_seconds
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.evidence.lives import (
    Lapse,
    early_refreshes,
    lapses,
    lives,
    newest_life,
    told,
    waits_to_be_refused,
    within_bounds,
)
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.evidence.verdict import Verdict, exercised, violated
from refreshproof.scenarios.requirements.expiry.costs import FRESH, lapsed
from refreshproof.scenarios.requirements.refresh.refresh import renews_by_lifetime
from refreshproof.scenarios.steps.processes import Zone
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Authorize,
    Call,
    ClockStep,
    Delay,
    Drift,
    Fault,
    ProviderChanges,
    Skew,
    Step,
    Until,
)

OLD = "No call was begun at or after the end of an access token whose lifetime was told."


def never_expired(evidence: Evidence) -> Verdict:
    """Within the bounds no access token reaches the resource at or after its expiry."""
    found = [lapse for lapse in lapses(evidence) if within_bounds(evidence, lapse)]
    return lapsed(evidence, found) or exercised(_outlived(evidence), OLD)


def _outlived(evidence: Evidence) -> bool:
    """Tell whether the client wanted to call when an access token of known lifetime was over in true time."""
    ends = [
        one.exchange.arrived_at + round(one.lifetime * 1_000_000)
        for one in lives(evidence)
        if one.exchange.arrived_at is not None and one.lifetime is not None
    ]
    return any(call.began_at >= end for call in evidence.outcomes("call") for end in ends)


def constant_skew(evidence: Evidence) -> Verdict:
    """A clock that is wrong by a constant leads to no expired presentation and to no refresh that is not due."""
    wrong = [move for move in evidence.clock_moves if move.what == "skew" and move.value]
    late = [lapse for lapse in lapses(evidence) if lapse.shift == 0 and lapse.delay == 0]
    early = early_refreshes(evidence)
    anyway = [one for one in (*(lapse.exchange for lapse in late), *(one for one, _ in early)) if _error(one) == 0]
    # What the client does by a right clock too is no matter of the clock, nor what one does that goes by no clock.
    if late and not anyway and not waits_to_be_refused(evidence):
        first = late[0]
        return violated(
            f"With its clock {_error(first.exchange):+g} s wrong: {told(first)}",
            first.life.exchange.number,
            first.exchange.number,
            expected=FRESH,
        )
    for one, life in early if not anyway else ():
        return violated(
            f"With its clock {_error(one):+g} s wrong the client refreshed {life.access_token} at the age of"
            f" {life.age(one):g} s of {life.lifetime:g}.",
            life.exchange.number,
            one.number,
            expected="A clock that is wrong by a constant changes nothing: lifetimes are relative.",
        )
    return exercised(bool(wrong) and _outlived(evidence), "No access token came to its end under a wrong clock.")


def _error(one: Exchange) -> float:
    """Return by how many seconds the client's clock was ahead when a request was sent."""
    return in_seconds(one.client_sent_at - one.sent_at)


def clock_step(evidence: Evidence) -> Verdict:
    """A step or drift costs nothing within the bounds, and one refused call for each token beyond them."""
    moved = [lapse for lapse in lapses(evidence) if lapse.shift]
    for lapse in moved:
        again = [one for one in moved if one.life == lapse.life and lapse.exchange.follows(one.exchange)]
        if again and not _refreshed_since(evidence, again[0], lapse):
            return violated(
                f"After the clock had moved by {lapse.shift:+g} s {lapse.life.access_token} was refused"
                f" {len(again) + 1} times, and no refresh was sent.",
                *(one.exchange.number for one in (*again, lapse)),
                expected="The first refusal leads to a refresh.",
            )
    verdict = lapsed(evidence, [lapse for lapse in moved if within_bounds(evidence, lapse)])
    moves = [move for move in evidence.clock_moves if move.value]
    tested = exercised(
        bool(moves) and _outlived(evidence), "No access token came to its end after the clock had moved."
    )
    return verdict or tested


def _refreshed_since(evidence: Evidence, first: Lapse, last: Lapse) -> bool:
    """Tell whether the client has sent a refresh after a refusal, whatever became of it."""
    since, until = first.exchange.settled_order, last.exchange.sent_order
    return any(since < one.sent_order < until for one in evidence.refreshes)


def leg_delays(evidence: Evidence) -> Verdict:
    """Delays of token answers and resource requests within the bounds lead to no expired presentation."""
    late = [lapse for lapse in lapses(evidence) if lapse.shift == 0 and (lapse.delay or lapse.life.on_its_way)]
    verdict = lapsed(evidence, [lapse for lapse in late if within_bounds(evidence, lapse)])
    slow = [one for one in (*evidence.resource_calls, *evidence.token_answers) if one.finished_at > one.sent_at]
    tested = exercised(bool(slow) and _outlived(evidence), "Nothing was slow around the end of a lifetime.")
    return verdict or tested


def recomputed(evidence: Evidence) -> Verdict:
    """The lifetime of each answer counts from that answer; where it tells none, the last one told does."""
    changed = _by_a_former_lifetime(evidence)
    if changed is not None:
        return changed
    told_before: float | None = None
    silent = 0
    for one in lives(evidence):
        later = [other for other in evidence.exchanges("token", "refresh_token") if other.follows(one.exchange)]
        if one.lifetime is None and told_before is not None:
            silent += 1
            if later and one.age(later[0]) < told_before / 2 and newest_life(evidence, later[0]) == one:
                return violated(
                    f"{one.access_token} came without expires_in and was refreshed at the age of"
                    f" {one.age(later[0]):g} s; the lifetime before was {told_before:g} s.",
                    one.exchange.number,
                    later[0].number,
                    expected="The previous lifetime, counted anew, is the estimate.",
                )
        told_before = one.lifetime or told_before
    other = len({one.lifetime for one in lives(evidence)}) > 1
    return exercised(silent > 0 or other, "Every refresh answer told the same expires_in.")


def _by_a_former_lifetime(evidence: Evidence) -> Verdict | None:
    """Return the violation if a client that goes by lifetimes went by another than the newest one told."""
    known = lives(evidence)
    for lapse in lapses(evidence) if not waits_to_be_refused(evidence) else ():
        longer = [one for one in known[: known.index(lapse.life)] if (one.lifetime or 0) > (lapse.life.lifetime or 0)]
        if longer and within_bounds(evidence, lapse):
            return violated(
                f"{told(lapse)[:-1]}; it had come with expires_in {lapse.life.lifetime:g}, one before it with"
                f" {longer[-1].lifetime:g}.",
                longer[-1].exchange.number,
                lapse.exchange.number,
                expected=FRESH,
            )
    for one, life in early_refreshes(evidence):
        shorter = [before for before in known[: known.index(life)] if (before.lifetime or 0) < (life.lifetime or 0)]
        if shorter and shorter[-1].lifetime is not None and life.age(one) <= shorter[-1].lifetime:
            return violated(
                f"{life.access_token} came with expires_in {life.lifetime:g} and was refreshed at the age of"
                f" {life.age(one):g} s; one before it had come with {shorter[-1].lifetime:g}.",
                life.exchange.number,
                one.number,
                expected="The lifetime of each answer counts for its own access token.",
            )
    return None


AROUND_THE_END = (-61, -59, -1, 0, 1, 59)
"""Seconds from the access token's expiry at which calls begin."""


LONG_AFTER: tuple[Step, ...] = (Until(limit="access_token_expiry", offset=7200), Call())
"""A call long after the end shows whether the client goes by lifetimes at all, whatever its clock has come to."""


def _life(*offsets: float) -> tuple[Step, ...]:
    """Call at each of the offsets from the expiry of the newest token."""
    return tuple(step for offset in offsets for step in (Until(limit="access_token_expiry", offset=offset), Call()))


WRONG = (-86_400, -3600, -61, -60, 60, 61, 3600, 86_400)
"""Errors of a clock in seconds."""


def _skewed(*errors: float) -> tuple[Step, ...]:
    stamped = Fault(fault="stamp", parameters={"name": "created_at"}, grant_type=None, times=None)
    steps: list[Step] = [stamped]
    for error in errors:
        steps += [Skew(seconds=error), Authorize(), Call(), *_life(-1, 1)]
    return tuple(steps)


def _stepped(by: float) -> Scenario:
    return flow(
        Call(),
        Advance(seconds=1800),
        ClockStep(seconds=by),
        *_life(-61, 0, 1),
        Call(),
        *LONG_AFTER,
        name=f"a step of {by:+g} s",
    )


def _drifting(parts_per_million: float) -> Scenario:
    return flow(
        Call(),
        Drift(parts_per_million=parts_per_million),
        *_life(-87, 0, 1),
        *LONG_AFTER,
        name=f"a drift of {parts_per_million:+g} ppm for a day",
        profile={"lifetimes.access_token": 86_400, "lifetimes.access_token_longest": None},
    )


def _delayed(response: float, request: float) -> Scenario:
    return Scenario(
        steps=(
            Delay(leg="response", seconds=response, times=None),
            Delay(leg="request", seconds=request, view="resource", times=None),
            Authorize(),
            *_life(-121, -61, -31, -1, 0),
            *LONG_AFTER,
        ),
        name=f"token answers take {response} s, resource requests {request} s",
    )


SUMMER_BEGINS, SUMMER_ENDS = 1_149_200, 19_293_200
"""When local time leaps in Central Europe, in seconds from the beginning of every world (2030-03-31, 2030-10-27)."""


def _leaping(leap: int, name: str) -> Scenario:
    """Live through the end of a token in whose lifetime local time leaps by an hour."""
    before = (Zone(), Advance(seconds=leap - 1800), Authorize(), Call())
    return Scenario(steps=(*before, *_life(-61, 0, 1), *LONG_AFTER), name=name, begins="fixed")


_CORNERS = tuple(
    flow(
        Call(),
        ClockStep(seconds=skew),
        Delay(leg="request", seconds=delay, view="resource", times=None),
        *_life(-121, -61, -60, 0),
        *LONG_AFTER,
        name=f"a step of {skew:+g} s and requests of {delay} s",
    )
    for skew, delay in ((-60, 0), (-60, 60), (60, 60), (-61, 61))
)
# The last lies outside the bounds: what happens there is recorded, not judged.


def _lifetime(seconds: int) -> tuple[Step, ...]:
    """Let answers tell another lifetime from now on, and live through two of them."""
    changes = {"lifetimes.access_token": seconds, "lifetimes.access_token_longest": None}
    one_life = (Until(limit="access_token_expiry", offset=1), Call(times=2, every=60))
    return (ProviderChanges(changes=changes), *one_life * 3)


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        id="expiry-never-present-expired",
        keyword="SHOULD",
        statement=(
            "Inside the declared bounds no access token reaches the resource at or after its expiry; a skew allowance "
            "shortens use and never lengthens it."
        ),
        source="RFC 6749 s1.5; OAuth 2.1 s1.3.2; seed 002, 003, 004; misb clk-skew-sign-bug",
        effect="Requests around the end of each lifetime are refused, and calls fail that nobody can repeat.",
        fix="Refresh when now + allowance reaches the expiry: the allowance is taken off the lifetime, never added.",
        anomaly="A4",
        check=never_expired,
        scenarios=(
            flow(Call(), *_life(*AROUND_THE_END), *LONG_AFTER, name="around the end"),
            *_CORNERS,
            _leaping(SUMMER_BEGINS, "summer time begins"),
            _leaping(SUMMER_ENDS, "summer time ends"),
        ),
        applies=renews_by_lifetime,
        invariant=True,
    ),
    Requirement(
        id="expiry-constant-skew",
        keyword="SHOULD",
        statement="A clock that is wrong by a constant changes nothing where only relative lifetimes are given.",
        source="RFC 6749 s5.1; seed 003; misb clk-client-skew, clk-created-at",
        effect="On a machine with a wrong clock every call refreshes, or tokens are used long after their end.",
        fix="Count expires_in from your own clock at the time of the request; ignore the server's timestamps.",
        anomaly="A4",
        check=constant_skew,
        scenarios=(Scenario(steps=_skewed(0, *WRONG), name="a wrong clock"),),
        applies=renews_by_lifetime,
        needs=frozenset({"clock"}),
        invariant=True,
    ),
    Requirement(
        id="expiry-clock-step",
        keyword="SHOULD",
        statement="A step or drift of the clock after issue costs at most one refused call or one extra refresh.",
        source="seed 003; misb clk-client-skew",
        effect="A correction by a time service breaks the integration until the clock has caught up.",
        fix="Allow for the largest skew in the lead, and answer a 401 with one refresh whatever the clock says.",
        anomaly="A4",
        check=clock_step,
        scenarios=(
            *(_stepped(by) for by in (-3600, -61, -60, 60, 61, 3600)),
            *(_drifting(ppm) for ppm in (-1000, -500, 500, 1000)),
        ),
        applies=renews_by_lifetime,
        needs=frozenset({"clock"}),
    ),
    Requirement(
        id="expiry-leg-delays",
        keyword="SHOULD",
        statement=(
            "Slow token answers and slow resource requests within the declared bounds do not lead to an expired "
            "presentation."
        ),
        source="RFC 6749 s5.1 (lifetime runs from response generation); seed 003 (client and server delay)",
        effect="On a slow network the last request of a lifetime is refused, or its call fails.",
        fix="Count the lifetime from the time the token request was sent, and refresh a minute or two early.",
        anomaly="A4",
        check=leg_delays,
        scenarios=(
            *(_delayed(response, request) for response in (0, 5, 29) for request in (5, 59, 60)),
            *(_delayed(response, 0) for response in (5, 29, 60, 119)),
            _delayed(119, 59),
            _delayed(0, 61),  # outside the bounds: what happens is recorded, not judged
        ),
        applies=renews_by_lifetime,
        invariant=True,
    ),
    Requirement(
        id="expiry-recomputed",
        keyword="SHOULD",
        statement=(
            "Every token answer sets the expiry anew; if a refresh answer lacks expires_in the previous lifetime is "
            "the estimate, not the previous expiry instant."
        ),
        source="RFC 6749 s5.1; misb exp-missing-on-refresh-only",
        effect="After the first refresh every call refreshes, because the old expiry lies in the past.",
        fix="Set the expiry from the present time at every token answer; keep the last lifetime as the estimate.",
        anomaly="A8",
        check=recomputed,
        scenarios=(
            flow(
                Fault(fault="member", parameters={"name": "expires_in", "remove": True}, times=None),
                Until(limit="access_token_expiry", offset=1),
                Call(times=4, every=60),
                Call(times=6, every=300),
                name="refresh answers without expires_in",
            ),
            flow(
                *(Until(limit="access_token_expiry", offset=1), Call(times=2, every=60)) * 2,
                *_lifetime(600),
                *_lifetime(3600),
                name="an hour, ten minutes, an hour",
            ),
        ),
        applies=renews_by_lifetime,
    ),
)
