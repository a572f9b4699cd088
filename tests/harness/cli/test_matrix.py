"""`refreshproof matrix`: what it refuses, what it writes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.sample_matrix import sample_matrix
from refreshproof.harness.cli.command import main
from refreshproof.harness.subjects.own import UnknownSubjectError
from refreshproof.harness.subjects.registry import SUBJECTS, SubjectEntry
from refreshproof.reports.formats.matrix.document import render_matrix_json
from refreshproof.scenarios.steps.subject import Subject, Surroundings


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("authlib-htpx",), "nothing is named 'authlib-htpx'; did you mean authlib-httpx?"),
        (("engine",), "nothing is named 'engine'"),
        (("msal", "-p", "gogle"), "nothing is named 'gogle'; did you mean google?"),
        (("msal", "-p", "-*"), "leaves nothing"),
    ],
)
def test_a_mistake_in_the_arguments_is_one_of_usage(
    arguments: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "matrix", *arguments, "--out", str(tmp_path))
    assert code == 4
    assert told in " ".join(err.split())


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results.json").write_text('{"schema": 2}')
    code, _, err = call(capsys, "matrix", "msal", "--out", str(tmp_path))
    assert code == 4
    assert "results.json" in err
    assert "--out names another folder" in err


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "matrix", "--schema")
    assert code == 0
    assert json.loads(out)["title"] == "Refreshproof matrix of subjects"


def test_a_client_that_is_not_there_is_listed_with_the_reason_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(surroundings: Surroundings) -> Subject:
        raise UnknownSubjectError("No module named 'nowhere'")

    monkeypatch.setitem(SUBJECTS, "sample", SubjectEntry(factory=nowhere, summary="not there"))
    (tmp_path / "results.json").write_text(render_matrix_json(sample_matrix()))
    code, _, err = call(capsys, "matrix", "sample", "--out", str(tmp_path), "-j", "1")
    assert "sample is not to be had: No module named 'nowhere'" in err
    subjects = json.loads((tmp_path / "results.json").read_text())["subjects"]
    assert [(one["name"], one["missing"]) for one in subjects] == [("sample", "No module named 'nowhere'")]
    assert len(subjects[0]["plays"]) == 3, "what was known of it stays"
    assert "No module named" in (tmp_path / "index.html").read_text()
    assert (tmp_path / "sample.html").exists()
    assert code == 7, "the earlier matrix holds something that could not be judged"
    assert "BROKEN sample at generic: failure-no-loop: It came to no end." in err


def test_what_a_rule_judged_that_there_is_no_more_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(surroundings: Surroundings) -> Subject:
        raise UnknownSubjectError("No module named 'nowhere'")

    monkeypatch.setitem(SUBJECTS, "sample", SubjectEntry(factory=nowhere, summary="not there"))
    earlier = render_matrix_json(sample_matrix()).replace("failure-no-loop", "failure-of-old")
    (tmp_path / "results.json").write_text(earlier)
    call(capsys, "matrix", "sample", "--out", str(tmp_path), "-j", "1")
    text = (tmp_path / "results.json").read_text()
    assert "failure-of-old" not in text
    assert "rotation-replace" in text


def test_where_no_client_is_to_be_had_nothing_was_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(surroundings: Surroundings) -> Subject:
        raise UnknownSubjectError("No module named 'nowhere'")

    for name in ("sample", "sample-too"):
        monkeypatch.setitem(SUBJECTS, name, SubjectEntry(factory=nowhere, summary="not there"))
    code, _, err = call(capsys, "matrix", "sample*", "--out", str(tmp_path), "-j", "1")
    assert code == 5
    assert "Nothing judged: sample, sample-too: not to be had" in err
