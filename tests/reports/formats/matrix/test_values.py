"""The values of the matrix of subjects: grades, what is out of date, stories that are the same at several vendors."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.sample_matrix import DAY, STORY, play, sample_matrix, violated
from refreshproof.reports import Grade, Harm, Keyword
from refreshproof.reports.formats.matrix.values import PlayedSubject, current, merged_stories, outdated


@pytest.mark.parametrize(
    ("harm", "keyword", "grade"),
    [
        (Harm.NONE_YET, Keyword.SHOULD, Grade.WARN),
        (Harm.GRANT_LOST, Keyword.SHOULD, Grade.FAIL),
        (Harm.NONE_YET, Keyword.ADVICE, Grade.INFO),
        (Harm.NONE_YET, Keyword.MUST, Grade.FAIL),
    ],
)
def test_a_cell_is_graded_as_a_run_grades_it(harm: Harm, keyword: Keyword, grade: Grade) -> None:
    assert violated(harm).grade(keyword) is grade


@pytest.mark.parametrize(
    ("days", "version", "told"),
    [
        (90, "1.0", ""),
        (91, "1.0", "played on 2026-08-31, more than 90 days ago"),
        (0, "0.9", "played with 0.9; 1.0 is installed"),
        (-1, "1.0", "played on 2026-12-01, which is yet to come"),
    ],
)
def test_a_play_that_is_too_old_or_of_another_version_says_nothing(days: int, version: str, told: str) -> None:
    old = play("generic", violated(), day=DAY - timedelta(days=days), version=version)
    subject = PlayedSubject(name="sample", summary="", installed="1.0", plays=(old,))
    assert outdated(old, subject, DAY) == told
    assert bool(current(subject, DAY)) is not bool(told)


def test_nothing_is_known_of_a_subject_that_cannot_be_had() -> None:
    subject = replace(sample_matrix().subjects[1], missing="No module named 'sample'")
    assert current(subject, DAY) == ()
    assert outdated(subject.plays[0], subject, DAY) == "not to be had here: No module named 'sample'"


def test_a_story_that_is_the_same_at_several_vendors_is_told_once() -> None:
    otherwise = replace(STORY, providers=("microsoft",), happened="Nothing was sent.")
    merged = merged_stories((otherwise, STORY, replace(STORY, providers=("generic",))))
    assert [one.providers for one in merged] == [("atlassian", "generic"), ("microsoft",)]
