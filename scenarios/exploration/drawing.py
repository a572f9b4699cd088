"""What generated lives are made of: strategies for each kind of step, the plain and short first, so that they shrink
so.

Values stand on and beside every bound that vendors and clients have: leads, skews, delays, windows, days, months,
years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, get_args

from hypothesis import strategies as st

from refreshproof.mock_servers.profile.refresh_policy import (
    AccessTokenOnRefresh,
    OnBreach,
    OnReplay,
    PreviousAccessToken,
    RefreshTokenOnRefresh,
    Rotation,
)
from refreshproof.scenarios.exploration.exhaustive import SINGLE_FAULTS, Trouble
from refreshproof.scenarios.steps import steps
from refreshproof.scenarios.steps.conditions import LEGS, Moment
from refreshproof.scenarios.steps.logins import DeviceLogin
from refreshproof.scenarios.steps.processes import Crash, During, Node
from refreshproof.scenarios.steps.provider import TOGETHER
from refreshproof.scenarios.steps.steps import Step

Drawn: TypeAlias = st.SearchStrategy[Step] | st.SearchStrategy[tuple[Step, Step]]
"""What a life may go on with."""

TICK = 0.000_001
"""The smallest span there is, in seconds."""
DAY = 86_400


def beside(*bounds: int, by: float = 1) -> tuple[float, ...]:
    """Return bounds with what lies one step before and after each."""
    return tuple(bound + offset for bound in bounds for offset in (0, -by, by))


SPANS = (1, *beside(60, 120, 600, 1800, 3600), *beside(DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY))
"""Seconds that pass at once: either side of the usual leads, windows and lifetimes, and long silences."""

LIFETIMES = tuple(
    int(one)
    for one in (3600, 0, 1, 30, *beside(60, 120, 240, 600, 3600, DAY, 30 * DAY, 90 * DAY, 365 * DAY), 2**31 - 1, 2**31)
)
"""Lifetimes of access tokens in seconds."""

LIMITS = tuple(one for one in get_args(steps.Limit) if one != "announced_change")
"""Limits that a life may go to. Generated lives are many to a day; the dates of a vendor have a requirement of their
own."""

OFFSETS = (0, 1, -1, TICK, -TICK, 59, 60, 61, *(-one for one in beside(60, 120)))
"""Seconds from a limit."""

SKEWS = (0, 1, -1, 30, -30, 59, -59, 60, -60, 61, -61, 3600, -3600, DAY, -DAY)
STEPS_OF_CLOCKS = (1, -1, 5, -5, 59, -59, 60, -60, 61, -61, 3600, -3600)
DRIFTS = (0, 500, -500, 1000, -1000)
DELAYS = (1, 5, 29, 30, 45, *beside(60, 120), 600)
VIEWS = st.sampled_from(("token", "resource"))

FURTHER_FAULTS: Sequence[Trouble] = (
    ("accept_late", {"seconds_": 5}),
    ("busy", {"seconds_": 10}),
    ("convert", {"name": "expires_in", "to": "string"}),
    ("cut", {"at": 20}),
    ("deepen", {"levels": 100_000}),
    ("drip", {"seconds_": 1}),
    ("echo", {}),
    ("encode", {"to": "xml"}),
    ("encode", {"to": "gzip"}),
    ("frame", {"how": "too_long"}),
    ("nest", {"under": "data"}),
    ("outrun", {"seconds_": 5}),
    ("pad", {"size": 70_000}),
    ("redirect_to", {"code": 307, "location": "https://elsewhere.example.net/"}),
    ("relabel", {"code": 201}),
    ("remember", {"seconds_": 60}),
    ("rename", {"names": {"access_token": "accessToken"}}),
    ("restyle", {"code": 500}),
    ("rewrite", {"old": "Bearer", "new": "bearer"}),
    ("stamp", {"name": "created_at"}),
    ("too_early", {"last": 30}),
    ("document", {"content": {"ok": False}}),
)
"""What vendors do besides, once in a life."""

TROUBLES = (*SINGLE_FAULTS, *FURTHER_FAULTS)

LASTING = frozenset(
    {
        "demand",
        "demand_certificate",
        "one_token",
        "only_if_asked",
        "parameters_in_query",
        "readdress",
        "refresh_at",
        "rename_callback",
        "rename_parameter",
        "secret_as_username",
    }
)
"""Faults that no life draws: lasting ways of a vendor, which a client is configured for; each has a vendor of its
own."""

DRIFT: Mapping[str, Sequence[Any]] = {
    "lifetimes.access_token": LIFETIMES,
    "refresh.rotation": tuple(one for one in get_args(Rotation) if one != "once_per_login"),
    "refresh.refresh_token_on_refresh": get_args(RefreshTokenOnRefresh),
    "refresh.on_replay": get_args(OnReplay),
    "refresh.on_breach": get_args(OnBreach),
    "refresh.window": (0, *(int(one) for one in beside(60, 600)), None),
    "refresh.generations": (1, 0, 2, None),
    "refresh.access_token_on_refresh": get_args(AccessTokenOnRefresh),
    "refresh.previous_access_token": get_args(PreviousAccessToken),
    "refresh.inactivity_ttl": (None, *(int(one) for one in beside(DAY, 30 * DAY, 90 * DAY))),
    "refresh.absolute_ttl": (None, *(int(one) for one in beside(DAY, 90 * DAY, 365 * DAY))),
    "refresh.cap_per_user": (None, 1, 2),
}
"""What a vendor may change overnight, and to what; none takes away that a login lasts."""


def of(kind: type[Step], **choices: Any) -> st.SearchStrategy[Step]:
    """Return steps of a kind; a choice that is a sequence is drawn from."""
    drawn = {
        name: value if isinstance(value, st.SearchStrategy) else st.sampled_from(value)
        for name, value in choices.items()
    }
    return st.builds(kind, **drawn)


def _faults(troubles: Sequence[Trouble]) -> st.SearchStrategy[Step]:
    def fault(trouble: Trouble, view: str, times: int | None) -> Step:
        return steps.Fault(fault=trouble[0], parameters=trouble[1], view=view, grant_type=None, times=times)

    return st.builds(fault, st.sampled_from(troubles), VIEWS, st.sampled_from((1, 2, None)))


def _changes() -> st.SearchStrategy[Step]:
    changes = st.sampled_from(sorted(DRIFT)).flatmap(
        lambda name: st.sampled_from(DRIFT[name]).map(lambda value: {name: value, **_also(name)})
    )
    return changes.map(lambda one: steps.ProviderChanges(changes=one))


def _also(name: str) -> dict[str, None]:
    return dict.fromkeys(TOGETHER.get(name, ()))


def _switches() -> st.SearchStrategy[str]:
    """Return schedules in which the callers change at most twice, the first time at one of sixty touches."""
    once = st.integers(0, 60).map(lambda place: "0" * place + "1")
    return st.just("") | once | st.tuples(once, once).map("".join)


USES: Mapping[str, Drawn] = {
    "call": st.just(steps.Call()),
    "call_later": st.tuples(of(steps.Advance, seconds=SPANS), st.just(steps.Call())),
    "call_at_a_limit": st.tuples(
        of(steps.Until, limit=LIMITS, offset=OFFSETS), of(steps.Call, times=(1, 2), every=st.just(60))
    ),
    "call_again": of(steps.Call, times=(2, 3, 5), every=(1, 10, 60, 600)),
    "call_in_parallel": of(steps.Parallel, callers=(2, 3, 4), nodes=(1, 1, 2, 3, 4)),
    "take_turns": of(steps.Parallel, callers=st.just(2), nodes=(1, 2), every_touch=st.just(True), schedule=_switches()),
    "call_during": of(During, happens=st.just("call"), after=(0, 1, 5)),
    "refresh": st.just(steps.Refresh()),
    "read_pages": of(steps.Pages, pages=(2, 5), every=(1, 60, 900)),
}
"""The client is used. What logins and logouts in the middle of a call may do is told by lifecycle-reconsent-replaces
and lifecycle-disconnect-revokes, which play them; the invariants are about users who wait for an answer."""

TIMES: Mapping[str, Drawn] = {
    "advance": of(steps.Advance, seconds=SPANS),
    "reach": of(steps.Until, limit=LIMITS, offset=OFFSETS),
    "pass_expiry": st.just(steps.Until(limit="access_token_expiry", offset=1)),
}
"""Time passes."""

CLOCKS: Mapping[str, Drawn] = {
    "skew": of(steps.Skew, seconds=SKEWS),
    "drift": of(steps.Drift, parts_per_million=DRIFTS),
    "step_clock": of(steps.ClockStep, seconds=STEPS_OF_CLOCKS, after=(0, 0, 3)),
}
"""The clock of a client that is one process goes wrong, by however much."""

CLUSTER: Mapping[str, Drawn] = {
    "node": of(Node, number=(1, 2, 3, 4)),
    "call_at_nodes": of(steps.Parallel, callers=(2, 3, 4), nodes=(2, 3, 4)),
    "nodes_take_turns": of(
        steps.Parallel, callers=st.just(2), nodes=st.just(2), every_touch=st.just(True), schedule=_switches()
    ),
    "skew_a_node": of(steps.Skew, seconds=(0, 1, -1, 29, -29, 30, -30)),
}
"""The client is several processes on one store, whose clocks differ by no more than they promise each other."""

TROUBLESOME: Mapping[str, Drawn] = {
    "delay": of(steps.Delay, leg=LEGS, seconds=DELAYS, view=VIEWS),
    "lose": of(steps.Lose, leg=("request", "response"), silent=st.booleans(), times=(1, 1, 2)),
    "lose_call": of(steps.Lose, leg=("request", "response"), view=st.just("resource"), grant_type=st.none()),
    "misbehave": _faults(SINGLE_FAULTS),
    "misbehave_oddly": _faults(FURTHER_FAULTS),
    "crash": of(Crash, moment=get_args(Moment)),
    "crash_at_call": of(Crash, moment=get_args(Moment), view=st.just("resource"), grant_type=st.none()),
}
"""What goes wrong with the next requests."""

PROCESSES: Mapping[str, Drawn] = {
    "restart": st.just(steps.Restart()),
    "mend": st.just(steps.Mend()),
}
"""The client begins anew, or all trouble ends."""

LATER: Mapping[str, Drawn] = {
    "revoke": st.just(steps.Revoke()),
    "change_password": of(steps.ChangePassword, back=st.booleans()),
    "log_in_again": of(steps.Authorize, tamper=get_args(steps.Tamper)),
    "log_in_slowly": of(steps.Authorize, think=beside(60, 120)),
    "consent_otherwise": of(
        steps.Authorize, answer=("consent", "deny"), consents_to=("everything", "fewer_scopes", "another_site")
    ),
    "log_in_by_device": of(DeviceLogin, answer=("consent", "deny", "nothing")),
    "log_in_elsewhere": of(steps.OtherLogins, times=(1, 2)),
    "reload": st.just(steps.Reload()),
    "disconnect": st.just(steps.Disconnect()),
    "change_secret": of(steps.ChangeSecret, back=st.booleans()),
    "change_policy": _changes(),
    "log_everything": st.just(steps.LogEverything()),
}
"""What people do, and what a vendor changes, once a life has begun. There is no login at another server: the invariants
are about one."""

ONE_CLOCK, SEVERAL, PEOPLE = "the clock of one process", "several processes", "people and the vendor's policy"

DIMENSIONS: Mapping[str, Mapping[str, Drawn]] = {
    "use of the client": USES,
    "time": TIMES,
    ONE_CLOCK: CLOCKS,
    SEVERAL: CLUSTER,
    "trouble with requests": TROUBLESOME,
    "restarts and repairs": PROCESSES,
    PEOPLE: LATER,
}
"""What a generated life may go on with, by dimension."""

BEGINNINGS = (
    st.none()
    | st.sampled_from(LIFETIMES).map(
        lambda lifetime: steps.ProviderChanges(
            changes={"lifetimes.access_token": lifetime, **_also("lifetimes.access_token")}
        )
    )
    | _changes()
)
"""What the vendor is like from the start: as it is, with access tokens of another lifetime, or with another policy."""
