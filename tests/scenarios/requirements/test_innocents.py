"""No check accuses a good client at a core vendor: no FAIL, and no WARN but those that a habit has earned."""

from collections.abc import Mapping

import pytest

from kit import innocents
from kit.innocents_apart import APART
from kit.innocents_unusual import UNUSUAL
from refreshproof.harness.run.cells import describe, judge
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.exploration.machine import explore
from refreshproof.scenarios.requirements import CATALOGUE

INNOCENTS = {**innocents.INNOCENTS, **APART, **UNUSUAL}
REMEMBERS_NOTHING = "It knows no time and keeps no memory of failures: each call tries again."

JUST: Mapping[tuple[str, str], str] = {
    ("Reactive", "resource-401-persistent-stops"): "A 401 that lasts costs a refresh with each call.",
    ("Reactive", "resource-403-scope"): "It reads no words of a 401, so that one for a missing scope costs refreshes.",
    ("Reactive", "rotation-replay-bounded"): "While answers are lost each call presents the refresh token once more.",
    ("Reactive", "failure-invalid-client-is-config"): REMEMBERS_NOTHING,
    ("Reactive", "failure-retry-after"): REMEMBERS_NOTHING,
    ("Reactive", "failure-no-loop"): REMEMBERS_NOTHING,
    ("Reactive", "concurrency-callers-share-outcome"): "Each of the callers that waited asks again after a failure.",
}
"""Warnings that are just, and why: what a habit costs, by client and requirement."""

PLACES = [(innocent, vendor) for innocent in INNOCENTS for vendor in CORE]
DIAGONALS = {0: (), 4: (pytest.mark.slow,)}
"""Each innocent client at one vendor in turn, and in CI at another; the rest of PLACES are by hand."""


def marks(innocent: str, vendor: Vendor) -> tuple[pytest.MarkDecorator, ...]:
    """Say when a client is played at a vendor: always, in CI, or by hand."""
    turn = CORE.index(vendor) - list(INNOCENTS).index(innocent)
    return DIAGONALS.get(turn % len(CORE), (pytest.mark.long,))


EVERYWHERE = pytest.mark.parametrize(
    ("innocent", "vendor"),
    [pytest.param(*place, marks=marks(*place)) for place in PLACES],
    ids=lambda one: getattr(one, "name", one),
)

ACCUSED = ("violated", "subject_error", "harness_error")


def accused(innocent: str, vendor: Vendor) -> dict[str, str]:
    """Judge an innocent client by every requirement at a vendor; return what it is accused of without reason."""
    factory = INNOCENTS[innocent]
    capabilities = describe(factory, vendor).capabilities
    cells = (judge(one, vendor, factory, capabilities, shorten=False) for one in CATALOGUE.values())
    return {
        cell.requirement: cell.why
        for cell in cells
        if cell.outcome in ACCUSED and (innocent, cell.requirement) not in JUST
    }


@EVERYWHERE
def test_an_innocent_client_is_accused_of_nothing(innocent: str, vendor: Vendor) -> None:
    assert accused(innocent, vendor) == {}


@pytest.mark.parametrize("innocent", INNOCENTS)
def test_an_innocent_client_is_accused_of_nothing_when_it_refreshes(innocent: str) -> None:
    """The two rules that most habits of refreshing touch, at every vendor."""
    for vendor in CORE:
        capabilities = describe(INNOCENTS[innocent], vendor).capabilities
        for name in ("expiry-never-present-expired", "resource-401-one-retry", "refresh-request-shape"):
            cell = judge(CATALOGUE[name], vendor, INNOCENTS[innocent], capabilities, shorten=False)
            assert cell.outcome not in ACCUSED


@pytest.mark.parametrize("innocent", ["Minimal", "Reactive"])
def test_a_grant_that_a_vendor_has_spent_before_it_refused_is_nobodys_fault(innocent: str) -> None:
    """Nothing that a client does after such a refusal can save it."""
    assert accused(innocent, VENDORS["spent-when-refused"]) == {}


def test_what_a_waiting_client_costs_is_told() -> None:
    """Nothing fails for it, and the requests that were refused are counted."""
    requirement, vendor = CATALOGUE["expiry-never-present-expired"], CORE[3]
    cell = judge(requirement, vendor, INNOCENTS["Reactive"], describe(INNOCENTS["Reactive"], vendor).capabilities)
    assert cell.outcome == "alternative"
    assert "refused because the access token had expired" in cell.why
    assert "No call failed for it." in cell.why


def test_a_warning_is_just_only_for_clients_and_requirements_that_there_are() -> None:
    assert {client for client, _ in JUST} <= set(INNOCENTS)
    assert {CATALOGUE[name].keyword for _, name in JUST} == {"SHOULD"}


def accused_in_lives(innocent: str, vendor: Vendor, examples: int) -> dict[str, str]:
    """Explore lives of an innocent client; return what it is accused of in them without reason."""
    factory = INNOCENTS[innocent]
    capabilities = describe(factory, vendor).capabilities
    always = [one for one in CATALOGUE.values() if one.invariant]
    found = explore(vendor, factory, always, seed=5, examples=examples, capabilities=capabilities).found
    return {one.requirement.id: str(one) for one in found if (innocent, one.requirement.id) not in JUST}


@pytest.mark.parametrize("innocent", ["Reactive", "ProbesFirst"])
def test_no_generated_life_accuses_an_innocent_client(innocent: str) -> None:
    assert accused_in_lives(innocent, VENDORS["generic"], 15) == {}


@pytest.mark.slow
@EVERYWHERE
def test_no_generated_life_accuses_an_innocent_client_at_any_vendor(innocent: str, vendor: Vendor) -> None:
    assert accused_in_lives(innocent, vendor, 60) == {}
