"""`compare` and `merge` on the reports of real runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refreshproof.harness.cli.command import main

CLIENT, SOUND = "miniature:rotation-replace", "tiny"
PLAYED = {
    "whole": (CLIENT, "atlassian", "generic"),
    "a": (CLIENT, "atlassian"),
    "g": (CLIENT, "generic"),
    "sound": (SOUND, "generic"),
    "sound both": (SOUND, "atlassian", "generic"),
}
RULES = ("-r", "rotation-replace", "-r", "refresh-request-shape", "--examples", "0", "-j", "1")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder, to be in, with a whole run, its two shards and the run of a sound client."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for out, (subject, *providers) in PLAYED.items():
            chosen = (argument for name in providers for argument in ("-p", name))
            with pytest.raises(SystemExit):
                main(["run", subject, *chosen, *RULES, "--out", out])
        yield folder


def judged(folder: Path) -> list[Any]:
    results = json.loads((folder / "results.json").read_text())["results"]
    return sorted([one["requirement"], one["provider"], one["outcome"], one["why"], one["replay"]] for one in results)


def cells(folder: Path) -> dict[str, list[str]]:
    """Return the journal of a report, by the cells in it."""
    found, head = dict[str, list[str]](), ""
    for line in (folder / "journal.jsonl").read_text().splitlines():
        head = line if json.loads(line)["record"] == "Cell" else head
        found.setdefault(head, []).append(line)
    return found


def test_journals_are_merged_in_the_order_of_the_report_whatever_that_of_the_shards(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(capsys, "merge", "g", "a", "--out", "turned", "--report", "json")[0] == 1
    first = (runs / "turned" / "journal.jsonl").read_bytes()
    assert call(capsys, "merge", "g", "a", "a", "--out", "turned", "--report", "json")[0] == 1
    assert (runs / "turned" / "journal.jsonl").read_bytes() == first
    order = [(one["requirement"], one["provider"]) for one in map(json.loads, cells(runs / "turned"))]
    results = json.loads((runs / "turned" / "results.json").read_text())["results"]
    assert order == [(one["requirement"], one["provider"]) for one in results]


def test_a_journal_that_is_absent_or_none_is_told(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bare", "odd"):
        (runs / name).mkdir()
        (runs / name / "results.json").write_text((runs / "a" / "results.json").read_text())
    code, _, err = call(capsys, "merge", "bare", "g", "--out", "both")
    assert (code, err) == (1, "bare/journal.jsonl: there is no such file; the journal lacks what was judged there\n")
    for text, told in (("{", "not JSON"), ("1", "found int; expected an object"), ("{}", "expected a Cell")):
        (runs / "odd" / "journal.jsonl").write_text(text)
        code, _, err = call(capsys, "merge", "odd", "g", "--out", "both")
        assert code == 4
        assert "odd/journal.jsonl, line 1: " in " ".join(err.split())
        assert told in err


def test_shards_put_together_are_the_run_and_can_be_replayed(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "merge", "a", "g", "--out", "both", "--report", "json", "--report", "html")
    assert (code, err) == (1, "")
    assert out.splitlines()[-1] == "Report: both/index.html (5 files)"
    assert cells(runs / "both") == cells(runs / "whole")
    whole = [[*rest, replay and replay.replace("whole/", "both/")] for *rest, replay in judged(runs / "whole")]
    assert judged(runs / "both") == whole
    assert call(capsys, "replay", "both/scenarios/rotation-replace--generic.json")[0] == 1
    code, _, err = call(capsys, "merge", "a", "g", "--out", "both", "-p", "atlassian", "-p", "google")
    assert code == 1, "a broken rule weighs more"
    assert err == "Missing at google: rotation-replace, refresh-request-shape\n"


def test_a_shard_that_is_missing_is_named_and_leaves_the_run_incomplete(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "merge", "sound", "--out", "both", "-p", "generic", "-p", "atlassian")
    assert (code, err) == (7, "Missing at atlassian: rotation-replace, refresh-request-shape\n")
    assert "results that were selected are missing" in out
    code, _, err = call(capsys, "merge", "sound", "a", "--out", "both")
    assert code == 4
    assert "sound and a have another subject: tiny client 1, and miniature:rotation-replace 1" in " ".join(err.split())


def test_a_comparison_tells_what_is_fixed_and_what_is_newly_broken(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "compare", "whole", "sound both")
    assert code == 0
    line = "  rotation-replace: FAIL (A1: a spent token or code is presented) -> PASS at atlassian, generic"
    assert f"\nfixed:\n{line}\n" in out
    code, out, _ = call(capsys, "compare", "sound both", "whole/results.json")
    assert code == 1
    assert out.splitlines()[-1].split() == ["all", "2", "0", "0", "0", "2"]
    code, out, _ = call(capsys, "compare", "whole", "a", "--json")
    assert code == 7
    assert {(one["provider"], one["change"]) for one in json.loads(out)} == {
        ("atlassian", "same"), ("generic", "newly untested")
    }  # fmt: skip
    code, _, err = call(capsys, "compare", "whole", "nowhere")
    assert code == 4
    assert "nowhere: No such file" in err


def test_two_clients_are_compared_by_the_same_lives(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = ("-p", "generic", "-p", "atlassian")
    code, out, err = call(capsys, "compare", SOUND, CLIENT, *places, *RULES, "--out", "both sides")
    assert code == 1
    assert "\nnewly broken:\n  rotation-replace: PASS -> FAIL (A1: a spent token or code is presented) at " in out
    assert out.splitlines()[-1].split() == ["all", "2", "0", "0", "0", "2"]
    assert err.splitlines() == [f"old: {SOUND}, seed 0", f"new: {CLIENT}, seed 0"]
    assert call(capsys, "replay", "both sides/new/scenarios/rotation-replace--generic.json")[0] == 1
    code, out, _ = call(capsys, "compare", CLIENT, SOUND, "-p", "generic", *RULES, "--seed", "7")
    assert code == 0
    assert "\nfixed:\n  rotation-replace: " in out
    assert "seed 7" in out.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("whole", SOUND), "two reports are compared, or two clients; tiny: No such file"),
        (("whole", "a", "--seed", "1"), "--seed is for two clients that are played; whole and a are taken for reports"),
        (("no client", "tiny"), "no client and tiny are no reports, and of clients: there is no subject 'no client'"),
    ],
)
def test_what_cannot_be_compared_is_told(
    runs: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    code, _, err = call(capsys, "compare", *words)
    assert code == 4
    assert told in " ".join(err.split())
