"""What every test has: the source tree, repeatable Hypothesis examples, and no way out to a network."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pathspec
import pytest
from hypothesis import settings

# Virtual time makes an example's duration meaningless, and a failure must be the same on every machine.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
# pytest --hypothesis-profile=explore looks for new examples; the seed and the blob are printed with a failure.
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile("repeatable")

NETWORK_MARKERS = ("sockets", "browser", "postgresql", "slow")
GUARDED_METHODS = ("connect", "connect_ex", "bind", "sendto")


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every socket but AF_UNIX (asyncio's own wake-up pair) to a test that has not asked for one by a marker."""
    if any(request.node.get_closest_marker(name) for name in NETWORK_MARKERS):
        return
    for name in GUARDED_METHODS:
        monkeypatch.setattr(socket.socket, name, _unless_unix(getattr(socket.socket, name), name))


def _unless_unix(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        return method(self, *args) if self.family == socket.AF_UNIX else _refuse(name, args)

    return guarded


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
