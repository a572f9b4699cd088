"""The machine-readable report: a `Report` to and from the JSON document of schema 1.

The published JSON Schema is the one thing that says what a document may look like; reading checks against it first.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.resources import files
from typing import Any, TypeVar

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from refreshproof.reports.coverage import Coverage, Transition
from refreshproof.reports.results import (
    ExchangeView,
    Keyword,
    Note,
    Outcome,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Story,
    Subject,
    SurveyInfo,
    SurveyValue,
)

SCHEMA_VERSION = 1

_LONGEST_COMPLAINT = 300
_Value = TypeVar("_Value")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    text = files("refreshproof.reports").joinpath("results.schema.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON data, every result with its grade spelled out."""
    document = {"schema": SCHEMA_VERSION, **asdict(report)}
    document["results"] = [{**asdict(result), "grade": result.grade} for result in report.results]
    # asdict keeps tuples and enumerations, which are no JSON; NaN and infinity have none
    plain: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    return plain


def render_json(report: Report) -> str:
    """Return results.json."""
    return json.dumps(to_dict(report), indent=1, ensure_ascii=False) + "\n"


def from_dict(document: object) -> Report:
    """Read a document back; unknown members are ignored, so that later minor additions stay readable.

    Raises ValueError naming the place, what was found and what is allowed.
    """
    error = best_match(Draft202012Validator(schema()).iter_errors(document))
    if error is not None:
        raise ValueError(f"results.json: {error.json_path}: {error.message[:_LONGEST_COMPLAINT]}")
    assert isinstance(document, dict)  # noqa: S101 - the schema says so, mypy cannot know
    return _build(
        Report,
        document,
        run=_build(Run, document["run"], command=tuple(document["run"].get("command", ()))),
        subject=_build(Subject, document["subject"]),
        providers=tuple(_build(ProviderInfo, row) for row in document["providers"]),
        requirements=tuple(_requirement(row) for row in document["requirements"]),
        results=tuple(_result(row) for row in document["results"]),
        survey=tuple(_build(SurveyValue, row) for row in document["survey"]),
        behaviours=tuple(
            _build(SurveyInfo, row, related=tuple(row.get("related", ()))) for row in document.get("behaviours", ())
        ),
        coverage=tuple(_coverage(row) for row in document.get("coverage", ())),
    )


def _build(kind: type[_Value], row: Mapping[str, Any], **converted: object) -> _Value:
    known = {field.name: row[field.name] for field in fields(kind) if field.name in row}  # type: ignore[arg-type]
    return kind(**{**known, **converted})


def _requirement(row: Mapping[str, Any]) -> RequirementInfo:
    return _build(RequirementInfo, row, keyword=Keyword(row["keyword"]), links=tuple(row.get("links", ())))


def _coverage(row: Mapping[str, Any]) -> Coverage:
    return Coverage(table=row["table"], transitions=tuple(_build(Transition, one) for one in row["transitions"]))


def _result(row: Mapping[str, Any]) -> Result:
    story = None if row.get("story") is None else _story(row["story"])
    result = _build(Result, row, outcome=Outcome(row["outcome"]), keyword=Keyword(row["keyword"]), story=story)
    if result.grade != row["grade"]:
        place = f"{result.requirement} at {result.provider}"
        raise ValueError(f"results.json: {place}: grade: found {row['grade']!r}, allowed is {result.grade.value!r}")
    return result


def _story(row: Mapping[str, Any]) -> Story:
    return _build(
        Story,
        row,
        prose=tuple(row["prose"]),
        exchanges=tuple(_exchange(exchange) for exchange in row.get("exchanges", ())),
        notes=tuple(_build(Note, note) for note in row.get("notes", ())),
    )


def _exchange(row: Mapping[str, Any]) -> ExchangeView:
    lines = {side: tuple(row.get(side, ())) for side in ("request", "response")}
    return _build(ExchangeView, row, **lines)
