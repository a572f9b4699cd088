"""What README.md says is executed: its two commands in fresh copies of the tree, its tests against the package.

A fenced block is executed when the comment `<!-- executed -->` stands right above it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BLOCK = re.compile(r"^<!-- executed -->\n```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)

README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[1])) / "README.md"


def blocks(text: str, language: str) -> list[str]:
    """The code of every executed block in a language, in the order of the page."""
    return [found["code"] for found in BLOCK.finditer(text) if found["language"] == language]


COMMANDS = blocks(README.read_text(), "sh")
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
def test_a_snippet_of_the_readme_passes(snippet: str, tmp_path: Path) -> None:
    (tmp_path / "test_snippet.py").write_text(snippet)
    done = _run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_snippet.py"], tmp_path)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=["run", "test"][: len(COMMANDS)])
def test_a_command_of_the_readme_works_in_a_fresh_copy(
    command: str, copy_tree: Callable[[Path], None], tmp_path: Path
) -> None:
    copy_tree(tmp_path)
    done = _run(["bash", "-c", command], tmp_path)
    assert done.returncode == 0, done.stdout


def _run(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run in a folder as a reader would: without what this test run put into the environment."""
    ours = ("PYTHON", "PYTEST", "REFRESHPROOF", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return subprocess.run(
        command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
