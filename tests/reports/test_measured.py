"""Values of a survey as a reader sees them: by behaviour, with equal ones together, and unknown ones with a reason."""

from dataclasses import replace

import pytest

from refreshproof.reports import Report, SurveyInfo, SurveyValue
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.measured import by_behaviour, tally, text_of


@pytest.mark.parametrize(
    ("value", "unit", "why", "text"),
    [
        (120, "s", "", "120 s"),
        (120.0, "s", "", "120 s"),
        (0.5, "s", "", "0.5 s"),
        (604_800, "s", "", "604800 s"),
        (3, "", "", "3"),
        (True, "", "", "yes"),
        (False, "", "", "no"),
        ("none", "s", "", "none"),
        (None, "s", "It cannot.", "not measured: It cannot."),
        (None, "s", "", "not measured"),
    ],
)
def test_a_value_reads_with_its_unit(value: float | str | None, unit: str, why: str, text: str) -> None:
    assert text_of(SurveyValue(name="sv-x", provider="p", value=value, unit=unit, why=why)) == text


def _with(report: Report, *values: SurveyValue) -> Report:
    info = SurveyInfo(name="sv-lead", statement="How <early> it is.", how="By asking.", related=("rotation-x",))
    return replace(report, survey=values, behaviours=(info,))


def test_providers_with_the_same_value_stand_together(sample_report: Report) -> None:
    leads = {"google": 60, "atlassian": 60, "microsoft": 30}
    report = _with(sample_report, *(SurveyValue(name="sv-lead", provider=p, value=v) for p, v in leads.items()))
    assert by_behaviour(report) == [
        ("sv-lead", report.behaviours[0], [("60", ["google", "atlassian"]), ("30", ["microsoft"])])
    ]


def test_the_tally_counts_what_could_not_be_measured(sample_report: Report) -> None:
    known, unknown = (SurveyValue(name="sv-lead", provider="p", value=value) for value in (1, None))
    assert "Measured and not judged: 2 values, 1 could not be" in tally(_with(sample_report, known, unknown))
    assert "could not be" not in tally(_with(sample_report, known))


def test_the_page_says_what_a_value_means_and_escapes_it(sample_report: Report) -> None:
    value = SurveyValue(name="sv-lead", provider="google", value="<b>60</b>")
    page = render_page(_with(sample_report, value))
    assert "How &lt;early&gt; it is." in page
    assert "By asking." in page
    assert "rotation-x" in page
    assert "&lt;b&gt;60&lt;/b&gt;" in page


def test_a_value_without_an_explanation_is_shown_all_the_same(sample_report: Report) -> None:
    assert "sv-retry-schedule" in render_page(sample_report)
