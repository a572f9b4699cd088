"""Where the arrows of a sequence picture go."""

from dataclasses import replace

import pytest

from refreshproof.reports import ExchangeView, Note, Report, Story
from refreshproof.reports.formats.sequence import CLIENT, LINE, NETWORK, PROVIDER, Mark, picture

SECOND = 1_000_000


@pytest.fixture
def story(sample_report: Report) -> Story:
    """A story with nothing in it yet, begun at instant zero."""
    told = next(result.story for result in sample_report.results if result.story)
    return replace(told, started=0, exchanges=(), notes=())


def _exchange(
    number: int, at: int, answered_at: int, *, delivered: bool | None = True, trouble: str | None = None
) -> ExchangeView:
    return ExchangeView(
        number=number,
        at=at,
        answered_at=answered_at,
        endpoint="",
        summary=f"ask {number}",
        answer=f"tell {number}",
        delivered=delivered,
        trouble=trouble,
    )


def _arrow(mark: Mark) -> tuple[str, int, int, bool]:
    return mark.text, mark.x1, mark.x2, mark.lost


def test_a_delivered_exchange_is_two_whole_arrows(story: Story) -> None:
    marks = picture(replace(story, exchanges=(_exchange(1, 0, SECOND),))).marks
    assert list(map(_arrow, marks)) == [("ask 1", CLIENT, PROVIDER, False), ("tell 1", PROVIDER, CLIENT, False)]


def test_at_one_instant_a_note_stands_behind_the_exchange_that_it_follows(story: Story) -> None:
    exchanges = tuple(_exchange(number, 0, 0) for number in (1, 2))
    notes = (Note(at=0, text="ended", follows=1), Note(at=0, text="skewed"))
    marks = picture(replace(story, exchanges=exchanges, notes=notes)).marks
    assert [mark.text for mark in marks] == ["skewed", "ask 1", "tell 1", "ended", "ask 2", "tell 2"]


def test_a_lost_answer_breaks_off_in_the_network(story: Story) -> None:
    marks = picture(replace(story, exchanges=(_exchange(1, 0, SECOND, delivered=False, trouble="reset"),))).marks
    assert list(map(_arrow, marks)) == [("ask 1", CLIENT, PROVIDER, False), ("tell 1", PROVIDER, NETWORK, True)]
    assert [mark.trouble for mark in marks] == ["", "reset"]


def test_a_request_that_never_arrived_has_no_answer(story: Story) -> None:
    marks = picture(replace(story, exchanges=(_exchange(1, 0, SECOND, delivered=None, trouble="refused"),))).marks
    assert list(map(_arrow, marks)) == [("ask 1", CLIENT, NETWORK, True)]
    assert marks[0].trouble == "refused"


def test_parallel_exchanges_interleave_in_virtual_time(story: Story) -> None:
    marks = picture(replace(story, exchanges=(_exchange(1, 0, 3 * SECOND), _exchange(2, SECOND, 2 * SECOND)))).marks
    assert [mark.text for mark in marks] == ["ask 1", "ask 2", "tell 2", "tell 1"]


def test_a_jump_of_the_clock_is_shown_and_a_slow_leg_is_not(story: Story) -> None:
    marks = picture(replace(story, exchanges=(_exchange(1, 3601 * SECOND, 3660 * SECOND),))).marks
    assert [(mark.kind, mark.text, mark.time) for mark in marks] == [
        ("gap", "1:00:01 later", ""),
        ("request", "ask 1", "1:00:01"),
        ("answer", "tell 1", "1:01:00"),
    ]


@pytest.mark.parametrize(
    ("later", "wait", "time"),
    [
        (12, "+12 µs", "0:00:00"),
        (10_000, "+10 ms", "0:00:00.010"),
        (1_250_000, "+1.25 s", "0:00:01.250"),
        (90 * 86_400 * SECOND, "", "90 d 0:00:00"),
        (0, "", "0:00:00"),
    ],
)
def test_a_wait_is_told_in_its_own_unit_and_a_jump_in_a_line_of_its_own(
    story: Story, later: int, wait: str, time: str
) -> None:
    *_, last = picture(replace(story, exchanges=(_exchange(1, 0, later),))).marks
    assert (last.wait, last.time) == (wait, time)


def test_a_long_text_is_broken_and_drawn_to_its_end(story: Story) -> None:
    text = "client: call ended in permanent error (KeyError: 'expires_at' in session.py, line 88, in refresh) " * 2
    exchange = replace(_exchange(1, 1, 2, delivered=False, trouble=text), summary=text)
    note, request, answer = picture(replace(story, exchanges=(exchange,), notes=(Note(at=0, text=text),))).marks
    for lines in (note.lines, request.lines, answer.mishap):
        assert 1 < len(lines) < 6
    assert " ".join(note.lines) == " ".join(request.lines) == text.strip()
    assert " ".join(answer.mishap) == f"lost: {text.strip()}"
    assert note.y + LINE * len(note.lines) <= request.y - LINE * (len(request.lines) - 1)


def test_a_note_stands_between_the_exchanges_it_fell_between(story: Story) -> None:
    told = replace(story, exchanges=(_exchange(1, 0, 0), _exchange(2, 9, 9)), notes=(Note(at=5, text="restart"),))
    assert [mark.text for mark in picture(told).marks] == ["ask 1", "tell 1", "restart", "ask 2", "tell 2"]


def test_lines_follow_each_other_downwards_inside_the_picture(sample_report: Report) -> None:
    for result in sample_report.results:
        if result.story:
            drawn = picture(result.story)
            heights = [mark.y for mark in drawn.marks]
            assert heights == sorted(set(heights))
            assert 0 < heights[0] < heights[-1] < drawn.height
