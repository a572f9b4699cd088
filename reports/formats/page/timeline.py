"""A story as a picture on the virtual clock: lanes, arrows, pauses, tokens, the client's clock. The template draws it.

Time runs downwards on a broken axis: what happens has a line each, however short the wait, and a pause is one line
that says how long it was, so that ten milliseconds and ninety days can both be read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Literal, TypeAlias

from refreshproof.reports.formats.page.axis import Axis
from refreshproof.reports.formats.words.clock_text import elapsed, short, whole_seconds
from refreshproof.reports.story import ExchangeView, Note, Server, Story, TokenLife

CLIENT, NETWORK, SERVER, RESOURCE = 146, 324, 502, 594
"""Where the lanes stand, in the picture's own units."""
LANES: dict[str, int] = {"client": CLIENT, "network": NETWORK, "authorization server": SERVER, "resource": RESOURCE}
TOKENS, TRACK = 650, 32
"""Where the bars of tokens begin, and from one to the next."""
MOST_TRACKS = 8
"""Bars side by side; further tokens are told in words alone."""
RIBBON = 116
"""Where the ribbon of the client's clock stands."""

LINE = 14
"""From one line of a text to the next."""

_TOP, _STEP, _SMALL = 66, 40, 26
_LABEL, _NOTE, _MISHAP = 50, 62, 56  # characters that surely fit on a line of each kind
# a shorter wait is a slow leg and shows in the times; a longer one is a pause the reader should see
_GAP = 60_000_000

Kind: TypeAlias = Literal["request", "answer", "note", "expiry", "gap"]
_Key: TypeAlias = tuple[str, int | str]
_Place: TypeAlias = tuple[int, int]
"""Where an event stands: its instant, and the exchange that it belongs to or comes after."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One line of the picture at height `y`.

    An arrow runs from `x1` to `x2`; `lost` says that it ends there broken. `bad` marks an answer that is an error,
    `key` a request that shows what was judged, `struck` an answer that a fault shaped; `about` is what a note tells of,
    `said` the client's own lines. `time` is the offset from the story's start, `wait` the time since the mark before;
    each is "" if not to be printed.
    """

    kind: Kind
    text: str
    y: int = 0
    time: str = ""
    wait: str = ""
    number: int = 0
    x1: int = 0
    x2: int = 0
    lost: bool = False
    bad: bool = False
    key: bool = False
    struck: bool = False
    trouble: str = ""
    about: str = ""
    said: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The text, broken so that it fits: all of it is drawn, because a printed picture has nothing to hover over."""
        return wrap(self.text, _NOTE if self.kind == "note" else _LABEL) or [""]

    @property
    def words(self) -> list[str]:
        """The client's own lines, broken likewise."""
        return [line for said in self.said for line in wrap(said, _NOTE, subsequent_indent="  ")]

    @property
    def mishap(self) -> list[str]:
        """What the network did, broken likewise."""
        return wrap(": ".join(part for part in ("lost" if self.lost else "", self.trouble) if part), _MISHAP)

    @property
    def above(self) -> int:
        """The room that it needs over its line: a label stands on its arrow."""
        return LINE * (len(self.lines) - 1) if self.kind in ("request", "answer") else 0

    @property
    def below(self) -> int:
        """The room that it needs under its line."""
        return LINE * (len(self.lines) - 1 + len(self.words) if self.kind == "note" else len(self.mishap))

    @property
    def step(self) -> int:
        """From its line to the next."""
        return _SMALL if self.kind == "expiry" else _STEP


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A token while it is good: from `y1` to `y2` at `x`; `ending` is "" for one that outlives the story.

    `shape` says how it ends: open, flat where its time is over, crossed where it was ended before.
    """

    alias: str
    kind: str
    x: int
    y1: int
    y2: int
    ending: str
    shape: Literal["open", "flat", "crossed"]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of the picture from `y1` to `y2`, and what is true there."""

    y1: int
    y2: int
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A laid-out picture. `wrong` is where the client's clock was wrong, `witnesses` where what was judged can be seen,
    and `left_out` counts tokens that found no room. `verdict` are the lines at the foot that say what was broken; only
    they accuse the client."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...] = ()
    wrong: tuple[Stretch, ...] = ()
    witnesses: tuple[Stretch, ...] = ()
    left_out: int = 0
    verdict: tuple[str, ...] = ()


