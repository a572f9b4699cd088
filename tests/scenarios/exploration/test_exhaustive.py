"""Everything of what is small is played: each fault at each request, and two callers in every order of their
touches."""

from __future__ import annotations

from functools import partial

import pytest

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.faults.layers import build
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Exchange, Journal
from refreshproof.scenarios.exploration.exhaustive import (
    CRASHES,
    PREEMPTIONS,
    SINGLE_FAULTS,
    Walk,
    single_faults,
    walks,
)
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import Call, Fault, Parallel, Until

ATLASSIAN = VENDORS["atlassian"]
CHECK = CATALOGUE["rotation-old-never-reused"].check


class BelievesWhatItRead(TinyClient):
    """Reads its grant before it takes the lock, and again under it only if the lock was taken by somebody."""

    taken = False

    def renew(self, seen: Grant) -> Grant:
        """Look at the lock, not at the store."""
        waits, self.taken = self.taken, True
        try:
            if waits:
                return super().renew(seen)
            with self.lock:
                return self.renewed(seen, seen.refresh_token or "")
        finally:
            self.taken = waits


def broken_orders(client: type[TinyClient], *, every_touch: bool) -> list[Scenario]:
    walk = Walk(Parallel(callers=2, every_touch=every_touch), partial(play, ATLASSIAN, client))
    judged = ((scenario, CHECK(Evidence(journal=journal, profile=ATLASSIAN.profile))) for scenario, journal in walk)
    return [scenario for scenario, verdict in judged if verdict.outcome == "violated"]


def test_a_token_read_outside_the_lock_is_caught_between_two_touches_of_clock_or_store_only() -> None:
    assert broken_orders(BelievesWhatItRead, every_touch=False) == []
    found = broken_orders(BelievesWhatItRead, every_touch=True)
    assert found
    assert found[0].steps[2].prose().startswith("2 callers of the client call the API at once, another one going on at")
    assert broken_orders(TinyClient, every_touch=True) == []


def test_no_order_is_played_twice_and_the_count_tells_how_many_there_are_and_the_bound() -> None:
    walk = Walk(Parallel(callers=2, every_touch=True), partial(play, ATLASSIAN, TinyClient))
    schedules = [step.schedule.rstrip("0") for scenario, _ in walk for step in scenario.steps[2:3]]  # type: ignore[union-attr]
    assert len(schedules) == len(set(schedules)) == walk.played > 100
    counted = walk.count()
    assert (counted.played, counted.preemptions) == (walk.played, PREEMPTIONS)
    assert (counted.there_are or 0) > 1_000 * walk.played


def test_the_orders_over_the_network_are_played_to_the_last() -> None:
    walk = Walk(Parallel(callers=2), partial(play, ATLASSIAN, TinyClient))
    seen = {tuple(one.actor for one in journal.exchanges() if one.step == 3) for _, journal in walk}
    assert walk.count().there_are is None
    assert {order[:2] for order in seen} >= {("actor 1", "actor 1"), ("actor 2", "actor 2")}


def test_a_client_that_cannot_run_in_parallel_is_taken_on_no_walk() -> None:
    never = partial(play, ATLASSIAN, TinyClient)
    assert walks(never, frozenset()) == []
    assert len(walks(never, frozenset({"parallel", "shared_store"}))) == 3


def struck(journal: Journal) -> list[Exchange]:
    return [one for one in journal.exchanges() if one.trouble == "refused"]


def test_a_fault_strikes_each_token_and_resource_request_of_the_life_in_turn() -> None:
    play_with = partial(play, ATLASSIAN, TinyClient)
    refusing = [
        play_with(one)
        for one in single_faults(play_with)
        if isinstance(one.steps[0], Fault) and one.steps[0].fault == "refuse_connection"
    ]
    assert [len(struck(journal)) for journal in refusing] == [1] * len(refusing)
    kinds = [(one.view, one.grant_type) for journal in refusing for one in struck(journal)]
    assert kinds.count(("token", "authorization_code")) == 1
    assert kinds.count(("token", "refresh_token")) == 3
    assert kinds.count(("resource", None)) == 8


def test_the_life_is_crashed_at_each_moment_of_each_refresh() -> None:
    crashes = [one.steps[1] for one in single_faults(partial(play, ATLASSIAN, TinyClient))]
    found = {(one.moment, one.skip) for one in crashes if isinstance(one, Crash)}
    assert found == {(moment, skip) for moment in CRASHES for skip in range(3)}


@pytest.mark.parametrize("moment", CRASHES)
def test_a_process_dies_at_the_moment_it_is_to_die_at(moment: str) -> None:
    """Before the request leaves nothing is spent; once the store was touched nothing is lost."""
    expired = Until(limit="access_token_expiry", offset=1)
    crash = Crash(moment=moment)  # type: ignore[arg-type]
    journal = play(ATLASSIAN, TinyClient, flow(Call(), expired, crash, Call(), Call(), expired, Call()))
    presented = [one.presented for one in journal.exchanges("token", "refresh_token")]
    lost = moment in ("arrived", "answered", "storing")
    assert presented == (["RT1", "RT1", "RT3"] if lost else ["RT1", "RT2"])
    assert len(journal.actions("process_died")) == 1
    assert (journal.exchanges("token", "refresh_token")[0].trouble == "died") is lost


def test_every_single_fault_can_be_built() -> None:
    assert [build(Fault(fault=name, parameters=parameters).spec) for name, parameters in SINGLE_FAULTS]
