"""Settings in a file: where they are found, what they change, and what is said of a wrong one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from kit.har_samples import mitmproxy, story
from kit.wire import saved
from refreshproof.harness.cli.command import main
from refreshproof.harness.cli.run import run as run_command
from refreshproof.harness.settings.settings import KEYS, found, read_settings
from refreshproof.mock_servers.dates import instant_of

BLOCK = re.compile(r"<!-- executed by tests/harness/cli/test_settings.py -->\n```toml\n(.*?)^```$", re.M | re.S)
CLIENT = "from refreshproof.harness import TinyClient\n\n\nclass MyClient(TinyClient):\n    pass\n"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


@pytest.fixture
def project(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the README's settings, a client and its baseline; the present folder is one below it."""
    [text] = BLOCK.findall((tree / "README.md").read_text())
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "mine"\n\n{text}')
    (tmp_path / "my_client.py").write_text(CLIENT)
    (tmp_path / "known.toml").write_text("")
    below = tmp_path / "tests" / "oauth"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.delitem(sys.modules, "my_client", raising=False)
    return tmp_path


def results(project: Path, out: str = "build/oauth") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / out / "results.json").read_text())
    return found


def test_the_settings_of_the_readme_are_taken_from_a_folder_below(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "run", "-j", "1")
    assert code == 0, err
    assert err.splitlines()[0] == f"Settings: {project / 'pyproject.toml'}"
    told = results(project)
    assert [one["name"] for one in told["providers"]] == ["atlassian", "generic"]
    assert {one["id"] for one in told["requirements"]} == {"rotation-replace"}
    assert told["baseline"]["file"] == str(project / "known.toml")


def test_the_command_line_wins(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(
        capsys, "run", "tiny", "-p", "google", "-r", "refresh-request-shape", "--out", "here", "-j", "1"
    )
    assert code == 0, err
    told = results(project, "tests/oauth/here")
    assert [one["name"] for one in told["providers"]] == ["google"]
    assert [one["id"] for one in told["requirements"]] == ["refresh-request-shape"]


@pytest.mark.parametrize("date", ["2027-03-31", '"2027-03-31"', "2027-03-31T00:00:00Z", "2027-03-31T00:00:00"])
def test_a_date_of_the_settings_is_one_as_toml_or_as_text(date: str, tmp_path: Path) -> None:
    file = tmp_path / "refreshproof.toml"
    file.write_text(f"at = {date}\n")
    assert instant_of(read_settings(file, tmp_path).values["at"]) == 1_806_451_200_000_000


def test_every_key_is_a_parameter_of_run() -> None:
    assert {key.parameter for key in KEYS.values()} <= {one.name for one in run_command.params}


def test_the_nearest_file_is_taken_and_a_pyproject_without_the_table_is_none(tmp_path: Path) -> None:
    low = tmp_path / "a" / "b"
    low.mkdir(parents=True)
    (tmp_path / "refreshproof.toml").write_text("seed = 1\n")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert found(low) == tmp_path / "refreshproof.toml"
    (low / "pyproject.toml").write_text("[tool.refreshproof]\n")
    assert found(low) == low / "pyproject.toml"
    (low / "refreshproof.toml").write_text("")
    assert found(low) == low / "refreshproof.toml"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "refreshproof.toml",
            "sede = 1",
            "refreshproof.toml: sede: unknown key; did you mean seed? allowed are subject,",
        ),
        ("refreshproof.toml", "xyz = 1", "refreshproof.toml: xyz: unknown key; allowed are subject, providers,"),
        ("refreshproof.toml", "seed = true", "seed: found True; expected a number from 0 to 2**63 - 1"),
        ("refreshproof.toml", "at = 31", "at: found 31; expected a date from 1970 to 2199, such as 2027-03-31"),
        ("refreshproof.toml", "at = 1805-03-31", "at: found 1805-03-31; expected a date from 1970 to 2199"),
        ("refreshproof.toml", 'at = "31.3.2027"', "at: found '31.3.2027'; expected a date from 1970 to 2199"),
        ("refreshproof.toml", "examples = -1", "examples: found -1; expected a number from 0 to 1000000"),
        ("refreshproof.toml", 'providers = "google"', "providers: found 'google'; expected a list of texts, not empty"),
        ("refreshproof.toml", "providers = []", "providers: found []; expected a list of texts, not empty"),
        ("refreshproof.toml", 'out = "a\\u0000b"', "out: found 'a\\x00b'; expected a folder"),
        ("refreshproof.toml", 'reports = ["pdf"]', "reports: found ['pdf']; expected a list of "),
        ("refreshproof.toml", "seed =", "refreshproof.toml: not TOML: "),
        ("pyproject.toml", "[tool.refreshproof]\nx = 1", "pyproject.toml: tool.refreshproof.x: unknown key; allowed"),
        ("pyproject.toml", "[tool]\nrefreshproof = 1", "pyproject.toml: tool.refreshproof: found 1; expected a table"),
        ("pyproject.toml", 'tool = ""', "pyproject.toml: tool.refreshproof: found ''; expected a table"),
        ("refreshproof.toml", 'baseline = "none.toml"', "none.toml: No such file or directory"),
        ("refreshproof.toml", 'providers = ["gogle"]', "nothing is named 'gogle'; did you mean google?"),
    ],
)
def test_a_wrong_file_is_a_mistake_that_names_file_key_and_what_is_allowed(
    name: str,
    text: str,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    code, out, err = call(capsys, "run", "tiny")
    assert code == 4
    assert told in " ".join(err.split())
    assert "Traceback" not in err + out


def test_a_file_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ci.toml").write_text('providers = ["gogle"]')
    code, _, err = call(capsys, "run", "tiny", "--settings", str(tmp_path / "ci.toml"))
    assert (code, err.splitlines()[0]) == (4, f"Settings: {tmp_path / 'ci.toml'}")
    assert call(capsys, "run", "--settings", str(tmp_path / "none.toml"))[0] == 4


def test_baseline_takes_its_file_and_the_report_from_the_settings(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(capsys, "run", "-j", "1", "-p", "generic")[0] == 0
    code, out, err = call(capsys, "baseline", "check")
    assert (code, err) == (0, f"Settings: {project / 'pyproject.toml'}\n")
    assert out == f"{project / 'known.toml'}: 0 new, 0 known, 0 other anomaly, 0 expired, 0 fixed\n"
    assert call(capsys, "baseline", "update")[0] == 0
    assert call(capsys, "baseline", "check", "none.toml")[0] == 4


def test_judge_takes_vendors_rules_and_folder_from_the_settings_and_a_recording_of_a_report_says_its_own(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(mitmproxy(*story(stale=True)), Path())
    code, out, err = call(capsys, "judge", "traffic.har", "-r", "rotation-replace")
    assert (code, err) == (1, f"Settings: {project / 'pyproject.toml'}\n")
    assert "FAIL rotation-replace at atlassian" in out
    kept = project / "build" / "oauth" / "recording.har"
    before = sorted(kept.parent.iterdir())
    code, out, _ = call(capsys, "judge", str(kept), "-r", "rotation-replace")
    assert code == 1, "of the vendors of the settings only one was recorded"
    assert sorted(kept.parent.iterdir()) == before, "nothing is written over it"


def test_compare_plays_at_the_vendors_of_the_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "compare", "tiny", "miniature:rotation-replace", "-j", "1")
    assert code == 1
    assert [line.split()[0] for line in out.splitlines()[-3:]] == ["atlassian", "generic", "all"]
    assert not (project / "build").exists(), "where a run writes its report no comparison does"
