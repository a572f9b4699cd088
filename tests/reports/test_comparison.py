"""Two runs compared: what became of each cell."""

from dataclasses import replace

import pytest

from refreshproof.reports import ExitCode, Grade, Harm, Outcome, Report, Result
from refreshproof.reports.comparison import Change, compared, differences, exit_code_of

HELD, BROKEN = Outcome.SATISFIED, Outcome.VIOLATED
NEVER, BLOCKED, NA = Outcome.NOT_EXERCISED, Outcome.BLOCKED, Outcome.NOT_APPLICABLE


def one_cell(report: Report, outcome: Outcome | None, anomaly: str | None = None) -> Report:
    """A report with one cell, or with none."""
    cell = report.results[0]
    results: tuple[Result, ...] = ()
    if outcome is not None:
        results = (replace(cell, outcome=outcome, anomaly="A1" if outcome is BROKEN else None),)
    return replace(report, results=tuple(replace(one, anomaly=anomaly or one.anomaly) for one in results))


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (HELD, BROKEN, Change.BROKEN),
        (NEVER, BROKEN, Change.BROKEN),
        (NA, BROKEN, Change.BROKEN),
        (None, BROKEN, Change.BROKEN),
        (BROKEN, HELD, Change.FIXED),
        (BROKEN, Outcome.ALTERNATIVE, Change.FIXED),
        (BROKEN, BROKEN, Change.SAME),
        (HELD, HELD, Change.SAME),
        (NEVER, NEVER, Change.SAME),
        (HELD, NEVER, Change.UNTESTED),
        (BROKEN, BLOCKED, Change.UNTESTED),
        (HELD, Outcome.HARNESS_ERROR, Change.UNTESTED),
        (HELD, None, Change.UNTESTED),
        (NA, NEVER, Change.UNTESTED),
        (NA, None, Change.OTHERWISE),
        (NEVER, BLOCKED, Change.OTHERWISE),
        (HELD, Outcome.ALTERNATIVE, Change.OTHERWISE),
        (None, HELD, Change.OTHERWISE),
        (BROKEN, NA, Change.OTHERWISE),
    ],
)
def test_a_cell_becomes(old: Outcome | None, new: Outcome | None, change: Change, sample_report: Report) -> None:
    [cell] = compared(one_cell(sample_report, old), one_cell(sample_report, new))
    assert cell.change is change


def test_another_anomaly_is_newly_broken_and_another_harm_is_a_change(sample_report: Report) -> None:
    old = one_cell(sample_report, BROKEN)
    [cell] = compared(old, one_cell(sample_report, BROKEN, "A3"))
    assert (cell.change, cell.before) == (Change.BROKEN, "FAIL (A1: a spent token or code is presented)")
    worse = replace(old, results=(replace(old.results[0], harm=Harm.GRANT_LOST),))
    assert [cell.change for cell in compared(old, worse)] == [Change.OTHERWISE]


def test_a_report_is_the_same_as_itself(sample_report: Report) -> None:
    cells = compared(sample_report, sample_report)
    assert len(cells) == len(sample_report.results)
    assert {cell.change for cell in cells} == {Change.SAME}
    assert exit_code_of(cells) is ExitCode.AS_EXPECTED
    assert {cell.after.partition(" ")[0] for cell in cells} == set(Grade)


def test_what_is_broken_outweighs_what_is_untested(sample_report: Report) -> None:
    cells = compared(one_cell(sample_report, HELD), one_cell(sample_report, None))
    assert exit_code_of(cells) is ExitCode.INCOMPLETE
    more = compared(one_cell(sample_report, HELD), one_cell(sample_report, BROKEN))
    assert exit_code_of((*cells, *more)) is ExitCode.UNEXPECTED


def test_what_else_differs_is_told(sample_report: Report) -> None:
    other = replace(sample_report, run=replace(sample_report.run, seed=5, grading="strict", version="0.2.0"))
    assert list(differences(sample_report, other)) == [
        "another version of Refreshproof: 0.1.0, then 0.2.0",
        "another seed: 20261122, then 5",
        "another grading: default, then strict",
    ]
