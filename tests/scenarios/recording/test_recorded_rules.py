"""What a recording is judged by: each such rule kills its miniature from the wire alone, and spares good clients."""

from pathlib import Path

import pytest

from kit.innocents import INNOCENTS
from kit.wire import played, saved
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.judging.judging import judge
from refreshproof.harness.run.cells import Cell, describe
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.recording.har_shape import read_har
from refreshproof.scenarios.recording.traffic import recorded_at
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import SubjectFactory

RECORDED = [name for name, one in CATALOGUE.items() if one.recorded is not None]
TOLD_BY_OTHERS = {("callback-single-use", "exchange-code-sent-once")}
"""Rules whose violation makes a client break a recorded one too, which its scenarios lay to the first one's charge."""


def vendor_of(requirement: str) -> Vendor:
    """Return a vendor at which a rule applies."""
    names = ("atlassian", "google", "microsoft", "mcp")
    return next(VENDORS[name] for name in names if CATALOGUE[requirement].applies(VENDORS[name]))


def cells_of(
    vendor: Vendor, client: SubjectFactory, scenario: Scenario, folder: Path
) -> tuple[Journal, dict[str, Cell]]:
    """Play a scenario and judge what a proxy has recorded of it."""
    journal, document = played(vendor, client, scenario)
    recordings = recorded_at(read_har(saved(document, folder)), [vendor])
    return journal, {cell.requirement: cell for cell in judge(recordings, tuple(CATALOGUE))}


def test_a_rule_is_not_judged_by_recordings_unless_it_says_so(tmp_path: Path) -> None:
    _, cells = cells_of(VENDORS["atlassian"], TinyClient, CATALOGUE["rotation-replace"].scenarios[0], tmp_path)
    others = {name: cell for name, cell in cells.items() if CATALOGUE[name].recorded is None}
    assert {cell.outcome for cell in others.values()} == {"not_observable", "not_applicable"}
    assert all(cell.why.startswith("not observable: ") for cell in others.values() if cell.outcome == "not_observable")
    assert "what the client told its callers" in cells["refresh-without-user"].why
    assert cells["rotation-replace"].outcome == "satisfied"


@pytest.mark.parametrize("requirement", RECORDED)
def test_a_recorded_rule_kills_its_miniature_from_the_wire_alone(requirement: str, tmp_path: Path) -> None:
    vendor, client = vendor_of(requirement), MINIATURES[requirement].client
    caught = [
        cell
        for scenario in CATALOGUE[requirement].scenarios
        for cell in [cells_of(vendor, client, scenario, tmp_path)[1][requirement]]
        if cell.outcome == "violated"
    ]
    assert {cell.anomaly for cell in caught} == {CATALOGUE[requirement].anomaly}


@pytest.mark.parametrize("innocent", ["Minimal", "Reactive", "RepeatsConsentedScope", "ProbesFirst"])
def test_the_traffic_of_an_innocent_client_is_accused_of_nothing(innocent: str, tmp_path: Path) -> None:
    vendor, client = VENDORS["atlassian"], INNOCENTS[innocent]
    capabilities = describe(client, vendor).capabilities
    for one in CATALOGUE.values():
        if one.family in ("rotation", "callback", "exchange", "accept", "security") and one.needs <= capabilities:
            _, cells = cells_of(vendor, client, one.scenarios[0], tmp_path)
            accused = {name: cell.why for name, cell in cells.items() if cell.outcome == "violated"}
            assert accused == {}, one.id


@pytest.mark.parametrize("family", ["rotation", "exchange", "concurrency", "callback"])
def test_a_recording_says_nothing_that_the_whole_story_does_not_say(family: str, tmp_path: Path) -> None:
    """Of flawed clients: a violation on the wire is one in truth, and what passes on the wire breaks nothing."""
    for name, miniature in MINIATURES.items():
        requirement, vendor = CATALOGUE[name], VENDORS["atlassian"]
        needs = requirement.needs - {"two_servers"}
        if requirement.family != family or not requirement.applies(vendor) or needs != requirement.needs:
            continue
        journal, cells = cells_of(vendor, miniature.client, requirement.scenarios[0], tmp_path)
        whole = Evidence(journal=journal, profile=vendor.profile)
        for recorded in RECORDED:
            said = cells[recorded].outcome
            if said in ("satisfied", "violated") and (name, recorded) not in TOLD_BY_OTHERS:
                truth = CATALOGUE[recorded].check(whole).outcome
                assert (truth == "violated") == (said == "violated"), (name, recorded, cells[recorded].why)
