"""A few hundred generated lives hold every dimension that is to be explored, so that none of them vanishes
unnoticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.stateful import run_state_machine_as_test

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.faults.faults import FAULTS
from refreshproof.mock_servers.faults.layers import build
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.exploration import drawing
from refreshproof.scenarios.exploration.drawing import DAY, DRIFT, LASTING, LIFETIMES, OFFSETS, SPANS, TICK, TROUBLES
from refreshproof.scenarios.exploration.machine import LONGEST_LIFE, lives
from refreshproof.scenarios.exploration.seed_alone import seed_alone
from refreshproof.scenarios.steps.conditions import LEGS, Moment
from refreshproof.scenarios.steps.steps import STEPS, Fault, Tamper

Document = Mapping[str, Any]

NEVER_DRAWN = {"authorize_at_second", "authorize_by_discovery", "end_access_tokens", "move_authorization", "zone"}
"""The invariants are about one server that the client was told of; logins at two and what a client finds out are played
by the requirements on them, and so are tokens that end before their time and changes to summer time, which come twice a
year."""


SETTINGS = hypothesis.settings(
    max_examples=250,
    stateful_step_count=LONGEST_LIFE,
    phases=(Phase.generate,),
    verbosity=Verbosity.quiet,
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def lived() -> list[list[Document]]:
    """Two hundred and fifty lives at Atlassian, as the documents of their steps."""
    found: list[list[Document]] = []

    def played(journal: Journal) -> None:
        found.append([record.step for record in journal.steps()])

    with seed_alone():
        run_state_machine_as_test(lives(VENDORS["atlassian"], TinyClient, [], 9, played), settings=SETTINGS)
    return found


def values(lived: list[list[Document]], kind: str, name: str, default: Any = None) -> Counter[Any]:
    return Counter(step.get(name, default) for life in lived for step in life if step["step"] == kind)


def test_every_kind_of_step_is_drawn(lived: list[list[Document]]) -> None:
    kinds = {step["step"] for life in lived for step in life}
    assert kinds == set(STEPS) - NEVER_DRAWN


def test_every_fault_there_is_can_be_drawn_or_is_a_lasting_way_of_a_vendor(lived: list[list[Document]]) -> None:
    assert {name for name, _ in TROUBLES} == set(FAULTS) - LASTING
    assert all(build(Fault(fault=name, parameters=parameters).spec) for name, parameters in TROUBLES)
    assert len(values(lived, "fault", "fault")) > len(FAULTS) / 4
    assert set(values(lived, "fault", "view", "token")) == {"token", "resource"}


def test_processes_die_at_every_moment_and_there_are_up_to_four(lived: list[list[Document]]) -> None:
    assert set(values(lived, "crash", "moment", "answered")) == set(get_args(Moment))
    assert set(values(lived, "parallel", "callers", 4)) == {2, 3, 4}
    assert set(values(lived, "parallel", "nodes", 1)) == {1, 2, 3, 4}
    assert set(values(lived, "parallel", "every_touch", default=False)) == {False, True}
    assert len(values(lived, "node", "number")) > 2


def test_requests_and_answers_are_slow_and_lost_on_every_leg(lived: list[list[Document]]) -> None:
    assert set(values(lived, "delay", "leg")) == set(LEGS)
    assert set(values(lived, "lose", "leg")) == {"request", "response"}
    assert ("duplicate", {}) in TROUBLES


def test_clocks_are_wrong_by_a_constant_drift_and_step_both_ways_and_under_way(lived: list[list[Document]]) -> None:
    for kind, name in (("skew", "seconds"), ("drift", "parts_per_million"), ("clock_step", "seconds")):
        found = values(lived, kind, name)
        assert min(found) < 0 < max(found), kind
    assert any(values(lived, "clock_step", "after", 0.0))


def test_users_do_all_that_users_do(lived: list[list[Document]]) -> None:
    assert set(values(lived, "authorize", "answer", "consent")) == {"consent", "deny"}
    found = set(values(lived, "authorize", "consents_to", "everything"))
    assert found == {"everything", "fewer_scopes", "another_site"}
    assert len(values(lived, "authorize", "tamper", "none")) > len(get_args(Tamper)) / 4
    assert set(values(lived, "change_password", "back", default=False)) == {False, True}


def test_vendors_change_every_part_of_their_policy(lived: list[list[Document]]) -> None:
    changed = {name for life in lived for step in life for name in step.get("changes", ())}
    assert changed - {"lifetimes.access_token_longest"} == set(DRIFT)


def test_time_stops_at_every_limit_and_one_tick_either_side(lived: list[list[Document]]) -> None:
    assert set(values(lived, "until", "limit")) == set(drawing.LIMITS)
    assert {-1, -TICK, 0.0, TICK, 1} <= set(values(lived, "until", "offset", 0.0))


@pytest.mark.parametrize("bound", [60, 120, 30 * DAY, 90 * DAY, 365 * DAY])
def test_lifetimes_and_silences_stand_on_each_bound_and_beside_it(bound: int) -> None:
    beside = {bound - 1, bound, bound + 1}
    assert beside <= set(SPANS)
    assert beside <= set(LIFETIMES)
    assert {0, 2**31 - 1, 2**31} <= set(LIFETIMES)
    assert {-59, -60, -61, -119, -120, -121} <= set(OFFSETS)


def test_many_lives_come_to_use_a_second_access_token(lived: list[list[Document]]) -> None:
    """Lives that are all trouble and no use would find nothing."""
    used = [life for life in lived if sum(one["step"] in ("call", "parallel", "during", "pages") for one in life) > 1]
    assert len(used) > len(lived) / 2
