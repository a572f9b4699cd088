"""A run tells the harness's own faults as such, whatever the client under test makes of them."""

from dataclasses import replace

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.runner import Matrix, Plan, run
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.play.play import ProviderBrokenError, play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call
from refreshproof.scenarios.steps.subject import Outcome

# A profile without lifetimes breaks the emulation at the first token answer: a bug of ours, planted.
TIMELESS = replace(VENDORS["generic"].profile, lifetimes=None)  # type: ignore[arg-type]
BROKEN = replace(VENDORS["generic"], profile=TIMELESS)


def test_a_provider_that_fails_is_never_the_clients_fault() -> None:
    with pytest.raises(ProviderBrokenError, match="the provider failed"):
        play(BROKEN, TinyClient, flow(Call()))


def test_a_run_at_a_broken_provider_ends_in_harness_errors_and_not_in_failures() -> None:
    plan = Plan(
        subject="tiny", vendors=(BROKEN,), requirements=("rotation-replace", "rotation-old-never-reused"), examples=3
    )
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    assert {cell.outcome for cell in matrix.results()} == {"harness_error"}


class NeverLetsGo(TinyClient):
    """Takes its lock for every call and keeps it."""

    def call(self) -> Outcome:
        """Take the lock."""
        self.lock.acquire()  # type: ignore[attr-defined]
        return super().call()


def test_callers_that_stand_still_are_the_subjects_fault_and_end_the_cell() -> None:
    plan = Plan(
        subject=f"{__name__}:NeverLetsGo", vendors=(VENDORS["generic"],), requirements=("concurrency-single-flight",)
    )
    matrix = Matrix.of(replace(plan, examples=0))
    for event in run(matrix.plan):
        matrix.take(event)
    assert [cell.outcome for cell in matrix.results()] == ["subject_error"]
