"""One exit code and one headline from a report."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from refreshproof.reports import (
    Baseline,
    Entry,
    ExitCode,
    Grade,
    Grading,
    Harm,
    Keyword,
    Outcome,
    Report,
    Result,
    counts,
    exit_code,
    findings,
    gates,
    grade,
)
from refreshproof.reports.verdict import BINDING, GRADES, blames_client, unproven

MUST, MUST_NOT, SHOULD, VENDOR, ADVICE = Keyword
Cells = Iterable[tuple[Outcome, Keyword]]
Build = Callable[..., Report]


@pytest.fixture
def report_of(sample_report: Report) -> Build:
    """A function from outcomes under keywords to a report of one provider."""

    def build(
        *cells: tuple[Outcome, Keyword], complete: bool = True, expected: Iterable[Entry] | None = None
    ) -> Report:
        template = sample_report.requirements[0]
        requirements = tuple(replace(template, id=f"r{n}", keyword=keyword) for n, (_, keyword) in enumerate(cells))
        results = tuple(
            Result(requirement=f"r{n}", provider="google", outcome=outcome, keyword=keyword)
            for n, (outcome, keyword) in enumerate(cells)
        )
        run = replace(sample_report.run, troubles=())
        baseline = None if expected is None else Baseline(file="known.toml", entries=tuple(expected))
        return replace(
            sample_report,
            run=run,
            requirements=requirements,
            results=results,
            complete=complete,
            baseline=baseline,
        )

    return build


HELD, BROKE = (Outcome.SATISFIED, MUST), (Outcome.VIOLATED, MUST)
CASES = [
    ([HELD], ExitCode.AS_EXPECTED),
    ([HELD, BROKE], ExitCode.UNEXPECTED),
    ([(Outcome.VIOLATED, MUST_NOT)], ExitCode.UNEXPECTED),
    ([(Outcome.VIOLATED, VENDOR)], ExitCode.UNEXPECTED),
    ([(Outcome.VIOLATED, SHOULD)], ExitCode.AS_EXPECTED),
    ([(Outcome.VIOLATED, ADVICE)], ExitCode.AS_EXPECTED),
    ([(Outcome.ALTERNATIVE, MUST)], ExitCode.AS_EXPECTED),
    ([(Outcome.NOT_EXERCISED, MUST)], ExitCode.UNEXPECTED),
    ([(Outcome.NOT_EXERCISED, MUST_NOT)], ExitCode.UNEXPECTED),
    ([(Outcome.NOT_EXERCISED, VENDOR)], ExitCode.UNEXPECTED),
    ([(Outcome.NOT_EXERCISED, SHOULD)], ExitCode.AS_EXPECTED),
    ([HELD, (Outcome.SUBJECT_ERROR, ADVICE)], ExitCode.INCOMPLETE),
    ([BROKE, (Outcome.SUBJECT_ERROR, MUST)], ExitCode.UNEXPECTED),
    ([BROKE, (Outcome.HARNESS_ERROR, ADVICE)], ExitCode.HARNESS_ERROR),
    ([HELD, (Outcome.BLOCKED, MUST)], ExitCode.INCOMPLETE),
    ([HELD, (Outcome.BLOCKED, SHOULD)], ExitCode.AS_EXPECTED),
    ([], ExitCode.NOTHING_SELECTED),
    ([(Outcome.NOT_APPLICABLE, MUST), (Outcome.UNSUPPORTED, MUST)], ExitCode.NOTHING_SELECTED),
]


@pytest.mark.parametrize(("cells", "code"), CASES)
def test_a_report_has_one_exit_code(report_of: Build, cells: Cells, code: ExitCode) -> None:
    assert exit_code(report_of(*cells)) is code


def test_exit_codes_have_the_numbers_that_are_documented() -> None:
    assert [code.name for code in sorted(ExitCode)] == [
        "AS_EXPECTED",
        "UNEXPECTED",
        "INTERRUPTED",
        "HARNESS_ERROR",
        "USAGE",
        "NOTHING_SELECTED",
        "BASELINE_DRIFT",
        "INCOMPLETE",
    ]
    assert list(map(int, sorted(ExitCode))) == list(range(8))


def test_an_interruption_outweighs_everything(report_of: Build) -> None:
    report = report_of(BROKE, (Outcome.HARNESS_ERROR, MUST))
    assert exit_code(replace(report, run=replace(report.run, interrupted=True))) is ExitCode.INTERRUPTED


@pytest.mark.parametrize("cells", [[], [HELD]])
def test_missing_cells_are_never_a_success(report_of: Build, cells: Cells) -> None:
    assert exit_code(report_of(*cells, complete=False)) is ExitCode.INCOMPLETE


KNOWN = Entry(requirement="r0", provider="google")


@pytest.mark.parametrize(
    ("cells", "entry", "code"),
    [
        ([BROKE], KNOWN, ExitCode.AS_EXPECTED),
        ([(Outcome.NOT_EXERCISED, MUST)], KNOWN, ExitCode.AS_EXPECTED),
        ([BROKE, BROKE], KNOWN, ExitCode.UNEXPECTED),
        ([HELD], KNOWN, ExitCode.BASELINE_DRIFT),
        ([HELD, BROKE], KNOWN, ExitCode.UNEXPECTED),
        ([(Outcome.UNSUPPORTED, MUST), HELD], KNOWN, ExitCode.BASELINE_DRIFT),
        ([(Outcome.NOT_EXERCISED, SHOULD), HELD], KNOWN, ExitCode.AS_EXPECTED),
        ([(Outcome.VIOLATED, SHOULD)], KNOWN, ExitCode.AS_EXPECTED),
        ([(Outcome.SUBJECT_ERROR, MUST)], KNOWN, ExitCode.INCOMPLETE),
        ([BROKE], replace(KNOWN, anomaly="A1"), ExitCode.UNEXPECTED),
        ([BROKE], replace(KNOWN, expires="2026-01-01", expired=True), ExitCode.UNEXPECTED),
        ([HELD], replace(KNOWN, expires="2026-01-01", expired=True), ExitCode.BASELINE_DRIFT),
        ([HELD], replace(KNOWN, provider="microsoft"), ExitCode.AS_EXPECTED),
        ([HELD], replace(KNOWN, requirement="r9"), ExitCode.AS_EXPECTED),
        ([HELD, (Outcome.BLOCKED, MUST)], replace(KNOWN, requirement="r1"), ExitCode.AS_EXPECTED),
        ([HELD, (Outcome.BLOCKED, MUST)], replace(KNOWN, requirement="r7"), ExitCode.INCOMPLETE),
    ],
)
def test_a_baseline_allows_what_it_knows_and_what_is_fixed_is_drift(
    report_of: Build, cells: Cells, entry: Entry, code: ExitCode
) -> None:
    """What was not played, or could not be judged, makes no entry stale."""
    assert exit_code(report_of(*cells, expected=[entry])) is code


def test_a_trouble_leaves_a_run_incomplete(report_of: Build, sample_report: Report) -> None:
    assert sample_report.run.troubles
    for cells, code in (([HELD], ExitCode.INCOMPLETE), ([BROKE], ExitCode.UNEXPECTED)):
        report = report_of(*cells)
        assert exit_code(replace(report, run=sample_report.run)) is code


def _result(outcome: Outcome, keyword: Keyword, harm: Harm | None = None) -> Result:
    return Result(requirement="r0", provider="google", outcome=outcome, keyword=keyword, harm=harm)


SEVERE = (Harm.GRANT_LOST, Harm.CALL_FAILED)
MILD = (Harm.USER_ASKED_IN_VAIN, Harm.NEEDLESS_REQUESTS, Harm.NONE_YET, None)


@pytest.mark.parametrize("keyword", Keyword)
@pytest.mark.parametrize("harm", SEVERE)
def test_severe_harm_fails_whatever_the_keyword_and_warns_at_least_where_lenient(keyword: Keyword, harm: Harm) -> None:
    result = _result(Outcome.VIOLATED, keyword, harm)
    assert grade(result) is grade(result, "strict") is Grade.FAIL
    assert grade(result, "lenient") is (Grade.FAIL if keyword in BINDING else Grade.WARN)


@pytest.mark.parametrize("keyword", Keyword)
@pytest.mark.parametrize("harm", MILD)
def test_other_harm_leaves_the_grade_to_the_keyword(keyword: Keyword, harm: Harm | None) -> None:
    result = _result(Outcome.VIOLATED, keyword, harm)
    assert grade(result) is grade(result, "lenient") is GRADES[Outcome.VIOLATED, keyword]
    assert grade(result, "strict") is Grade.FAIL


@pytest.mark.parametrize("keyword", Keyword)
@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.VIOLATED])
@pytest.mark.parametrize("grading", ["default", "strict", "lenient"])
def test_no_harm_and_no_line_move_what_is_no_violation(keyword: Keyword, outcome: Outcome, grading: Grading) -> None:
    plain = GRADES[outcome, keyword]
    moved = Grade.FAIL if grading == "strict" and plain is Grade.WARN else plain
    assert {grade(_result(outcome, keyword, harm), grading) for harm in (*Harm, None)} == {moved}


@pytest.mark.parametrize("keyword", Keyword)
def test_what_was_never_exercised_gates_where_it_was_owed(keyword: Keyword) -> None:
    result = _result(Outcome.NOT_EXERCISED, keyword)
    assert gates(result) is (keyword in BINDING)
    assert gates(result, "strict")
    assert not gates(result, "lenient")


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ((Outcome.VIOLATED, MUST), (1, 1, 1)),
        ((Outcome.VIOLATED, SHOULD), (0, 1, 0)),
        ((Outcome.VIOLATED, ADVICE), (0, 1, 0)),
        ((Outcome.ALTERNATIVE, MUST), (0, 1, 0)),
        ((Outcome.NOT_EXERCISED, MUST), (1, 1, 0)),
        ((Outcome.NOT_EXERCISED, ADVICE), (0, 1, 0)),
        ((Outcome.BLOCKED, ADVICE), (0, 7, 0)),
        ((Outcome.BLOCKED, MUST), (7, 7, 0)),
    ],
)
def test_the_grading_moves_the_line_of_the_exit_code(
    report_of: Build, cell: tuple[Outcome, Keyword], codes: tuple[int, int, int]
) -> None:
    report = report_of(HELD, cell)
    gradings: tuple[Grading, ...] = ("default", "strict", "lenient")
    found = tuple(exit_code(replace(report, run=replace(report.run, grading=grading))) for grading in gradings)
    assert found == codes


def test_what_was_never_exercised_is_named(sample_report: Report) -> None:
    assert [(result.requirement, result.provider) for result in unproven(sample_report)] == [
        ("callback-code-once", "short-lived")
    ]


def test_findings_come_most_urgent_first_and_include_what_broke_the_harness(sample_report: Report) -> None:
    grades = [grade(result) for result in findings(sample_report)]
    assert grades == [Grade.FAIL] * 6 + [Grade.BROKEN] + [Grade.WARN] * 3 + [Grade.INFO]


@pytest.mark.parametrize("outcome", Outcome)
def test_findings_are_what_the_client_did_and_what_broke_whoever_broke_it(report_of: Build, outcome: Outcome) -> None:
    told = {Outcome.VIOLATED, Outcome.ALTERNATIVE, Outcome.SUBJECT_ERROR, Outcome.HARNESS_ERROR}
    assert [one.outcome for one in findings(report_of((outcome, MUST)))] == [outcome] * (outcome in told)


def test_a_broken_adapter_is_not_the_clients_fault(sample_report: Report) -> None:
    assert {grade(result) for result in findings(sample_report) if not blames_client(result)} == {Grade.BROKEN}


def test_counts_name_every_grade_and_add_up(sample_report: Report) -> None:
    found = counts(sample_report.results)
    assert list(found) == list(Grade)
    assert sum(found.values()) == len(sample_report.results)
