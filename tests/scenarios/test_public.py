"""What a user may import from the package is this list, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from refreshproof import scenarios
from refreshproof.scenarios import steps

NAMES = [
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


def test_the_public_names_are_those_written_down() -> None:
    assert scenarios.__all__ == NAMES
    assert all(getattr(scenarios, name) is not None for name in NAMES)


def test_any_other_name_is_refused_by_name() -> None:
    with pytest.raises(AttributeError, match=r"refreshproof\.scenarios.*'World'"):
        scenarios.World  # noqa: B018 - the look is the test


def test_every_kind_of_step_is_public() -> None:
    assert {kind.__name__ for kind in steps.STEPS.values()} <= set(steps.__all__)


def test_the_package_itself_brings_nothing_along() -> None:
    program = "import sys, refreshproof.scenarios; print([m for m in sys.modules if 'refreshproof.scenarios.' in m])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
