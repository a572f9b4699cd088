"""The table of formats, and time and text as all of them write it."""

from hypothesis import given
from hypothesis import strategies as st

from refreshproof.reports import FORMATS, Report
from refreshproof.reports.formats.words.clock_text import date_and_time, elapsed, whole_seconds
from refreshproof.reports.formats.words.legend import LEGEND
from refreshproof.reports.formats.words.text import one_line, printable
from refreshproof.reports.results import Grade


def test_the_table_gives_the_documented_files() -> None:
    assert {name: entry.filename for name, entry in FORMATS.items() if entry.by_default} == {
        "html": "index.html",
        "json": "results.json",
        "junit": "junit.xml",
        "markdown": "summary.md",
    }
    assert {name: entry.filename for name, entry in FORMATS.items() if not entry.by_default} == {
        "badge": "badge.svg",
        "ctrf": "ctrf-report.json",
        "github": "annotations.txt",
        "gitlab": "gl-code-quality-report.json",
        "sarif": "results.sarif",
        "shields": "badge.json",
    }


def test_every_format_writes_text_that_ends_its_last_line(sample_report: Report) -> None:
    for entry in FORMATS.values():
        text = entry.render(sample_report)
        assert text.endswith("\n")
        assert text.encode("utf-8")


def test_every_grade_is_explained() -> None:
    assert list(LEGEND) == list(Grade)


def test_spans_of_time_show_only_what_they_have() -> None:
    assert elapsed(0) == "0:00:00"
    assert elapsed(3601 * 1_000_000) == "1:00:01"
    assert elapsed(-250_000) == "-0:00:00.250"
    assert elapsed(86_400_000_000) == "1 d 0:00:00"
    assert elapsed(30 * 86_400_000_000 + 1) == "30 d 0:00:00.000001"
    assert whole_seconds(59.6) == "0:01:00"


def test_instants_are_written_in_utc() -> None:
    assert date_and_time(1_794_000_000_999_999) == "2026-11-06T21:20:00Z"


@given(st.text())
def test_printable_text_is_encodable_and_free_of_controls(text: str) -> None:
    shown = printable(text)
    assert shown.encode("utf-8").decode() == shown
    assert not any(
        (ord(character) < 32 and character not in "\t\n") or 127 <= ord(character) < 160 for character in shown
    )
    assert "\n" not in one_line(text)


def test_what_can_be_shown_is_not_touched() -> None:
    text = "tab\tline\n Grüße, 日本語, 🙂, \N{NO-BREAK SPACE}, \N{ZERO WIDTH JOINER}"
    assert printable(text) == text


def test_overrides_of_the_reading_direction_are_taken_out() -> None:
    assert printable("a\u202eb\u2066c") == "a\ufffdb\ufffdc"
