"""The machine-readable report: a `Report` to and from the JSON document of schema 2.

The published JSON Schema is the one thing that says what a document may look like; reading checks against it first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from refreshproof.reports.baseline import Baseline, Entry
from refreshproof.reports.coverage import Coverage, Dimension, Explored, Transition
from refreshproof.reports.proof import Proof
from refreshproof.reports.results import (
    Apart,
    Fact,
    Grading,
    Harm,
    Keyword,
    Outcome,
    ProviderInfo,
    Report,
    RequirementInfo,
    Result,
    Run,
    Subject,
    SurveyInfo,
    SurveyValue,
)
from refreshproof.reports.standings import stale, standing
from refreshproof.reports.story import ExchangeView, Note, Skew, Story, TokenLife
from refreshproof.reports.troubles import Trouble
from refreshproof.reports.verdict import grade

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SCHEMA_VERSION = 2

_LONGEST_COMPLAINT = 300
_Value = TypeVar("_Value")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    return json_resource("results.schema.json")


def json_resource(name: str) -> dict[str, Any]:
    """Return a JSON file of this package."""
    parsed: dict[str, Any] = json.loads(files("refreshproof.reports").joinpath(name).read_text(encoding="utf-8"))
    return parsed


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON data, every result with its grade spelled out."""
    document = {"schema": SCHEMA_VERSION, **asdict(report)}
    document["results"] = [
        {**asdict(result), "grade": grade(result, report.run.grading), "standing": standing(report, result)}
        for result in report.results
    ]
    if report.apart is not None:
        document["apart"]["results"] = [
            {**asdict(result), "grade": grade(result, report.run.grading)} for result in report.apart.results
        ]
    document["fixed"] = [asdict(one) for one in stale(report)]
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
    from jsonschema import Draft202012Validator  # here: who only writes documents has no need of it

    known = checked(document, Draft202012Validator(schema()), "results.json")
    run = read_run(known["run"])
    return build(
        Report,
        known,
        run=run,
        subject=build(Subject, known["subject"]),
        providers=tuple(_provider(row) for row in known["providers"]),
        requirements=tuple(read_requirement(row) for row in known["requirements"]),
        results=tuple(_result(row, run.grading) for row in known["results"]),
        survey=tuple(build(SurveyValue, row) for row in known["survey"]),
        behaviours=tuple(
            build(SurveyInfo, row, related=tuple(row.get("related", ()))) for row in known.get("behaviours", ())
        ),
        coverage=tuple(_coverage(row) for row in known.get("coverage", ())),
        proof=build(Proof, known["proof"]) if known.get("proof") else None,
        baseline=_baseline(known["baseline"]) if known.get("baseline") else None,
        apart=_apart(known["apart"], run.grading) if known.get("apart") else None,
        unselected=tuple(known.get("unselected", ())),
    )


def _baseline(row: Mapping[str, Any]) -> Baseline:
    return build(Baseline, row, entries=tuple(build(Entry, one) for one in row["entries"]))


def _apart(row: Mapping[str, Any], grading: Grading) -> Apart:
    return build(
        Apart,
        row,
        requirements=tuple(read_requirement(one) for one in row["requirements"]),
        results=tuple(_result(one, grading) for one in row["results"]),
    )


def checked(document: object, validator: Draft202012Validator, name: str) -> Mapping[str, Any]:
    """Return a document that its schema allows; raises ValueError naming the file, the place and what is wrong."""
    from jsonschema.exceptions import best_match

    error = best_match(validator.iter_errors(document))
    if error is not None:
        raise ValueError(f"{name}: {error.json_path}: {error.message[:_LONGEST_COMPLAINT]}")
    assert isinstance(document, dict)  # noqa: S101 - the schema says so, mypy cannot know
    return document


def build(kind: type[_Value], row: Mapping[str, Any], /, **converted: object) -> _Value:
    """Make a value of the members of a row that it knows, and of those that were converted."""
    known = {field.name: row[field.name] for field in fields(kind) if field.name in row}  # type: ignore[arg-type]
    return kind(**{**known, **converted})


def read_run(row: Mapping[str, Any]) -> Run:
    """Read the circumstances of a run."""
    return build(
        Run,
        row,
        command=tuple(row.get("command", ())),
        troubles=tuple(build(Trouble, one, also=tuple(one.get("also", ()))) for one in row.get("troubles", ())),
        explored=_explored(row["explored"]) if row.get("explored") else None,
    )


def _explored(row: Mapping[str, Any]) -> Explored:
    return build(Explored, row, dimensions=tuple(build(Dimension, one) for one in row.get("dimensions", ())))


def read_requirement(row: Mapping[str, Any]) -> RequirementInfo:
    """Read a requirement."""
    return build(RequirementInfo, row, keyword=Keyword(row["keyword"]), links=tuple(row.get("links", ())))


def _provider(row: Mapping[str, Any]) -> ProviderInfo:
    facts = tuple(build(Fact, fact, links=tuple(fact.get("links", ()))) for fact in row.get("facts", ()))
    return build(ProviderInfo, row, facts=facts)


def _coverage(row: Mapping[str, Any]) -> Coverage:
    return Coverage(table=row["table"], transitions=tuple(build(Transition, one) for one in row["transitions"]))


def _result(row: Mapping[str, Any], grading: Grading) -> Result:
    story = None if row.get("story") is None else _story(row["story"])
    result = build(
        Result,
        row,
        outcome=Outcome(row["outcome"]),
        keyword=Keyword(row["keyword"]),
        harm=None if row.get("harm") is None else Harm(row["harm"]),
        story=story,
        rests_on=tuple(row.get("rests_on", ())),
    )
    worth = grade(result, grading)
    if worth != row["grade"]:
        place = f"{result.requirement} at {result.provider}"
        raise ValueError(f"results.json: {place}: grade: found {row['grade']!r}, allowed is {worth.value!r}")
    return result


def _story(row: Mapping[str, Any]) -> Story:
    return build(
        Story,
        row,
        prose=tuple(row["prose"]),
        exchanges=tuple(_exchange(exchange) for exchange in row.get("exchanges", ())),
        notes=tuple(build(Note, note, lines=tuple(note.get("lines", ()))) for note in row.get("notes", ())),
        tokens=tuple(build(TokenLife, token) for token in row.get("tokens", ())),
        skews=tuple(build(Skew, skew) for skew in row.get("skews", ())),
    )


def _exchange(row: Mapping[str, Any]) -> ExchangeView:
    lines = {side: tuple(row.get(side, ())) for side in ("request", "response")}
    return build(ExchangeView, row, **lines)
