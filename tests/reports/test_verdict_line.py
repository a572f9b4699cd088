"""The headline: one word and one sentence that hide nothing."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from refreshproof.reports import Grade, Grading, Harm, Headline, Keyword, Outcome, Report, Result, headline

MUST, MUST_NOT, SHOULD, VENDOR, ADVICE = Keyword
Build = Callable[..., Headline]
GRADINGS: tuple[Grading, ...] = ("default", "strict", "lenient")


@pytest.fixture
def line(sample_report: Report) -> Build:
    """A function from outcomes under keywords, with the harm if any, to the headline of their report."""

    def build(
        *cells: tuple[Outcome, Keyword] | tuple[Outcome, Keyword, Harm], grading: Grading = "default"
    ) -> Headline:
        template = sample_report.requirements[0]
        requirements = tuple(replace(template, id=f"r{n}", keyword=cell[1]) for n, cell in enumerate(cells))
        results = tuple(
            Result(
                requirement=f"r{n}",
                provider="google",
                outcome=cell[0],
                keyword=cell[1],
                harm=cell[2] if len(cell) > 2 else None,
            )
            for n, cell in enumerate(cells)
        )
        run = replace(sample_report.run, troubles=(), grading=grading)
        return headline(replace(sample_report, run=run, requirements=requirements, results=results))

    return build


def test_the_line_of_a_broken_client_names_causes_rules_warnings_and_all_that_is_open(sample_report: Report) -> None:
    assert headline(sample_report) == (
        Grade.FAIL,
        "Not conformant",
        "5 causes, 6 rules broken, 3 of them only warned of, 1 rule kept in a weaker way, "
        "1 rule not judged (11 findings at 8 vendors), 1 required rule never exercised, 2 rules blocked, 1 trouble",
    )


def test_a_client_that_breaks_nothing_and_leaves_nothing_open_is_told_so(line: Build) -> None:
    assert line((Outcome.SATISFIED, MUST), (Outcome.NOT_EXERCISED, SHOULD), (Outcome.UNSUPPORTED, MUST)) == (
        Grade.PASS,
        "Nothing broke",
        "No rule was broken, and every binding one was exercised",
    )


@pytest.mark.parametrize("grading", GRADINGS)
@pytest.mark.parametrize(
    "cell",
    [
        *product([Outcome.VIOLATED], Keyword, [*Harm]),
        *product([Outcome.SUBJECT_ERROR, Outcome.HARNESS_ERROR, Outcome.BLOCKED], Keyword),
        *product([Outcome.NOT_EXERCISED], [MUST, MUST_NOT, VENDOR]),
    ],
    ids=str,
)
def test_what_was_found_is_never_called_nothing(line: Build, cell: tuple[Outcome, Keyword], grading: Grading) -> None:
    found = line((Outcome.SATISFIED, MUST), cell, grading=grading)
    assert found.word not in ("Nothing broke", "Nothing tested")
    assert found.grade is not Grade.PASS
    assert "1 " in found.sentence


@pytest.mark.parametrize("cells", [(), ((Outcome.SATISFIED, MUST),), ((Outcome.NOT_APPLICABLE, MUST),)])
def test_a_run_with_troubles_is_incomplete_at_best(sample_report: Report, cells: tuple[object, ...]) -> None:
    assert sample_report.run.troubles
    results = tuple(result for result in sample_report.results if result.outcome is Outcome.SATISFIED)[: len(cells)]
    found = headline(replace(sample_report, results=results))
    assert found == (Grade.BROKEN, "Incomplete", "1 trouble")


def test_a_missing_cell_is_told(sample_report: Report) -> None:
    run = replace(sample_report.run, troubles=())
    results = tuple(result for result in sample_report.results if result.outcome is Outcome.SATISFIED)
    found = headline(replace(sample_report, run=run, results=results, complete=False))
    assert found == (Grade.BROKEN, "Incomplete", "results that were selected are missing")


@pytest.mark.parametrize(
    ("outcome", "shown", "told"),
    [
        (Outcome.VIOLATED, Grade.FAIL, "1 cause, 1 rule broken, results that were selected are missing"),
        (Outcome.SATISFIED, Grade.BROKEN, "results that were selected are missing"),
    ],
)
def test_a_run_that_was_broken_off_says_so_first(
    sample_report: Report, outcome: Outcome, shown: Grade, told: str
) -> None:
    one = replace(next(r for r in sample_report.results if r.keyword is MUST), outcome=outcome, cause=None, harm=None)
    run = replace(sample_report.run, interrupted=True, troubles=())
    report = replace(sample_report, results=(one,), run=run, complete=False)
    assert headline(report) == (shown, "Interrupted", told)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([(Outcome.VIOLATED, MUST)], (Grade.FAIL, "Not conformant", "1 cause, 1 rule broken")),
        (
            [(Outcome.VIOLATED, SHOULD, Harm.CALL_FAILED), (Outcome.VIOLATED, SHOULD, Harm.NONE_YET)],
            (Grade.FAIL, "Not conformant", "2 causes, 2 rules broken, 1 of them only warned of"),
        ),
        ([(Outcome.VIOLATED, SHOULD)], (Grade.WARN, "Warnings", "1 cause, 1 rule broken, only warned of")),
        ([(Outcome.VIOLATED, ADVICE)], (Grade.INFO, "Advice", "1 cause, 1 rule broken, only warned of")),
        ([(Outcome.NOT_EXERCISED, MUST)], (Grade.UNTESTED, "Not proven", "1 required rule never exercised")),
        ([(Outcome.BLOCKED, SHOULD)], (Grade.UNTESTED, "Not proven", "1 rule blocked")),
        ([(Outcome.SUBJECT_ERROR, SHOULD)], (Grade.BROKEN, "Incomplete", "1 rule not judged")),
        (
            [(Outcome.HARNESS_ERROR, SHOULD), (Outcome.VIOLATED, MUST)],
            (
                Grade.BROKEN,
                "Harness error",
                "Judge nothing by this run: 1 cause, 1 rule broken, 1 rule not judged",
            ),
        ),
        ([(Outcome.NOT_APPLICABLE, MUST)], (Grade.UNTESTED, "Nothing tested", "No selected requirement applies")),
        (
            [(Outcome.ALTERNATIVE, MUST)],
            (
                Grade.PASS,
                "Nothing broke",
                "No rule was broken, and every binding one was exercised; 1 rule kept in a weaker way",
            ),
        ),
    ],
)
def test_each_end_has_its_word_and_colour(
    line: Build, cells: list[tuple[Outcome, Keyword]], expected: tuple[Grade, str, str]
) -> None:
    assert line(*cells) == expected
