"""The harness: clients under test, the runner, the command line and the pytest plugin.

Names are imported when they are used: pytest imports this package for every project that has it installed. What is not
listed here is private and may change.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.harness.adapters.adapter import Adapter
    from refreshproof.harness.adapters.tiny.client import TinyClient
    from refreshproof.harness.pytest_plugin.conformance import ConformanceWarning, conformance
    from refreshproof.harness.pytest_plugin.running_provider import RunningProvider
    from refreshproof.harness.run.replaying import replay
    from refreshproof.scenarios.steps.subject import Capability, Description, Outcome, Registration, Surroundings

__all__ = [
    "Adapter",
    "Capability",
    "ConformanceWarning",
    "Description",
    "Outcome",
    "Registration",
    "RunningProvider",
    "Surroundings",
    "TinyClient",
    "conformance",
    "replay",
]

_HOMES = {
    "Adapter": "harness.adapters.adapter",
    "Capability": "scenarios.steps.subject",
    "ConformanceWarning": "harness.pytest_plugin.conformance",
    "Description": "scenarios.steps.subject",
    "Outcome": "scenarios.steps.subject",
    "Registration": "scenarios.steps.subject",
    "RunningProvider": "harness.pytest_plugin.running_provider",
    "Surroundings": "scenarios.steps.subject",
    "TinyClient": "harness.adapters.tiny.client",
    "conformance": "harness.pytest_plugin.conformance",
    "replay": "harness.run.replaying",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"refreshproof.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
