"""What a run shows while it is under way."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console

from refreshproof.harness.cli.terminal.progress import Shown, shown
from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.events import Begun, CellJudged, Planned, VendorExplored
from refreshproof.harness.run.smoke import Tried
from refreshproof.reports import Trouble

HUNG = Trouble(where="client", what="it hung", provider="google")


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=200, color_system=None)


def printed(one: Console) -> str:
    assert isinstance(one.file, io.StringIO)
    return one.file.getvalue()


def cell(outcome: str, requirement: str = "rotation-replace") -> CellJudged:
    return CellJudged(cell=Cell(requirement=requirement, vendor="google", outcome=outcome))  # type: ignore[arg-type]


def test_it_names_what_is_under_way_and_counts_findings_as_they_come() -> None:
    progress = Shown(console(terminal=True))
    progress.take(Planned(cells=3, explorations=1))
    assert progress.line == "the plain flow; so far nothing found"
    progress.take(Begun(what="rotation-replace to rotation-keep-when-null at google"))
    progress.take(cell("violated", "rotation-old-never-reused"))
    for outcome in ("violated", "satisfied", "harness_error"):
        progress.take(cell(outcome))
    told = "rotation-replace to rotation-keep-when-null at google; so far 2 broken, 1 failed by the harness"
    assert progress.line == told
    again = (cell("violated").cell,)
    progress.take(
        VendorExplored(vendor="google", lives=1, virtual_time=0, moves=Counter(), cells=again, troubles=(HUNG, HUNG))
    )
    assert progress.line == f"{told}, trouble: client at google: it hung"


def test_a_trouble_is_told_at_once_and_once_where_nothing_goes_by_itself() -> None:
    pipe = console(terminal=False)
    with shown(pipe) as progress:
        for _ in range(2):
            progress.take(Tried(vendor="google", trouble=HUNG))
        assert printed(pipe) == "client at google: it hung\n"
    assert printed(pipe) == "client at google: it hung\n"


def test_where_nothing_goes_by_itself_a_long_run_says_how_far_it_is() -> None:
    pipe = console(terminal=False)
    with shown(pipe) as progress:
        progress.take(Planned(cells=60, explorations=1))
        progress.take(VendorExplored(vendor="google", lives=25, virtual_time=0, moves=Counter(), cells=()))
        for number in range(60):
            progress.take(cell("violated" if number == 7 else "satisfied"))
    lines = printed(pipe).splitlines()
    assert lines[:3] == [
        "25 lives at google explored; so far nothing found",
        "6 of 60 cells judged; so far nothing found",
        "12 of 60 cells judged; so far 1 broken",
    ]
    assert len(lines) == 10
    short = console(terminal=False)
    with shown(short) as progress:
        progress.take(Planned(cells=12, explorations=0))
        for _ in range(12):
            progress.take(cell("violated"))
    assert printed(short) == ""


def test_on_a_terminal_it_goes_when_the_run_is_over_for_the_report_tells_it() -> None:
    screen = console(terminal=True)
    with shown(screen) as progress:
        progress.take(Tried(vendor="google", trouble=HUNG))
    assert printed(screen).rstrip().endswith("\x1b[2K"), "the last that is written wipes what was shown"
