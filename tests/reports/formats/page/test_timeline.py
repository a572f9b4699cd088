"""Where the arrows, pauses, tokens and clocks of a timeline go."""

from dataclasses import replace

import pytest

from refreshproof.reports import ExchangeView, Note, Report, Skew, Story, TokenLife
from refreshproof.reports.formats.page.timeline import (
    CLIENT,
    LINE,
    MOST_TRACKS,
    NETWORK,
    RESOURCE,
    SERVER,
    Mark,
    timeline,
    token_in_words,
)

SECOND = 1_000_000


@pytest.fixture
def story(sample_report: Report) -> Story:
    """A story with nothing in it yet, begun at instant zero."""
    told = next(result.story for result in sample_report.results if result.story)
    return replace(told, started=0, exchanges=(), notes=(), tokens=(), skews=())


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
    marks = timeline(replace(story, exchanges=(_exchange(1, 0, SECOND),))).marks
    assert list(map(_arrow, marks)) == [("ask 1", CLIENT, SERVER, False), ("tell 1", SERVER, CLIENT, False)]


def test_at_one_instant_a_note_stands_behind_the_exchange_that_it_follows(story: Story) -> None:
    exchanges = tuple(_exchange(number, 0, 0) for number in (1, 2))
    notes = (Note(at=0, text="ended", follows=1), Note(at=0, text="skewed"))
    marks = timeline(replace(story, exchanges=exchanges, notes=notes)).marks
    assert [mark.text for mark in marks] == ["skewed", "ask 1", "tell 1", "ended", "ask 2", "tell 2"]


def test_a_lost_answer_breaks_off_in_the_network(story: Story) -> None:
    marks = timeline(replace(story, exchanges=(_exchange(1, 0, SECOND, delivered=False, trouble="reset"),))).marks
    assert list(map(_arrow, marks)) == [("ask 1", CLIENT, SERVER, False), ("tell 1", SERVER, NETWORK, True)]
    assert [mark.trouble for mark in marks] == ["", "reset"]


def test_a_request_that_never_arrived_has_no_answer(story: Story) -> None:
    marks = timeline(replace(story, exchanges=(_exchange(1, 0, SECOND, delivered=None, trouble="refused"),))).marks
    assert list(map(_arrow, marks)) == [("ask 1", CLIENT, NETWORK, True)]
    assert marks[0].trouble == "refused"


def test_parallel_exchanges_interleave_in_virtual_time(story: Story) -> None:
    marks = timeline(replace(story, exchanges=(_exchange(1, 0, 3 * SECOND), _exchange(2, SECOND, 2 * SECOND)))).marks
    assert [mark.text for mark in marks] == ["ask 1", "ask 2", "tell 2", "tell 1"]


def test_a_jump_of_the_clock_is_shown_and_a_slow_leg_is_not(story: Story) -> None:
    marks = timeline(replace(story, exchanges=(_exchange(1, 3601 * SECOND, 3660 * SECOND),))).marks
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
    *_, last = timeline(replace(story, exchanges=(_exchange(1, 0, later),))).marks
    assert (last.wait, last.time) == (wait, time)


def test_a_long_text_is_broken_and_drawn_to_its_end(story: Story) -> None:
    text = "client: call ended in permanent error (KeyError: 'expires_at' in session.py, line 88, in refresh) " * 2
    exchange = replace(_exchange(1, 1, 2, delivered=False, trouble=text), summary=text)
    note, request, answer = timeline(replace(story, exchanges=(exchange,), notes=(Note(at=0, text=text),))).marks
    for lines in (note.lines, request.lines, answer.mishap):
        assert 1 < len(lines) < 6
    assert " ".join(note.lines) == " ".join(request.lines) == text.strip()
    assert " ".join(answer.mishap) == f"lost: {text.strip()}"
    assert note.y + LINE * len(note.lines) <= request.y - LINE * (len(request.lines) - 1)


