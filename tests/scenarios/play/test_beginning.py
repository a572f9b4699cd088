"""What is told of a shorter scenario by the journal of a longer one is what playing it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from refreshproof.harness.subjects.registry import subject_factory
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.evidence.journal import Journal
from refreshproof.scenarios.play.beginning import beginning
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import Scenario, flow
from refreshproof.scenarios.steps.steps import (
    Advance,
    Call,
    ClockStep,
    Crash,
    Delay,
    Fault,
    Mend,
    Parallel,
    ProviderChanges,
    Refresh,
    Restart,
    Revoke,
    Until,
)

EXPIRED = Until(limit="access_token_expiry", offset=1)
BROKEN = Fault(fault="member", parameters={"name": "access_token", "value": 5}, times=None)
STORIES = (
    flow(Call(times=3, every=60), EXPIRED, Fault(fault="status", parameters={"code": 503}), Call(times=5, every=0.5)),
    flow(EXPIRED, Parallel(callers=3), Restart(), ClockStep(seconds=60, after=2), Call(times=4, every=1), Refresh()),
    flow(ProviderChanges(changes={"refresh.rotation": "always"}), EXPIRED, Call(), Revoke(), EXPIRED, Call(times=3)),
    flow(
        Call(), Delay(leg="response", seconds=600), EXPIRED, Call(times=2, every=5), Mend(), Advance(seconds=9), Call()
    ),
    flow(EXPIRED, BROKEN, Call(times=4, every=30), Mend(), Call(times=2)),
)
"""With waits that are over later, callers at once, and, in the last, answers on which a library stumbles."""

RANDOM = re.compile("[A-Za-z0-9_-]{30,}")
"""What a library draws anew at each login."""


def beginnings(story: Scenario) -> Iterator[Scenario]:
    """Yield every beginning of a story."""
    for count, step in enumerate(story.steps, 1):
        yield replace(story, steps=story.steps[:count])
        if isinstance(step, Call):
            for times in range(1, step.times):
                yield replace(story, steps=(*story.steps[: count - 1], replace(step, times=times)))


def told(journal: Journal | None) -> object:
    """Return what there is to judge."""
    assert journal is not None
    lines = [RANDOM.sub("", line) for line in journal.lines()]
    return lines, journal.claims, journal.started_at, journal.crashes


@pytest.mark.parametrize(
    ("subject", "story"),
    [
        *((subject, story) for subject in ("tiny", "engine", "requests-oauthlib") for story in STORIES[:-1]),
        ("google-auth", STORIES[-1]),
    ],
)
def test_a_beginning_is_told_as_it_is_played(subject: str, story: Scenario) -> None:
    vendor, factory = VENDORS["google"], subject_factory(subject)
    journal = play(vendor, factory, story)
    for shorter in beginnings(story):
        assert told(beginning(journal, story, shorter)) == told(play(vendor, factory, shorter)), shorter.prose()


def test_how_far_calls_are_apart_does_not_matter_where_there_is_one() -> None:
    vendor, factory, story = VENDORS["google"], subject_factory("tiny"), flow(Call(every=60), EXPIRED, Call(times=2))
    shorter = flow(Call(), EXPIRED, Call())
    found = beginning(play(vendor, factory, story), story, shorter)
    assert told(found) == told(play(vendor, factory, shorter))


@pytest.mark.parametrize(
    "other",
    [
        flow(Call(), EXPIRED, Call(times=4)),
        flow(Call(), EXPIRED, Call(times=2, every=9)),
        flow(EXPIRED, Call()),
        flow(Call(times=1, every=1), EXPIRED, Call(times=3), Call()),
        replace(flow(Call()), seed=1),
        replace(flow(Call()), profile={"refresh.rotation": "always"}),
        Scenario(steps=()),
    ],
    ids=range(7),
)
def test_what_is_no_beginning_is_to_be_played(other: Scenario) -> None:
    story = flow(Call(), EXPIRED, Call(times=3))
    assert beginning(play(VENDORS["google"], subject_factory("tiny"), story), story, other) is None


def test_where_a_process_dies_it_may_be_seen_later_what_it_kept() -> None:
    story = flow(Crash(moment="stored"), EXPIRED, Call(), Call())
    journal = play(VENDORS["atlassian"], subject_factory("tiny"), story)
    assert beginning(journal, story, replace(story, steps=story.steps[:-1])) is None
