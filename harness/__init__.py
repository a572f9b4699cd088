"""The harness: clients under test, the runner, the command line and the pytest plugin.

Names are imported when they are used: pytest imports this package for every project that has it installed. What is not
listed here is private and may change.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.harness.adapters.adapter import Adapter
    from refreshproof.harness.adapters.library import (
        ApplicationAdapter,
        LibraryAdapter,
        Refusal,
        from_functions,
        from_httpx_auth,
        from_requests_session,
    )
    from refreshproof.harness.adapters.tiny.client import TinyClient
    from refreshproof.harness.pytest_plugin.conformance import ConformanceWarning, conformance
    from refreshproof.harness.pytest_plugin.running_provider import RunningProvider
    from refreshproof.harness.run.replaying import replay
    from refreshproof.scenarios.clocks.waits import ClockError, ClockWarning
    from refreshproof.scenarios.steps.subject import Capability, Description, Outcome, Registration, Surroundings

__all__ = [
    "Adapter",
    "ApplicationAdapter",
    "Capability",
    "ClockError",
    "ClockWarning",
    "ConformanceWarning",
    "Description",
    "LibraryAdapter",
    "Outcome",
    "Refusal",
    "Registration",
    "RunningProvider",
    "Surroundings",
    "TinyClient",
    "conformance",
    "from_functions",
    "from_httpx_auth",
    "from_requests_session",
    "replay",
]

_HOMES = {
    "Adapter": "harness.adapters.adapter",
    "ApplicationAdapter": "harness.adapters.library",
    "Capability": "scenarios.steps.subject",
    "ClockError": "scenarios.clocks.waits",
    "ClockWarning": "scenarios.clocks.waits",
    "ConformanceWarning": "harness.pytest_plugin.conformance",
    "Description": "scenarios.steps.subject",
    "LibraryAdapter": "harness.adapters.library",
    "Outcome": "scenarios.steps.subject",
    "Refusal": "harness.adapters.library",
    "Registration": "scenarios.steps.subject",
    "RunningProvider": "harness.pytest_plugin.running_provider",
    "Surroundings": "scenarios.steps.subject",
    "TinyClient": "harness.adapters.tiny.client",
    "conformance": "harness.pytest_plugin.conformance",
    "from_functions": "harness.adapters.library",
    "from_httpx_auth": "harness.adapters.library",
    "from_requests_session": "harness.adapters.library",
    "replay": "harness.run.replaying",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"refreshproof.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Name what can be had, whether it has been imported yet or not."""
    return sorted({*globals(), *__all__})