def test_a_note_stands_between_the_exchanges_it_fell_between(story: Story) -> None:
    told = replace(story, exchanges=(_exchange(1, 0, 0), _exchange(2, 9, 9)), notes=(Note(at=5, text="restart"),))
    assert [mark.text for mark in timeline(told).marks] == ["ask 1", "tell 1", "restart", "ask 2", "tell 2"]


def test_lines_follow_each_other_downwards_inside_the_timeline(sample_report: Report) -> None:
    for result in sample_report.results:
        if result.story:
            drawn = timeline(result.story)
            heights = [mark.y for mark in drawn.marks]
            assert heights == sorted(set(heights))
            assert 0 < heights[0] < heights[-1] < drawn.height


def test_a_request_to_the_resource_ends_in_its_lane(story: Story) -> None:
    told = replace(story, exchanges=(replace(_exchange(1, 0, 0), server="resource"),))
    assert [(mark.x1, mark.x2) for mark in timeline(told).marks] == [(CLIENT, RESOURCE), (RESOURCE, CLIENT)]


DAY = 86_400 * SECOND


def test_ten_milliseconds_and_ninety_days_have_a_line_each_and_no_more(story: Story) -> None:
    short, long = (
        timeline(replace(story, exchanges=(_exchange(1, 0, 0), _exchange(2, wait, wait)))).marks
        for wait in (10_000, 90 * DAY)
    )
    assert [mark.wait for mark in short] == ["", "", "+10 ms", ""]
    assert [mark.text for mark in long] == ["ask 1", "tell 1", "90 d 0:00:00 later", "ask 2", "tell 2"]
    assert long[-1].y - short[-1].y == long[-1].y - long[-2].y == short[-1].y - short[-2].y


def _life(alias: str, issued_by: int, *, over: int | None = None, ended_by: int = 0, at: int = 0) -> TokenLife:
    return TokenLife(
        alias=alias,
        kind="refresh" if alias.startswith("RT") else "access",
        issued_at=at,
        issued_by=issued_by,
        expires_at=over,
        ended_at=at if ended_by else None,
        ended_by=ended_by,
        ending="replaced by RT2" if ended_by else "",
    )


def test_a_token_that_expires_in_the_story_has_a_line_there_and_a_bar_that_ends_on_it(story: Story) -> None:
    told = replace(
        story, exchanges=(_exchange(1, 0, 0), _exchange(2, 2 * DAY, 2 * DAY)), tokens=(_life("AT1", 1, over=DAY),)
    )
    drawn = timeline(told)
    [expiry] = [mark for mark in drawn.marks if mark.kind == "expiry"]
    [bar] = drawn.bars
    assert (expiry.text, expiry.time) == ("AT1 expires", "1 d 0:00:00")
    assert [mark.text for mark in drawn.marks if mark.kind == "gap"] == ["1 d 0:00:00 later"] * 2
    assert (bar.y1, bar.y2, bar.shape, bar.ending) == (drawn.marks[1].y, expiry.y, "flat", "expired")


def test_a_token_that_outlives_the_story_runs_to_its_foot(story: Story) -> None:
    told = replace(story, exchanges=(_exchange(1, 0, 0),), tokens=(_life("AT1", 1, over=DAY), _life("RT1", 1)))
    drawn = timeline(told)
    assert {(bar.shape, bar.ending) for bar in drawn.bars} == {("open", "")}
    assert all(drawn.marks[-1].y < bar.y2 < drawn.height for bar in drawn.bars)
    assert not [mark for mark in drawn.marks if mark.kind == "expiry"]


def test_at_one_instant_a_bar_begins_and_ends_at_its_own_exchanges(story: Story) -> None:
    exchanges = tuple(_exchange(number, 0, 0) for number in (1, 2, 3))
    drawn = timeline(replace(story, exchanges=exchanges, tokens=(_life("RT1", 2, ended_by=3),)))
    answers = {mark.number: mark.y for mark in drawn.marks if mark.kind == "answer"}
    [bar] = drawn.bars
    assert (bar.y1, bar.y2, bar.shape, bar.ending) == (answers[2], answers[3], "crossed", "replaced by RT2")


