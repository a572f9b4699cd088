"""Generated lives find the planted bugs, tell them as the shortest story, and find nothing in a correct client."""

import importlib
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis.internal.conjecture.providers import HypothesisProvider

from refreshproof.harness.run.cells import describe, witness
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.scenarios.evidence.findings import numbered
from refreshproof.scenarios.exploration.drawing import DIMENSIONS
from refreshproof.scenarios.exploration.example_database import OneSearch
from refreshproof.scenarios.exploration.machine import RULES, explore, shares
from refreshproof.scenarios.exploration.seed_alone import HOOK, seed_alone
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.steps import Authorize

INVARIANTS = [one for one in CATALOGUE.values() if one.invariant]
FOUND_BY_EXPLORATION = {
    "rotation-replace": "atlassian",
    "rotation-old-never-reused": "atlassian",
    "refresh-without-user": "google",
    "refresh-only-when-due": "google",
    "resource-newest-token": "google",
    "failure-terminal-stops": "google",
    "concurrency-single-flight": "google",
    "lifecycle-revoked-or-password": "google",
}


def test_at_least_a_dozen_requirements_are_judged_in_every_generated_life() -> None:
    assert len(INVARIANTS) >= 12


@pytest.mark.parametrize("vendor", CORE, ids=lambda vendor: vendor.name)
@pytest.mark.parametrize("subject", ["engine", "tiny"])
def test_a_correct_client_survives_every_generated_life(subject: str, vendor: object) -> None:
    chosen = VENDORS[vendor.name]  # type: ignore[attr-defined]
    factory = subject_factory(subject)
    capabilities = describe(factory, chosen).capabilities
    explored = explore(chosen, factory, INVARIANTS, seed=11, examples=15, capabilities=capabilities)
    assert [str(found) for found in explored.found] == []


@pytest.mark.parametrize(("miniature", "vendor"), FOUND_BY_EXPLORATION.items())
def test_a_planted_bug_is_found_and_told_as_steps(miniature: str, vendor: str) -> None:
    requirement, client = CATALOGUE[miniature], MINIATURES[miniature].client
    explored = explore(VENDORS[vendor], client, [requirement], seed=1, examples=200, capabilities=requirement.needs)
    assert [found.requirement.id for found in explored.found] == [miniature]
    cell = witness(requirement, VENDORS[vendor], client, explored.found[0].scenario)
    assert cell.scenario is not None
    assert len(cell.scenario.steps) <= 8, numbered(cell.scenario)
    assert isinstance(cell.scenario.steps[0], Authorize)
    assert numbered(cell.scenario).startswith("1. Alice logs in and consents.\n2. ")


def test_an_exploration_says_how_it_looked_and_what_could_happen() -> None:
    explored = explore(VENDORS["generic"], MINIATURES["rotation-replace"].client, INVARIANTS, seed=5, examples=3)
    told = explored.search.told(explored.lives)
    assert told.startswith(
        f"{explored.lives} lives of up to 14 steps by Hypothesis {hypothesis.__version__}, from seed 5"
    )
    assert set(RULES) == {kind for kinds in explored.search.dimensions.values() for kind in kinds}
    assert all(name in told for name in DIMENSIONS)


def test_a_finding_at_a_vendor_whose_lifetimes_vary_is_told() -> None:
    """Half of a change that holds only as a whole broke the provider, and the finding was lost with it."""
    requirement, client = CATALOGUE["refresh-only-when-due"], MINIATURES["refresh-only-when-due"].client
    found = explore(VENDORS["microsoft"], client, INVARIANTS, seed=1, examples=25, capabilities=requirement.needs).found
    assert requirement.id in {one.requirement.id for one in found}
    for one in found:
        assert witness(one.requirement, VENDORS["microsoft"], client, one.scenario).outcome == "violated"


def test_the_same_seed_explores_the_same_lives() -> None:
    client = MINIATURES["rotation-replace"].client
    runs = [explore(VENDORS["generic"], client, INVARIANTS, seed=5, examples=40) for _ in range(2)]
    assert runs[0].lives == runs[1].lives
    assert [one.scenario for one in runs[0].found] == [one.scenario for one in runs[1].found]


def test_lives_hang_on_no_module_that_happens_to_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis draws constants of the sources that it finds, so that a client's own would change its lives."""

    def lived() -> list[tuple[int, int, object]]:
        rules, client = [CATALOGUE["rotation-replace"]], subject_factory("tiny")
        runs = [explore(VENDORS["generic"], client, rules, seed=seed, examples=12) for seed in (2, 5, 10)]
        return [(one.lives, one.virtual_time, one.moves) for one in runs]

    before = lived()
    (tmp_path / "full_of_constants.py").write_text(f"NUMBERS = {list(range(100, 255))}\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("full_of_constants")
    monkeypatch.delitem(sys.modules, "full_of_constants")
    monkeypatch.setitem(sys.modules, "full_of_constants", module)  # until the end of this test
    assert lived() == before


def test_other_tests_of_the_process_draw_as_ever_after_an_exploration() -> None:
    usual = vars(HypothesisProvider)[HOOK]
    with seed_alone():
        assert vars(HypothesisProvider)[HOOK] is not usual
    assert vars(HypothesisProvider)[HOOK] is usual


def test_many_lives_are_shared_out_and_few_are_the_same_as_ever() -> None:
    assert shares(7, 25) == ((7, 25),)
    assert shares(7, 0) == ()
    (first, one), (second, two), (third, three) = shares(7, 600)
    assert (first, one, two, three) == (7, 250, 250, 100)
    assert len({first, second, third, *(seed for seed, _ in shares(8, 600))}) == 6
    assert shares(7, 1_000_000)[:2] == ((7, 250), (second, 250))


def test_lives_that_break_several_rules_are_lived_once_and_again_only_where_they_are_kept() -> None:
    client, vendor = MINIATURES["rotation-replace"].client, VENDORS["atlassian"]
    once, kept = (
        explore(vendor, client, INVARIANTS, seed=5, examples=15, database=database)
        for database in (None, OneSearch({}))
    )
    assert len(once.found) > 1
    assert once.lives < kept.lives
    assert [(one.requirement.id, one.scenario, one.harm) for one in once.found] == [
        (one.requirement.id, one.scenario, one.harm) for one in kept.found
    ]
