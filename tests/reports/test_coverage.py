"""The coverage of state tables as a reader sees it: what was walked, what was not, and what cannot be."""

from markdown_it import MarkdownIt

from kit.terminal import printed
from refreshproof.reports import Coverage, Report, Transition
from refreshproof.reports.coverage import in_words
from refreshproof.reports.formats.page import render_page
from refreshproof.reports.formats.summary import render_summary

COVERAGE = Coverage(
    table="Status table",
    transitions=(
        Transition(state="well", event="failed", after="ill", times=3),
        Transition(state="ill", event="aged_out", after="dead", times=0),
        Transition(state="well", event="aged_out", after="dead", times=0),
        Transition(state="ill", event="cured", after="well", times=0, beyond="nobody is a doctor"),
    ),
)
WORDS = (
    "Status table: 1 of 4 transitions; not seen: aged out while ill or well; "
    "out of reach, as nobody is a doctor: cured while ill"
)


def test_what_was_not_walked_is_named_and_what_cannot_be_has_its_reason() -> None:
    assert in_words(COVERAGE) == WORDS


def test_a_table_that_was_walked_in_full_has_nothing_to_name() -> None:
    assert in_words(Coverage(table="T", transitions=COVERAGE.transitions[:1])) == "T: 1 of 1 transitions"


def test_every_format_for_people_tells_it_and_a_terminal_in_short(sample_report: Report) -> None:
    told = in_words(sample_report.coverage[0])
    assert "Walked: 1 of 3 transitions of the Client's status table\n" in printed(sample_report, 400)
    assert f"<li>{told}</li>" in MarkdownIt().render(render_summary(sample_report))
    assert told.partition(": ")[2] in render_page(sample_report)
