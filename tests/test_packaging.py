"""The wheel holds the tree and one top-level name, and works in a project that has folders called like ours."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

PACKAGES = ("harness/", "mock_servers/", "reports/", "scenarios/")

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

PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "tests")

ReadTree = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def wheel(copy_tree: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel named by REFRESHPROOF_WHEEL, or one built from the committed files, away from the checkout."""
    if given := os.environ.get("REFRESHPROOF_WHEEL"):
        return Path(given)
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    copy_tree(source)
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)])
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session")
def members(wheel: Path) -> dict[str, str]:
    """The text of every file in the wheel, by name."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def test_the_wheel_holds_every_file_of_the_packages(tree: Path, read_tree: ReadTree, members: dict[str, str]) -> None:
    ours = {name: text for name, text in read_tree(tree).items() if name.startswith(PACKAGES)}
    packed = {name: text for name, text in members.items() if ".dist-info/" not in name}
    assert packed == {f"refreshproof/{name}": text for name, text in ours.items()}


def test_the_wheel_takes_one_name_in_site_packages(members: dict[str, str]) -> None:
    assert {top for name in members if not (top := name.split("/")[0]).endswith(".dist-info")} == {"refreshproof"}


def test_the_wheel_carries_the_licence_and_both_entry_points(tree: Path, members: dict[str, str]) -> None:
    metadata = {name.partition(".dist-info/")[2]: text for name, text in members.items()}
    assert metadata["licenses/LICENSE"] == (tree / "LICENSE").read_text()
    assert "refreshproof = refreshproof.harness.cli:main" in metadata["entry_points.txt"]
    assert "refreshproof = refreshproof.harness.plugin" in metadata["entry_points.txt"]


def test_a_project_with_folders_called_like_ours_uses_the_plugin(wheel: Path, tmp_path: Path) -> None:
    site, project = tmp_path / "site", tmp_path / "project"
    _write(project, FOREIGN)
    _run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)])
    assert "3 passed" in _run([sys.executable, *PYTEST], project, PYTHONPATH=str(site), SITE=str(site))


@pytest.mark.slow
def test_the_wheel_and_its_dependencies_are_enough_for_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    environment, project = tmp_path / "venv", tmp_path / "project"
    _write(project, FOREIGN)
    _run([sys.executable, "-m", "venv", str(environment)])
    _run([f"{environment}/bin/pip", "install", "-q", str(wheel)])
    assert "3 passed" in _run([f"{environment}/bin/python", *PYTEST], project, SITE=str(environment))
    assert "google" in _run([f"{environment}/bin/refreshproof", "list", "providers"], project)


def _run(command: list[str], cwd: Path | None = None, **variables: str) -> str:
    """Run a command in an environment that knows nothing of the checkout, and return what it printed."""
    ours = ("PYTHON", "PYTEST", "REFRESHPROOF", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(
        command, cwd=cwd, env=environment | variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
