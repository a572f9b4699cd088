"""A finding carries the harm of its own flaw: what another flaw of the same client does in its story weighs on that
one's rules alone."""

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import Cell, describe, judge
from refreshproof.harness.run.events import VendorExplored
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.subjects.miniatures.expiry.expiry import KeepsOldExpiry
from refreshproof.harness.subjects.miniatures.refresh.refresh import RaisesWhenRefreshFails, RefreshesBeforeEachCall
from refreshproof.harness.subjects.miniatures.rotation.rotation import KeepsFirstRefreshToken, SavesAfterUse
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.harm import Harm
from refreshproof.scenarios.requirements import CATALOGUE

GENERIC = VENDORS["generic"]


class TwoFlaws(KeepsFirstRefreshToken, RefreshesBeforeEachCall):
    """Keeps its first refresh token for ever, and refreshes before each call."""


class Raising(RaisesWhenRefreshFails, RefreshesBeforeEachCall):
    """Refreshes before each call, and raises where that fails."""


class AllAtOnce(KeepsFirstRefreshToken, Raising):
    """Does so, and keeps its first refresh token for ever."""


class KeepsTokenAndExpiry(KeepsFirstRefreshToken, KeepsOldExpiry):
    """Keeps its first refresh token, and its first expiry."""


def _judged(client: type[TinyClient], name: str) -> Cell:
    return judge(CATALOGUE[name], GENERIC, client, describe(client, GENERIC).capabilities)


@pytest.mark.parametrize(
    ("client", "alone", "name"),
    [
        (TwoFlaws, RefreshesBeforeEachCall, "refresh-only-when-due"),
        (TwoFlaws, RefreshesBeforeEachCall, "expiry-recomputed"),
        (AllAtOnce, Raising, "refresh-valid-token-survives"),
        (KeepsTokenAndExpiry, KeepsOldExpiry, "expiry-recomputed"),
    ],
)
def test_a_flaw_weighs_what_it_weighs_alone(client: type[TinyClient], alone: type[TinyClient], name: str) -> None:
    both, one = _judged(client, name), _judged(alone, name)
    assert (both.outcome, both.anomaly, both.harm) == ("violated", one.anomaly, one.harm)
    assert one.harm not in (Harm.GRANT_LOST, Harm.CALL_FAILED)


def test_its_story_shows_nothing_of_the_other_flaw() -> None:
    cell = _judged(TwoFlaws, "refresh-only-when-due")
    assert cell.journal is not None
    evidence = Evidence(journal=cell.journal, profile=GENERIC.profile)
    assert CATALOGUE["rotation-old-never-reused"].check(evidence).outcome != "violated"


def test_the_flaw_that_does_the_harm_carries_it() -> None:
    assert _judged(TwoFlaws, "rotation-old-never-reused").harm is Harm.GRANT_LOST


@pytest.mark.parametrize("name", ["rotation-persist-before-use", "rotation-invalid-grant-reload"])
def test_what_leads_to_the_harm_itself_carries_it(name: str) -> None:
    assert _judged(SavesAfterUse, name).harm is Harm.GRANT_LOST


def test_what_one_flaw_breaks_besides_carries_its_harm() -> None:
    assert _judged(KeepsFirstRefreshToken, "rotation-invalid-grant-reload").harm is Harm.GRANT_LOST


def test_a_refresh_that_is_refused_for_its_token_is_no_matter_of_lifetimes() -> None:
    assert _judged(KeepsFirstRefreshToken, "accept-expires-odd").outcome != "violated"


def test_in_a_run_neither_a_story_of_another_rule_nor_a_generated_life_lends_its_harm() -> None:
    rules = ("rotation-replace", "rotation-old-never-reused", "refresh-only-when-due", "outcome-no-harm")
    plan = Plan(subject=f"{__name__}:TwoFlaws", vendors=(GENERIC,), requirements=rules, examples=25)
    matrix, found = Matrix.of(plan), set[str]()
    for event in run(plan):
        matrix.take(event)
        found |= {name for name, _, _ in event.found} if isinstance(event, VendorExplored) else set()
    harm = {cell.requirement: cell.harm for cell in matrix.results()}
    assert "refresh-only-when-due" in found
    assert harm["rotation-old-never-reused"] is Harm.GRANT_LOST
    assert harm["refresh-only-when-due"] is Harm.NEEDLESS_REQUESTS


@pytest.mark.parametrize("examples", [0, 10])
def test_harm_of_a_rule_that_nobody_asked_for_is_told_as_what_no_rule_explains(examples: int) -> None:
    rules = ("refresh-only-when-due", "outcome-no-harm")
    plan = Plan(subject=f"{__name__}:TwoFlaws", vendors=(GENERIC,), requirements=rules, examples=examples)
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    harm = {cell.requirement: cell.harm for cell in matrix.results()}
    assert harm == {"refresh-only-when-due": Harm.NEEDLESS_REQUESTS, "outcome-no-harm": Harm.GRANT_LOST}
