"""What a run tells GitHub Actions, and that a client's secrets stand in no format whatever it says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from kit.ci_readers import commands
from refreshproof.harness.cli.command import main
from refreshproof.reports import FORMATS
from refreshproof.reports.formats.registry import STORY_FORMATS
from refreshproof.reports.formats.summary import LARGEST

CLIENT = """
import json
import sys
from refreshproof.harness import Outcome, TinyClient
from refreshproof.harness.subjects.miniatures import MINIATURES


class Talker(MINIATURES["rotation-replace"].client):
    \"\"\"Says every secret that it has, in outcomes and in exceptions.\"\"\"

    def call(self):
        done = super().call()
        grant = self.disk.grant
        secrets = [grant.access_token, grant.refresh_token, self.registration.client_secret]
        with open("secrets.jsonl", "a") as file:
            file.write(json.dumps(secrets) + "\\n")
        if done.kind != "ok":
            raise RuntimeError(f"failed with {secrets}")
        return done
"""
RUN = ("run", "client.py", "-p", "atlassian", "-r", "rotation-replace", "--examples", "3", "-j", "1", "--out", "out")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])
    (tmp_path / "client.py").write_text(CLIENT)
    return tmp_path


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_no_secret_stands_in_any_format_and_each_is_where_it_was_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = folder / "step.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code = call(*RUN, *(argument for name in (*FORMATS, *STORY_FORMATS) for argument in ("--report", name)))
    printed = capsys.readouterr()
    assert code == 1, printed.err
    assert {one.filename for one in FORMATS.values()} <= {file.name for file in (folder / "out").iterdir()}

    secrets = {
        secret for line in (folder / "secrets.jsonl").read_text().splitlines() for secret in json.loads(line) if secret
    }
    assert len(secrets) > 3
    assert (folder / "out" / "har" / "rotation-replace--atlassian.har").is_file()
    written = {file.name: file.read_text() for file in (folder / "out").rglob("*") if file.is_file()}
    for name, text in (written | {"stdout": printed.out, "stderr": printed.err, "step": summary.read_text()}).items():
        assert not [secret for secret in secrets if secret in text], name

    told = commands("\n".join(line for line in printed.out.splitlines() if line.startswith("::")))
    assert told[0] == ("error", {"title": "tiny client: Not conformant"}, told[0][2])
    assert ("client.py", "error") in {(properties.get("file"), kind) for kind, properties, _ in told}
    assert summary.read_text().startswith("before\n# ❌ tiny client 1: Not conformant\n")
    assert summary.read_text().removeprefix("before\n") == written["summary.md"]


def test_a_summary_that_is_full_already_is_not_made_too_large(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = folder / "step.md"
    summary.write_text("x" * (LARGEST - 500))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert call(*RUN) == 1
    assert LARGEST - 500 < summary.stat().st_size <= LARGEST
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder))
    assert call(*RUN) == 1
    assert f"Not written: {folder}: Is a directory" in capsys.readouterr().err.replace("\n", " ")
