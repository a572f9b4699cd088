"""A HAR for each failing story: what a browser's network panel reads of it, and that it is judged again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.ci_readers import read_har
from refreshproof.harness.cli.command import main
from refreshproof.scenarios.clocks.clock import START

VENDORS = ("atlassian", "google", "generic")


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a client that keeps its first refresh token, with a HAR for each story."""
    folder = tmp_path_factory.mktemp("report")
    places = [word for name in VENDORS for word in ("-p", name)] + ["-r", "rotation-replace", "-r", "rotation-old*"]
    formats = ["--report", "har", "--report", "json"]
    run = ["run", "miniature:rotation-replace", *places, *formats, "--examples", "0", "-j", "1", "--out", str(folder)]
    assert call(*run) == 1
    return folder


def test_each_failing_story_has_a_file_of_its_own(report: Path) -> None:
    results = json.loads((report / "results.json").read_text())["results"]
    failing = {Path(one["scenario"]).stem for one in results if one["scenario"]}
    assert {file.stem for file in (report / "har").iterdir()} == failing
    assert "rotation-replace--atlassian" in failing


def test_a_viewer_reads_the_story_in_virtual_time_and_by_aliases(report: Path) -> None:
    har = read_har((report / "har" / "rotation-replace--atlassian.har").read_text())
    [page] = har.pages
    assert page.title.startswith("rotation-replace at atlassian: The next refresh presented RT1 again")
    assert page.entries[0].startTime.timestamp() * 1_000_000 == START
    tokens = [one for one in page.entries if one.request.url == "https://auth.atlassian.com/oauth/token"]
    presented = [
        {pair["name"]: pair["value"] for pair in one.request.raw_entry["postData"]["params"]}.get("refresh_token")
        for one in tokens
    ]
    assert presented == [None, "RT1", "RT1"]
    assert [one.response.status for one in tokens] == [200, 200, 403]
    assert '"refresh_token": "RT2"' in tokens[1].response.text
    assert [one.raw_entry["comment"] for one in tokens][-1].endswith("shows the violation")
    moments = [one.startTime for one in tokens]
    assert [round((later - moments[0]).total_seconds() / 3600) for later in moments] == [0, 1, 2]


def test_a_story_is_judged_again_by_what_the_wire_shows(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in sorted((report / "har").iterdir()):
        rule, _, vendor = file.stem.partition("--")
        assert call("judge", str(file), "-p", vendor, "-r", rule) == 1, file
        assert f"FAIL {rule} at {vendor}" in capsys.readouterr().out
