"""The harness: clients under test, the runner, the command line and the pytest plugin.

Names are imported when they are used: pytest imports this package for every project that has it installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refreshproof.harness.adapters.adapter import Adapter
    from refreshproof.harness.pytest_plugin.conformance import ConformanceWarning, conformance
    from refreshproof.harness.pytest_plugin.running_provider import RunningProvider
    from refreshproof.harness.run.replaying import replay

__all__ = ["Adapter", "ConformanceWarning", "RunningProvider", "conformance", "replay"]

_HOMES = {
    "Adapter": "adapters.adapter",
    "ConformanceWarning": "pytest_plugin.conformance",
    "RunningProvider": "pytest_plugin.running_provider",
    "conformance": "pytest_plugin.conformance",
    "replay": "run.replaying",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # the module of the same name must not shadow the function
    return value
