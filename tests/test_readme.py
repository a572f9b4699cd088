"""What README.md says is executed: its two commands in fresh copies of the tree, its tests against the package.

A fenced block is executed when the comment `<!-- executed -->` stands right above it.
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., str]
BLOCK = re.compile(r"^<!-- executed -->\n```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)

README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[1])) / "README.md"


def blocks(text: str, language: str) -> list[str]:
    """The code of every executed block in a language, in the order of the page."""
    return [found["code"] for found in BLOCK.finditer(text) if found["language"] == language]


COMMANDS = blocks(README.read_text(), "sh")
KINDS: tuple[tuple[Any, ...], ...] = (("run",), ("test", pytest.mark.twice))
"""What each command does, and how it is marked."""
SNIPPETS = blocks(README.read_text(), "python")


def test_a_block_without_the_comment_is_not_executed() -> None:
    page = "```sh\nrm -r x\n```\n\n<!-- executed -->\n```sh\nls\n```\n\n<!-- executed -->\n```python\n1\n```\n"
    assert blocks(page, "sh") == ["ls\n"]
    assert blocks(page, "python") == ["1\n"]


def test_the_readme_has_two_commands_and_a_test_for_the_readers_own_client() -> None:
    assert len(COMMANDS) == 2
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install ") for command in COMMANDS)
    assert SNIPPETS


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_of_the_readme_passes(snippet: str, site: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "test_snippet.py").write_text(snippet)
    pytest_run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_snippet.py"]
    assert re.search(r"\d+ passed", run(pytest_run, tmp_path, PYTHONPATH=str(site)).splitlines()[-1])


@pytest.mark.slow
@pytest.mark.first
@pytest.mark.parametrize(
    "command",
    [pytest.param(command, id=name, marks=marks) for command, (name, *marks) in zip(COMMANDS, KINDS, strict=False)],
)
def test_a_command_of_the_readme_works_in_a_fresh_copy(
    command: str, copy_tree: Callable[[Path], None], tmp_path: Path, run: Run
) -> None:
    copy_tree(tmp_path)
    assert run(["bash", "-c", command], tmp_path).strip()
