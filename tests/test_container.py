"""The container file that serves the vendors: its linter is content, what it copies is there and enough for the wheel,
and the command it ends with is one."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from refreshproof.harness.cli.serve import serve

Run = Callable[..., str]
FILE = ".ci/Containerfile"


def instructions(tree: Path) -> list[tuple[str, str]]:
    """The instructions of the file, each with what it is told."""
    lines = [line for line in (tree / FILE).read_text().splitlines() if line and not line.startswith("#")]
    return [(name, told) for name, _, told in (line.partition(" ") for line in lines)]


def copied(tree: Path) -> list[tuple[list[str], str]]:
    """What comes from the checkout, and where it goes."""
    words = [told.split() for name, told in instructions(tree) if name == "COPY"]
    return [(sources, target) for *sources, target in words if not sources[0].startswith("--from")]


def test_its_linter_has_nothing_to_say(tree: Path) -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, "--failure-threshold", "style", tree / FILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_it_copies_is_there_and_its_image_has_no_host(tree: Path) -> None:
    for sources, _ in copied(tree):
        assert all((tree / source).exists() for source in sources)
    images = [told.split()[0] for name, told in instructions(tree) if name == "FROM"]
    assert images
    assert all(re.fullmatch(r"python:3\.\d+-slim", image) for image in images)


def test_it_ends_with_a_command_that_there_is(tree: Path) -> None:
    words = {name: json.loads(told) for name, told in instructions(tree) if name in ("ENTRYPOINT", "CMD")}
    assert words["ENTRYPOINT"] == ["refreshproof"]
    command, *arguments = words["CMD"]
    assert command == "serve"
    chosen = serve.make_context(command, arguments).params
    assert chosen["host"] == "0.0.0.0"  # noqa: S104 - a container is reached from outside
    [ports] = [told for name, told in instructions(tree) if name == "EXPOSE"]
    first, _, last = ports.partition("-")
    assert int(first) <= chosen["port"] and chosen["port"] + len(chosen["providers"]) <= int(last)  # noqa: PT018


@pytest.mark.slow
def test_what_it_copies_is_enough_for_the_wheel(tree: Path, tmp_path: Path, run: Run) -> None:
    for sources, target in copied(tree):
        if target.startswith("/source"):
            for source in sources:
                place = tmp_path / target.lstrip("/") / (source if target.endswith("/") else "")
                place.parent.mkdir(parents=True, exist_ok=True)
                if (tree / source).is_dir():
                    shutil.copytree(tree / source, place)
                else:
                    shutil.copy(tree / source, place)
    wheels = tmp_path / "wheels"
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-build-isolation",
        "--no-deps",
        "--wheel-dir",
        str(wheels),
    ]
    run([*build, str(tmp_path / "source")], tmp_path)
    [wheel] = wheels.iterdir()
    names = ZipFile(wheel).namelist()
    assert "refreshproof/mock_servers/vendors/registry.py" in names
    assert any(name.endswith("entry_points.txt") for name in names)
