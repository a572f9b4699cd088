"""Bisection finds where an answer changes, and says so when it changes more than once."""

from hypothesis import given
from hypothesis import strategies as st

from refreshproof.scenarios.survey.bisection import flips, listed


@given(threshold=st.integers(1, 10**9), points=st.sets(st.integers(0, 10**9), max_size=6))
def test_one_change_is_found_exactly_whatever_the_points(threshold: int, points: set[int]) -> None:
    assert flips(lambda number: number >= threshold, {0, 10**9, *points}) == [(threshold - 1, threshold)]


@given(threshold=st.integers(1, 10**9))
def test_a_change_costs_few_questions(threshold: int) -> None:
    asked: list[int] = []

    def holds(number: int) -> bool:
        asked.append(number)
        return number >= threshold

    flips(holds, (0, 10**9))
    assert len(asked) <= 33


def test_a_change_next_to_a_point_costs_one_question_more_than_the_points() -> None:
    asked: list[int] = []

    def holds(number: int) -> bool:
        asked.append(number)
        return number > 120

    assert flips(holds, (0, 60, 120, 3600)) == [(120, 121)]
    assert asked == [0, 60, 120, 3600, 121]


def test_several_changes_are_all_found_where_a_point_lies_between_them() -> None:
    assert flips(lambda number: number <= 10 or 20 <= number <= 30, (0, 15, 25, 40)) == [(10, 11), (19, 20), (30, 31)]


def test_an_answer_that_never_changes_has_no_change() -> None:
    assert flips(lambda number: True, (0, 5, 9)) == []


def test_one_number_stays_a_number_and_several_are_a_list() -> None:
    assert listed([120]) == 120
    assert listed([60, 120.5]) == "60, 120.5"
