"""A story's exchanges as a sequence picture: where each arrow, gap and note goes. The template draws it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TypeAlias

from refreshproof.reports.formats.clock_text import elapsed, short, whole_seconds
from refreshproof.reports.story import ExchangeView, Story

CLIENT, NETWORK, PROVIDER = 124, 320, 516
WIDTH = 560
"""Where the lanes stand and how wide the picture is, in its own units."""

LINE = 14
"""From one line of a text to the next."""

_TOP, _STEP = 66, 40
_LABEL, _NOTE, _MISHAP = 54, 64, 60  # characters that surely fit on a line of each kind
# a shorter wait is a slow leg and shows in the times; a longer one is a jump the reader should see
_GAP = 60_000_000


_Place: TypeAlias = tuple[int, int]
"""Where an event stands: its instant, and the exchange that it belongs to or comes after."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One line of the picture at height `y`.

    `kind` is request, answer, gap or note. An arrow runs from `x1` to `x2`; `lost` says that it ends there broken.
    `bad` marks an answer that is an error, `key` a request that shows the violation; `time` is the offset from the
    story's start, `wait` the time since the mark before; each is "" if not to be printed.
    """

    kind: str
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
    trouble: str = ""

    @property
    def lines(self) -> list[str]:
        """The text, broken so that it fits: all of it is drawn, because a printed picture has nothing to hover over."""
        return wrap(self.text, _NOTE if self.kind == "note" else _LABEL) or [""]

    @property
    def mishap(self) -> list[str]:
        """What the network did, broken likewise."""
        return wrap(": ".join(part for part in ("lost" if self.lost else "", self.trouble) if part), _MISHAP)

    @property
    def above(self) -> int:
        """The room that it needs over its line: a label stands on its arrow."""
        return 0 if self.kind == "note" else LINE * (len(self.lines) - 1)

    @property
    def below(self) -> int:
        """The room that it needs under its line."""
        return LINE * (len(self.lines) - 1 if self.kind == "note" else len(self.mishap))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A laid-out sequence picture."""

    height: int
    marks: tuple[Mark, ...]


def picture(story: Story) -> Picture:
    """Lay out the exchanges and notes of a story, top to bottom in virtual time."""
    events = sorted(_events(story), key=lambda event: event[0])
    y, placed = _TOP, []
    for mark in _timed([(place[0], mark) for place, mark in events], story.started):
        placed.append(replace(mark, y=y + mark.above))
        y += mark.above + _STEP + mark.below
    return Picture(height=y - _STEP // 4, marks=tuple(placed))


def _events(story: Story) -> Iterator[tuple[_Place, Mark]]:
    for exchange in story.exchanges:
        yield (exchange.at, exchange.number), _request(exchange)
        if exchange.delivered is not None:
            answered_at = exchange.at if exchange.answered_at is None else exchange.answered_at
            yield (answered_at, exchange.number), _answer(exchange)
    yield from (((note.at, note.follows), Mark(kind="note", text=note.text)) for note in story.notes)


def _request(exchange: ExchangeView) -> Mark:
    lost = exchange.delivered is None
    return Mark(
        kind="request",
        text=exchange.summary,
        number=exchange.number,
        x1=CLIENT,
        x2=NETWORK if lost else PROVIDER,
        lost=lost,
        key=exchange.witness,
        trouble=(exchange.trouble or "") if lost else "",
    )


def _answer(exchange: ExchangeView) -> Mark:
    return Mark(
        kind="answer",
        text=exchange.answer or str(exchange.status or ""),
        number=exchange.number,
        x1=PROVIDER,
        x2=CLIENT if exchange.delivered else NETWORK,
        lost=not exchange.delivered,
        bad=(exchange.status or 0) >= 400,
        trouble=exchange.trouble or "",
    )


def _timed(events: list[tuple[int, Mark]], started: int) -> Iterator[Mark]:
    """Give each event its offset and put a gap wherever the clock jumps."""
    instants = [started, *(at for at, _ in events)]
    for before, (at, mark) in zip(instants, events, strict=False):
        wait = at - before
        if wait >= _GAP:
            yield Mark(kind="gap", text=f"{whole_seconds(wait / 1_000_000)} later")
        # finer than a millisecond the offset finds no room; the wait tells it
        offset = elapsed((at - started) // 1000 * 1000)
        yield replace(mark, time=offset, wait=f"+{short(wait)}" if 0 < wait < _GAP else "")
