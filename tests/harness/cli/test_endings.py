"""However a run ends: by a signal, at a full disk, with a folder that cannot be written to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.reports.verdict import ExitCode

COMMAND = "import sys; from refreshproof.harness.cli.command import main; sys.argv[0] = 'refreshproof'; main()"
CLIENT = '''
import os
from refreshproof.harness import Adapter, TinyClient


class Waits(Adapter):
    """Says which process it is in when it is first judged, and waits for the test."""

    def __init__(self, surroundings):
        super().__init__(surroundings)
        self.client = TinyClient(surroundings)

    def authorize(self):
        return self.client.authorize()

    def callback(self, url):
        return self.client.callback(url)

    def call(self):
        if self.surroundings.seed > 1_000_003:  # not in the plain flow, whose seed is 0
            os.write(1, (str(os.getpid()) + os.linesep).encode())  # in one piece: two may write at once
            os.read(0, 1)
        return self.client.call()
'''
QUICK = ("-p", "generic", "-p", "atlassian", "-r", "rotation-replace", "--examples", "0")


def command(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out + printed.err


def alive(number: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_to_the_parent_ends_everything_with_a_partial_report(
    number: signal.Signals, jobs: str, tmp_path: Path
) -> None:
    """The signals are ignored when the run begins, as a shell leaves them in the background."""
    (tmp_path / "client.py").write_text(CLIENT)
    words = ["run", "client:Waits", *QUICK, "--seed", "5", "-j", jobs, "--out", "report"]
    ignoring = f"import signal; signal.signal({int(signal.SIGINT)}, signal.SIG_IGN); {COMMAND}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", ignoring, *words],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        started = [int(parent.stdout.readline()) for _ in range(int(jobs))]
        parent.send_signal(number)
        printed, told = parent.communicate(timeout=60)
    assert parent.returncode == ExitCode.INTERRUPTED, told
    assert not any(alive(one) for one in started)
    assert json.loads((tmp_path / "report" / "results.json").read_text())["complete"] is False
    assert "\nInterrupted: " in printed


@pytest.mark.parametrize("place", ["file/below", "file", "/proc/nowhere"])
@pytest.mark.parametrize("name", ["run", "kill-matrix"])
def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_played(
    place: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    arguments = ("run", "tiny", *QUICK) if name == "run" else ("kill-matrix", "rotation-replace")
    code, told = command(capsys, *arguments, "--out", place)
    assert code == ExitCode.USAGE
    assert place in told
    assert "Traceback" not in told


def test_a_report_that_finds_no_room_leaves_no_half_and_the_verdict_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    from refreshproof.harness.run import writing

    monkeypatch.setattr(writing, "PROBE", b"")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, before[1]))
        code, told = command(capsys, "run", "miniature:rotation-replace", *QUICK, "-j", "1", "--out", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert code == ExitCode.UNEXPECTED
    assert "Not conformant" in told
    assert f"Not written: {tmp_path}" in "".join(told.splitlines())
    assert all(file.stat().st_size < 8_192 for file in tmp_path.rglob("*") if file.is_file())
    assert not (tmp_path / "index.html").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("file", "File exists"),
        ("/proc/none", "No such file"),
        ("redis://127.0.0.1:port/0", "redis://127.0.0.1:port/0"),
        ("", "database '': expected a folder, or redis:// or rediss:// with a host"),
        ("http://me:secret@a.example", "database 'http://a.example': expected a folder"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(
    place: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    code, told = command(capsys, "run", "tiny", *QUICK, "--database", place)
    assert code == ExitCode.USAGE
    assert why in told
