"""One thing a client must, should or may do: rule, source, effect, how it is exercised and what decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from refreshproof.mock_servers.vendors.vendor import Vendor
from refreshproof.scenarios.evidence.evidence import Evidence
from refreshproof.scenarios.evidence.verdict import SATISFIED, Verdict
from refreshproof.scenarios.steps.scenario import Scenario
from refreshproof.scenarios.steps.subject import Capability

Stretch: TypeAlias = Literal["grant", "whole"]
"""What of a recording a check is shown at a time: the requests of one grant, or all that one vendor saw."""

COSMETIC = frozenset({"stamp", "only_if_asked", "restyle", "encode"})
"""Faults that put an answer in other words and leave what it means: vendors' lasting ways."""

Keyword: TypeAlias = Literal["MUST", "MUST NOT", "SHOULD", "VENDOR", "ADVICE"]
BINDING: frozenset[Keyword] = frozenset({"MUST", "MUST NOT", "VENDOR"})
"""The keywords of requirements that a client has to fulfil; this is the one place that says so."""

LOGIN = frozenset({"authz", "callback", "exchange-request-shape", "exchange-code-sent-once"})
"""Families and rules that are about nothing but a login."""

Check: TypeAlias = Callable[[Evidence], Verdict]
"""A pure function of the evidence: what a client did at a vendor."""


def everywhere(vendor: Vendor) -> bool:
    """Apply to every vendor."""
    return True


def serves_well(vendor: Vendor) -> bool:
    """Apply where every request is answered, and as the profile says."""
    return all(spec.fault in COSMETIC for spec in vendor.faults)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A requirement with everything needed to test it and to explain it.

    `anomaly` is the code of a violation whose verdict has none (facts: section 4 of the catalogue). `scenarios`
    exercise it at every vendor that it applies to; `needs` are the capabilities without which a subject cannot be
    asked; `depends` are requirements without which this one tells nothing. An `invariant` holds in every journal
    and is judged in generated scenarios too. A `residual` one names what no other does: a story that breaks another
    rule does not break it. `recorded` is the stretch of a recording of real traffic on which it can be judged, None
    if no recording shows enough: such a rule holds in whatever life was recorded, and its check accuses by what the
    wire shows alone. `version` is raised whenever check, scenarios or dependencies come to accuse more than they
    did: frozen sets name it.
    """

    id: str
    keyword: Keyword
    statement: str
    source: str
    effect: str
    fix: str
    anomaly: str
    check: Check
    scenarios: tuple[Scenario, ...]
    applies: Callable[[Vendor], bool] = everywhere
    needs: frozenset[Capability] = frozenset()
    depends: tuple[str, ...] = ()
    invariant: bool = False
    version: int = 1
    residual: bool = False
    recorded: Stretch | None = None

    def judged(self, evidence: Evidence, broken: Iterable[Requirement] = ()) -> Verdict:
        """Return the verdict on a journal of a client that is known to break some rules."""
        verdict = self.check(evidence)
        if self.residual and verdict.outcome == "violated":
            named = any(one.check(evidence).outcome == "violated" for one in broken if one is not self)
            return SATISFIED if named else verdict
        return verdict

    def anomaly_of(self, verdict: Verdict) -> str:
        """Return the code of the violation that a verdict tells of."""
        return verdict.anomaly or self.anomaly

    @property
    def family(self) -> str:
        """The id's first word."""
        return self.id.partition("-")[0]

    @property
    def about_login(self) -> bool:
        """Whether it is about nothing but how a client logs in, so that it tells nothing where that is done for it."""
        return self.family in LOGIN or self.id in LOGIN

    @property
    def binding(self) -> bool:
        """Whether it is more than advice: a violation fails a run, and so does never having been exercised."""
        return self.keyword in BINDING
