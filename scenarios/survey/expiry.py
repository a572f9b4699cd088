"""When a client refreshes of its own accord: the lead before the expiry, and what it takes the lifetime to be."""

from __future__ import annotations

import json
from email.utils import formatdate
from functools import partial
from typing import Any

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Advance, Call, ClockStep, Fault, Restart, Step, Until
from refreshproof.scenarios.survey.bisection import flips, listed
from refreshproof.scenarios.survey.item import Probe, SurveyItem, UnmeasurableError, Value
from refreshproof.scenarios.survey.probing import (
    after_login,
    grouped,
    in_last_step,
    living,
    logged_in,
    refreshed_unasked,
    under,
)

HOUR = 3600
DAY = 86_400
LIFETIMES = (30, 60, 120, 300, 600, HOUR, DAY)
USUAL_LEADS = (0, 60, 120, 300)
LONG = 400 * DAY
"""Seconds that a token lives at the server where the client is told something else."""
FORMS: tuple[Any, ...] = (
    3600, "3600", 3600.0, 3600.7, "3600.0", "3.6e3", 3_600_000, 0, -1, None, "", "1:00:00", "60 minutes", True, [3600],
    10**12,
)  # fmt: skip
"""What a vendor may write into expires_in."""


def calling_with(left: float, lifetime: int = HOUR, seed: int = 0) -> Scenario:
    """Return a scenario in which the client calls when so many seconds of a lifetime are left."""
    return after_login(Until(limit="access_token_expiry", offset=-left), Call(), seed=seed, **living(lifetime))


def refreshes_with(probe: Probe, lifetime: int, left: float, seed: int = 0) -> bool:
    """Tell whether a call with so many seconds left refreshes before it uses the token."""
    return refreshed_unasked(probe(calling_with(left, lifetime, seed)))


