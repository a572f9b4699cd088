"""Processes of the reference engine on one store are nodes of a cluster, each with a name of its own."""

import pytest

from refreshproof.harness.subjects.engine import EngineSubject
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.processes import Node
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize, Skew
from refreshproof.scenarios.world.world import World


def test_no_two_nodes_share_a_name() -> None:
    """Nodes of one name take each other's leases for their own: three of them refreshed in turns for ever."""
    world = World(VENDORS["generic"], EngineSubject, Scenario(steps=()))
    subjects = [world.process(number).subject for number in (1, 2, 3, 4)]
    names = {subject.node for subject in subjects if isinstance(subject, EngineSubject)}
    world.close()
    assert len(names) == 4


@pytest.mark.parametrize(
    ("skew", "think", "accepted"),
    [(59, 61, True), (60, 60, True), (60, 61, False), (-59, 179, True), (-59, 180, False), (-60, 181, False)],
)
def test_a_callback_at_another_node_is_judged_by_that_nodes_clock(skew: int, think: int, accepted: bool) -> None:
    """The limit of 120 s moves by as much as the clocks differ, which is 60 s at most (FLOW-05)."""
    login = Authorize(think=think, back_at=2)
    scenario = Scenario(steps=(Node(number=2), Skew(seconds=skew), Node(number=1), login))
    journal = play(VENDORS["generic"], EngineSubject, scenario)
    assert [one.kind == "ok" for one in journal.outcomes("callback")] == [accepted]
    assert [one.node for one in journal.exchanges("token")] == [2] * accepted
