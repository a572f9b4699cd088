"""Runs of one client share what they find through a folder or through Redis, and forget what is over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.cli.reports.baseline import read_report
from refreshproof.harness.several.shared_finds import SharedFinds
from refreshproof.reports import Outcome
from refreshproof.reports.verdict import ExitCode
from refreshproof.scenarios.exploration.example_database import example_database, shown

CLIENT, VENDOR = "miniature:rotation-replace", "generic"
RULES = ("rotation-replace", "rotation-old-never-reused")
PLAY = ("run", CLIENT, "-p", VENDOR, *(word for rule in RULES for word in ("-r", rule)), "--examples", "10")


SERVER = """
from fakeredis import TcpFakeServer

with TcpFakeServer(("127.0.0.1", 0), server_type="redis") as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


@contextmanager
def redis() -> Iterator[str]:
    """Serve a Redis on loopback for as long as the block lasts, by no thread of this process."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        assert process.stdout is not None
        try:
            yield f"redis://127.0.0.1:{process.stdout.readline().strip()}/0"
        finally:
            process.kill()


@contextmanager
def place(kind: str, folder: Path) -> Iterator[str]:
    """Name a place of this kind."""
    if kind == "folder":
        yield str(folder / "shared")
        return
    with redis() as address:
        yield address


def run(out: Path, *arguments: str) -> bytes:
    """Return the journal of a run that finds something."""
    with pytest.raises(SystemExit) as end:
        main([*PLAY, "--out", str(out), *arguments])
    assert end.value.code == ExitCode.UNEXPECTED
    return (out / "journal.jsonl").read_bytes()


@pytest.mark.sockets
@pytest.mark.parametrize("kind", ["folder", "redis"])
def test_what_one_run_finds_the_next_one_plays_first_however_many_processes_it_has(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as shared:
        run(tmp_path / "first", "-j", "1", "--database", shared)
        for other in (b"[" * 100_000, b"[]", b"\xff"):  # not ours
            example_database(shared).save(f"refreshproof {CLIENT} at {VENDOR}.stories".encode(), other)
        found = SharedFinds(shared, CLIENT, [VENDOR])
        assert set(found.stories) == {(VENDOR, rule) for rule in RULES}
        assert len(found.examples[VENDOR][b""]) == 1
        assert run(tmp_path / "two", "-j", "2", "--database", shared) == run(
            tmp_path / "one", "-j", "1", "--database", shared
        )
        assert SharedFinds(shared, "tiny", [VENDOR]).stories == {}

        report = read_report(tmp_path / "first")
        kept = tuple(replace(one, outcome=Outcome.SATISFIED, scenario=None, story=None) for one in report.results[:1])
        assert found.keep({VENDOR: {}}, replace(report, results=kept)) == []
        assert set(SharedFinds(shared, CLIENT, [VENDOR]).stories) == {(VENDOR, RULES[1])}
        assert len(SharedFinds(shared, CLIENT, [VENDOR]).examples[VENDOR][b""]) == 1  # not every rule was judged
        assert found.keep({VENDOR: {}}, replace(report, results=kept, unselected=())) == []
        assert SharedFinds(shared, CLIENT, [VENDOR]).examples[VENDOR][b""] == frozenset()


@pytest.mark.sockets
def test_a_redis_that_goes_away_keeps_no_verdict_from_being_told(tmp_path: Path) -> None:
    run(tmp_path / "first", "-j", "1")
    with redis() as address:
        found = SharedFinds(address, CLIENT, [VENDOR])
    (told,) = found.keep({}, read_report(tmp_path / "first"))
    assert told.startswith(f"database {address!r}: ")
    assert told.endswith("; what was found is not shared")


def test_the_password_in_an_address_is_not_told() -> None:
    assert shown("--database=redis://user:secret@redis.example:6379/0") == "--database=redis://redis.example:6379/0"
    assert shown("my_package.my_module:MyClient") == "my_package.my_module:MyClient"
