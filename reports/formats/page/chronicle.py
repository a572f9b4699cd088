"""A story in the order in which it happened: exchanges, and between them what the client said, and whatever else."""

from collections.abc import Iterator

from refreshproof.reports.formats.page.timeline import skew_in_words
from refreshproof.reports.formats.words.clock_text import elapsed, short
from refreshproof.reports.story import ExchangeView, Note, Story

_MINUTE = 60_000_000


def chronicle(story: Story) -> list[tuple[ExchangeView | None, Note | None]]:
    """Return exchanges by number, each followed by the notes that come after it; one of each pair is None."""
    told: list[tuple[int, int, int, ExchangeView | None, Note | None]] = [
        (exchange.number, 0, place, exchange, None) for place, exchange in enumerate(story.exchanges)
    ]
    told += [(note.follows, 1, place, None, note) for place, note in enumerate(story.notes)]
    return [(exchange, note) for *_, exchange, note in sorted(told, key=lambda one: one[:3])]


def about(story: Story, exchange: ExchangeView) -> Iterator[str]:
    """Say of an exchange what its messages do not: the legs' times, the client's clock, a fault, who sent it."""
    if exchange.on_behalf:
        yield "Sent by the harness on the client's behalf."
    if exchange.struck:
        yield "A fault of the scenario shaped this answer."
    legs = [("on the way", exchange.at, exchange.arrived_at), ("until the answer", exchange.arrived_at, _end(exchange))]
    if slow := [
        f"{_span(end - start)} {name}" for name, start, end in legs if start is not None and end and end > start
    ]:
        yield f"{' and '.join(slow)}."
    wrong = 0 if exchange.client_at is None else exchange.client_at - exchange.at
    if abs(wrong) >= 1000:
        own = elapsed((exchange.at + wrong - story.started) // 1000 * 1000)
        yield f"The client's clock was {skew_in_words(wrong / 1_000_000)}: it showed {own}."


def _end(exchange: ExchangeView) -> int | None:
    return None if exchange.delivered is None else exchange.answered_at


def _span(microseconds: int) -> str:
    return short(microseconds) if microseconds < _MINUTE else elapsed(microseconds)
