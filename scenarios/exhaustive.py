"""Everything of what is small: every order of two callers, every fault at every request, every triple of limits.

Each is a scenario, so what is found is told, saved and replayed like anything else.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from refreshproof.mock_servers.vendor import Vendor
from refreshproof.scenarios.findings import Explored, FoundError, holds_always
from refreshproof.scenarios.journal import Journal
from refreshproof.scenarios.play import play
from refreshproof.scenarios.requirement import Requirement
from refreshproof.scenarios.scenario import Scenario, flow
from refreshproof.scenarios.steps import Advance, Authorize, Call, Fault, Limit, Lose, Parallel, Restart, Step, Until
from refreshproof.scenarios.subject import Capability, SubjectFactory

MOST_ORDERS = 2_000
"""Orders of callers after which an enumeration stops; two callers of a client have a few hundred at most."""

EXPIRED = Until(limit="access_token_expiry", offset=1)
LIMITS: tuple[Limit, ...] = ("access_token_expiry", "end_of_window", "inactivity_expiry", "absolute_expiry")
OFFSETS = (-1, 0, 1)

Trouble: TypeAlias = tuple[str, Mapping[str, Any]]
"""A fault's name and parameters."""

SINGLE_FAULTS: Sequence[Trouble] = (
    ("drop", {"how": "before_headers"}),
    ("drop", {"how": "after_headers"}),
    ("drop", {"how": "hang"}),
    ("refuse_connection", {}),
    ("truncate", {"at": 5}),
    ("delay", {"seconds_": 45}),
    ("status", {"code": 429, "retry_after": "30"}),
    ("status", {"code": 503, "retry_after": "date:30"}),
    ("status", {"code": 500}),
    ("html", {}),
    ("error_body", {}),
    ("member", {"name": "refresh_token", "value": None}),
    ("member", {"name": "refresh_token", "value": ""}),
    ("member", {"name": "refresh_token", "remove": True}),
    ("member", {"name": "expires_in", "value": "3600"}),
    ("member", {"name": "expires_in", "value": 0}),
    ("member", {"name": "expires_in", "remove": True}),
    ("member", {"name": "token_type", "value": "bearer"}),
    ("member", {"name": "scope", "value": None}),
    ("header", {"name": "Content-Type", "value": "text/html"}),
    ("prefix", {"text": "\ufeff"}),
)
"""What is tried at every request, one at a time."""

LIFE: tuple[Step, ...] = (
    Call(),
    EXPIRED,
    Call(),
    EXPIRED,
    Call(times=3, every=60),
    Restart(),
    EXPIRED,
    Call(times=3, every=60),
)
"""A short life with three refreshes and a restart, into which one thing at a time goes wrong."""


def single_faults(vendor: Vendor) -> Iterator[Scenario]:
    """Yield a life for every fault, loss and restart at every request of it."""
    troubles: list[Step] = [
        Fault(fault=name, parameters=parameters, view=view, grant_type=None)
        for name, parameters in SINGLE_FAULTS
        for view in ("token", "resource")
    ]
    troubles += [Lose(leg="request", silent=True), Lose(leg="response", silent=True), Restart(), Advance(seconds=601)]
    for trouble, place in itertools.product(troubles, range(len(LIFE) + 1)):
        yield flow(*LIFE[:place], trouble, *LIFE[place:], name=f"single fault at step {place + 2}")
    for name, parameters in SINGLE_FAULTS:
        fault = Fault(fault=name, parameters=parameters, grant_type="authorization_code")
        yield Scenario(steps=(fault, Authorize(), Authorize(), *LIFE), name="single fault at the code exchange")


def limit_triples(vendor: Vendor) -> Iterator[Scenario]:
    """Yield a life for every three limits that are reached one after the other, just before, at, and just after."""
    present = [limit for limit in LIMITS if _has(vendor, limit)]
    moments = [Until(limit=limit, offset=offset) for limit in present for offset in OFFSETS]
    for three in itertools.product(moments, repeat=3):
        steps = [step for moment in three for step in (moment, Call())]
        yield flow(*steps, name="three limits")


def _has(vendor: Vendor, limit: Limit) -> bool:
    policy = vendor.profile.refresh
    known = {
        "end_of_window": policy.window,
        "inactivity_expiry": policy.inactivity_ttl,
        "absolute_expiry": policy.absolute_ttl,
    }
    return limit not in known or known[limit] is not None


def orders(play_with: Callable[[Scenario], Journal], *, callers: int = 2) -> Iterator[tuple[Scenario, Journal]]:
    """Yield a life in every order in which callers that meet an expired token can take turns, with its journal.

    `play_with` plays a scenario. The tree of choices is walked depth first: a schedule is followed to its end, then its
    last digit that can be raised is.
    """
    schedule: str | None = ""
    for _ in range(MOST_ORDERS):
        if schedule is None:
            return
        steps = (EXPIRED, Parallel(callers=callers, schedule=schedule), Call(), EXPIRED, Call())
        scenario = flow(*steps, name=f"{callers} callers in the order {schedule or 'of their arrival'}")
        journal = play_with(scenario)
        yield scenario, journal
        schedule = following(schedule, journal.branches)


def following(schedule: str, branches: Sequence[int]) -> str | None:
    """Return the next schedule of the tree, None after the last; `branches` are the choices the last one met."""
    digits = [int(digit) for digit in schedule.ljust(len(branches), "0")[: len(branches)]]
    while digits:
        if digits[-1] + 1 < branches[len(digits) - 1]:
            digits[-1] += 1
            return "".join(map(str, digits))
        digits.pop()
    return None


def exhaust(
    vendor: Vendor,
    factory: SubjectFactory,
    requirements: Sequence[Requirement],
    *,
    capabilities: frozenset[Capability] = frozenset(),
) -> Explored:
    """Live every small life at a vendor and judge it by every invariant; of each broken one the first life is kept."""
    explored = Explored()
    remaining = [one for one in requirements if holds_always(one, vendor, capabilities)]
    for scenario, journal in _lives(vendor, partial(play, vendor, factory), capabilities):
        explored.count(journal)
        for requirement in tuple(remaining):
            verdict = requirement.check(journal, vendor.profile)
            if verdict.outcome == "violated":
                remaining.remove(requirement)
                explored.found = (*explored.found, FoundError(requirement, scenario, verdict))
    return explored


def _lives(
    vendor: Vendor, play_with: Callable[[Scenario], Journal], capabilities: frozenset[Capability]
) -> Iterator[tuple[Scenario, Journal]]:
    for scenario in itertools.chain(single_faults(vendor), limit_triples(vendor)):
        yield scenario, play_with(scenario)
    if "parallel" in capabilities:
        yield from orders(play_with)
