"""What users import from the package: a written list, each name where it says it is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import refreshproof.harness as package

WRITTEN = (
    "Adapter ApplicationAdapter Capability ClockError ClockWarning ConformanceWarning Description LibraryAdapter "
    "Outcome Refusal Registration RunningProvider Surroundings TinyClient conformance from_functions from_httpx_auth "
    "from_requests_session replay"
)
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
PUBLIC = re.compile(r"from refreshproof\.(harness|mock_servers|reports|scenarios) import [\w, ]+$")


def test_the_public_names_are_those_of_the_written_list() -> None:
    assert sorted(package.__all__) == WRITTEN.split()


def test_every_public_name_is_there() -> None:
    assert all(getattr(package, name) is not None for name in package.__all__)


def test_every_public_name_can_be_completed_before_it_is_used() -> None:
    code = "import refreshproof.harness as h; print(sorted(set(h.__all__) - set(dir(h))), 'TinyClient' in vars(h))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.stdout == "[] False\n"


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match=r"'refreshproof\.harness' has no attribute 'Adapters'"):
        _ = package.Adapters


def test_what_readme_imports_is_public(tree: Path) -> None:
    readme = (tree / "README.md").read_text()
    imported = re.findall(r"^ *(?:from|import) refreshproof.*$", readme, re.M)
    assert imported
    assert [line for line in imported if not PUBLIC.match(line.strip())] == []
