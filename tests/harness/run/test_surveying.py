"""The survey in a run: shared out over processes, told in the report, named by list and explain."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.cli.command import main
from refreshproof.harness.run.matrix import Matrix
from refreshproof.harness.run.runner import Plan, run
from refreshproof.harness.run.surveying import PLAIN, measured, pieces, survey_infos, survey_values
from refreshproof.mock_servers.vendors import CORE, VENDORS
from refreshproof.reports import from_dict, schema
from refreshproof.reports.formats.page import render_page
from refreshproof.scenarios.steps.subject import Subject, Surroundings
from refreshproof.scenarios.survey import SURVEY

FEW = ("sv-lead", "sv-requests-per-401", "sv-clock-source")


def surveyed(jobs: int) -> Matrix:
    plan = Plan(
        subject="tiny", vendors=CORE[:2], requirements=("refresh-request-shape",), examples=0, survey=FEW, jobs=jobs
    )
    matrix = Matrix.of(plan)
    for event in run(plan):
        matrix.take(event)
    return matrix


def test_a_value_of_the_vendor_is_measured_at_each_and_one_of_the_client_once() -> None:
    found = {(one.item, one.vendor) for one in surveyed(1).readings}
    of_vendor = {("sv-lead", vendor.name) for vendor in CORE[:2]}
    assert found == of_vendor | {("sv-requests-per-401", PLAIN.name), ("sv-clock-source", PLAIN.name)}


def test_the_survey_is_the_same_under_any_number_of_jobs() -> None:
    assert survey_values(surveyed(1).readings) == survey_values(surveyed(2).readings)


def test_the_pieces_together_are_every_value_at_every_vendor_that_has_it() -> None:
    shared = [(vendor.name, name) for vendor, names in pieces(tuple(SURVEY), CORE) for name in names]
    once = [(PLAIN.name, one.id) for one in SURVEY.values() if one.scope == "once"]
    each = [
        (vendor.name, one.id)
        for vendor in CORE
        for one in SURVEY.values()
        if one.scope == "every vendor" and one.applies(vendor.profile)
    ]
    assert sorted(shared) == sorted((*once, *each))


def test_a_harness_that_fails_is_told_and_says_nothing_of_the_client() -> None:
    def factory(surroundings: Surroundings) -> Subject:
        raise OSError("no such program")

    told = measured((VENDORS["google"], ("sv-lead",)), factory, frozenset(), 0).readings[0]
    assert (told.value, told.why) == (None, "The harness failed: OSError: no such program")


def test_virtual_time_of_the_survey_counts() -> None:
    assert measured((PLAIN, ("sv-recovery-time",)), TinyClient, frozenset(), 0).virtual_time >= 71 * 60 * 1_000_000


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert int(end.value.code or 0) == 0
    printed = capsys.readouterr()
    return printed.out, printed.err


RUN = ("run", "tiny", "-p", "google", "-r", "refresh-request-shape", "--examples", "0", "--jobs", "1", "--seed", "7")


@pytest.fixture
def results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    out, _ = call(capsys, *RUN, "--survey", "--out", tmp_path)
    return json.loads((tmp_path / "results.json").read_text()), out


def test_a_run_reports_every_value_with_its_meaning(results: tuple[dict[str, Any], str]) -> None:
    document, out = results
    jsonschema.validate(document, schema())
    report = from_dict(document)
    values = {value.name: value for value in report.survey}
    assert {name for name in SURVEY if SURVEY[name].applies(VENDORS["google"].profile)} <= set(values)
    assert (values["sv-lead"].value, values["sv-lead"].unit, values["sv-lead"].provider) == (120, "s", "google")
    assert {value.name for value in report.survey} == {info.name for info in report.behaviours}
    assert f"Measured and not judged: {len(report.survey)} values; see the report" in out
    page = render_page(report)
    assert all(info.statement.replace("'", "&#39;") in page for info in report.behaviours)
    assert "120 s" in page


def test_a_run_of_chosen_requirements_measures_nothing_unless_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, *RUN, "--out", tmp_path)
    document = json.loads((tmp_path / "results.json").read_text())
    assert not {value["name"] for value in document["survey"]} & set(SURVEY)


def test_the_survey_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(call(capsys, "list", "survey", "--json")[0])
    assert [row["id"] for row in rows] == list(SURVEY)
    assert next(row["providers"] for row in rows if row["id"] == "sv-lead") == list(VENDORS)
    assert "sv-lead" in call(capsys, "list", "survey")[0]


@pytest.mark.parametrize("item", SURVEY.values(), ids=lambda item: item.id)
def test_every_value_can_be_explained(item: Any, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = call(capsys, "explain", item.id)
    assert all(text in out for text in (item.statement, item.how, *item.related))


def test_a_value_that_nearly_exists_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain", "sv-leed"])
    assert "did you mean sv-lead" in " ".join(capsys.readouterr().err.split())


def test_the_infos_are_those_of_the_survey() -> None:
    assert [info.name for info in survey_infos()] == list(SURVEY)
