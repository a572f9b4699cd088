"""The pages of the matrix: the most urgent verdict, no result where nothing is known, reasons, stories, commands."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kit.sample_matrix import DAY, kept, play, sample_matrix, violated
from refreshproof.reports import Harm, Outcome
from refreshproof.reports.formats.matrix.pages import pages, render_index, render_subject_page
from refreshproof.reports.formats.matrix.values import Confirmation, PlayedCell, SubjectMatrix

CELL = re.compile(r'<a class="(\w+)" href="([^"]+)" title="([^"]+)">.*?<i>([\w ]+)</i></a>')
NOT_APPLICABLE = (
    PlayedCell(
        requirement="rotation-replace", outcome=Outcome.NOT_APPLICABLE, why="The vendor has no such case."
    ),
)  # fmt: skip


def cells(matrix: SubjectMatrix, days: int = 0) -> dict[str, tuple[str, str, str]]:
    """Return the signs of the index by where they lead: the class, what is told, and the words beside the sign."""
    page = render_index(matrix, DAY + timedelta(days=days))
    return {link: (sign, title, words) for sign, link, title, words in CELL.findall(page)}


def test_a_cell_holds_the_most_urgent_verdict_over_the_vendors_and_says_whose_it_is() -> None:
    shown = cells(sample_matrix())
    assert shown["sample.html#rotation-replace"] == (
        *("FAIL", "sample: FAIL at atlassian; NA at generic, google", "FAIL"),
    )
    assert shown["sample.html#failure-no-loop"][0] == "BROKEN", "what was not judged is no verdict"


def test_a_client_that_cannot_be_had_has_no_result_and_the_reason() -> None:
    matrix = sample_matrix()
    assert cells(matrix)["absent.html#rotation-replace"] == ("NONE", "absent: no result", "no result")
    told = "not to be had here: No module named &#39;absent&#39;"
    assert told in render_index(matrix, DAY)
    assert told in render_subject_page(matrix, matrix.subjects[0], DAY)


def test_a_verdict_of_more_than_ninety_days_ago_is_no_result() -> None:
    assert cells(sample_matrix(), 90)["sample.html#rotation-replace"][0] == "FAIL"
    assert cells(sample_matrix(), 91)["sample.html#rotation-replace"][0] == "NONE"
    page = render_subject_page(sample_matrix(), sample_matrix().subjects[1], DAY + timedelta(days=91))
    assert "played on 2026-11-30, more than 90 days ago" in page


def test_a_verdict_of_another_version_than_the_installed_is_no_result() -> None:
    absent, sample = sample_matrix().subjects
    assert cells(sample_matrix(subjects=(absent, replace(sample, installed="1.1"))))["sample.html#failure-no-loop"] == (
        "NONE",
        "sample: no result",
        "no result",
    )


def test_the_first_look_is_at_the_rules_by_whose_breaking_clients_lost_the_grant_as_long_as_that_holds() -> None:
    absent, sample = sample_matrix().subjects
    mild = replace(violated(Harm.CALL_FAILED), requirement="failure-no-loop")
    both = replace(sample, plays=(play("atlassian", mild, violated(Harm.GRANT_LOST)), *sample.plays[1:]))
    matrix = sample_matrix(subjects=(absent, both, replace(both, name="twin")))
    costly = render_index(matrix, DAY).partition("Where grants are lost</h2>")[2].partition("</table>")[0]
    found = re.findall(r'<a href="#([\w-]+)">.*?</a></th><td>(\d+)</td><td>([^<]+)</td>', costly)
    assert found == [("rotation-replace", "2", "It works for one more lifetime.")]
    assert "Where grants are lost" not in render_index(matrix, DAY + timedelta(days=91))


def test_what_applies_nowhere_stands_apart_with_the_reason() -> None:
    absent, sample = sample_matrix().subjects
    apart = replace(sample, plays=(replace(play("atlassian", kept("failure-no-loop"), *NOT_APPLICABLE)),), stories=())
    matrix = sample_matrix(subjects=(absent, apart))
    assert "sample.html#failure-no-loop" in cells(matrix)
    assert "sample.html#rotation-replace" not in cells(matrix)
    assert "Applicable to none of these clients at these vendors: rotation-replace." in render_index(matrix, DAY)
    page = render_subject_page(matrix, apart, DAY)
    assert '<li><span id="rotation-replace">rotation-replace</span>: The vendor has no such case.</li>' in page
    assert '<tr id="rotation-replace"' not in page


def test_a_story_tells_harm_fix_sources_steps_and_the_line_that_repeats_it() -> None:
    page = render_subject_page(sample_matrix(), sample_matrix().subjects[1], DAY)
    for told in (
        "the grant is lost, and only a new login brings it back",
        "A1: a spent token or code is presented",
        "Store the new one.",
        'href="https://www.rfc-editor.org/rfc/rfc6749#section-6"',
        "<li>Alice logs in and consents.</li>",
        "refreshproof run sample -p atlassian --examples 0 --seed 0 -r rotation-replace",
        "not confirmed over sockets: it could not be played over sockets: &lt;why&gt;",
        "The vendor has no such case.",
        "It knows one vendor alone.",
    ):
        assert told in page
    assert "<of>" not in page


def test_a_client_s_page_opens_with_what_it_breaks_the_worst_first_and_the_table_follows() -> None:
    absent, sample = sample_matrix().subjects
    mild = replace(violated(Harm.NONE_YET, Confirmation.CONFIRMED), requirement="failure-no-loop")
    both = replace(sample, plays=(play("atlassian", mild, violated(Harm.GRANT_LOST)), *sample.plays[1:]))
    matrix = sample_matrix(subjects=(absent, both))
    page = render_subject_page(matrix, both, DAY)
    heads = ("What it breaks, the worst first", "Verdicts", "Stories", "What was played", "What a sign means")
    assert re.findall(r"<h2 [^>]*>([^<]+)</h2>", page) == list(heads)
    worst = page.partition('<ol class="worst">')[2].partition("</ol>")[0]
    assert re.findall(r'<a href="#([\w-]+)"', worst) == ["story-rotation-replace", "failure-no-loop"]
    assert "The next refresh presented RT1 again. <strong>The grant is lost, and only a new login" in worst
    assert [told in worst for told in ("at atlassian; not confirmed over", "at atlassian; confirmed over")] == [
        True
    ] * 2
    assert "Of what was played and still holds, nothing." in render_subject_page(matrix, both, DAY + timedelta(days=91))


def test_a_story_that_was_confirmed_at_one_vendor_alone_says_where() -> None:
    absent, sample = sample_matrix().subjects
    confirmed = play("generic", violated(Harm.NONE_YET, Confirmation.CONFIRMED), kept("failure-no-loop"))
    story = replace(sample.stories[0], providers=("atlassian", "generic"))
    both = replace(sample, plays=(sample.plays[0], confirmed), stories=(story,))
    page = render_subject_page(sample_matrix(subjects=(absent, both)), both, DAY)
    assert "confirmed over sockets (at generic)" in page
    assert "(at atlassian)" in page
    assert "<td>1 of 2</td>" in render_index(sample_matrix(subjects=(absent, both)), DAY)


@pytest.mark.parametrize("place", ["index.html", "sample.html", "absent.html"])
def test_a_page_loads_nothing_and_is_the_same_every_time(place: str) -> None:
    made = dict(pages(sample_matrix(), DAY, Path("out")))
    text = made[Path("out", place)]()
    assert text == made[Path("out", place)]()
    assert not re.findall(r"<(?:img|link|iframe)\b|src=|url\(", text)
    assert "default-src 'none'" in text.replace("&#39;", "'")
