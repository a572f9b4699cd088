"""One exit code and one headline from a report."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from refreshproof.reports import (
    ExitCode,
    Grade,
    Identity,
    Keyword,
    Outcome,
    Report,
    Result,
    blames_client,
    counts,
    exit_code,
    findings,
    headline,
    unproven,
)

MUST, MUST_NOT, SHOULD, VENDOR, ADVICE = Keyword
Cells = Iterable[tuple[Outcome, Keyword]]
Build = Callable[..., Report]


@pytest.fixture
def report_of(sample_report: Report) -> Build:
    """A function from outcomes under keywords to a report of one provider."""

    def build(*cells: tuple[Outcome, Keyword], complete: bool = True) -> Report:
        template = sample_report.requirements[0]
        requirements = tuple(replace(template, id=f"r{n}", keyword=keyword) for n, (_, keyword) in enumerate(cells))
        results = tuple(
            Result(requirement=f"r{n}", provider="google", outcome=outcome, keyword=keyword)
            for n, (outcome, keyword) in enumerate(cells)
        )
        return replace(sample_report, requirements=requirements, results=results, complete=complete)

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
    assert exit_code(report, interrupted=True) is ExitCode.INTERRUPTED


@pytest.mark.parametrize("cells", [[], [HELD]])
def test_missing_cells_are_never_a_success(report_of: Build, cells: Cells) -> None:
    assert exit_code(report_of(*cells, complete=False)) is ExitCode.INCOMPLETE


def test_an_expected_finding_is_no_surprise_and_its_absence_is_drift(report_of: Build) -> None:
    known = Identity("r0", "google", None)
    assert exit_code(report_of(BROKE), expected=[known]) is ExitCode.AS_EXPECTED
    assert exit_code(report_of(BROKE, BROKE), expected=[known]) is ExitCode.UNEXPECTED
    assert exit_code(report_of(HELD), expected=[known]) is ExitCode.BASELINE_DRIFT


def test_another_anomaly_than_the_expected_one_is_a_surprise(report_of: Build) -> None:
    assert exit_code(report_of(BROKE), expected=[Identity("r0", "google", "A1")]) is ExitCode.UNEXPECTED


def test_a_baseline_for_cells_that_were_not_played_is_no_drift(report_of: Build) -> None:
    assert exit_code(report_of(HELD), expected=[Identity("r0", "microsoft", None)]) is ExitCode.AS_EXPECTED


@pytest.mark.parametrize("outcome", [Outcome.VIOLATED, Outcome.NOT_EXERCISED])
def test_a_strict_run_lets_every_keyword_gate(report_of: Build, outcome: Outcome) -> None:
    report = report_of(HELD, (outcome, ADVICE))
    assert exit_code(report) is ExitCode.AS_EXPECTED
    assert exit_code(report, strict=True) is ExitCode.UNEXPECTED


@pytest.mark.parametrize("cells", [cells for cells, _ in CASES])
def test_the_headline_has_the_tone_of_the_exit_code(report_of: Build, cells: Cells) -> None:
    report = report_of(*cells)
    tone = {
        ExitCode.AS_EXPECTED: Grade.PASS,
        ExitCode.UNEXPECTED: Grade.FAIL,
        ExitCode.NOTHING_SELECTED: Grade.UNTESTED,
        ExitCode.HARNESS_ERROR: Grade.BROKEN,
        ExitCode.INCOMPLETE: Grade.BROKEN,
    }
    assert headline(report).grade is tone[exit_code(report)]


def test_the_headline_counts_failures_and_what_was_never_exercised(sample_report: Report) -> None:
    assert headline(sample_report).sentence == "4 failed, 1 required but never exercised"
    assert [(result.requirement, result.provider) for result in unproven(sample_report)] == [
        ("callback-code-once", "short-lived")
    ]


def test_findings_come_most_urgent_first_and_include_what_broke_the_harness(sample_report: Report) -> None:
    grades = [result.grade for result in findings(sample_report)]
    assert grades == [Grade.FAIL] * 4 + [Grade.BROKEN] + [Grade.WARN] * 5 + [Grade.INFO]


def test_a_broken_adapter_is_not_the_clients_fault(sample_report: Report) -> None:
    assert {result.grade for result in findings(sample_report) if not blames_client(result)} == {Grade.BROKEN}


def test_counts_name_every_grade_and_add_up(sample_report: Report) -> None:
    found = counts(sample_report.results)
    assert list(found) == list(Grade)
    assert sum(found.values()) == len(sample_report.results)
