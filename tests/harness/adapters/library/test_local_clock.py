"""A library that keeps naive local times lives in the scenario's zone, and in UTC where there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from refreshproof.harness.adapters.library import WALL_CLOCK, ApplicationAdapter
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.clocks.zone_clock import CENTRAL_EUROPE, SUMMER_TIME_BEGINS, SUMMER_TIME_ENDS
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.processes import Zone
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Advance, Authorize, Call

HOUR = timedelta(hours=1)


class Diary(ApplicationAdapter):
    """Writes down what its clocks show when it calls: naive and aware, and the way there and back."""

    name = "diary"
    seen: ClassVar[list[tuple[timedelta, bool]]] = []

    def use(self) -> int:
        naive, aware = datetime.now(), datetime.now(UTC)  # noqa: DTZ005 - that is what libraries do
        there = datetime.fromtimestamp(aware.timestamp())  # noqa: DTZ006 - as above
        same = there == naive and naive.timestamp() == aware.timestamp()
        self.seen.append((naive - aware.replace(tzinfo=None), same))
        return 200

    def renew(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("zone", "change", "offsets"),
    [
        ((), SUMMER_TIME_BEGINS, [timedelta(0), timedelta(0)]),
        ((Zone(rules=CENTRAL_EUROPE),), SUMMER_TIME_BEGINS, [HOUR, 2 * HOUR]),
        ((Zone(rules=CENTRAL_EUROPE),), SUMMER_TIME_ENDS, [2 * HOUR, HOUR]),
    ],
)
def test_naive_local_time_leaps_with_the_zone(zone: Any, change: int, offsets: list[timedelta]) -> None:
    Diary.seen.clear()
    steps = (*zone, Authorize(), Advance(seconds=change - 60), Call(), Advance(seconds=120), Call())
    play(VENDORS["generic"], Diary, Scenario(steps=steps))
    WALL_CLOCK.thaw()
    assert Diary.seen == [(offset, True) for offset in offsets]
