"""Local time is the scenario's while that is played, and the computer's own again afterwards."""

import os
import time

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.processes import Zone
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call
from refreshproof.scenarios.steps.subject import Outcome

SUMMER, WINTER = 1_900_000_000 + 90 * 86_400, 1_900_000_000 - 30 * 86_400


def offsets() -> tuple[int, int]:
    """Return how far local time is ahead in summer and in winter, in seconds."""
    return time.localtime(SUMMER).tm_gmtoff, time.localtime(WINTER).tm_gmtoff


class LooksAtTheWall(TinyClient):
    """Remembers what the clock on the wall shows when it calls."""

    seen: list[tuple[int, int]] = []  # noqa: RUF012 - read by the test

    def call(self) -> Outcome:
        self.seen.append(offsets())
        return super().call()


def test_the_zone_of_a_scenario_ends_with_it() -> None:
    before = os.environ.get("TZ"), offsets()
    LooksAtTheWall.seen.clear()
    play(VENDORS["generic"], LooksAtTheWall, flow(Call(), Zone(), Call(), Zone(rules="UTC0"), Call()))
    assert LooksAtTheWall.seen == [before[1], (7200, 3600), (0, 0)]
    assert (os.environ.get("TZ"), offsets()) == before