def test_bars_stand_side_by_side_without_overlap_and_what_finds_no_room_is_counted(story: Story) -> None:
    exchanges = tuple(_exchange(number, number * SECOND, number * SECOND) for number in range(1, 21))
    lives = tuple(_life(f"RT{number}", number, at=number * SECOND) for number in range(1, 13))
    drawn = timeline(replace(story, exchanges=exchanges, tokens=lives))
    assert len({bar.x for bar in drawn.bars}) == len(drawn.bars) == MOST_TRACKS
    assert drawn.left_out == 12 - MOST_TRACKS
    followed = timeline(
        replace(story, exchanges=exchanges, tokens=(_life("RT1", 1, ended_by=5), _life("RT2", 8, at=8 * SECOND)))
    )
    assert len({bar.x for bar in followed.bars}) == 1


def test_the_clock_is_a_ribbon_while_it_is_wrong(story: Story) -> None:
    notes = (Note(at=5, text="client clock: skew -300", kind="clock"), Note(at=9, text="set right", kind="clock"))
    skews = (Skew(at=5, seconds=-300.0), Skew(at=9, seconds=0.0))
    drawn = timeline(replace(story, notes=notes, skews=skews))
    [wrong] = drawn.wrong
    assert (wrong.y1, wrong.y2, wrong.text) == (drawn.marks[0].y, drawn.marks[1].y, "0:05:00 behind")


def test_what_shows_the_violation_is_marked_from_the_request_to_its_answer(story: Story) -> None:
    exchanges = (_exchange(1, 0, 0), replace(_exchange(2, 1, 2), witness=True))
    drawn = timeline(replace(story, exchanges=exchanges))
    [band] = drawn.witnesses
    assert band.y1 < drawn.marks[2].y < drawn.marks[3].y < band.y2 < drawn.height + 12
    assert band.y1 >= drawn.marks[1].y


def test_an_exception_of_the_client_stands_where_it_happened_with_its_own_words(story: Story) -> None:
    note = Note(
        at=5, text="client: call ended in crash", follows=1, kind="crash", lines=("KeyError: 'x'", "in a.py, line 3")
    )
    drawn = timeline(replace(story, exchanges=(_exchange(1, 0, 0), _exchange(2, 9, 9)), notes=(note,)))
    crash, after = drawn.marks[2:4]
    assert (crash.about, crash.words) == ("crash", ["KeyError: 'x'", "in a.py, line 3"])
    assert after.y >= crash.y + 3 * LINE


def test_a_life_in_words_says_what_nobody_knows() -> None:
    known = TokenLife(alias="AT1", kind="access", issued_at=0, expires_at=3600 * SECOND)
    unknown = TokenLife(alias="RT1", kind="refresh", issued_at=0, ended_at=SECOND, ending="refused")
    told = Story(started=0, scenario={}, prose=(), expected="", happened="", pytest="")
    assert token_in_words(told, known) == "AT1: access token, issued at 0:00:00, expires at 1:00:00"
    assert token_in_words(told, unknown) == (
        "RT1: refresh token, issued at 0:00:00, the answer does not say for how long, refused at 0:00:01"
    )


def test_only_a_story_that_accuses_says_so_and_says_it_below_all_that_happened(story: Story) -> None:
    told = replace(story, exchanges=(replace(_exchange(1, 0, SECOND), witness=True),), happened="RT1 was sent " * 9)
    neutral, accusing = timeline(told), timeline(told, accuses=True)
    assert neutral.verdict == ()
    assert " ".join(accusing.verdict) == told.happened.strip()
    assert accusing.witnesses == neutral.witnesses, "what the verdict was read from is marked alike in both"
    assert accusing.height - neutral.height == LINE * (len(accusing.verdict) + 1)
