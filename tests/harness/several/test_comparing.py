"""Two clients that are compared have lived the same stories."""

from __future__ import annotations

from dataclasses import replace

from refreshproof.harness import Outcome, TinyClient
from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.run.cells import empty
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.several.comparing import live_through, stories
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.steps import Authorize, Refresh

RULE, VENDOR = "rotation-replace", VENDORS["generic"]
PLACE = (VENDOR.name, RULE)
STORY = Scenario(steps=(Authorize(), Refresh(), Refresh()))


class KeepsItsFirst(TinyClient):
    """Keeps its first refresh token where a refresh was asked for, which no scenario of the rule does."""

    first = ""

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Note the first."""
        self.first = self.first or grant.refresh_token or ""
        super().accept(grant, before)

    def refresh(self) -> Outcome:
        """Refresh, and put the first back."""
        done = super().refresh()
        if self.disk.grant is not None:
            self.disk.grant = replace(self.disk.grant, refresh_token=self.first)
        return done


def matrix(subject: str, outcome: str, scenario: Scenario | None = None) -> Matrix:
    """Return a matrix of one cell that has come about somehow."""
    found = Matrix.of(Plan(subject=subject, vendors=(VENDOR,), requirements=(RULE,)))
    cell = empty(CATALOGUE[RULE], VENDOR, outcome, "")  # type: ignore[arg-type]
    found.cells[PLACE] = replace(cell, scenario=scenario)
    return found


def test_what_one_breaks_in_a_life_is_lived_by_the_other_one_too() -> None:
    flawed = matrix("miniature:rotation-replace", "violated", STORY)
    unlucky = matrix(f"{__name__}:KeepsItsFirst", "satisfied")
    live_through(unlucky, flawed)
    assert unlucky.cells[PLACE].outcome == "violated"
    assert unlucky.cells[PLACE].scenario is not None
    assert stories(unlucky)
    sound = matrix("tiny", "satisfied")
    live_through(sound, flawed)
    assert sound.cells[PLACE].outcome == "satisfied"
    assert not stories(sound)


def test_what_was_not_judged_stays_so() -> None:
    flawed = matrix("miniature:rotation-replace", "violated", STORY)
    broken = matrix(f"{__name__}:KeepsItsFirst", "subject_error")
    live_through(broken, flawed)
    assert broken.cells[PLACE].outcome == "subject_error"
