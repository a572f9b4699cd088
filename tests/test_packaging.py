"""The wheel holds the tree and one top-level name, and works in a project that has folders called like ours."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

PACKAGES = ("harness/", "mock_servers/", "reports/", "scenarios/")
MEASURED = "reports/matrix/"  # the project's data, which no user of the package needs

# A project of somebody else: everything that the layout of our repository could collide with, and a test of its own.
FOREIGN = {
    "reports/__init__.py": "TITLE = 'their reports'\n",
    "scenarios/__init__.py": "TITLE = 'their scenarios'\n",
    "mock_servers.py": "TITLE = 'their mock servers'\n",
    "tests/harness.py": "TITLE = 'their harness'\n",
    "tests/conftest.py": "import harness\n\nimport reports\n\nassert (harness.TITLE, reports.TITLE)\n",
    "tests/test_theirs.py": """
import os
from pathlib import Path

import harness
import mock_servers
import pytest
import reports
import scenarios

import refreshproof.harness


def test_names_are_theirs():
    assert {harness.TITLE, mock_servers.TITLE, reports.TITLE, scenarios.TITLE} == {
        "their harness", "their mock servers", "their reports", "their scenarios"
    }


def test_refreshproof_is_the_wheel():
    assert Path(os.environ["SITE"]) in Path(refreshproof.harness.__file__).parents


@pytest.mark.oauth(provider="google")
def test_the_plugin_is_there(oauth_provider, oauth_clock):
    assert oauth_provider is not None
    assert oauth_clock is not None
""",
}

# A user's file under `mypy --strict`: every name is known, and a mistake in its use is seen.
TYPED = """
from refreshproof.harness import Adapter, Outcome, Surroundings, conformance


class Mine(Adapter):
    name = "mine"

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        reveal_type(surroundings.registration.token_endpoint)

    def authorize(self) -> str:
        return self.registration.authorization_endpoint

    def callback(self, url: str) -> Outcome:
        return Outcome(kind="ok")

    def call(self) -> Outcome:
        return Outcome(kind="fine")


test_mine = conformance(Mine, providers=["google"])
"""

PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "tests")

ReadTree = Callable[[Path], dict[str, str]]
Run = Callable[..., str]


@pytest.fixture(scope="session")
def members(wheel: Path) -> dict[str, str]:
    """The text of every file in the wheel, by name."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def test_the_wheel_holds_every_file_of_the_packages(tree: Path, read_tree: ReadTree, members: dict[str, str]) -> None:
    files = read_tree(tree).items()
    ours = {name: text for name, text in files if name.startswith(PACKAGES) and not name.startswith(MEASURED)}
    packed = {name: text for name, text in members.items() if ".dist-info/" not in name}
    assert packed == {f"refreshproof/{name}": text for name, text in ours.items()}


def test_the_wheel_takes_one_name_in_site_packages(members: dict[str, str]) -> None:
    assert {top for name in members if not (top := name.split("/")[0]).endswith(".dist-info")} == {"refreshproof"}


def test_the_wheel_carries_the_licence_and_both_entry_points(tree: Path, members: dict[str, str]) -> None:
    metadata = {name.partition(".dist-info/")[2]: text for name, text in members.items()}
    assert metadata["licenses/LICENSE"] == (tree / "LICENSE").read_text()
    assert "refreshproof = refreshproof.harness.cli.command:main" in metadata["entry_points.txt"]
    assert "refreshproof = refreshproof.harness.pytest_plugin.plugin" in metadata["entry_points.txt"]


@pytest.mark.slow
def test_a_project_with_folders_called_like_ours_uses_the_plugin(site: Path, tmp_path: Path, run: Run) -> None:
    _write(tmp_path, FOREIGN)
    assert "3 passed" in run([sys.executable, *PYTEST], tmp_path, PYTHONPATH=str(site), SITE=str(site))


@pytest.mark.slow
def test_a_user_s_file_is_type_checked_against_the_installed_wheel(site: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--no-error-summary", "mine.py"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    found = [line.partition(": ")[2] for line in done.stdout.splitlines()]
    assert found[0] == 'note: Revealed type is "str"', done.stdout + done.stderr
    assert [line.split('"')[1] for line in found[1:]] == ["kind"], done.stdout


@pytest.mark.slow
def test_the_wheel_and_its_dependencies_are_enough_for_a_fresh_environment(
    wheel: Path, tmp_path: Path, run: Run
) -> None:
    environment, project = tmp_path / "venv", tmp_path / "project"
    _write(project, FOREIGN)
    run([sys.executable, "-m", "venv", str(environment)], project)
    run([f"{environment}/bin/pip", "install", "-q", str(wheel)], project)
    assert "3 passed" in run([f"{environment}/bin/python", *PYTEST], project, SITE=str(environment))
    assert "google" in run([f"{environment}/bin/refreshproof", "list", "providers"], project)


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
