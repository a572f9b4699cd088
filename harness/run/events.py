"""What a run tells while it runs: the command line, the reports and the plugin consume the same stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from refreshproof.harness.run.cells import Cell
from refreshproof.harness.run.smoke import Tried
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.findings import Orders, Search
from refreshproof.scenarios.evidence.harm import Harm
from refreshproof.scenarios.evidence.journal import TableMove
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.survey import Reading


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How much there is to do: cells to judge, vendors to explore at, and values to measure."""

    cells: int
    explorations: int
    values: int = 0


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What the run is at: some requirements, lives or values, and at which vendor."""

    what: str


@dataclass(frozen=True, kw_only=True)
class CellJudged:
    """A cell was judged by its own scenarios."""

    cell: Cell


@dataclass(frozen=True, kw_only=True)
class VendorExplored:
    """Generated lives at one vendor are over; `found` holds those that broke an invariant, with the harm of it, `cells`
    what kept them from being lived. `orders` are how many orders of two callers were among them, `search` how lives
    were looked for, `varied` how many went on in each dimension, `harmful` those with severe harm that broke no other
    rule, `examples` what Hypothesis keeps for another time."""

    vendor: str
    lives: int
    virtual_time: int
    moves: Counter[TableMove]
    cells: tuple[Cell, ...] = ()
    found: tuple[tuple[str, Scenario, Harm], ...] = ()
    orders: tuple[Orders, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    search: Search | None = None
    varied: Counter[str] = field(default_factory=Counter)
    harmful: tuple[Scenario, ...] = ()
    examples: Mapping[bytes, Collection[bytes]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Lived:
    """Rules that generated lives broke, and no scenario of their own with as much harm, each with a short story."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """Rules known to be broken, each with a story of another rule that breaks it too and does worse harm."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """Some values of the survey were measured at one vendor."""

    readings: tuple[Reading, ...]
    virtual_time: int


Event: TypeAlias = Tried | Planned | Begun | CellJudged | VendorExplored | Lived | Weighed | Surveyed
