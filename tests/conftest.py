"""What every test has: the source tree, repeatable Hypothesis examples, and no way out to a network."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pathspec
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from refreshproof.reports import Report

# Virtual time makes an example's duration meaningless, and a failure must be the same on every machine.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
# pytest --hypothesis-profile=explore looks for new examples; the seed and the blob are printed with a failure.
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile("repeatable")

# The commands under test are not the step that runs the tests.
for _name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
    os.environ.pop(_name, None)

NETWORK_MARKERS = ("sockets", "browser", "postgresql", "slow")
TEN_MINUTES = 600  # a command that hangs is a failure, not a stuck machine
GUARDED_METHODS = ("connect", "connect_ex", "bind", "sendto")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest by itself: at the end everybody else would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


# What every test has is done by hooks: a fixture of its own for each would be a tenth of what all tests cost.
@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """End the programs that wait for another session: a test that waits for nobody to work would wait for them too."""
    yield
    pool = sys.modules.get("refreshproof.harness.subjects.exec.pool")
    if pool is not None:
        pool.end_idle_programs()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Refuse every socket but AF_UNIX (asyncio's own wake-up pair) to a test that has not asked for one by a marker."""
    if any(item.get_closest_marker(name) for name in NETWORK_MARKERS):
        return (yield)
    before = {name: vars(socket.socket).get(name) for name in GUARDED_METHODS}
    for name, guard in GUARDS.items():
        setattr(socket.socket, name, guard)
    try:
        return (yield)
    finally:
        for name, own in before.items():
            if own is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, own)


def _unless_unix(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        return method(self, *args) if self.family == socket.AF_UNIX else _refuse(name, args)

    return guarded


GUARDS = {name: _unless_unix(getattr(socket.socket, name), name) for name in GUARDED_METHODS}


def _refuse(name: str, args: tuple[Any, ...]) -> NoReturn:
    pytest.fail(f"socket.{name}{args} in a test that is not marked {' or '.join(NETWORK_MARKERS)}")


@pytest.fixture(scope="session")
def tree() -> Path:
    """The source tree: the checkout, or REFRESHPROOF_TREE where the tests run away from it."""
    return Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[1])).resolve()


@pytest.fixture(scope="session")
def read_tree() -> Callable[[Path], dict[str, str]]:
    """A function from a source tree to the text of each of its committed files, by relative posix path."""
    return _read_tree


@pytest.fixture(scope="session")
def copy_tree(tree: Path) -> Callable[[Path], None]:
    """A function that puts the committed files of the source tree into an empty folder, as a fresh clone would."""
    return lambda target: _copy_tree(tree, target)


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """A function that runs a command as somebody else would, without what this test run put into the environment.

    It takes the command, the folder to run in and further variables, and returns what the command printed.
    """
    return _run


@pytest.fixture(scope="session")
def wheel(copy_tree: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel named by REFRESHPROOF_WHEEL, or one built from the committed files, away from the checkout."""
    if given := os.environ.get("REFRESHPROOF_WHEEL"):
        return Path(given)
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    copy_tree(source)
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)], out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH that holds the installed wheel and nothing else."""
    target = tmp_path_factory.mktemp("site")
    options = ["-q", "--no-deps", "--no-index", "--target", str(target)]
    _run([sys.executable, "-m", "pip", "install", *options, str(wheel)], target)
    return target


@pytest.fixture(scope="session")
def sample_report() -> "Report":
    """The report of a flawed client that tests/kit/sample_report.py builds."""
    from kit.sample_report import sample_report as build  # here, so that a test run without it imports no report

    return build()


def _run(command: list[str], cwd: Path, **variables: str) -> str:
    ours = ("PYTHON", "PYTEST", "REFRESHPROOF", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)} | variables
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TEN_MINUTES,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _read_tree(root: Path) -> dict[str, str]:
    paths = [path for path in _committed(root) if not path.is_symlink()]
    return {path.relative_to(root).as_posix(): path.read_text(errors="replace") for path in paths}


def _copy_tree(root: Path, target: Path) -> None:
    for path in _committed(root):
        copy = target / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy, follow_symlinks=False)


def _committed(root: Path) -> list[Path]:
    """Ask git what is committed; in a tree without a repository, take every file that .gitignore does not name."""
    if (root / ".git").exists() and (git := shutil.which("git")):
        # A checkout that belongs to somebody else (a container's mount) is still only read.
        command = [git, "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip("\0").split("\0")
        return [path for name in names if os.path.lexists(path := root / name)]
    ignore = root / ".gitignore"
    ignored = pathspec.GitIgnoreSpec.from_lines(ignore.read_text().splitlines() if ignore.exists() else [])
    return [root / name for name in sorted(ignored.match_tree_files(root, negate=True, follow_links=False))]