def leads(probe: Probe, lifetime: int) -> list[int]:
    """Return the remaining lifetimes at which the decision changes, the largest that refreshes; negative after the end.

    Raises `UnmeasurableError` where the client never refreshes unasked.
    """
    points = {-lifetime, *(lead for lead in USUAL_LEADS if lead < lifetime), lifetime // 2, lifetime - 1}
    found = flips(partial(refreshes_with, probe, lifetime), points)
    if found:
        return [left for left, _ in found]
    if refreshes_with(probe, lifetime, lifetime - 1):
        return [lifetime - 1]
    raise UnmeasurableError("The client never refreshes before it was refused.")


def lead(probe: Probe, profile: Profile) -> Value:
    """Bisect the remaining lifetime of a token of 3600 s at which a call begins, from an hour after its end to its
    issue, at a resolution of 1 s; where it is no single number, tell every stretch in which the client refreshes."""
    return _stretches(probe, HOUR)


def _stretches(probe: Probe, lifetime: int) -> Value:
    """Return the lead, or the stretches of remaining lifetime that lead to a refresh, the longest time left first."""
    changes = leads(probe, lifetime)
    below = refreshes_with(probe, lifetime, changes[0])
    if below and len(changes) == 1:
        return changes[0]
    edges = [*changes[1:]] if below else changes
    stretches = [f"{changes[0]} and less"] if below else []
    for start in range(0, len(edges), 2):
        end = edges[start + 1] if start + 1 < len(edges) else None
        stretches.append(f"{edges[start] + 1} and more" if end is None else f"{end} to {edges[start] + 1}")
    return ", ".join(reversed(stretches))


def lead_curve(probe: Probe, profile: Profile) -> Value:
    """Bisect the lead for tokens that live 30, 60, 120, 300, 600, 3600 and 86400 s."""
    return ", ".join(f"{_stretches(probe, lifetime)} of {lifetime}" for lifetime in LIFETIMES)


def lead_equality(probe: Probe, profile: Profile) -> Value:
    """Find the lead, look half a second above it, then call at the exact boundary with three seeds."""
    largest = leads(probe, HOUR)[-1]
    boundary = largest + 1 if refreshes_with(probe, HOUR, largest + 0.5) else largest
    answers = {refreshes_with(probe, HOUR, boundary, seed=seed) for seed in range(3)}
    decided = {True: "refreshes", False: "uses the token"}
    return f"{' or '.join(decided[answer] for answer in answers)} with exactly {boundary} s left"


def background(probe: Probe, profile: Profile) -> Value:
    """Log in, call once, let 7 days pass without a call, and count the token requests of that time."""
    evidence = probe(after_login(Call(), Advance(seconds=7 * DAY), **living(HOUR)))
    return len(in_last_step(evidence, "token"))


def default_lifetime(probe: Probe, profile: Profile) -> Value:
    """Leave expires_in out of every answer and bisect the age, 1 s to 30 d, of the first refresh that no refusal asks
    for."""

    def due(age: int) -> bool:
        steps = (Advance(seconds=age), Call())
        return refreshed_unasked(probe(after_login(*steps, response__expires_in="omitted", **living(LONG))))

    if due(1):
        return "none: refreshes at every call"
    found = flips(due, (1, 60, HOUR // 2, HOUR, DAY, 30 * DAY))
    return listed([right for _, right in found]) if found else "none: waits until it is refused"


def expires_forms(probe: Probe, profile: Profile) -> Value:
    """Send 16 forms of expires_in with the code exchange, and bisect the age of the first unasked refresh for each."""
    usual = HOUR - leads(probe, HOUR)[-1]
    return grouped({json.dumps(form): _read_as(probe, form, usual) for form in FORMS})


def _read_as(probe: Probe, form: Any, usual: int) -> str:
    def due(age: int) -> bool:
        return refreshed_unasked(probe(_told(form, Advance(seconds=age), Call())))

    if not logged_in(probe(_told(form, Advance(seconds=usual), Call()))):
        return "refused at login"
    if due(usual):
        return f"first refresh at {usual} s" if not due(usual - 1) else _first(due, (1, usual - 1))
    return _first(due, (usual, HOUR, LONG - 1))


def _first(due: Any, points: tuple[int, ...]) -> str:
    if due(points[0]):
        return "a refresh at every call"
    found = flips(due, points)
    return f"first refresh at {listed([right for _, right in found])} s" if found else "no refresh until refused"


def _told(form: Any, *steps: Step) -> Scenario:
    fault = Fault(
        fault="member", parameters={"name": "expires_in", "value": form}, grant_type="authorization_code", times=None
    )
    return under(fault, after_login(*steps, **living(LONG)))


def no_refresh_token_no_lifetime(probe: Probe, profile: Profile) -> Value:
    """Let the provider issue neither a refresh token nor an expires_in, log in and call once."""
    evidence = probe(after_login(Call(), issuance__ever=False, response__expires_in="omitted"))
    if not logged_in(evidence):
        return "the login is refused"
    used = any(one.view == "resource" for one in in_last_step(evidence))
    return "the login is accepted and the token used" if used else "the login is accepted, the token not used"


def clock_source(probe: Probe, profile: Profile) -> Value:
    """Step the client's clock by +3600 and -3600 s, with and without a restart, and see whether the decision moves."""
    moved = _moves(probe)
    if not moved and "restart" in probe(after_login()).journal.claims:
        return "the wall clock after a restart" if _moves(probe, Restart()) else "none that a step moves"
    return "the wall clock" if moved else "none that a step moves"


def _moves(probe: Probe, *between: Step) -> bool:
    ahead = (Advance(seconds=10), ClockStep(seconds=HOUR), *between, Call())
    behind = (Advance(seconds=HOUR - 1), ClockStep(seconds=-HOUR), *between, Call())
    played = [probe(after_login(*steps, **living(HOUR))) for steps in (ahead, behind)]
    return [refreshed_unasked(evidence) for evidence in played] == [True, False]


def date_use(probe: Probe, profile: Profile) -> Value:
    """Shift the Date header of token answers by an hour either way and ask again on both sides of the lead."""
    largest = leads(probe, HOUR)[-1]
    return any(
        refreshed_unasked(probe(under(_dated(shift), calling_with(left)))) != (left == largest)
        for shift in (-HOUR, HOUR)
        for left in (largest, largest + 1)
    )


def _dated(shift: int) -> Fault:
    date = formatdate(START // SECOND + shift, usegmt=True)
    return Fault(fault="header", parameters={"name": "Date", "value": date}, grant_type=None, times=None)


ITEMS: tuple[SurveyItem, ...] = (
    SurveyItem(
        id="sv-lead",
        statement="How long before the end of an access token a call refreshes first; negative: how long after it.",
        measure=lead,
        unit="s",
        related=("expiry-lead-boundary", "expiry-never-present-expired"),
        scope="every vendor",
    ),
    SurveyItem(
        id="sv-lead-curve",
        statement="The lead as a function of the lifetime, each in seconds.",
        measure=lead_curve,
        related=("expiry-lead-capped",),
    ),
    SurveyItem(
        id="sv-lead-equality",
        statement="What the client does when exactly the lead is left.",
        measure=lead_equality,
        related=("expiry-lead-boundary",),
    ),
    SurveyItem(
        id="sv-background",
        statement="Token requests in a week in which nobody calls.",
        measure=background,
        unit="token requests",
        related=("refresh-only-when-due",),
    ),
    SurveyItem(
        id="sv-default-lifetime",
        statement="The age at which a token of unknown lifetime is refreshed.",
        measure=default_lifetime,
        unit="s",
        related=("accept-expires-missing",),
    ),
    SurveyItem(
        id="sv-expires-forms",
        statement="What forms of expires_in are taken for: the age of the first refresh under each.",
        measure=expires_forms,
        related=("accept-expires-odd", "accept-expires-zero"),
    ),
    SurveyItem(
        id="sv-no-rt-no-lifetime",
        statement="What becomes of a login that brings neither a refresh token nor a lifetime.",
        measure=no_refresh_token_no_lifetime,
        related=("accept-short-without-rt",),
        scope="every vendor",
    ),
    SurveyItem(
        id="sv-clock-source",
        statement="The clock that the refresh decision follows.",
        measure=clock_source,
        related=("expiry-clock-step",),
        needs=frozenset({"clock"}),
    ),
    SurveyItem(
        id="sv-date-use",
        statement="Whether the Date header of a token answer changes the refresh decision.",
        measure=date_use,
        related=("expiry-constant-skew",),
    ),
)
