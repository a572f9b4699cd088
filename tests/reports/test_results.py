"""Outcomes, grades and the report that refuses what it could not show."""

from dataclasses import replace

import pytest

from refreshproof.reports import Grade, Keyword, Outcome, Report, RequirementInfo, Result
from refreshproof.reports.verdict import GRADES

BINDING = (Keyword.MUST, Keyword.MUST_NOT, Keyword.VENDOR)
SAME_FOR_ALL = {
    Outcome.SATISFIED: Grade.PASS,
    Outcome.NOT_EXERCISED: Grade.UNTESTED,
    Outcome.UNSUPPORTED: Grade.NA,
    Outcome.NOT_APPLICABLE: Grade.NA,
    Outcome.BLOCKED: Grade.BLOCKED,
    Outcome.SUBJECT_ERROR: Grade.BROKEN,
    Outcome.HARNESS_ERROR: Grade.BROKEN,
}


def test_every_outcome_has_a_grade_under_every_keyword() -> None:
    assert set(GRADES) == {(outcome, keyword) for outcome in Outcome for keyword in Keyword}


@pytest.mark.parametrize("keyword", Keyword)
@pytest.mark.parametrize(("outcome", "grade"), SAME_FOR_ALL.items())
def test_most_outcomes_weigh_the_same_under_every_keyword(outcome: Outcome, grade: Grade, keyword: Keyword) -> None:
    assert GRADES[outcome, keyword] is grade


@pytest.mark.parametrize("keyword", BINDING)
def test_a_violation_of_a_binding_requirement_fails(keyword: Keyword) -> None:
    assert GRADES[Outcome.VIOLATED, keyword] is Grade.FAIL
    assert GRADES[Outcome.ALTERNATIVE, keyword] is Grade.WARN


def test_a_violation_of_a_recommendation_warns_and_of_advice_informs() -> None:
    assert GRADES[Outcome.VIOLATED, Keyword.SHOULD] is Grade.WARN
    assert GRADES[Outcome.ALTERNATIVE, Keyword.SHOULD] is Grade.WARN
    assert GRADES[Outcome.VIOLATED, Keyword.ADVICE] is Grade.INFO
    assert GRADES[Outcome.ALTERNATIVE, Keyword.ADVICE] is Grade.INFO


def test_a_finding_is_the_same_whatever_its_free_text_says(sample_report: Report) -> None:
    violated = next(result for result in sample_report.results if result.anomaly)
    assert replace(violated, why="told otherwise", story=None).identity == violated.identity
    assert replace(violated, anomaly="A99").identity != violated.identity


def test_a_link_that_is_not_https_is_refused_by_name(sample_report: Report) -> None:
    requirement: RequirementInfo = sample_report.requirements[0]
    with pytest.raises(ValueError, match=r"'authz-code-request': links: found 'javascript:alert\(1\)'.*https://"):
        replace(requirement, links=("javascript:alert(1)",))


@pytest.mark.parametrize(
    "wrong",
    [{"requirement": "unheard-of"}, {"provider": "unheard-of"}, {"keyword": Keyword.ADVICE}],
)
def test_a_result_the_report_could_not_show_is_refused(sample_report: Report, wrong: dict[str, str]) -> None:
    stray: Result = replace(sample_report.results[0], **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a listed requirement"):
        replace(sample_report, results=(stray,))


def test_two_results_for_one_cell_are_refused(sample_report: Report) -> None:
    with pytest.raises(ValueError, match=r"\('authz-code-request', 'google'\): found twice"):
        replace(sample_report, results=sample_report.results[:1] * 2)