def timeline(story: Story, *, accuses: bool = False) -> Timeline:
    """Lay out a story, top to bottom in virtual time; one that `accuses` the client ends with what was broken."""
    events = sorted(_events(story), key=lambda event: event[0])
    y, placed, knots, known = _TOP, list[Mark](), [(story.started, _TOP - _STEP // 2)], dict[_Key, int]()
    for at, mark in _timed([(place[0], mark) for place, mark in events], story.started):
        placed.append(replace(mark, y=y + mark.above))
        if mark.kind != "gap":
            knots.append((at, y + mark.above))
            known[_key(mark, at)] = y + mark.above
        y += mark.above + mark.step + mark.below
    height = y - _STEP // 4
    axis = Axis(knots, known, bottom=height - 10)
    bars, left_out = _bars(story, axis)
    verdict = tuple(wrap(story.happened, _NOTE)) if accuses else ()
    return Timeline(
        width=max((bar.x for bar in bars), default=TOKENS - TRACK) + TRACK,
        height=height + LINE * (len(verdict) + 1 if verdict else 0),
        marks=tuple(placed),
        bars=bars,
        wrong=tuple(_wrong(story, axis)),
        witnesses=tuple(_witnesses(placed)),
        left_out=left_out,
        verdict=verdict,
    )


def token_in_words(story: Story, life: TokenLife) -> str:
    """Tell how long a token was good for, with times from the story's start."""
    told = [f"{life.alias}: {life.kind} token, issued at {elapsed(life.issued_at - story.started)}"]
    if life.expires_at is not None:
        told.append(f"expires at {elapsed(life.expires_at - story.started)}")
    else:
        told.append("the answer does not say for how long")
    if life.ended_at is not None:
        told.append(f"{life.ending} at {elapsed(life.ended_at - story.started)}")
    return ", ".join(told)


def skew_in_words(seconds: float) -> str:
    """Say how wrong a clock is."""
    if not seconds:
        return "right"
    size = abs(seconds)
    span = whole_seconds(size) if size >= 60 else short(round(size * 1_000_000))
    return f"{span} {'ahead' if seconds > 0 else 'behind'}"


def _events(story: Story) -> Iterator[tuple[_Place, Mark]]:
    last = story.started
    for exchange in story.exchanges:
        yield (exchange.at, exchange.number), _request(exchange)
        last = max(last, exchange.at)
        if exchange.delivered is not None:
            answered_at = exchange.at if exchange.answered_at is None else exchange.answered_at
            last = max(last, answered_at)
            yield (answered_at, exchange.number), _answer(exchange)
    for note in story.notes:
        last = max(last, note.at)
        yield (note.at, note.follows), _note(note)
    for life in story.tokens:
        over = life.expires_at
        if over is not None and life.ended_at is None and over <= last:
            yield (over, -1), Mark(kind="expiry", text=f"{life.alias} expires")


def _note(note: Note) -> Mark:
    return Mark(kind="note", text=note.text, about=note.kind, said=note.lines)


def _request(exchange: ExchangeView) -> Mark:
    lost = exchange.delivered is None
    return Mark(
        kind="request",
        text=exchange.summary,
        number=exchange.number,
        x1=CLIENT,
        x2=NETWORK if lost else _lane(exchange.server),
        lost=lost,
        key=exchange.witness,
        trouble=(exchange.trouble or "") if lost else "",
    )


def _answer(exchange: ExchangeView) -> Mark:
    return Mark(
        kind="answer",
        text=exchange.answer or str(exchange.status or ""),
        number=exchange.number,
        x1=_lane(exchange.server),
        x2=CLIENT if exchange.delivered else NETWORK,
        lost=not exchange.delivered,
        bad=(exchange.status or 0) >= 400,
        struck=exchange.struck,
        trouble=exchange.trouble or "",
    )


def _lane(server: Server) -> int:
    return LANES[server]


def _timed(events: list[tuple[int, Mark]], started: int) -> Iterator[tuple[int, Mark]]:
    """Give each event its offset and put a gap wherever the clock jumps."""
    instants = [started, *(at for at, _ in events)]
    for before, (at, mark) in zip(instants, events, strict=False):
        wait = at - before
        if wait >= _GAP:
            yield at, Mark(kind="gap", text=f"{whole_seconds(wait / 1_000_000)} later")
        # finer than a millisecond the offset finds no room; the wait tells it
        offset = elapsed((at - started) // 1000 * 1000)
        yield at, replace(mark, time=offset, wait=f"+{short(wait)}" if 0 < wait < _GAP else "")


def _bars(story: Story, axis: Axis) -> tuple[tuple[Bar, ...], int]:
    """Put tokens side by side, refresh tokens first; one that ended makes room for another."""
    bars: list[Bar] = []
    for kind in ("refresh", "access"):
        first, ends = len({bar.x for bar in bars}), list[int]()
        for life in story.tokens:
            if life.kind == kind:
                bar = _bar(life, axis)
                track = next((number for number, end in enumerate(ends) if end + LINE < bar.y1 - LINE), len(ends))
                ends[track : track + 1] = [bar.y2]
                bars.append(replace(bar, x=TOKENS + TRACK * (first + track)))
    fitting = [bar for bar in bars if bar.x < TOKENS + TRACK * MOST_TRACKS]
    return tuple(fitting), len(bars) - len(fitting)


def _key(mark: Mark, at: int) -> _Key:
    """Name an event, so that what began or ended with it is drawn there, and not where others of that instant are."""
    if mark.kind == "note":
        return mark.about, at
    return mark.kind, mark.text if mark.kind == "expiry" else mark.number


def _bar(life: TokenLife, axis: Axis) -> Bar:
    over = min((at for at in (life.expires_at, life.ended_at) if at is not None), default=None)
    outlives = over is None or over > axis.last
    y1 = axis.of(("answer", life.issued_by), life.issued_at)
    ended = ("expiry", f"{life.alias} expires") if life.ended_at is None else ("answer", life.ended_by)
    y2 = axis.bottom if over is None or outlives else axis.of(ended, over)
    return Bar(
        alias=life.alias,
        kind=life.kind,
        x=0,
        y1=y1,
        y2=max(y2, y1 + 6),
        ending="" if outlives else life.ending or "expired",
        shape="open" if outlives else "crossed" if life.ended_at is not None else "flat",
    )


def _wrong(story: Story, axis: Axis) -> Iterator[Stretch]:
    starts = [skew.at for skew in story.skews]
    for number, skew in enumerate(story.skews):
        if skew.seconds:
            over = starts[number + 1] if number + 1 < len(starts) else None
            end = axis.bottom if over is None else axis.of(("clock", over), over)
            y1 = axis.of(("clock", skew.at), skew.at)
            yield Stretch(y1=y1, y2=max(end, y1 + 6), text=skew_in_words(skew.seconds))


def _witnesses(marks: Sequence[Mark]) -> Iterator[Stretch]:
    """Yield where it can be seen: from the request to its answer, unless something comes between."""
    for number, mark in enumerate(marks):
        if mark.key:
            after = marks[number + 1] if number + 1 < len(marks) else mark
            last = after if after.kind == "answer" and after.number == mark.number else mark
            yield Stretch(y1=mark.y - mark.above - 24, y2=last.y + last.below + 12)
