"""A client finds itself in the time zone of the scenario while it works, and only then."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta

import pytest

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.wire import SECOND
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.clocks.zone_clock import (
    CENTRAL_EUROPE,
    SUMMER_TIME_BEGINS,
    SUMMER_TIME_ENDS,
    UTC,
    LocalTime,
)
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import Scenario, read_scenario
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call, Step, Zone


class Naive(TinyClient):
    """Reckons with local times that know nothing of their zone."""

    def due(self, grant: Grant) -> bool:
        """Compare two local times."""
        until = local(grant.obtained_at / SECOND) + timedelta(seconds=grant.lifetime or 0)
        return local(self.now() / SECOND) >= until - timedelta(seconds=120)


def local(moment: float) -> datetime:
    """Return local time without a zone, as a careless client has it."""
    return datetime.fromtimestamp(moment)  # noqa: DTZ006 - that is the flaw


def across(change: int, zone: str) -> tuple[list[int | None], int]:
    """Log in an hour and a half before a change, call once an hour and a bit; return statuses and refreshes."""
    steps: tuple[Step, ...] = (
        Zone(rules=zone),
        Advance(seconds=change - 5400),
        Authorize(),
        *(Call(), Advance(seconds=3700)) * 4,
    )
    played = play(VENDORS["generic"], Naive, Scenario(steps=steps))
    return [one.status for one in played.exchanges("resource")], len(played.exchanges("token", "refresh_token"))


@pytest.mark.parametrize("change", [SUMMER_TIME_BEGINS, SUMMER_TIME_ENDS])
def test_local_time_jumps_at_the_change(change: int) -> None:
    moments = [(START // SECOND) + change - 1, (START // SECOND) + change]
    with LocalTime(CENTRAL_EUROPE):
        before, after = (local(one).hour for one in moments)
    assert (after - before) % 24 == (2 if change == SUMMER_TIME_BEGINS else 0)


def test_a_client_with_naive_local_times_presents_an_expired_token_where_summer_time_ends() -> None:
    assert 401 in across(SUMMER_TIME_ENDS, CENTRAL_EUROPE)[0]
    assert 401 not in across(SUMMER_TIME_ENDS, UTC)[0]
    assert 401 not in across(SUMMER_TIME_BEGINS, CENTRAL_EUROPE)[0]


def test_the_machine_is_left_where_it_was() -> None:
    before = (os.environ.get("TZ"), time.tzname)
    across(SUMMER_TIME_ENDS, CENTRAL_EUROPE)
    assert (os.environ.get("TZ"), time.tzname) == before


def test_a_scenario_tells_its_zone_and_keeps_it_in_a_file() -> None:
    scenario = Scenario(steps=(Zone(rules=CENTRAL_EUROPE), Call()))
    assert scenario.prose()[0] == f"The client's computer keeps the local time {CENTRAL_EUROPE}."
    assert read_scenario(scenario.to_document()) == scenario
