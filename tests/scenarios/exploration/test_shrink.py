"""A scenario shrinks towards the plain case: fewer steps, usual choices, fewer turns, rounder and smaller numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.mock_servers.vendors import CORE
from refreshproof.scenarios.clocks.watchdog import Stuck
from refreshproof.scenarios.exploration.drawing import DRIFT
from refreshproof.scenarios.exploration.exhaustive import EXPIRED
from refreshproof.scenarios.exploration.shrink import (
    MOST_PLAYS,
    candidates,
    plainer_steps,
    shortest,
    still_shows,
)
from refreshproof.scenarios.play.play import ProviderBrokenError, play
from refreshproof.scenarios.steps.processes import Crash
from refreshproof.scenarios.steps.provider import TOGETHER
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Authorize,
    Call,
    ClockStep,
    Fault,
    Lose,
    Parallel,
    ProviderChanges,
    Refresh,
    Restart,
    Step,
    Until,
)
from refreshproof.scenarios.world.standstill import StandstillError

ELABORATE: list[tuple[Step, Step]] = [
    (Authorize(answer="deny", consents_to="another_site", think=7.5, tamper="twice"), Authorize()),
    (Parallel(callers=4, nodes=3, every_touch=True, schedule="0010001"), Parallel(callers=2)),
    (Crash(moment="stored", skip=3), Crash()),
    (ClockStep(seconds=-61, after=3), ClockStep(seconds=0)),
    (Lose(leg="response", silent=True, times=None), Lose(leg="response", times=1)),
    (Fault(fault="html", view="resource", skip=5, times=None), Fault(fault="html")),
    (Call(times=5, every=60), Call()),
    (Advance(seconds=2.5), Advance(seconds=0)),
]


@pytest.mark.parametrize(("step", "plain"), ELABORATE, ids=lambda step: type(step).__name__)
def test_what_does_not_matter_becomes_plain(step: Step, plain: Step) -> None:
    plays: list[Scenario] = []

    def still_fails(scenario: Scenario) -> bool:
        plays.append(scenario)
        return any(type(one) is type(step) for one in scenario.steps)

    assert shortest(flow(Call(), step, Call()), still_fails).steps == (plain,)
    assert len(plays) < MOST_PLAYS / 2


def test_what_matters_stays() -> None:
    def second_touch_matters(scenario: Scenario) -> bool:
        return any(isinstance(one, Parallel) and one.every_touch and one.schedule[6:7] == "1" for one in scenario.steps)

    shown = shortest(flow(Parallel(callers=3, every_touch=True, schedule="0010001")), second_touch_matters)
    assert shown.steps == (Parallel(callers=2, every_touch=True, schedule="0000001"),)


def test_a_vendor_changes_no_more_than_it_takes() -> None:
    changes = {"refresh.rotation": "never", "refresh.window": 60, "lifetimes.access_token": 30}
    plainer = [step.changes for step in plainer_steps(ProviderChanges(changes=changes))]  # type: ignore[union-attr]
    assert [len(one) for one in plainer] == [2, 2, 2]


LIFETIME = {"lifetimes.access_token": 5399, "lifetimes.access_token_longest": None}


def test_changes_that_hold_only_together_are_dropped_together() -> None:
    plainer = [step.changes for step in plainer_steps(ProviderChanges(changes=LIFETIME | {"refresh.window": 60}))]  # type: ignore[union-attr]
    assert plainer == [{"refresh.window": 60}, {"refresh.window": 60}, LIFETIME]
    assert list(plainer_steps(ProviderChanges(changes=LIFETIME))) == []
    profiles = [one.profile for one in candidates(flow(profile=LIFETIME)) if one.steps]
    assert profiles == [{}, {}]


@pytest.mark.parametrize("raised", [ValueError, KeyError, ProviderBrokenError])
def test_a_candidate_that_raises_is_rejected_and_the_finding_kept(raised: type[Exception]) -> None:
    def still_fails(scenario: Scenario) -> bool:
        if not any(isinstance(one, Fault) for one in scenario.steps):
            raise raised("a provider of ours broke")
        return True

    assert shortest(flow(Call(), Fault(fault="html"), Call()), still_fails).steps == (Fault(fault="html"),)


def test_after_a_candidate_that_cost_the_patience_of_the_watch_the_best_one_is_taken() -> None:
    plays: list[Scenario] = []

    def still_fails(scenario: Scenario) -> bool:
        plays.append(scenario)
        if len(plays) == 2:
            raise StandstillError("step 1", Stuck(), 5)
        return True

    story = flow(Call(), Advance(seconds=1), Call())
    assert shortest(story, still_fails) == plays[0]
    assert len(plays) == 2


def test_turns_are_tried_from_the_fewest_on_in_all_steps_together() -> None:
    tried: list[list[int | None]] = []

    def fails(scenario: Scenario) -> bool:
        turns = [getattr(one, "times", getattr(one, "callers", None)) for one in scenario.steps]
        tried.extend([turns] if len(turns) == 5 else [])
        return False

    shortest(flow(Call(times=6, every=60), Fault(fault="html", times=None), Parallel(callers=3), Call(times=2)), fails)
    assert tried[:3] == [[None, 1, None, 2, 1], [None, 2, None, 2, 2], [None, 4, None, 3, 2]]


def test_turns_of_two_steps_become_those_of_one() -> None:
    def third_call_fails(scenario: Scenario) -> bool:
        return sum(one.times for one in scenario.steps if isinstance(one, Call)) >= 3

    story = flow(Call(), Advance(seconds=9), Call(times=60, every=20), Call())
    assert shortest(story, third_call_fails).steps == (Call(times=3),)


def test_a_number_that_was_too_near_to_nothing_is_not_tried_again_nor_a_nearer_one() -> None:
    tried: list[float] = []

    def late(scenario: Scenario) -> bool:
        waits = [one.seconds for one in scenario.steps if isinstance(one, Advance)]
        tried.extend(waits if len(scenario.steps) == 1 else ())
        return sum(waits) >= 700

    assert shortest(flow(Advance(seconds=1000)), late).steps == (Advance(seconds=700),)
    missed = [one for one in tried if 0 < one < 700]
    assert missed == sorted(set(missed))


def test_a_long_story_is_shortened_in_less_time_than_it_takes_itself() -> None:
    turns: list[int] = []

    def third_call_fails(scenario: Scenario) -> bool:
        turns.append(sum(one.times for one in scenario.steps if isinstance(one, Call)))
        return turns[-1] >= 3

    assert shortest(flow(Call(), Advance(seconds=1), Call(times=360), Call(times=192)), third_call_fails).steps == (
        Call(times=3),
    )
    assert sum(turns) < 360 + 192


def test_a_story_of_another_is_taken_only_where_it_is_played_to_its_end_and_fails() -> None:
    def standing_still(_: Scenario) -> bool:
        raise StandstillError("step 1", Stuck(), 5)

    assert still_shows(flow(Call()), lambda one: True)
    assert not still_shows(flow(Call()), lambda one: False)
    assert not still_shows(flow(Call()), standing_still)


def test_what_a_vendor_may_change_breaks_no_provider() -> None:
    """Every change that a life may draw is valid by construction, at vendors whose lifetimes vary or not."""
    for vendor in (one for one in CORE if one.name in ("microsoft", "generic")):
        for name, options in DRIFT.items():
            for value in options:
                changes = {name: value, **dict.fromkeys(TOGETHER.get(name, ()))}
                play(vendor, TinyClient, flow(ProviderChanges(changes=changes), Authorize(), EXPIRED, Call()))


def test_a_plain_step_has_nothing_plainer() -> None:
    assert [list(plainer_steps(step)) for step in (Authorize(), Call(), Crash(), Parallel(callers=2))] == [[]] * 4


def test_what_comes_after_the_violation_goes_first() -> None:
    tried: list[Scenario] = []

    def fails(scenario: Scenario) -> bool:
        tried.append(scenario)
        return Fault(fault="html") in scenario.steps and scenario.steps[-1] != Fault(fault="html")

    after: list[Step] = [Call(every=5), Advance(seconds=5)]
    story = flow(Call(), Fault(fault="html"), *after * 8)
    assert shortest(story, fails).steps == (Fault(fault="html"), Call())
    beginnings = [one for one in tried if one.steps == story.steps[: len(one.steps)]]
    assert tried[: len(beginnings)] == beginnings
    assert [len(one.steps) for one in beginnings] == [9, 4, 2, 3]


def test_of_a_step_that_alone_uses_the_client_no_more_is_left_than_it_takes() -> None:
    turns: list[int] = []

    def third_call_fails(scenario: Scenario) -> bool:
        turns.append(sum(one.times for one in scenario.steps if isinstance(one, Call)))
        return turns[-1] >= 3

    assert shortest(flow(Advance(seconds=1), Call(times=64)), third_call_fails).steps == (Call(times=3),)
    assert turns[:7] == [0, 0, 32, 16, 8, 4, 2]


def test_numbers_that_need_not_be_given_become_plain_together() -> None:
    tried: list[Scenario] = []

    def fails(scenario: Scenario) -> bool:
        tried.append(scenario)
        return len(scenario.steps) == 4

    shortest(flow(Until(limit="access_token_expiry", offset=-5), Call(every=60), Refresh()), fails)
    plain = flow(Until(limit="access_token_expiry", offset=0), Call(every=0), Refresh())
    assert next(one for one in tried if len(one.steps) == 4) == plain


def test_without_any_login_is_tried_last() -> None:
    tried: list[Scenario] = []

    def fails(scenario: Scenario) -> bool:
        tried.append(scenario)
        return False

    shortest(flow(Call(), Lose(leg="response"), Refresh(), Restart()), fails)
    without = [one for one in tried if Authorize() not in one.steps]
    assert without == [replace(tried[-1], steps=(Call(), Lose(leg="response"), Refresh(), Restart()))] == tried[-1:]


def test_calls_far_apart_need_no_other_passing_of_time() -> None:
    story = flow(Advance(seconds=10), Call(), Call(times=3, every=4000))
    late = lambda one: sum(step.every for step in one.steps if isinstance(step, Call) and step.times > 1) >= 4000  # noqa: E731
    assert shortest(story, late).steps == (Call(times=2, every=4000),)
