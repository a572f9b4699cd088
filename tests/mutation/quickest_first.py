"""A pytest plugin that lets the quickest tests come first, by what a run without a mutant took.

Most mutants are killed by one of those. `MUTATION_DURATIONS` names the file that the first run writes and others read.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

FILE = Path(os.environ["MUTATION_DURATIONS"])
KNOWN: dict[str, float] = json.loads(FILE.read_text()) if FILE.exists() else {}
TAKEN: defaultdict[str, float] = defaultdict(float)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those first that took the shortest time."""
    items.sort(key=lambda item: KNOWN.get(item.nodeid, 0.0))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember how long a test took."""
    TAKEN[report.nodeid] += report.duration


def pytest_sessionfinish() -> None:
    """Write down what is not known yet."""
    if not KNOWN:
        FILE.write_text(json.dumps(TAKEN))
