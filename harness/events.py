"""What a run tells while it runs: the command line, the reports and the plugin consume the same stream."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

from refreshproof.harness.cells import Cell
from refreshproof.scenarios.journal import Move


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How much there is to do: cells to judge, and vendors to explore at."""

    cells: int
    explorations: int


@dataclass(frozen=True, kw_only=True)
class CellJudged:
    """A cell was judged by its own scenarios."""

    cell: Cell


@dataclass(frozen=True, kw_only=True)
class VendorExplored:
    """Generated lives at one vendor are over; `cells` holds those that broke an invariant."""

    vendor: str
    lives: int
    virtual_time: int
    moves: Counter[Move]
    cells: tuple[Cell, ...]


Event: TypeAlias = Planned | CellJudged | VendorExplored
