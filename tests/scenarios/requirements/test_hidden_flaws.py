"""Flaws that once were hidden: the requirement that each breaks says so, at one vendor at least."""

import pytest

from kit.hidden_flaws import (
    DropsGrantAtRefusedCode,
    EachRefusedCallerRefreshes,
    KeepsFirstConsent,
    LeaseShorterThanAnAnswer,
    PrintsBodies,
    PrintsDescriptions,
    RaisesFromBodies,
    RefusedCallersRefreshInTurn,
    WarnsOfBodies,
    WritesBodiesToStderr,
)
from kit.requirement import outcomes
from refreshproof.harness.adapters.tiny.client import TinyClient


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("client", "requirement"),
    [
        (PrintsBodies, "security-no-secret-in-output"),
        (WritesBodiesToStderr, "security-no-secret-in-output"),
        (WarnsOfBodies, "security-no-secret-in-output"),
        (RaisesFromBodies, "security-no-secret-in-output"),
        (PrintsDescriptions, "security-text-sanitised"),
        (KeepsFirstConsent, "lifecycle-reconsent-replaces"),
        (DropsGrantAtRefusedCode, "lifecycle-failed-reconsent-keeps"),
        (EachRefusedCallerRefreshes, "concurrency-single-flight"),
        (RefusedCallersRefreshInTurn, "concurrency-callers-share-outcome"),
        (LeaseShorterThanAnAnswer, "concurrency-single-flight"),
    ],
)
def test_a_flaw_is_named_by_the_requirement_that_it_breaks(client: type[TinyClient], requirement: str) -> None:
    assert "violated" in outcomes(requirement, client).values()
