"""A run tells how many orders of two callers it has played, of how many there are, and with how many preemptions."""

import pytest

from refreshproof.harness.run.coverage.orders import ORDERS, survey_of_orders
from refreshproof.harness.run.events import VendorExplored
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.findings import Orders
from refreshproof.scenarios.exploration import exhaustive


def test_what_was_played_stands_beside_what_there_is_and_the_bound() -> None:
    network = Orders(nodes=1, every_touch=False, played=60, there_are=None, preemptions=None)
    touches = Orders(nodes=1, every_touch=True, played=240, there_are=40_116_600, preemptions=2)
    values = survey_of_orders({"google": (network, touches)})
    assert [(one.name, one.value) for one in values] == [
        ("orders-over-the-network", "all 60"),
        ("orders-of-every-touch", "240 of about 4e+07: all with at most 2 preemptions"),
    ]
    assert {one.name for one in values} <= {info.name for info in ORDERS}


def test_an_exhaustive_run_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exhaustive, "MOST_ORDERS", 3)
    monkeypatch.setattr(exhaustive, "SINGLE_FAULTS", ())
    monkeypatch.setattr(exhaustive, "LIMITS", ())
    plan = Plan(
        subject="tiny",
        vendors=(VENDORS["generic"],),
        requirements=("rotation-replace",),
        examples=0,
        exhaustive=True,
    )
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
        assert not isinstance(event, VendorExplored) or not event.cells
    assert [(one.nodes, one.every_touch, one.played) for one in matrix.orders["generic"]] == [
        (1, False, 3),
        (1, True, 3),
        (2, True, 3),
    ]
