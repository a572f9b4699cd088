"""A HAR for each failing story: what a browser's network panel reads of it, and that it is judged again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ci_readers import read_har
from kit.fuzzing import inputs
from refreshproof.harness.cli.command import main
from refreshproof.harness.judging.traffic_files import traffic_files
from refreshproof.harness.run.cells import empty
from refreshproof.harness.run.smoke import SMOKE
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import VENDORS as ALL
from refreshproof.scenarios.clocks.clock import START
from refreshproof.scenarios.evidence.journal import Exchange
from refreshproof.scenarios.play.play import play
from refreshproof.scenarios.requirements import CATALOGUE

VENDOR = ALL["atlassian"]

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


@inputs(20)
@given(why=st.text(st.characters(), min_size=1), said=st.text(st.characters(), max_size=40))
def test_whatever_a_client_says_its_har_is_read(why: str, said: str) -> None:
    cell = empty(CATALOGUE["rotation-replace"], VENDOR, "violated", why)
    journal = play(VENDOR, MINIATURES["rotation-replace"].client, SMOKE)
    journal.records[:] = [replace(one, trouble=said) if isinstance(one, Exchange) else one for one in journal.records]
    cell = replace(cell, scenario=SMOKE, journal=journal)
    [(_, text)] = traffic_files([cell], {VENDOR.name: VENDOR}, Path())
    har = read_har(str(text()).encode("utf-8", "backslashreplace").decode())
    assert har.pages[0].title == f"rotation-replace at atlassian: {why}"
    assert len(har.pages[0].entries) == len(journal.exchanges())
