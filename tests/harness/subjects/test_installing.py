"""The line that installs an extra works where it is told: in a checkout, for what was installed from one, elsewhere."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from refreshproof.harness.subjects import installing as module


@pytest.mark.parametrize(("checkout", "expected"), [(True, "pip install '{}[subjects]'"), (False, None)])
def test_it_names_the_folder_that_it_was_installed_from_while_that_is_there(
    checkout: bool, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my checkout"
    folder.mkdir()
    if checkout:
        (folder / "pyproject.toml").touch()
    told = SimpleNamespace(read_text=lambda _: json.dumps({"url": folder.as_uri(), "dir_info": {}}))
    monkeypatch.setattr(module, "distribution", lambda _: told)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "refreshproof" / "harness" / "subjects" / "installing.py"))
    line = module.installing("subjects")
    assert line == (expected or "pip install 'refreshproof[subjects]'").format(folder)


def test_in_a_checkout_it_names_the_checkout(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__file__", str(tree / "harness" / "subjects" / "installing.py"))
    assert module.installing("docs") == f"pip install '{tree}[docs]'"
