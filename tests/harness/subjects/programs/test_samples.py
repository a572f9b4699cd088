"""The sample clients in other languages work by the steps that the protocol's page documents, and pass."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from refreshproof.harness.cli.command import main
from refreshproof.harness.subjects import programs
from refreshproof.harness.subjects.exec.page import page

SAMPLES = Path(programs.__file__).parent
FEW = 80
"""Lines that a sample may have, without imports, comments and empty ones."""
RULES = (
    "rotation-replace", "rotation-crash-before-save", "callback-state-checked", "concurrency-single-flight",
    "expiry-constant-skew", "security-no-secret-in-output",
)  # fmt: skip
"""A rule for each thing that a program can claim, and for a login."""

pytestmark = pytest.mark.sockets


@pytest.fixture
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A copy of a sample, made ready as the page says, or one that wants https."""
    language, https = request.param
    shutil.copytree(SAMPLES / language, tmp_path / language)
    folder = tmp_path / language
    if https:
        (adapter,) = folder.glob("adapter.*")
        text = adapter.read_text()
        changed = text.replace("{ protocol: 2 }", "{ protocol: 2, https: true }").replace(
            'said["protocol"] = 2', 'said["protocol"], said["https"] = 2, true'
        )
        assert changed != text
        adapter.write_text(changed)
    if language == "go":
        assert "`go build -o client adapter.go client.go`" in page()
        build = ["go", "build", "-o", "client", "adapter.go", "client.go"]
        subprocess.run(build, cwd=folder, check=True)
        return f"exec:{folder}/client"
    assert "exec:node adapter.mjs" in page()
    return f"exec:node {folder}/adapter.mjs"


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(("node", False), id="node", marks=pytest.mark.node),
        pytest.param(("go", False), id="go", marks=pytest.mark.go),
    ],
    indirect=True,
)
def test_a_sample_is_ready_and_keeps_the_rules(sample: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("adapter", "check", sample) == 0, capsys.readouterr().err
    few = [part for name in RULES for part in ("-r", name)]
    code = ended("run", sample, "-p", "atlassian", *few, "--examples", "0", "-j", "1", "--out", str(tmp_path))
    told = capsys.readouterr()
    assert code == 0, told.out + told.err
    results = json.loads((tmp_path / "results.json").read_text())["results"]
    alone = {"concurrency-single-flight"} if "client" in sample else set()
    assert {one["requirement"] for one in results if one["grade"] != "PASS"} == alone


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(("node", True), id="node", marks=pytest.mark.node),
        pytest.param(("go", True), id="go", marks=pytest.mark.go),
    ],
    indirect=True,
)
def test_a_sample_trusts_the_throw_away_ca(sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("adapter", "check", sample) == 0
    assert "vendors at https" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["node", "go"])
def test_a_sample_adapter_is_a_few_lines_of_its_own(language: str) -> None:
    for file in (SAMPLES / language).glob("adapter.*"):
        lines = [line for line in file.read_text().splitlines() if line.strip() and not line.startswith("//")]
        assert len(lines) < FEW
