"""What a run has found, as it becomes known: the cells by vendor and requirement, and what became of them together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from refreshproof.harness.run.cells import JUDGED, Cell
from refreshproof.harness.run.events import CellJudged, Event, Lived, Surveyed, VendorExplored, Weighed
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.run.smoke import Tried
from refreshproof.harness.run.troubles import told_once
from refreshproof.reports import Trouble
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.findings import Orders, Search
from refreshproof.scenarios.evidence.journal import TableMove
from refreshproof.scenarios.evidence.requirement import Requirement
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.survey import Reading


def _outweighs(cell: Cell, before: Cell) -> bool:
    """Tell whether a cell takes the place of an earlier one; of two violations the one with the worse harm counts."""
    if cell.outcome == before.outcome == "violated" and cell.harm is not None and before.harm is not None:
        return cell.harm.weight >= before.harm.weight
    return cell.outcome in ("violated", "harness_error")


@dataclass(kw_only=True)
class Matrix:
    """The cells of a run as they become known, and what became of them together."""

    plan: Plan
    cells: dict[tuple[str, str], Cell]
    lives: dict[str, int]
    moves: dict[str, Counter[TableMove]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    orders: dict[str, tuple[Orders, ...]] = field(default_factory=dict)
    virtual_time: int = 0
    trials: dict[str, Tried] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    generated: int = 0
    varied: Counter[str] = field(default_factory=Counter)
    search: Search | None = None
    examples: dict[str, dict[bytes, frozenset[bytes]]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> Matrix:
        """Begin with nothing known."""
        return cls(plan=plan, cells={}, lives={})

    def take(self, event: Event) -> None:
        """Add what an event tells; a generated life that breaks an invariant outweighs scenarios that do not."""
        if isinstance(event, Tried):
            self.trials[event.vendor] = event
        elif isinstance(event, CellJudged):
            self.troubles += event.cell.troubles
            self.virtual_time += event.cell.virtual_time
            self.moves[event.cell.vendor] = self.moves.get(event.cell.vendor, Counter()) + event.cell.moves
            self._add(event.cell)
        elif isinstance(event, VendorExplored):
            self.troubles += event.troubles
            if event.search is not None and event.search.seed is not None:
                self.search, self.generated = event.search, self.generated + event.lives
                self.varied += event.varied
            self.virtual_time += event.virtual_time
            self.moves[event.vendor] = self.moves.get(event.vendor, Counter()) + event.moves
            self.lives[event.vendor] = self.lives.get(event.vendor, 0) + event.lives
            kept = self.examples.setdefault(event.vendor, {})
            kept |= {kind: kept.get(kind, frozenset()) | frozenset(found) for kind, found in event.examples.items()}
            self.orders |= {event.vendor: event.orders} if event.orders else {}
            for cell in event.cells:
                self._add(cell)
        elif isinstance(event, Lived):
            for cell in event.cells:
                self._add_earlier(cell)
        elif isinstance(event, Weighed):
            for cell in event.cells:
                self._add(cell)
        elif isinstance(event, Surveyed):
            self.virtual_time += event.virtual_time
            self.readings += event.readings

    def _add(self, cell: Cell) -> None:
        """Take a cell; what was played for an earlier one of the same place counts for whichever of them is kept."""
        key = (cell.vendor, cell.requirement)
        kept = before = self.cells.get(key, cell)
        if before is not cell:
            kept = cell if _outweighs(cell, before) else before
            kept = replace(kept, examples=before.examples + cell.examples)
        self.cells[key] = kept

    def _add_earlier(self, cell: Cell) -> None:
        """Take a cell as if it had been known before that of the same place, whose own scenarios count more."""
        key = (cell.vendor, cell.requirement)
        known = self.cells.pop(key, None)
        self._add(cell)
        if known is not None:
            self._add(known)

    def results(self) -> list[Cell]:
        """Return the cells in the order of the plan, blocked where a requirement they depend on is broken, and not only
        elsewhere."""
        ordered = [
            self.cells[vendor.name, name]
            for name in self.plan.requirements
            for vendor in self.plan.vendors
            if (vendor.name, name) in self.cells
        ]
        return [self._blocked(self._with_lives(cell)) for cell in ordered]

    @property
    def told(self) -> tuple[Trouble, ...]:
        """What went wrong around the client, each thing once, what the plain flow met first."""
        met = [one.trouble for one in self.trials.values() if one.trouble is not None]
        return told_once((*met, *self.troubles))

    @property
    def complete(self) -> bool:
        """Whether every planned cell is known."""
        return len(self.cells) == len(self.plan.vendors) * len(self.plan.requirements)

    def _with_lives(self, cell: Cell) -> Cell:
        """Count the generated lives in which a cell was judged too."""
        judged = CATALOGUE[cell.requirement].invariant and cell.outcome in JUDGED
        return replace(cell, examples=cell.examples + self.lives.get(cell.vendor, 0)) if judged else cell

    def _blocked(self, cell: Cell) -> Cell:
        """Return a cell as it counts: a violation stands where its own story keeps what the requirement depends on."""
        for name in CATALOGUE[cell.requirement].depends:
            other = self.cells.get((cell.vendor, name))
            if other is not None and other.outcome == "violated" and self._is_excused(cell, CATALOGUE[name]):
                why = f"{name} is broken here, and this requirement depends on it."
                return replace(cell, outcome="blocked", why=why)
        trial = self.trials.get(cell.vendor)
        if trial is not None and trial.trouble is not None and cell.outcome == "not_exercised":
            return replace(cell, outcome="blocked", why=trial.reason)
        return cell

    def _is_excused(self, cell: Cell, other: Requirement) -> bool:
        """Tell whether a broken requirement may be why a cell has come to nothing, or to a violation."""
        if cell.outcome != "violated" or cell.journal is None:
            return cell.outcome in ("violated", "not_exercised")
        profiles = {vendor.name: vendor.profile for vendor in self.plan.vendors}
        return other.judged(Evidence(journal=cell.journal, profile=profiles[cell.vendor])).outcome == "violated"
