"""Frozen sets: what a later version tests besides is told apart, and turns nothing red."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kit.ci_readers import READERS
from refreshproof.harness.cli.command import main
from refreshproof.harness.sets.frozen import FrozenSet, scored, sets
from refreshproof.reports import FORMATS, ExitCode, Outcome, Report, exit_code, findings, from_dict, to_dict
from refreshproof.reports.unscored import unscored
from refreshproof.scenarios.requirements import CATALOGUE

QUIET = frozenset({Outcome.SATISFIED, Outcome.NOT_APPLICABLE})


def a_set(report: Report, *, older: tuple[str, ...] = (), absent: tuple[str, ...] = ()) -> FrozenSet:
    """The set of a report's requirements: some as they were before, some not there yet."""
    return FrozenSet(
        name="mine",
        title="Mine",
        scored={one.id: 0 if one.id in older else 1 for one in report.requirements if one.id not in absent},
        not_scored={},
    )


@pytest.mark.parametrize("name", sets())
def test_a_set_names_requirements_that_there_are_each_once(name: str) -> None:
    one = sets()[name]
    assert one.title
    assert not set(one.scored) & set(one.not_scored)
    assert {*one.scored, *one.not_scored} <= set(CATALOGUE)
    assert all(isinstance(version, int) and version > 0 for version in one.scored.values())
    assert all(one.not_scored.values())


@pytest.fixture(scope="module")
def upgraded(sample_report: Report) -> Report:
    """A run that was green before an upgrade, which brought a rule and made another stricter; both are broken now."""
    results = tuple(
        one for one in sample_report.results
        if one.outcome in QUIET or one.requirement in ("rotation-persist-before-use", "accept-success-definition")
    )  # fmt: skip
    return replace(sample_report, results=results, run=replace(sample_report.run, troubles=()))


def test_an_upgrade_does_not_turn_a_green_pipeline_red(upgraded: Report) -> None:
    assert exit_code(upgraded) is ExitCode.UNEXPECTED
    by = a_set(upgraded, older=("accept-success-definition",), absent=("rotation-persist-before-use",))
    report = scored(upgraded, by)
    assert exit_code(report) is ExitCode.AS_EXPECTED
    assert not findings(report)
    assert unscored(report) == (
        "FAIL (A16: an answer is misread) accept-success-definition at error-with-200: version 1; mine has version 0",
        "FAIL (A0: a rotated token is lost) rotation-persist-before-use at atlassian, strict-single-use, "
        "reuse-kills-family: not in mine",
    )
    assert exit_code(scored(upgraded, a_set(upgraded))) is ExitCode.UNEXPECTED, "what is in the set counts"


@pytest.mark.parametrize("name", ["html", "json", "markdown", "sarif", "ctrf", "gitlab", "junit"])
def test_what_is_not_scored_stands_apart(name: str, upgraded: Report) -> None:
    report = scored(upgraded, a_set(upgraded, absent=("rotation-persist-before-use",)))
    text = FORMATS[name].render(report)
    READERS[name](text)
    assert ("rotation-persist-before-use" in text) == (name in ("html", "json", "markdown"))
    assert from_dict(json.loads(json.dumps(to_dict(report)))) == report


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_a_run_scores_by_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("-p", "generic", "-r", "accept-expires-*", "--examples", "0", "-j", "1", "--out", str(tmp_path))
    code, out, _ = call(capsys, "run", "miniature:accept-expires-odd", "--set", "core-2026.1", *chosen)
    assert code == 0
    [line] = [line for line in out.splitlines() if line.startswith("NOT SCORED")]
    assert "accept-expires-odd at generic: advice: good practice that fails no run" in line
    document = json.loads((tmp_path / "results.json").read_text())
    assert "accept-expires-odd" not in {one["requirement"] for one in document["results"]}
    assert (tmp_path / "scenarios" / "accept-expires-odd--generic.json").is_file()
    code, _, err = call(capsys, "run", "--set", "core-2026")
    assert (code, "did you mean core-2026.1?" in " ".join(err.split())) == (4, True)
    [row] = json.loads(call(capsys, "list", "sets", "--json")[1])
    assert (row["name"], row["scored"]["rotation-replace"]) == ("core-2026.1", 1)
