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


def test_shards_put_together_are_the_run_and_can_be_replayed(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "merge", "a", "g", "--out", "both", "--report", "json", "--report", "html")
    assert (code, err) == (1, "")
    assert out.splitlines()[-1] == "Report: both/index.html (4 files)"
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
