"""The API as pages: the README's command writes them, every public name stands in them, and none lacks words."""

import importlib
import inspect
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]
PACKAGES = ("harness", "mock_servers", "scenarios", "reports")
BLOCK = re.compile(r"<!-- executed by tests/test_api_pages.py -->\n```sh\n(.*?)\n```$", re.M | re.S)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_has_a_docstring(package: str) -> None:
    module = importlib.import_module(f"refreshproof.{package}")
    things = {name: getattr(module, name) for name in module.__all__}
    told = {name: one for name, one in things.items() if inspect.isclass(one) or inspect.isroutine(one)}
    assert [name for name, one in told.items() if not inspect.getdoc(one)] == []


@pytest.mark.slow
def test_the_command_of_the_readme_writes_a_page_of_every_public_name(tree: Path, tmp_path: Path, run: Run) -> None:
    [command] = BLOCK.findall((tree / "README.md").read_text())
    installation, _, pages = command.partition(" && ")
    assert installation == "pip install '.[docs]'"
    program, script, folder = shlex.split(pages)
    assert program == "python"
    run([sys.executable, "-W", "error", str(tree / script), folder], tmp_path)
    written = tmp_path / folder
    assert (written / "index.html").is_file()
    for package in PACKAGES:
        page = (written / "refreshproof" / f"{package}.html").read_text()
        modules = {file.stem for file in (written / "refreshproof" / package).glob("*.html")}
        listed = set(importlib.import_module(f"refreshproof.{package}").__all__) - modules
        assert [name for name in sorted(listed) if f'id="{name}"' not in page] == []
