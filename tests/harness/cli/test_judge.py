"""`refreshproof judge`: a proxy's recording gets a report whose findings replay, and bad input its exit code."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from kit.har_samples import SECRET, mitmproxy, story, token
from kit.wire import saved
from refreshproof.harness.cli.command import main

README = Path(os.environ.get("REFRESHPROOF_TREE", Path(__file__).parents[3])) / "README.md"
MARK = "<!-- executed by tests/harness/cli/test_judge.py -->\n```sh\n"


def refreshproof(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command; returns its exit code, and what it said in one line."""
    with pytest.raises(SystemExit) as end:
        main(words)
    said = capsys.readouterr()
    return int(end.value.code or 0), " ".join((said.out + said.err).split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def results(folder: Path) -> dict[str, Any]:
    """Return the results of a report by requirement."""
    document = json.loads((folder / "refreshproof-report" / "results.json").read_text())
    return {one["requirement"]: one for one in document["results"]}


def the_command_of_the_readme() -> list[str]:
    """Return the words of README's example, without the program."""
    line = README.read_text().partition(MARK)[2].partition("```")[0].strip()
    return shlex.split(line)[1:]


def test_a_finding_of_a_recording_replays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved(mitmproxy(*story(stale=True)), folder)
    code, said = refreshproof(capsys, *the_command_of_the_readme())
    assert code == 1
    found = results(folder)["rotation-replace"]
    assert (found["grade"], found["anomaly"]) == ("FAIL", "A1")
    assert found["replay"] in said
    before = sorted((folder / "refreshproof-report").iterdir())
    code, said = refreshproof(capsys, *shlex.split(found["replay"])[1:])
    assert code == 1
    assert "FAIL rotation-replace at atlassian (A1" in said
    assert sorted((folder / "refreshproof-report").iterdir()) == before
    for file in before:
        text = file.read_text()
        assert not [one for one in (SECRET, token("rt", 1), token("at", 2), "ann@example.com") if one in text], file


def test_a_good_client_fails_nothing_and_what_cannot_be_seen_is_no_pass(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(mitmproxy(*story(stale=False)), folder)
    code, said = refreshproof(capsys, *the_command_of_the_readme())
    assert (code, "Nothing broke: No rule was broken in what was recorded" in said) == (0, True)
    found = results(folder)
    dark = [name for name, one in found.items() if one["outcome"] == "not_observable"]
    assert f"; {len(dark)} rules not judged, for the recording does not show enough" in said
    assert "NOT SEEN 35 rules, not observable: what the client told its callers" in said
    for file in ("summary.md", "index.html"):
        text = (folder / "refreshproof-report" / file).read_text()
        assert "Not judged, for the recording does not show enough" in text
    told = said.partition("NOT SEEN")[2]
    assert [name for name in dark if name not in told] == []
    assert {one["grade"] for one in found.values()} == {"PASS", "UNTESTED", "NA"}
    assert found["rotation-replace"]["grade"] == "PASS"
    assert found["refresh-without-user"]["outcome"] == "not_observable"
    assert {"html", "xml", "md", "jsonl", "har", "json"} == {
        path.suffix[1:] for path in (folder / "refreshproof-report").iterdir()
    }


@pytest.mark.parametrize(
    ("document", "words", "code", "complaint"),
    [
        ({}, ["-p", "atlassian"], 4, "traffic.har: found no member log; expected a HAR 1.2"),
        (mitmproxy(), ["-p", "atlassian"], 5, "no request to atlassian: the hosts in it are none; expected"),
        (mitmproxy(*story(stale=False)), [], 4, "--provider is missing; hosts in it belong to atlassian"),
        (mitmproxy(*story(stale=False)), ["-p", "google"], 5, "the hosts in it are api.atlassian.com"),
        (mitmproxy(*story(stale=False)), ["-p", "nobody"], 4, "nothing is named 'nobody'"),
        (mitmproxy(*story(stale=False)), ["-p", "atlassian", "--strict", "--lenient"], 4, "choose one of them"),
        (mitmproxy(*story(stale=False)), ["-p", "atlassian", "-r", "none-*"], 5, "--requirement none-* leaves nothing"),
        (mitmproxy(*story(stale=False)), ["-p", "atlassian", "-r", "expiry-*"], 5, "Nothing that was recorded"),
        (mitmproxy(*story(stale=False)), ["-p", "atlassian", "--out", "traffic.har"], 4, "traffic.har"),
    ],
    ids=range(9),
)
def test_bad_input_is_told_and_has_its_exit_code(
    document: Any, words: list[str], code: int, complaint: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(document, folder)
    ended, said = refreshproof(capsys, "judge", "traffic.har", *words)
    assert (ended, complaint in said) == (code, True), said


def test_a_recording_of_ours_that_was_changed_is_refused_by_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(mitmproxy(*story(stale=True)), folder)
    refreshproof(capsys, *the_command_of_the_readme())
    path = folder / "refreshproof-report" / "recording.har"
    document = json.loads(path.read_text())
    document["log"]["entries"][0]["_refreshproof"]["exchange"]["number"] = "one"
    saved(document, path.parent, path.name)
    code, said = refreshproof(capsys, "judge", str(path))
    assert code == 4
    assert "log.entries[0]._refreshproof.exchange.number: found 'one'" in said
    assert refreshproof(capsys, "judge", str(path), "-p", "google")[0] == 5
