"""results.json: the published schema, and reading back what was written."""

import json
from enum import StrEnum
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from refreshproof.reports import Grade, Harm, Keyword, Outcome, Report, from_dict, schema, to_dict
from refreshproof.reports.formats.document import render_json

TOP = {"schema", "run", "subject", "providers", "results", "survey", "complete"}
RESULT = {
    "requirement",
    "provider",
    "outcome",
    "grade",
    "keyword",
    "examples",
    "anomaly",
    "why",
    "harm",
    "cause",
    "replay",
    "scenario",
}


def _read(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_json(report))
    return document


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_a_report_satisfies_the_schema(sample_report: Report) -> None:
    Draft202012Validator(schema()).validate(_read(sample_report))
    Draft202012Validator(schema()).validate(to_dict(sample_report))


def test_the_document_has_the_members_it_is_documented_to_have(sample_report: Report) -> None:
    document = _read(sample_report)
    assert document["schema"] == 2
    assert set(document) >= TOP
    assert all(set(result) >= RESULT for result in document["results"])
    assert set(document["survey"][0]) == {"name", "provider", "value", "unit", "why"}


@pytest.mark.parametrize(
    ("name", "values"), [("outcome", Outcome), ("grade", Grade), ("keyword", Keyword), ("harm", Harm)]
)
def test_the_schema_names_every_value_there_is(name: str, values: type[StrEnum]) -> None:
    assert schema()["$defs"][name]["enum"] == [str(value) for value in values]


def test_what_was_written_reads_back_equal(sample_report: Report) -> None:
    assert from_dict(_read(sample_report)) == sample_report


def test_members_of_a_later_version_are_ignored(sample_report: Report) -> None:
    document = _read(sample_report)
    document["later"] = document["run"]["later"] = document["results"][0]["later"] = {"x": 1}
    assert from_dict(document) == sample_report


def test_members_that_have_a_default_may_be_absent(sample_report: Report) -> None:
    document = _read(sample_report)
    for result in document["results"]:
        del result["story"]
    assert all(result.story is None for result in from_dict(document).results)


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        ("schema", 1, r"\$\.schema: 2 was expected"),
        ("complete", "yes", r"\$\.complete: 'yes' is not of type 'boolean'"),
        ("results.0.outcome", "fine", r"\$\.results\[0\]\.outcome: 'fine' is not one of \['satisfied'"),
        ("results.0.examples", -1, r"\$\.results\[0\]\.examples: -1 is less than the minimum of 0"),
        ("results.0.grade", "FAIL", "authz-code-request at google: grade: found 'FAIL', allowed is 'PASS'"),
        ("results.0.provider", "unheard-of", "not a listed requirement"),
        ("requirements.0.links", ["javascript:alert(1)"], r"\$\.requirements\[0\]\.links\[0\]: 'javascript"),
    ],
)
def test_a_bad_document_is_refused_by_place(sample_report: Report, place: str, value: object, complaint: str) -> None:
    document: Any = _read(sample_report)
    *path, last = place.split(".")
    target = document
    for step in path:
        target = target[int(step) if step.isdigit() else step]
    target[last] = value
    with pytest.raises(ValueError, match=complaint):
        from_dict(document)


@pytest.mark.parametrize("document", [None, [], "text", {}])
def test_what_is_no_report_at_all_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match=r"results\.json: \$: "):
        from_dict(document)


def test_a_complaint_about_a_huge_value_stays_short(sample_report: Report) -> None:
    document = _read(sample_report) | {"complete": "x" * 100_000}
    with pytest.raises(ValueError, match="complete") as caught:
        from_dict(document)
    assert len(str(caught.value)) < 400
