"""A client named by its module or by its file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.subjects.own import UnknownSubjectError, own_factory

ONE = "from refreshproof.harness import TinyClient\nimport beside\nclass Mine(TinyClient):\n    name = beside.NAME\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "beside.py").write_text("NAME = 'mine'\n")
    monkeypatch.delitem(sys.modules, "beside", raising=False)
    return tmp_path


@pytest.mark.parametrize("attribute", [":Mine", ""])
def test_a_file_is_loaded_once_with_what_stands_beside_it(attribute: str, folder: Path) -> None:
    file = folder / "httpx.py"  # the name of a package that is loaded already
    file.write_text(ONE)
    found = own_factory(f"{file}{attribute}")
    assert issubclass(found, TinyClient)  # type: ignore[arg-type]
    assert found.name == "mine"  # type: ignore[attr-defined]
    assert own_factory(f"{file}:Mine") is found
    assert sys.modules["httpx"].__name__ == "httpx"
    assert not str(sys.modules["httpx"].__file__).startswith(str(folder))


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (None, "client.py", "there is no such file"),
        (None, "client.py:Mine", "there is no such file"),
        ("x = 1", "client.py", "no class in it has the methods of one; name one"),
        (f"{ONE}class Second(Mine): pass\n", "client.py", "its subjects are Mine, Second; name one"),
        (ONE, "client.py:Mina", "has no attribute 'Mina'; did you mean Mine?"),
        (ONE, "client.py:Other", "has no attribute 'Other'; its subjects are Mine"),
        ("x = 1", "client.py:x", "x is a int, not a factory"),
        ("import nothing_of_that_name", "client.py", "No module named 'nothing_of_that_name'"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(text: str | None, name: str, told: str, folder: Path) -> None:
    if text is not None:
        (folder / "client.py").write_text(text)
    with pytest.raises(UnknownSubjectError) as refused:
        own_factory(str(folder / name))
    assert told in str(refused.value)
