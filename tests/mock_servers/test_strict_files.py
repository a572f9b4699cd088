"""Files are read within bounds, and whatever is wrong with one is a message that names it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.mock_servers.strict_files import FileError, read_bytes, read_json, read_text, read_toml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"{", "not JSON"),
        (b'{"a": NaN}', "found NaN; expected a finite number"),
        (b'{"a": 1e999}', "expected a finite number"),
        (b'{"a": 1, "a": 2}', "the key 'a' stands twice"),
        (b'{"a": ["\\ud800"]}', "a[0]: found '\\ud800'; expected text without lone surrogates"),
        (b'{"\\udfff": 1}', "without lone surrogates"),
        (b"[" * 66 + b"]" * 66, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"9" * 5000, "not JSON"),
        (b" " * 7001, "at most 7000 are read"),
    ],
)
def test_json_that_cannot_be_used_is_told(text: bytes, told: str, file: Path) -> None:
    file.write_bytes(text)
    with pytest.raises(FileError) as refused:
        read_json(file, 110_000 if len(text) == 100_000 else 7000)
    assert told in str(refused.value)
    assert str(file) in str(refused.value)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, told in (
        (pipe, "found a pipe; expected a file"),
        (tmp_path, "found a folder; expected a file"),
        (Path("/dev/zero"), "found a device; expected a file"),
        (tmp_path / "none", "No such file"),
        (Path("a\0b"), "null"),
    ):
        with pytest.raises(FileError) as refused:
            read_bytes(path, 10)
        assert told in str(refused.value)


def test_a_file_that_says_it_is_empty_is_bounded_by_what_is_read() -> None:
    endless = Path("/proc/self/maps")
    assert endless.stat().st_size == 0
    with pytest.raises(FileError, match="more than 10 bytes"):
        read_bytes(endless, 10)


@given(data=st.binary(max_size=200) | st.text(alphabet='{}[]",:0123456789.eE-\\u ntf', max_size=60).map(str.encode))
def test_no_bytes_end_in_anything_but_data_or_a_message(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "drawn"
    file.write_bytes(data)
    for read in (read_text, read_json, read_toml):
        with suppress(FileError):
            read(file, 150)
