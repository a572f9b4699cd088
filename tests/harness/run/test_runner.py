"""A run tells the harness's own faults as such, keeps what any life has shown, and counts what was played."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import Cell, CellOutcome
from refreshproof.harness.run.events import Begun, CellJudged, Event, Lived, VendorExplored, Weighed
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.run.smoke import UNPLAYABLE
from refreshproof.harness.subjects.miniatures.failure.failure import OneRequestPerCall
from refreshproof.harness.subjects.miniatures.refresh.refresh import RepeatsRequestedScope
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.harm import Harm
from refreshproof.scenarios.evidence.journal import TableMove
from refreshproof.scenarios.exploration import exhaustive, machine
from refreshproof.scenarios.play.play import ProviderBrokenError, play
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call
from refreshproof.scenarios.steps.subject import Description, Outcome

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
    assert (matrix.lives, matrix.virtual_time) == ({"generic": 0}, 0)


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


class RestoresABackup(TinyClient):
    """Puts back the refresh token of the login at two moments that no scenario of `rotation-replace` has."""

    backup = ""

    def accept(self, grant: Grant, before: Grant | None) -> None:
        """Keep a backup."""
        self.backup = grant.refresh_token or ""
        super().accept(grant, before)

    def restart(self) -> None:
        """Restore it at a restart."""
        self.restore()
        super().restart()

    def refresh(self) -> Outcome:
        """Restore it after a refresh that was asked for."""
        done = super().refresh()
        self.restore()
        return done

    def restore(self) -> None:
        if self.disk.grant is not None:
            self.disk.grant = replace(self.disk.grant, refresh_token=self.backup)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "satisfied"),
        ({"examples": 100, "seed": 1}, "violated"),
        ({"exhaustive": True}, "violated"),
    ],
)
def test_what_only_a_generated_or_an_exhaustive_life_breaks_is_a_violation_of_the_run(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], outcome: CellOutcome
) -> None:
    for name, less in {"MOST_ORDERS": 1, "SINGLE_FAULTS": (), "LIMITS": ()}.items():
        monkeypatch.setattr(exhaustive, name, less)
    plan = Plan(
        subject=f"{__name__}:RestoresABackup", vendors=(VENDORS["generic"],), requirements=("rotation-replace",),
        **({"examples": 0} | changes),
    )  # fmt: skip
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    assert [cell.outcome for cell in matrix.results()] == [outcome]


REST = "outcome-no-harm"


def cells_of(subject: str, *requirements: str, **changes: Any) -> dict[str, Cell]:
    plan = Plan(subject=subject, vendors=(VENDORS["generic"],), requirements=(*requirements, REST), **changes)
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    assert matrix.complete
    return {one.requirement: one for one in matrix.results()}


@pytest.mark.parametrize("examples", [0, 10])
def test_harm_that_a_broken_rule_explains_is_told_once(examples: int) -> None:
    found = cells_of("miniature:rotation-replace", "rotation-replace", examples=examples)
    assert {name: one.outcome for name, one in found.items()} == {"rotation-replace": "violated", REST: "satisfied"}


@pytest.mark.parametrize("examples", [0, 10])
def test_harm_that_no_broken_rule_explains_is_a_finding_of_its_own(examples: int) -> None:
    found = cells_of("miniature:rotation-replace", "resource-bearer-header-once", examples=examples)
    assert (found[REST].outcome, found[REST].harm) == ("violated", Harm.GRANT_LOST)
    assert found["resource-bearer-header-once"].outcome == "satisfied"


def test_a_rule_is_told_with_the_worst_harm_that_breaking_it_has_done_in_any_story() -> None:
    mild = explored(cell("violated", harm=Harm.NONE_YET))
    bad = Weighed(cells=(cell("violated", harm=Harm.GRANT_LOST),))
    again = CellJudged(cell=cell("violated", harm=Harm.NEEDLESS_REQUESTS))
    assert [one.harm for one in after(mild, bad, again).results()] == [Harm.GRANT_LOST]


@pytest.mark.parametrize(
    ("own", "lived", "kept"),
    [
        ("satisfied", "violated", "violated"),
        ("satisfied", "subject_error", "subject_error"),
        ("violated", "subject_error", "violated"),
        ("harness_error", "violated", "harness_error"),
    ],
)
def test_what_a_rules_own_scenarios_show_counts_more_than_what_lives_show(
    own: CellOutcome, lived: CellOutcome, kept: CellOutcome
) -> None:
    told = (CellJudged(cell=cell(own, examples=4)), Lived(cells=(cell(lived),)))
    assert [(one.outcome, one.examples) for one in after(*told).results()] == [(kept, 4)]


def test_of_lives_only_those_are_told_that_show_what_nothing_else_has_shown() -> None:
    plan = Plan(
        subject="miniature:rotation-replace", vendors=(VENDORS["generic"],), requirements=(REPLACE,), examples=25
    )
    events = list(run(plan))
    assert next(one.found for one in events if isinstance(one, VendorExplored))
    assert not any(isinstance(one, Lived) for one in events)


REPLACE, NEVER_REUSED = "rotation-replace", "rotation-old-never-reused"
TWO = Plan(subject="tiny", vendors=(VENDORS["generic"], VENDORS["google"]), requirements=(REPLACE, NEVER_REUSED))


def cell(outcome: CellOutcome, requirement: str = REPLACE, vendor: str = "generic", **numbers: Any) -> Cell:
    return Cell(requirement=requirement, vendor=vendor, outcome=outcome, **numbers)


def explored(*cells: Cell, vendor: str = "generic", **numbers: Any) -> Event:
    plain: dict[str, Any] = {"lives": 0, "virtual_time": 0, "moves": Counter[TableMove]()}
    return VendorExplored(vendor=vendor, cells=cells, **(plain | numbers))


def after(*events: Event) -> Matrix:
    matrix = Matrix.of(TWO)
    for event in events:
        matrix.take(event)
    return matrix


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        ("satisfied", "violated", "violated"),
        ("satisfied", "harness_error", "harness_error"),
        ("violated", "satisfied", "violated"),
        ("violated", "subject_error", "violated"),
        ("harness_error", "alternative", "harness_error"),
    ],
)
def test_the_worse_of_scenarios_and_lives_is_kept_and_the_examples_of_both_count(
    first: CellOutcome, then: CellOutcome, kept: CellOutcome
) -> None:
    told = (CellJudged(cell=cell(first, examples=4)), explored(cell(then, examples=3)))
    assert [(one.outcome, one.examples) for one in after(*told).results()] == [(kept, 7)]


def test_a_run_counts_virtual_time_moves_and_lives_of_scenarios_and_explorations() -> None:
    use, spare = TableMove("provider", "newest", "refresh"), TableMove("provider", "spent", "refresh")
    matrix = after(
        CellJudged(cell=cell("satisfied", examples=2, virtual_time=10, moves=Counter({use: 1}))),
        CellJudged(cell=cell("satisfied", NEVER_REUSED, examples=1, virtual_time=200, moves=Counter({use: 2}))),
        CellJudged(cell=cell("not_applicable", vendor="google")),
        explored(lives=25, virtual_time=3_000, moves=Counter({use: 4, spare: 1})),
        explored(lives=5, virtual_time=40_000),
        explored(lives=7, virtual_time=500_000, vendor="google", moves=Counter({spare: 1})),
    )
    assert matrix.virtual_time == 543_210
    assert matrix.lives == {"generic": 30, "google": 7}
    assert matrix.moves == {"generic": Counter({use: 7, spare: 1}), "google": Counter({spare: 1})}
    assert [(one.vendor, one.outcome, one.examples) for one in matrix.results()] == [
        ("generic", "satisfied", 32),
        ("google", "not_applicable", 0),
        ("generic", "satisfied", 31),
    ]
    assert not matrix.complete
    matrix.take(CellJudged(cell=cell("satisfied", NEVER_REUSED, "google")))
    assert matrix.complete


class SpeaksToGoogle(TinyClient):
    """Is made for one vendor."""

    def describe(self) -> Description:
        """Say so at any other."""
        made_for_it = self.registration.provider_type == "GOOGLE"
        return replace(super().describe(), unsuited=None if made_for_it else "It speaks to Google only.")


def test_a_client_is_judged_and_measured_where_it_is_made_for_and_told_of_elsewhere() -> None:
    plan = Plan(
        subject=f"{__name__}:SpeaksToGoogle", vendors=TWO.vendors, requirements=(REPLACE,), examples=0,
        survey=("sv-clock-source",),
    )  # fmt: skip
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    told = [(one.vendor, one.outcome, one.why) for one in matrix.results()]
    assert told[0] == ("generic", "not_applicable", "It speaks to Google only.")
    assert (told[1][0], "Google only" in told[1][2]) == ("google", False)
    assert [one.vendor for one in matrix.readings] == ["google"]


class AsksForTooMuch(RepeatsRequestedScope, OneRequestPerCall):
    """Asks at a refresh for scope that was not granted, and sends one with every call while refreshing fails."""


def test_a_violation_stands_where_its_own_story_keeps_what_it_depends_on() -> None:
    plan = Plan(
        subject=f"{__name__}:AsksForTooMuch", vendors=(VENDORS["generic"],), examples=0,
        requirements=("refresh-request-shape", "failure-no-loop", "rotation-one-write"),
    )  # fmt: skip
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    assert [one.outcome for one in matrix.results()] == ["violated", "violated", "satisfied"]
    shape, loop, write = (matrix.cells["generic", name] for name in plan.requirements)
    matrix.cells["generic", loop.requirement] = replace(loop, journal=shape.journal)
    matrix.cells["generic", write.requirement] = replace(write, outcome="not_exercised")
    assert [one.outcome for one in matrix.results()] == ["violated", "blocked", "blocked"]


class CannotBeMade(TinyClient):
    """Has no constructor to speak of."""

    def start(self) -> None:
        """Fail."""
        raise RuntimeError("no settings")


def test_a_client_that_cannot_be_made_blocks_every_cell_with_the_reason() -> None:
    plan = replace(TWO, subject=f"{__name__}:CannotBeMade")
    matrix = after()
    for event in run(plan):
        matrix.take(event)
    assert matrix.complete
    assert {one.outcome for one in matrix.results()} == {"blocked"}
    assert {one.why for one in matrix.results()} == {UNPLAYABLE}
    assert any("no settings" in (one.exception or "") for one in matrix.told)


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_requirement_is_named_before_it_is_judged(jobs: int) -> None:
    rules = ("rotation-replace", "refresh-request-shape", "rotation-keep-when-null")
    plan = Plan(
        subject="tiny", vendors=(VENDORS["generic"], VENDORS["google"]), requirements=rules, examples=0, jobs=jobs
    )
    under_way, met = "", []
    for event in run(plan):
        under_way = event.what if isinstance(event, Begun) else under_way
        if isinstance(event, CellJudged):
            assert under_way == f"{event.cell.requirement} at {event.cell.vendor}"
            met.append(under_way)
    assert sorted(met) == sorted(f"{rule} at {vendor}" for rule in rules for vendor in ("generic", "google"))


def test_one_short_story_is_told_of_every_vendor_that_shows_it_under_any_number_of_jobs() -> None:
    rules = ("rotation-replace", "rotation-old-never-reused")
    plan = Plan(
        subject="miniature:rotation-replace",
        vendors=(VENDORS["atlassian"], VENDORS["generic"]),
        requirements=rules,
        examples=0,
    )
    stories: list[list[Cell]] = []
    for jobs in (1, 2):
        matrix = Matrix.of(replace(plan, jobs=jobs))
        for event in run(matrix.plan):
            matrix.take(event)
        stories.append(matrix.results())
    assert [(one.requirement, one.outcome, one.scenario) for one in stories[0]] == [
        (one.requirement, one.outcome, one.scenario) for one in stories[1]
    ]
    told = {rule: [one.scenario for one in stories[0] if one.requirement == rule] for rule in rules}
    assert all(one[0] == one[1] is not None for one in told.values())


def test_lives_that_are_shared_out_count_together_whoever_lives_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SHARE", 2)
    plan = replace(TWO, subject="miniature:rotation-replace", vendors=TWO.vendors[:1], examples=5)
    told = [list(run(replace(plan, jobs=jobs))) for jobs in (1, 2)]
    assert told[0] == told[1]
    explored = [event for event in told[0] if isinstance(event, VendorExplored)]
    assert len(explored) == 3
    assert [event.search.examples for event in explored if event.search is not None] == [2, 2, 1]
    matrix = after(*explored)
    assert (matrix.generated, matrix.lives) == (sum(one.lives for one in explored), {"generic": matrix.generated})
