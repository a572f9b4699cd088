"""Scenarios: what may happen to a client, played in virtual time, kept in a journal and judged by requirements.

Names are imported when they are used; what is not named here is private.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.scenarios import steps
    from refreshproof.scenarios.clocks.clock import Clock, VirtualClock
    from refreshproof.scenarios.evidence.evidence import Evidence
    from refreshproof.scenarios.evidence.harm import Harm
    from refreshproof.scenarios.evidence.journal import Journal
    from refreshproof.scenarios.evidence.requirement import Requirement
    from refreshproof.scenarios.evidence.verdict import Verdict
    from refreshproof.scenarios.requirements.registry import CATALOGUE
    from refreshproof.scenarios.steps.scenario import Scenario, flow
    from refreshproof.scenarios.steps.subject import (
        Capability,
        Description,
        Outcome,
        Registration,
        Subject,
        SubjectFactory,
        Surroundings,
    )

__all__ = [
    "CATALOGUE",
    "Capability",
    "Clock",
    "Description",
    "Evidence",
    "Harm",
    "Journal",
    "Outcome",
    "Registration",
    "Requirement",
    "Scenario",
    "Subject",
    "SubjectFactory",
    "Surroundings",
    "Verdict",
    "VirtualClock",
    "flow",
    "steps",
]

_HOMES = {
    "CATALOGUE": "requirements.registry",
    "Capability": "steps.subject",
    "Clock": "clocks.clock",
    "Description": "steps.subject",
    "Evidence": "evidence.evidence",
    "Harm": "evidence.harm",
    "Journal": "evidence.journal",
    "Outcome": "steps.subject",
    "Registration": "steps.subject",
    "Requirement": "evidence.requirement",
    "Scenario": "steps.scenario",
    "Subject": "steps.subject",
    "SubjectFactory": "steps.subject",
    "Surroundings": "steps.subject",
    "Verdict": "evidence.verdict",
    "VirtualClock": "clocks.clock",
    "flow": "steps.scenario",
    "steps": "steps",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    value = home if _HOMES[name] == name else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Name what can be had, whether it has been imported yet or not."""
    return sorted({*globals(), *__all__})
