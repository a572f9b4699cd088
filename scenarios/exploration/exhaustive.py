"""Everything of what is small: every order of two callers, every fault at every request, every triple of limits.

Each is a scenario, so what is found is told, saved and replayed like anything else. Orders of everything that two
callers touch are too many: they are taken up to a number of preemptions, the fewest first, for that is where the bugs
are (Musuvathi and Qadeer, Iterative Context Bounding, PLDI 2007).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import comb
from typing import Any, TypeAlias, get_args

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.clocks.actors import Branch
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import Explored, FoundError, Orders, Search, holds_always
from refreshproof.scenarios.evidence.harm import harm_of
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.conditions import Moment
from refreshproof.scenarios.steps.processes import Crash, Node
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Fault, Limit, Parallel, Restart, Step, Until
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory

MOST_ORDERS = 1_500
"""Orders of one kind after which an enumeration stops."""

PREEMPTIONS = 2
"""Preemptions up to which orders of every touch are taken."""

EXPIRED = Until(limit="access_token_expiry", offset=1)
LIMITS: tuple[Limit, ...] = get_args(Limit)
OFFSETS = (-1, 0, 1)

Play: TypeAlias = Callable[[Scenario], Journal]
"""Plays a scenario with the client under test."""

Trouble: TypeAlias = tuple[str, Mapping[str, Any]]
"""A fault's name and parameters."""

SINGLE_FAULTS: Sequence[Trouble] = (
    ("drop", {"how": "before_headers"}),
    ("drop", {"how": "after_headers"}),
    ("drop", {"how": "hang"}),
    ("lose_request", {}),
    ("duplicate", {}),
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

CRASHES: tuple[Moment, ...] = get_args(Moment)

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


def single_faults(play_with: Play) -> Iterator[Scenario]:
    """Yield a life for every fault at every request of it, every crash at every token request, and so on.

    `play_with` plays the life as it is, whose requests are counted.
    """
    plain = play_with(flow(*LIFE))
    for view, grant_type in (("token", None), ("resource", None)):
        for (name, parameters), skip in itertools.product(SINGLE_FAULTS, range(len(plain.exchanges(view, grant_type)))):
            fault = Fault(fault=name, parameters=parameters, view=view, grant_type=grant_type, skip=skip)
            # Whoever was not let in tries once more.
            again = (Authorize(),) if view == "token" and not skip else ()
            yield Scenario(steps=(fault, Authorize(), *again, *LIFE), name=f"single fault at {view} request {skip + 1}")
    for moment, skip in itertools.product(CRASHES, range(len(plain.exchanges("token", "refresh_token")))):
        yield flow(Crash(moment=moment, skip=skip), *LIFE, name=f"crash at refresh {skip + 1}")
    happenings: tuple[Step, ...] = (Restart(), Advance(seconds=601), Node(number=2))
    for between, place in itertools.product(happenings, range(len(LIFE) + 1)):
        yield flow(*LIFE[:place], between, *LIFE[place:], name=f"something at step {place + 2}")


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
        "rotation_due": policy.rotate_every if policy.rotation in ("sometimes", "near_expiry") else None,
        "announced_change": vendor.begins if vendor.profile.announced else None,
    }
    return limit not in known or known[limit] is not None


class Walk:
    """All orders in which callers that meet an expired token can take turns, those with few preemptions first.

    Each order's journal tells where other callers could have gone on; those orders are played later (`played` so far).
    """

    def __init__(self, callers: Parallel, play_with: Play) -> None:
        self._callers = callers
        self._play = play_with
        self._waiting: list[tuple[int, str]] = [(0, "")]
        self._left_out = False
        self._touches = (0,) * callers.callers
        self.played = 0

    def __iter__(self) -> Iterator[tuple[Scenario, Journal]]:
        while self._waiting and self.played < MOST_ORDERS:
            preemptions, schedule = heapq.heappop(self._waiting)
            callers = replace(self._callers, schedule=schedule)
            scenario = flow(EXPIRED, callers, Call(), EXPIRED, Call(), name=callers.prose())
            journal = self._play(scenario)
            self.played += 1
            self._touches = tuple(map(max, self._touches, journal.touches))
            self._branch(preemptions, schedule, journal.branches)
            yield scenario, journal

    def _branch(self, preemptions: int, schedule: str, branches: Sequence[Branch]) -> None:
        """Put the orders that differ from this one first at a later moment in line."""
        for place in range(len(schedule), len(branches)):
            for choice in range(1, branches[place].options):
                needed = preemptions + (choice >= branches[place].free)
                if needed <= PREEMPTIONS:
                    heapq.heappush(self._waiting, (needed, f"{schedule:0<{place}}{choice}"))
                else:
                    self._left_out = True

    def count(self) -> Orders:
        """Say how much of it was played."""
        complete = not self._waiting and not self._left_out
        return Orders(
            nodes=self._callers.nodes,
            every_touch=self._callers.every_touch,
            played=self.played,
            there_are=None if complete else comb(sum(self._touches), self._touches[0]),
            preemptions=None if complete else self._waiting[0][0] - 1 if self._waiting else PREEMPTIONS,
        )


def walks(play_with: Play, capabilities: frozenset[Capability]) -> list[Walk]:
    """Return the walks that a client with these capabilities can be taken on."""
    kinds = [(1, False), (1, True)] if "parallel" in capabilities else []
    kinds += [(2, True)] if {"parallel", "shared_store"} <= capabilities else []
    return [Walk(Parallel(callers=2, nodes=nodes, every_touch=every), play_with) for nodes, every in kinds]


def search(vendor: Vendor) -> Search:
    """Say how small lives are looked for: all there are."""
    return Search(
        by="every small life",
        seed=None,
        examples=None,
        steps=len(LIFE) + 2,
        dimensions={
            "single faults": tuple(dict.fromkeys(name for name, _ in SINGLE_FAULTS)),
            "moments at which the process dies": CRASHES,
            "limits, in threes": tuple(limit for limit in LIMITS if _has(vendor, limit)),
            "orders of two callers": ("each request", "each touch of clock, network, store and lock"),
        },
    )


def exhaust(
    vendor: Vendor,
    factory: SubjectFactory,
    requirements: Sequence[Requirement],
    *,
    capabilities: frozenset[Capability] = frozenset(),
) -> Explored:
    """Live every small life at a vendor and judge it by every invariant; of each broken one the first life is kept."""
    explored = Explored(search=search(vendor))
    remaining = [one for one in requirements if holds_always(one, vendor, capabilities)]
    play_with = partial(play, vendor, factory)
    roads = walks(play_with, capabilities)
    told = ((scenario, play_with(scenario)) for scenario in (*single_faults(play_with), *limit_triples(vendor)))
    for scenario, journal in itertools.chain(told, *roads):
        explored.count(journal)
        evidence = Evidence(journal=journal, profile=vendor.profile)
        for requirement in tuple(remaining):
            verdict = requirement.judged(evidence, [one.requirement for one in explored.found])
            if verdict.outcome == "violated":
                remaining.remove(requirement)
                explored.found = (*explored.found, FoundError(requirement, scenario, verdict, harm_of(evidence)))
    explored.orders = tuple(road.count() for road in roads)
    return explored
