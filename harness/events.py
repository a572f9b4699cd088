"""What a run tells while it runs: the command line, the reports and the plugin consume the same stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from refreshproof.harness.cells import Cell


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How much there is to do: cells to judge, and vendors to explore at."""

    cells: int
    explorations: int


@dataclass(frozen=True, kw_only=True)
class CellJudged:
    """A cell was judged by its own scenarios; `virtual_time` is in microseconds."""

    cell: Cell
    virtual_time: int


@dataclass(frozen=True, kw_only=True)
class VendorExplored:
    """Generated lives at one vendor are over; `cells` holds those that broke an invariant."""

    vendor: str
    lives: int
    virtual_time: int
    cells: tuple[Cell, ...]


Event: TypeAlias = Planned | CellJudged | VendorExplored
