"""Measuring values at one vendor: every scenario is played once, however many values ask for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability, SubjectFactory
from refreshproof.scenarios.survey.item import Reading, SurveyItem, UnmeasurableError


@dataclass(kw_only=True)
class Prober:
    """Plays scenarios with a new client each; `probes` counts them, `virtual_time` is the time that passed in them."""

    vendor: Vendor
    factory: SubjectFactory
    seed: int = 0
    probes: int = 0
    virtual_time: int = 0
    _known: dict[str, Evidence] = field(default_factory=dict)

    def __call__(self, scenario: Scenario) -> Evidence:
        """Play a scenario, or return the evidence of an equal one."""
        key = json.dumps(scenario.to_document(), sort_keys=True)
        if key not in self._known:
            journal = play(self.vendor, self.factory, self._begun(scenario))
            self._known[key] = Evidence(journal=journal, profile=self.vendor.profile)
            self.probes += 1
            self.virtual_time += journal.span
        return self._known[key]

    def _begun(self, scenario: Scenario) -> Scenario:
        """Measure where every world begins: what is measured is the client's, whatever the date of its vendor."""
        return replace(scenario, seed=self.seed + scenario.seed, begins="fixed")

    def read(self, item: SurveyItem, capabilities: frozenset[Capability]) -> Reading:
        """Measure one value; what cannot be measured has a reason instead."""
        missing = sorted(item.needs - capabilities)
        if missing:
            return self._unknown(item, f"The client under test cannot: {', '.join(missing)}.")
        try:
            value = item.measure(self, self.vendor.profile)
        except UnmeasurableError as error:
            return self._unknown(item, str(error))
        return Reading(item=item.id, vendor=self.vendor.name, value=value)

    def _unknown(self, item: SurveyItem, why: str) -> Reading:
        return Reading(item=item.id, vendor=self.vendor.name, value=None, why=why)
