"""What users import from the engine: each name where it says it is, and only what is used."""

import os
import subprocess
import sys
from operator import attrgetter

import pytest

import refreshproof.harness.client as package


def test_every_public_name_is_there() -> None:
    assert set(package.__all__) <= set(dir(package))
    assert all(getattr(package, name) is not None for name in package.__all__)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match=r"'refreshproof\.harness\.client' has no attribute 'Engine'"):
        attrgetter("Engine")(package)


def test_a_run_begins_without_the_library_of_databases() -> None:
    code = "import sys, refreshproof.harness.cli.run; print('sqlalchemy' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout == "False\n"
