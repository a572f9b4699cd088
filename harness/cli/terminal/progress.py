"""What a run shows while it is under way, on stderr: where it is, how far it has come, what it has found so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.events import Begun, CellJudged, Event, Lived, Planned, Surveyed, VendorExplored
from refreshproof.harness.run.smoke import Tried
from refreshproof.harness.run.troubles import kind_of
from refreshproof.reports import Trouble

EXPLORED, MEASURED, JUDGED = "explored vendors", "measured values", "judged cells"
BARS = (EXPLORED, MEASURED, JUDGED)
LONG = 50
"""Cells from which on it is told on the way how far a run is."""
FINDINGS: Mapping[str, str] = {
    "violated": "broken",
    "alternative": "kept in a weaker way",
    "subject_error": "not judged",
    "harness_error": "failed by the harness",
}
"""Outcomes that are counted as they come, in words."""


class Shown:
    """The bars of a run, and beneath them what is under way and what has been found.

    On a terminal all of it goes when the run is over: the report tells it. Elsewhere what stands in the way of judging
    is printed, once, at once, and on the way of a long run how far it is: at ten places, and after each vendor that was
    explored.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console)
        self._bars = {kind: self._progress.add_task(kind, total=None) for kind in BARS}
        self._what = "the plain flow"
        self._found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._met: dict[Hashable, Trouble] = {}
        self._cells = self._judged = 0

    def take(self, event: Event) -> None:
        """Move the bar that an event is about, and say what is under way."""
        if isinstance(event, Tried):
            if event.trouble is not None:
                self._tell(event.trouble)
        elif isinstance(event, Begun):
            self._what = event.what
        elif isinstance(event, Planned):
            self._cells = event.cells
            for kind, total in zip(BARS, (event.explorations, event.values, event.cells), strict=True):
                self._progress.update(self._bars[kind], total=total, visible=total > 0)
        elif isinstance(event, CellJudged):
            self._count([event.cell])
            self._meet(event.cell.troubles)
            self._progress.advance(self._bars[JUDGED])
            self._judged += 1
            if self._judged % max(1, self._cells // 10) == 0 and LONG <= self._cells != self._judged:
                self._tell_how_far(f"{self._judged} of {self._cells} cells judged")
        elif isinstance(event, VendorExplored):
            self._count(event.cells)
            self._meet(event.troubles)
            self._progress.advance(self._bars[EXPLORED])
            self._tell_how_far(f"{event.lives} lives at {event.vendor} explored")
        elif isinstance(event, Lived):
            self._count(event.cells)
        elif isinstance(event, Surveyed):
            self._progress.advance(self._bars[MEASURED], len(event.readings))

    def __rich__(self) -> Group:
        """Return all that is shown."""
        return Group(self._progress, Text(self.line))

    @property
    def line(self) -> str:
        """What is under way, and what has been found so far."""
        return f"{self._what}; {self._so_far}"

    @property
    def _so_far(self) -> str:
        found = [f"{len(self._found[name])} {word}" for name, word in FINDINGS.items() if self._found[name]]
        troubles = list(self._met.values())
        found += [f"trouble: {troubles[0].title}"] if troubles else []
        found += [f"{len(troubles) - 1} more"] if len(troubles) > 1 else []
        return f"so far {', '.join(found) or 'nothing found'}"

    def _tell_how_far(self, what: str) -> None:
        if not self._console.is_terminal:
            self._console.print(escape(f"{what}; {self._so_far}"), soft_wrap=True)

    def _tell(self, trouble: Trouble) -> None:
        if not self._console.is_terminal and kind_of(trouble) not in self._met:
            tell(trouble, self._console)
        self._meet([trouble])

    def _count(self, cells: Iterable[Cell]) -> None:
        """Count findings: a rule at a vendor is one, however often it is judged."""
        for cell in cells:
            self._found[cell.outcome].add((cell.vendor, cell.requirement))

    def _meet(self, troubles: Iterable[Trouble]) -> None:
        for one in troubles:
            self._met.setdefault(kind_of(one), one)


@contextmanager
def shown(console: Console) -> Iterator[Shown]:
    """Show a run that is under way."""
    shown = Shown(console)
    if not console.is_terminal:
        yield shown
        return
    with Live(shown, console=console, transient=True):
        yield shown


def tell(trouble: Trouble, console: Console) -> None:
    """Print a trouble where it is met."""
    facts = "; ".join(f"{name} {text}" for name, text in trouble.facts())
    console.print(f"[bold magenta]{escape(trouble.title)}[/]{escape(f' ({facts})' if facts else '')}", soft_wrap=True)
