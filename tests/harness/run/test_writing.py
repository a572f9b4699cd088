"""A file is there whole or not at all, and whether there will be any is found out first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from refreshproof.harness.run.writing import UnwritableError, prepare, write, write_all


def breaking() -> Iterator[str]:
    yield "half"
    raise OSError(28, "No space left on device")


def test_a_file_that_cannot_be_finished_leaves_the_one_there_was(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text("whole")
    with pytest.raises(OSError, match="No space left"):
        write(file, breaking())
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert file.read_text() == "whole"


def test_one_that_fails_is_told_and_the_others_are_written(tmp_path: Path) -> None:
    files, failures = write_all([(tmp_path / "a", breaking), (tmp_path / "b" / "c", lambda: "text")])
    assert files == [tmp_path / "b" / "c"]
    assert failures == [f"{tmp_path / 'a'}: No space left on device"]


def test_a_folder_is_tried_before_anything_is_played(tmp_path: Path) -> None:
    prepare(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritableError, match="Not a directory"):
        prepare(tmp_path / "file" / "below")
    with pytest.raises(UnwritableError, match="name a folder that can be written to"):
        prepare(tmp_path / "file")


@pytest.mark.parametrize("place", ["/proc/none", "a\0b"])
def test_a_place_where_nothing_can_be_written_is_told(place: str) -> None:
    assert os.path.isdir("/proc")
    with pytest.raises(UnwritableError):
        prepare(Path(place))
