"""Making the matrix: what a run says, one short story for several vendors, what is kept and what is played anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from refreshproof.harness.matrix.asking import USUAL_VENDORS, Asked, asked, third_party
from refreshproof.harness.matrix.making import Making
from refreshproof.harness.matrix.playing import Sitting, sat_through, told_of
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.subjects.own import UnknownSubjectError
from refreshproof.harness.subjects.registry import SUBJECTS, SubjectEntry
from refreshproof.mock_servers.dates import instant_of
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.mock_servers.vendors.dated import dated
from refreshproof.reports import Harm, Outcome
from refreshproof.reports.formats.matrix.values import Confirmation, PlayedStory, PlayedSubject
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Surroundings

DAY = date(2026, 11, 30)
FLAWED = "miniature:rotation-replace"
RULES = ("rotation-replace", "rotation-old-never-reused", "refresh-request-shape", "expiry-clock-step")
BOTH = tuple(VENDORS[name] for name in ("atlassian", "generic"))


def made(*told: Asked, **options: object) -> dict[str, PlayedSubject]:
    making = Making(asked=told, **({"seed": 0, "day": DAY, "requirements": RULES} | options))  # type: ignore[arg-type]
    assert list(making.make()) or all(one.missing for one in told)
    return making.subjects


@pytest.fixture(scope="module")
def flawed() -> PlayedSubject:
    """A client that keeps its first refresh token, played at two vendors."""
    return made(asked(FLAWED, BOTH))[FLAWED]


def test_every_library_is_in_the_matrix_and_nothing_of_our_own() -> None:
    assert {"authlib-httpx", "msal", "how-to-refresh-token"} <= set(third_party())
    assert not {"engine", "tiny", FLAWED} & set(third_party())
    assert list(third_party()) == sorted(third_party())


def test_the_verdicts_are_those_of_a_run(flawed: PlayedSubject) -> None:
    plan = Plan(subject=FLAWED, vendors=BOTH, requirements=RULES, examples=0)
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    ran = {(one.vendor, one.requirement): (one.outcome, one.anomaly, one.harm) for one in matrix.results()}
    assert {
        (play.provider, cell.requirement): (cell.outcome, cell.anomaly, cell.harm)
        for play in flawed.plays
        for cell in play.cells
    } == ran


def test_one_short_story_is_told_for_both_vendors(flawed: PlayedSubject) -> None:
    (story,) = (one for one in flawed.stories if one.requirement == "rotation-replace")
    assert story.providers == ("atlassian", "generic")
    assert len(story.prose) <= 5
    assert story.happened == "The next refresh presented RT1 again although RT2 had replaced it."


def test_a_story_of_another_vendor_hides_no_harm_of_the_other_stories_of_its_rule() -> None:
    name, rules = "miniature:accept-success-definition", ("accept-success-definition", "outcome-no-harm")
    google, atlassian = VENDORS["google"], VENDORS["atlassian"]
    told = told_of(made(asked(name, (google,)), requirements=rules[:1])[name])
    assert set(told) == {"accept-success-definition"}

    def played(known: Mapping[str, Scenario]) -> dict[str, tuple[Outcome, Harm | None]]:
        place = asked(name, (atlassian,))
        play, _ = sat_through(
            Sitting(asked=place, vendor=atlassian, seed=0, day=DAY, told=known, requirements=rules)
        )  # fmt: skip
        return {cell.requirement: (cell.outcome, cell.harm) for cell in play.cells}

    assert played(told) == played({})
    assert played(told)["outcome-no-harm"] == (Outcome.VIOLATED, Harm.GRANT_LOST)


def test_a_cell_says_why_it_is_not_applicable_and_that_nobody_tried_it_over_sockets(flawed: PlayedSubject) -> None:
    cells = {cell.requirement: cell for cell in flawed.plays[1].cells}
    assert cells["expiry-clock-step"].outcome in (Outcome.SATISFIED, Outcome.UNSUPPORTED)
    violated = cells["rotation-replace"]
    assert (violated.harm, violated.confirmation) == (Harm.GRANT_LOST, Confirmation.NOT_CONFIRMED)


def test_a_cell_says_what_kept_the_client_from_coming_through_the_plain_flow() -> None:
    pytest.importorskip("flask_dance")
    (play,) = made(asked("flask-dance", BOTH[:1]), requirements=RULES[:1])["flask-dance"].plays
    (cell,) = play.cells
    assert (cell.outcome, cell.why) == (
        Outcome.BLOCKED,
        "The client does not come through a plain flow here: the login never succeeded at atlassian: permanent error "
        "(access_denied AccessDeniedError).",
    )


def replayed(flawed: PlayedSubject, **options: object) -> list[str]:
    """Return the vendors at which a subject that was played once is played again."""
    told = replace(asked(FLAWED, BOTH), **{key: options.pop(key) for key in ("version",) if key in options})  # type: ignore[arg-type]
    making = Making(
        asked=(told,),
        requirements=RULES[:1],
        subjects={FLAWED: flawed},
        **({"seed": 0, "day": DAY} | options),  # type: ignore[arg-type]
    )
    return [one.play.provider for one in making.make()]


@pytest.mark.parametrize(
    ("options", "vendors"),
    [
        ({}, []),
        ({"day": DAY + timedelta(days=90)}, []),
        ({"day": DAY + timedelta(days=91)}, ["atlassian", "generic"]),
        ({"seed": 7}, ["atlassian", "generic"]),
        ({"version": "9"}, ["atlassian", "generic"]),
        ({"fresh": True}, ["atlassian", "generic"]),
    ],
)
def test_what_is_the_same_and_not_too_old_is_not_played_again(
    flawed: PlayedSubject, options: dict[str, object], vendors: list[str]
) -> None:
    assert replayed(flawed, **options) == vendors


def test_what_another_state_of_refreshproof_judged_is_played_again(flawed: PlayedSubject) -> None:
    plays = (replace(flawed.plays[0], judged_by="0.0.9+0"), flawed.plays[1])
    assert replayed(replace(flawed, plays=plays)) == ["atlassian"]


def test_what_was_played_at_another_date_is_played_again_at_its_own(flawed: PlayedSubject) -> None:
    met = tuple(dated(one, instant_of("2027-03-31")) for one in BOTH[:1])
    making = Making(asked=(asked(FLAWED, met),), seed=0, day=DAY, requirements=RULES[:1], subjects={FLAWED: flawed})
    [again] = making.make()
    assert (again.play.at, again.play.command[5:7]) == ("2027-03-31T00:00:00+00:00", ("--at", again.play.at))
    assert list(making.make()) == []


def test_a_story_that_was_short_enough_is_told_again_where_it_still_shows_as_much(flawed: PlayedSubject) -> None:
    (story,) = (one for one in flawed.stories if one.requirement == RULES[0])
    longer = replace(story, scenario={**story.scenario, "steps": [*story.scenario["steps"], {"step": "call"}]})
    sound = replace(story, scenario={"scenario": 1, "steps": [{"step": "authorize"}]})
    unknown = replace(story, scenario={"scenario": 1, "steps": [{"step": "pray"}]})
    plays = tuple(replace(play, judged_by="0.0.9+0") for play in flawed.plays)

    def again(earlier: PlayedStory, *, fresh: bool = False) -> Mapping[str, Any]:
        subjects = {FLAWED: replace(flawed, plays=plays, stories=(earlier,))}
        (new,) = made(asked(FLAWED, BOTH), requirements=RULES[:1], subjects=subjects, fresh=fresh)[FLAWED].stories
        return new.scenario

    assert again(longer) == longer.scenario
    assert [again(longer, fresh=True), again(sound), again(unknown)] == [story.scenario] * 3


def test_a_run_that_was_broken_off_goes_on_where_it_was() -> None:
    making = Making(asked=(asked(FLAWED, BOTH),), seed=0, day=DAY, requirements=RULES[:1])
    first = next(one for one in making.make())
    assert (first.done, first.planned) == (1, 2)
    assert replayed(making.subjects[FLAWED]) == ["generic"]


def test_the_same_matrix_comes_of_any_number_of_jobs(flawed: PlayedSubject) -> None:
    assert made(asked(FLAWED, BOTH), asked("tiny", BOTH[:1]), jobs=2)[FLAWED] == flawed


def test_a_client_whose_library_is_missing_is_told_with_the_reason_and_keeps_what_was_known(
    flawed: PlayedSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(surroundings: Surroundings) -> None:
        raise UnknownSubjectError("No module named 'nowhere'")

    monkeypatch.setitem(SUBJECTS, FLAWED, SubjectEntry(factory=nowhere, summary="not there"))  # type: ignore[arg-type]
    told = asked(FLAWED, BOTH)
    assert told.missing == "No module named 'nowhere'"
    subject = made(told, subjects={FLAWED: flawed})[FLAWED]
    assert (subject.missing, subject.plays) == (told.missing, flawed.plays)


def test_a_client_that_can_work_with_none_of_the_vendors_is_played_where_it_can() -> None:
    pytest.importorskip("slack_sdk")
    told = asked("slack-sdk", [VENDORS[name] for name in USUAL_VENDORS], elsewhere=True)
    assert set(told.unsuited) == set(USUAL_VENDORS)
    assert [vendor.name for vendor in told.vendors] == [*USUAL_VENDORS, "slack"]
