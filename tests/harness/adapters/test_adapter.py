"""A client of one's own needs three methods; what it does not claim is told as unsupported and never as a pass."""

from dataclasses import replace
from typing import get_args

import pytest

from refreshproof.harness import Adapter, conformance
from refreshproof.harness.adapters.contract import CLAIMED
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import judge
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import CAPABILITIES, Capability, Description, Outcome, Surroundings
from refreshproof.scenarios.world.world import World


class Plain(Adapter):
    """Three methods around a client."""

    name = "plain"

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self.client = TinyClient(surroundings)

    def authorize(self) -> str:
        return self.client.authorize()

    def callback(self, url: str) -> Outcome:
        return replace(self.client.callback(url))

    def call(self) -> Outcome:
        return self.client.call()


@pytest.mark.parametrize("requirement", ["rotation-replace", "expiry-never-present-expired"])
def test_three_methods_are_enough_for_what_is_seen_on_the_wire(requirement: str) -> None:
    cell = judge(CATALOGUE[requirement], VENDORS["generic"], Plain, Plain.capabilities)
    assert cell.outcome == "satisfied"


def test_what_an_adapter_does_not_claim_is_unsupported() -> None:
    cell = judge(CATALOGUE["rotation-persist-before-use"], VENDORS["generic"], Plain, Plain.capabilities)
    assert cell.outcome == "unsupported"
    assert "restart" in cell.why


class Elsewhere(Plain):
    def describe(self) -> Description:
        return replace(super().describe(), unsuited="It speaks to another vendor only.")


def test_what_a_client_is_not_made_for_is_skipped_with_the_reason() -> None:
    item = conformance(Elsewhere, providers=["generic"], requirements=["rotation-replace"])
    with pytest.raises(pytest.skip.Exception, match=r"It speaks to another vendor only\."):
        item(VENDORS["generic"], CATALOGUE["rotation-replace"])


def test_an_unclaimed_operation_says_so() -> None:
    subject = World(VENDORS["generic"], Plain, Scenario(steps=())).subject
    assert subject.refresh().kind == subject.disconnect().kind == "unsupported"
    with pytest.raises(NotImplementedError, match="restart"):
        subject.restart()
    assert subject.describe().name == "plain"
    subject.close()


def test_the_time_of_a_client_is_told_in_seconds() -> None:
    world = World(VENDORS["generic"], Plain, Scenario(steps=()))
    before = world.subject.time()  # type: ignore[attr-defined]
    world.clock.advance(1.5)
    assert (before, world.subject.time() - before) == (1_900_000_000, 1.5)  # type: ignore[attr-defined]


def test_every_capability_is_explained_and_every_claim_of_a_method_has_one() -> None:
    assert set(CAPABILITIES) == set(get_args(Capability))
    assert set(CLAIMED) <= set(CAPABILITIES)
