"""How a client's callers and processes share one grant, and when a new pair of tokens is safe from a crash."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from refreshproof.mock_servers.profile.profile import Profile
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.steps import Call, Parallel, Restart, Step
from refreshproof.scenarios.survey.item import Probe, SurveyItem, UnmeasurableError, Value
from refreshproof.scenarios.survey.probing import EXPIRED, after_login

ORDERS = 20
PLAYED = {2: ORDERS, 4: ORDERS // 2, 8: ORDERS // 4}


def _schedules(callers: int) -> Iterator[str]:
    """Yield the orders in which callers take turns: that of their arrival, and for a few callers random ones."""
    dice = random.Random(callers)  # noqa: S311 - reproducible on purpose
    yield ""
    for _ in range(PLAYED.get(callers, 1) - 1):
        yield "".join(dice.choices("0123456789", k=4 * callers))


def _most(probe: Probe, callers: int, nodes: int) -> int:
    played = (
        probe(after_login(EXPIRED, Parallel(callers=callers, nodes=nodes, schedule=schedule)))
        for schedule in _schedules(callers)
    )
    return max(len(evidence.refreshes) for evidence in played)


def parallel_refresh(probe: Probe, profile: Profile) -> Value:
    """Let 2, 8, 64 and 200 callers meet an expired token at once, 2 in 20 orders, 8 in 5; the most requests count."""
    return ", ".join(f"{_most(probe, callers, 1)} for {callers}" for callers in (2, 8, 64, 200))


def process_refresh(probe: Probe, profile: Profile) -> Value:
    """Let 2 and 4 processes meet an expired token at once, 2 in 20 orders, 4 in 10; the most requests count."""
    return ", ".join(f"{_most(probe, nodes, nodes)} for {nodes}" for nodes in (2, 4))


def persist_point(probe: Probe, profile: Profile) -> Value:
    """End the process when the first resource request after a refresh arrives, or when the call is over, begin anew and
    see which refresh token is presented next. What dies before the answer is read can have stored nothing."""
    if _kept(probe, Crash(moment="arrived", view="resource", grant_type=None), Call(), Restart()):
        return "before the first resource request"
    if _kept(probe, Call(), Restart()):
        return "between the first resource request and the end of the call"
    return "not by the end of the call"


def _kept(probe: Probe, *end: Step) -> bool:
    evidence = probe(after_login(EXPIRED, *end, EXPIRED, Call()))
    restarted = next(record.number for record in evidence.steps if record.step["step"] == "restart")
    before: Sequence[str] = [token for one in evidence.refreshes if one.step < restarted for token in one.issued]
    after = [one.presented for one in evidence.refreshes if one.step >= restarted]
    if not before:
        raise UnmeasurableError("The client sent no refresh.")
    return bool(after) and after[0] in before


ITEMS: tuple[SurveyItem, ...] = (
    SurveyItem(
        id="sv-parallel-refresh",
        statement="Refreshes for so many callers in one process that meet an expired token at once.",
        measure=parallel_refresh,
        related=("concurrency-single-flight",),
        needs=frozenset({"parallel"}),
    ),
    SurveyItem(
        id="sv-process-refresh",
        statement="Refreshes for so many processes on one store that meet an expired token at once.",
        measure=process_refresh,
        related=("concurrency-processes",),
        needs=frozenset({"parallel", "shared_store"}),
    ),
    SurveyItem(
        id="sv-persist-point",
        statement="The moment by which a new pair of tokens survives the end of the process.",
        measure=persist_point,
        related=("rotation-persist-before-use", "rotation-crash-before-save"),
        needs=frozenset({"restart"}),
    ),
)
