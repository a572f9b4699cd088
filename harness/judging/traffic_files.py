"""What crossed the network in each story of a finding, as a HAR of its own: a browser's network panel shows it, and
`refreshproof judge` judges it again.

Stories are kept apart because all of them begin at one instant: in one file their requests would be mixed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from refreshproof.harness.run import writing
from refreshproof.harness.run.cells import Cell
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.reports.version import VERSION
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.recording.document import Page, har_of
from refreshproof.scenarios.recording.recording import Recorded, Recording

HARS = "har"
"""The folder of these files inside a report's folder."""
SHOWS = ("shows what is allowed but not the best", "shows the violation")


def traffic_files(cells: Iterable[Cell], vendors: Mapping[str, Vendor], folder: Path) -> list[writing.Planned]:
    """Return the file of each story, named as its scenario is, with what gives its text."""
    return [
        (folder / HARS / f"{cell.requirement}--{cell.vendor}.har", partial(_text, cell, vendors[cell.vendor]))
        for cell in cells
        if cell.scenario is not None and cell.journal is not None
    ]


def _text(cell: Cell, vendor: Vendor) -> str:
    exchanges = () if cell.journal is None else cell.journal.exchanges()
    recording = Recording(vendor=vendor, exchanges=tuple(Recorded(exchange=one) for one in exchanges))
    shows = SHOWS[cell.outcome == "violated"]
    page = Page(
        title=f"{cell.requirement} at {cell.vendor}: {cell.why}",
        started=0 if cell.journal is None else cell.journal.started_at,
        comments={
            one.number: _comment(one, cell.number_of(one.step), shows if one.number in cell.witness else "")
            for one in exchanges
        },
    )
    return json.dumps(har_of([recording], VERSION, page), indent=1) + "\n"


def _comment(exchange: Exchange, step: int, shows: str) -> str:
    told = (f"step {step}", shows, exchange.trouble or "")
    return ", ".join(part for part in told if part)
