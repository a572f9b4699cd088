"""Processes of the reference engine on one store are nodes of a cluster, each with a name of its own."""

from refreshproof.harness.engine_subject import EngineSubject
from refreshproof.harness.subjects import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.scenario import Scenario
from refreshproof.scenarios.world import World


def test_no_two_nodes_share_a_name() -> None:
    """Nodes of one name take each other's leases for their own: three of them refreshed in turns for ever."""
    world = World(VENDORS["generic"], subject_factory("engine"), Scenario(steps=()))
    subjects = [world.process(number).subject for number in (1, 2, 3, 4)]
    names = {subject.node for subject in subjects if isinstance(subject, EngineSubject)}
    world.close()
    assert len(names) == 4
