"""Findings of one flaw are one cause."""

from dataclasses import replace

from refreshproof.reports import Cause, Grade, Harm, Outcome, Report, Result, causes, findings, grade
from refreshproof.reports.root_causes import alike, places


def _broken(report: Report, *cells: tuple[str, str, str | None, Harm | None]) -> tuple[Cause, ...]:
    """Return the causes of a report in which SHOULDs are violated: id, provider, cause and harm of each."""
    known = {result.requirement: result for result in findings(report) if result.outcome is Outcome.VIOLATED}
    requirement, template = report.requirements[-2], next(iter(known.values()))
    assert requirement.keyword == "SHOULD"
    results = tuple(
        replace(template, requirement=name, provider=provider, cause=cause, harm=harm, keyword=requirement.keyword)
        for name, provider, cause, harm in cells
    )
    requirements = tuple(replace(requirement, id=name) for name in dict.fromkeys(cell[0] for cell in cells))
    return causes(replace(report, requirements=requirements, results=results))


def _told(found: tuple[Cause, ...]) -> list[list[tuple[str, ...]]]:
    return [[(one[0].requirement, *(result.provider for result in one)) for one in cause.by_rule] for cause in found]


def test_rules_broken_by_one_cause_are_told_together_and_the_worst_harm_stands_for_it(sample_report: Report) -> None:
    found = _broken(
        sample_report,
        ("r1", "google", "flaw", Harm.NEEDLESS_REQUESTS),
        ("r2", "google", "flaw", Harm.GRANT_LOST),
        ("r2", "microsoft", "flaw", Harm.GRANT_LOST),
    )
    assert _told(found) == [[("r2", "google", "microsoft"), ("r1", "google")]]
    assert (found[0].rules, found[0].harm) == (("r2", "r1"), Harm.GRANT_LOST)


def test_causes_come_by_harm_and_then_by_the_number_of_rules(sample_report: Report) -> None:
    found = _broken(
        sample_report,
        ("r1", "google", "lonely", Harm.NEEDLESS_REQUESTS),
        ("r2", "google", "wide", Harm.NEEDLESS_REQUESTS),
        ("r3", "google", "wide", Harm.NONE_YET),
        ("r4", "google", "asks", Harm.USER_ASKED_IN_VAIN),
        ("r5", "google", "kills", Harm.GRANT_LOST),
        ("r6", "google", "fails", Harm.CALL_FAILED),
    )
    assert [cause.head[0].cause for cause in found] == ["kills", "fails", "asks", "wide", "lonely"]


def test_what_fails_the_run_comes_before_what_is_warned_of(sample_report: Report) -> None:
    graded = [grade(cause.head[0]) for cause in causes(sample_report)]
    assert graded == sorted(graded, key=list(Grade).index)


def test_results_without_a_cause_stay_single_with_all_their_providers(sample_report: Report) -> None:
    found = _broken(
        sample_report, ("r1", "google", None, None), ("r2", "google", None, None), ("r1", "microsoft", None, None)
    )
    assert _told(found) == [[("r1", "google", "microsoft")], [("r2", "google")]]


def test_one_rule_broken_by_two_causes_is_two_findings(sample_report: Report) -> None:
    found = _broken(sample_report, ("r1", "google", "a", Harm.NONE_YET), ("r1", "microsoft", "b", Harm.NONE_YET))
    assert _told(found) == [[("r1", "google")], [("r1", "microsoft")]]


def test_of_equal_findings_the_shortest_story_stands_for_the_cause(sample_report: Report) -> None:
    told = next(result for result in sample_report.results if result.story)
    assert told.story is not None
    longer = replace(told, cause="flaw")
    shorter = replace(longer, provider="generic", story=replace(told.story, prose=told.story.prose[:1]))
    other = next(one for one in sample_report.providers if one.name != told.provider)
    report = replace(sample_report, results=(longer, replace(shorter, provider=other.name)))
    [cause] = causes(report)
    assert cause.head[0].provider == other.name


def test_a_story_of_everyday_life_stands_before_a_shorter_one_that_needs_trouble(sample_report: Report) -> None:
    told = next(result for result in sample_report.results if result.story)
    assert told.story is not None
    life = [{"step": name} for name in ("authorize", "until", "call", "until", "call")]
    trouble = [{"step": "authorize"}, {"step": "fault"}, {"step": "call"}]
    stories = [
        replace(told.story, scenario={"steps": one}, prose=("It goes on.",) * len(one)) for one in (trouble, life)
    ]
    others = [one.name for one in sample_report.providers][:2]
    results = tuple(
        replace(told, cause="flaw", provider=at, story=one) for at, one in zip(others, stories, strict=True)
    )
    [cause] = causes(replace(sample_report, results=results))
    assert cause.head[0].story is stories[1]


def test_every_finding_belongs_to_exactly_one_cause(sample_report: Report) -> None:
    told: list[Result] = [result for cause in causes(sample_report) for result in cause.results]
    assert len(told) == len(set(map(id, told))) == len(findings(sample_report))


def test_an_error_is_a_finding_and_no_violation(sample_report: Report) -> None:
    assert [cause.is_violation for cause in causes(sample_report) if grade(cause.head[0]) is Grade.BROKEN] == [False]


def test_a_rule_is_named_once_and_a_grade_that_differs_stands_with_its_vendors(sample_report: Report) -> None:
    [cause] = _broken(
        sample_report,
        ("r1", "google", "flaw", Harm.GRANT_LOST),
        ("r2", "google", "flaw", Harm.NONE_YET),
        ("r2", "microsoft", "flaw", Harm.GRANT_LOST),
        ("r2", "atlassian", "flaw", Harm.NONE_YET),
    )
    assert cause.rules == ("r1", "r2")
    assert places(cause.head) == "google"
    assert places(cause.also[0]) == "microsoft; WARN at google, atlassian"
    assert [[grade(one) for one in ones] for ones in alike(cause.also[0])] == [[Grade.FAIL], [Grade.WARN, Grade.WARN]]


def test_causes_are_counted_and_what_breaks_no_rule_has_no_number(sample_report: Report) -> None:
    found = causes(sample_report)
    assert [cause.number for cause in found if cause.is_violation] == [1, 2, 3, 4, 5]
    assert {cause.number for cause in found if not cause.is_violation} == {0}
