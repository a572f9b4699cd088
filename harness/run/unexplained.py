"""Severe harm that was met while other rules were judged: which broken rule explains it, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from refreshproof.harness.run.cells import Cell, witness
from refreshproof.harness.run.events import CellJudged, Event, VendorExplored
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.harm import Harm, harm_of
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.play.remembered import Playing
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import SubjectFactory


@dataclass(kw_only=True)
class Met:
    """What was met at one vendor: the harm of each broken rule, the generated lives that broke one, and the stories
    with severe harm that keep the rules by which they were judged."""

    broken: dict[str, Harm] = field(default_factory=dict)
    lived: list[tuple[str, Scenario, Harm]] = field(default_factory=list)
    harmful: list[Scenario] = field(default_factory=list)


def note(met: Mapping[str, Met], event: Event) -> None:
    """Remember what an event tells of harm, by vendor."""
    if isinstance(event, CellJudged):
        _note(met[event.cell.vendor], (event.cell,), event.cell.harmful)
    elif isinstance(event, VendorExplored):
        _note(met[event.vendor], event.cells, event.harmful)
        met[event.vendor].lived += event.found


def _note(here: Met, cells: Iterable[Cell], harmful: Iterable[Scenario]) -> None:
    here.harmful += [one for one in harmful if one not in here.harmful]
    for cell in cells:
        if cell.outcome == "violated" and cell.harm is not None:
            before = here.broken.get(cell.requirement, cell.harm)
            here.broken[cell.requirement] = max(before, cell.harm, key=lambda harm: harm.weight)


def lived(vendor: Vendor, factory: SubjectFactory, met: Met, playing: Playing = play) -> Iterator[Cell]:
    """Yield the rules that generated lives broke, but for those that are known to be broken with as much harm; from
    then on they are known."""
    for name, scenario, harm in met.lived:
        known = met.broken.get(name)
        if known is None or harm.weight > known.weight:
            cell = replace(witness(CATALOGUE[name], vendor, factory, scenario, playing=playing), examples=0)
            _note(met, (cell,), ())
            yield cell


def weighed(vendor: Vendor, factory: SubjectFactory, met: Met, playing: Playing = play) -> Iterator[Cell]:
    """Yield broken rules that hold in every story anew, with the story of another rule in which they are broken with
    worse harm."""
    worst: dict[str, tuple[Harm, Scenario | None]] = {
        name: (harm, None) for name, harm in met.broken.items() if CATALOGUE[name].invariant
    }
    for scenario in met.harmful if worst else ():
        evidence = Evidence(journal=playing(vendor, factory, scenario), profile=vendor.profile)
        harm = harm_of(evidence)
        for name, (before, _) in worst.items():
            if harm.weight > before.weight and CATALOGUE[name].check(evidence).outcome == "violated":
                worst[name] = (harm, scenario)
    for name, (_, story) in worst.items():
        if story is not None:
            yield replace(witness(CATALOGUE[name], vendor, factory, story, playing=playing), examples=0)
