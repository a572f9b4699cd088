"""What a report tells of a cell: the client's own words where they fell, without its secrets, and what decided."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar, NoReturn

import pytest

from refreshproof.harness.adapters.tiny.answers import Grant
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.run.cells import Cell, judge
from refreshproof.harness.run.story import story_of
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.reports import Report, Story, to_dict
from refreshproof.reports.formats.page import render_page
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.verdict import Verdict, violated
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import flow
from refreshproof.scenarios.steps.steps import Call, Fault, Skew, Until

ATLASSIAN = VENDORS["atlassian"]
LIFE = flow(
    Skew(seconds=-30),
    Call(),
    Fault(fault="status", grant_type="refresh_token", times=1, parameters={"code": 503}),
    Until(limit="access_token_expiry", offset=60),
    Call(),
    name="talks",
)


class Talks(TinyClient):
    """Prints its refresh token when it is to use it, and falls over with it."""

    known: ClassVar[set[str]] = set()

    def renewed(self, grant: Grant, refresh_token: str) -> NoReturn:
        """Say too much."""
        self.known.add(refresh_token)
        print(f"renewing with {refresh_token}")
        raise KeyError(f"nothing known of {refresh_token}")


def always(evidence: Evidence) -> Verdict:
    """Break in every story, after the profile was asked how it rotates."""
    assert evidence.profile.refresh.rotation == "always"
    return violated("always", 1, expected="never")


@pytest.fixture(scope="module")
def cell() -> Cell:
    """A cell of that client."""
    requirement = replace(CATALOGUE["rotation-replace"], scenarios=(LIFE,), check=always)
    return judge(requirement, ATLASSIAN, Talks, frozenset(), shorten=False)


@pytest.fixture(scope="module")
def story(cell: Cell) -> Story:
    """What is told of it."""
    told = story_of(cell, "talks.py:Talks", ATLASSIAN)
    assert told is not None
    return told


def test_an_exception_and_what_was_printed_stand_where_the_client_fell(story: Story) -> None:
    [crash] = [note for note in story.notes if note.kind == "crash"]
    assert crash.text.startswith("client: call ended in crash (KeyError")
    assert any("test_story.py, line" in line for line in crash.lines)
    assert "renewing with RT1" in crash.lines


def test_clock_fault_and_tokens_are_told(story: Story) -> None:
    assert [note.kind for note in story.notes] == ["clock", "fault", "crash"]
    assert [skew.seconds for skew in story.skews] == [-30.0]
    assert [(life.alias, life.kind, life.ending) for life in story.tokens] == [
        ("AT1", "access", ""),
        ("RT1", "refresh", ""),
    ]


def test_no_secret_of_a_story_is_in_a_report(story: Story, sample_report: Report) -> None:
    assert Talks.known
    result = replace(next(one for one in sample_report.results if one.story), story=story)
    others = tuple(one for one in sample_report.results if one.story is None)
    report = replace(sample_report, results=(*others, result))
    for text in (render_page(report), json.dumps(to_dict(report))):
        assert "renewing with RT1" in text
        assert not [secret for secret in Talks.known if secret in text]


def test_a_cell_names_what_was_read_and_by_what_the_vendor_acted(cell: Cell) -> None:
    assert "refresh.rotation" in cell.rests_on
