"""Severe harm that was met while other rules were judged: which broken rule explains it, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from refreshproof.harness.run.cells import Cell, witness
from refreshproof.harness.run.events import CellJudged, Event, VendorExplored
from refreshproof.harness.run.telling.own_harm import Client, explained_by, told_apart
from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.harm import Harm, harm_of
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.play.remembered import Playing
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory


@dataclass(kw_only=True)
class Met:
    """What was met at one vendor: the harm of each broken rule, and of which other rules it was told apart, the
    generated lives that broke one, and the stories with severe harm that is not of the rules by which they were
    judged."""

    broken: dict[str, Harm] = field(default_factory=dict)
    besides: dict[str, set[str]] = field(default_factory=dict)
    lived: list[tuple[str, Scenario, Harm]] = field(default_factory=list)
    harmful: list[Scenario] = field(default_factory=list)

    @property
    def names_harm(self) -> tuple[str, ...]:
        """The broken rules that say of a story in which they are broken where its harm comes from; one does not whose
        harm is of other rules of which none is known to be broken."""
        return tuple(name for name in self.broken if not self.besides.get(name) or self.besides[name] & {*self.broken})


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
            here.besides.setdefault(cell.requirement, set()).update(cell.besides)
            before = here.broken.get(cell.requirement, cell.harm)
            here.broken[cell.requirement] = max(before, cell.harm, key=lambda harm: harm.weight)


def lived(
    vendor: Vendor, factory: SubjectFactory, capabilities: frozenset[Capability], met: Met, playing: Playing = play
) -> Iterator[Cell]:
    """Yield the rules that generated lives broke, but for those that are known to be broken with as much harm; from
    then on they are known. Harm that is another flaw's does not count."""
    client = Client(vendor=vendor, lived=partial(playing, vendor, factory), capabilities=capabilities)
    for name, scenario, harm in met.lived:
        known = met.broken.get(name)
        if known is None or harm.weight > known.weight:
            apart = told_apart(CATALOGUE[name], client, scenario)
            cell = witness(apart.requirement, vendor, factory, apart.story, playing=playing)
            if apart.others and cell.outcome == "violated":
                cell = replace(cell, harmful=(scenario,), besides=apart.others)
            elif apart.others:
                cell = witness(CATALOGUE[name], vendor, factory, scenario, playing=playing)
            _note(met, (cell,), cell.harmful)
            yield replace(cell, examples=0)


def weighed(
    vendor: Vendor, factory: SubjectFactory, capabilities: frozenset[Capability], met: Met, playing: Playing = play
) -> Iterator[Cell]:
    """Yield broken rules that hold in every story anew, with the story of another rule in which they are broken with
    worse harm, which is no other flaw's."""
    client = Client(vendor=vendor, lived=partial(playing, vendor, factory), capabilities=capabilities)
    worst: dict[str, tuple[Harm, Scenario | None]] = {
        name: (harm, None) for name, harm in met.broken.items() if CATALOGUE[name].invariant
    }
    for scenario in met.harmful if worst else ():
        evidence = client.evidence(scenario)
        harm = harm_of(evidence)
        for name, (before, _) in worst.items():
            rule = CATALOGUE[name]
            worse = harm.weight > before.weight and rule.check(evidence).outcome == "violated"
            if worse and not explained_by(rule, client, scenario):
                worst[name] = (harm, scenario)
    for name, (_, story) in worst.items():
        if story is not None:
            yield replace(witness(CATALOGUE[name], vendor, factory, story, playing=playing), examples=0)
