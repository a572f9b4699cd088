"""Two processes are alike when interpreter, Refreshproof and the client with its files are."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from refreshproof.harness.run.likeness import likeness_of
from refreshproof.harness.run.runner import Plan
from refreshproof.harness.work.pieces import unlike
from refreshproof.mock_servers.vendors import VENDORS

CLIENT = """
from refreshproof.harness import TinyClient
from {name} import PATIENCE

class Mine(TinyClient):
    pass
"""


def plan(subject: str) -> Plan:
    return Plan(subject=subject, vendors=(VENDORS["generic"],), requirements=("rotation-replace",))


@pytest.mark.parametrize(("way", "client"), [("./{}.py", "alike_by_file"), ("{}:Mine", "alike_by_module")])
def test_a_file_beside_the_client_that_has_changed_is_named(
    way: str, client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{client}_helper"
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{client}.py").write_text(CLIENT.format(name=name))
    (tmp_path / f"{name}.py").write_text("PATIENCE = 3\n")
    likeness = likeness_of(plan(way.format(client)))
    before = likeness()
    assert unlike(before, pickle.loads(pickle.dumps(likeness))()) is None  # noqa: S301 - our own
    (tmp_path / f"{name}.py").write_text("PATIENCE = 4\n")
    assert (unlike(before, likeness()) or "").startswith(f"is unlike this process in the client's file {name}.py: ")
    (tmp_path / f"{name}.py").unlink()
    assert "No such file" in (unlike(before, likeness()) or "")


def test_a_program_is_known_by_the_files_that_its_command_names(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("no program")
    told = likeness_of(plan(f"exec:python3 {tmp_path}/program.py"))()
    assert f"the client's file {tmp_path}/program.py" in told
    assert not any(name.startswith("the client's file") for name in likeness_of(plan("tiny"))())


def test_what_both_have_is_not_told() -> None:
    assert unlike({"Python": "3.11", "it": "1"}, {"Python": "3.11", "it": "1", "more": "2"}) is None
    assert unlike({"Python": "3.11"}, {}) == (
        "is unlike this process in Python: nothing there, 3.11 here; install or copy there what is here"
    )
