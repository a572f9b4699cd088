"""results.json of the matrix: a `SubjectMatrix` to and from its JSON document; the published JSON Schema says what it
looks like.

What is listed has a line for each entry, so that a change of one cell is a change of one line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from refreshproof.reports.formats.document import build, checked, json_resource, read_requirement
from refreshproof.reports.formats.matrix.values import (
    Confirmation,
    Play,
    PlayedCell,
    PlayedStory,
    PlayedSubject,
    SubjectMatrix,
)
from refreshproof.reports.results import Harm, Keyword, Outcome

MATRIX_SCHEMA_VERSION = 1
NAME = "results.json"


def matrix_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    return json_resource("subject-matrix.schema.json")


def render_matrix_json(matrix: SubjectMatrix) -> str:
    """Return results.json."""
    keywords = {one.id: one.keyword for one in matrix.requirements}
    document = {
        "schema": MATRIX_SCHEMA_VERSION,
        "version": matrix.version,
        "command": matrix.command,
        "requirements": [asdict(one) for one in matrix.requirements],
        "subjects": [_subject(one, keywords) for one in matrix.subjects],
    }
    return "\n".join(_lines(document)) + "\n"


def matrix_from_dict(document: object) -> SubjectMatrix:
    """Read a document back; raises ValueError naming the place, what was found and what is allowed."""
    from jsonschema import Draft202012Validator  # here: who only writes documents has no need of it

    known = checked(document, Draft202012Validator(matrix_schema()), NAME)
    for place, wrong in _contradictions(known):
        raise ValueError(f"{NAME}: $.{place}: {wrong}")
    return SubjectMatrix(
        version=known["version"],
        command=tuple(known["command"]),
        requirements=tuple(read_requirement(row) for row in known["requirements"]),
        subjects=tuple(_read_subject(row) for row in known["subjects"]),
    )


def _contradictions(known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what no schema sees, with its place: days that no calendar has, rules that are not told of, what stands
    twice, violations without their harm."""
    rules = {one["id"] for one in known["requirements"]}
    yield from _twice("subjects", "name", known["subjects"])
    for number, subject in enumerate(known["subjects"]):
        yield from _twice(f"subjects[{number}].plays", "provider", subject["plays"])
        for turn, play in enumerate(subject["plays"]):
            place = f"subjects[{number}].plays[{turn}]"
            try:
                date.fromisoformat(play["day"])
            except ValueError as error:
                yield f"{place}.day", f"found {play['day']!r}; expected a day as YYYY-MM-DD: {error}"
            yield from _twice(f"{place}.cells", "requirement", play["cells"])
            for row, cell in enumerate(play["cells"]):
                if cell["requirement"] not in rules:
                    yield (
                        f"{place}.cells[{row}].requirement",
                        f"found {cell['requirement']!r}; expected one of requirements",
                    )
                if cell["outcome"] == Outcome.VIOLATED and not {"harm", "confirmation"} <= cell.keys():
                    yield f"{place}.cells[{row}]", "found violated; expected harm and confirmation besides"


def _twice(place: str, name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        if row[name] in seen:
            yield f"{place}[{number}].{name}", f"found {row[name]!r} a second time; expected each once"
        seen.add(row[name])


def _subject(subject: PlayedSubject, keywords: Mapping[str, Keyword]) -> dict[str, Any]:
    plays = [
        {
            **_told(play, without=("cells",)),
            "day": play.day.isoformat(),
            "cells": [{**_told(cell), "grade": cell.grade(keywords[cell.requirement])} for cell in play.cells],
        }
        for play in subject.plays
    ]
    return {
        **_told(subject, without=("plays", "stories")),
        "stories": [_told(story) for story in subject.stories],
        "plays": plays,
    }


def _told(value: Any, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return the members of a value that say something."""
    members = {field.name: getattr(value, field.name) for field in fields(value) if field.name not in without}
    return {name: member for name, member in members.items() if member not in (None, "")}


def _lines(document: Mapping[str, Any]) -> list[str]:
    """Write a document with a line for each requirement, story and cell."""
    return _object(document, "", nested=("requirements", "subjects", "stories", "plays", "cells"))


def _object(document: Mapping[str, Any], indent: str, nested: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for name, value in document.items():
        if name in nested:
            rows = [_entry(one, f"{indent}  ", nested) for one in value]
            ended = [",\n".join(rows)] if rows else []
            lines.append("\n".join((f'{indent} "{name}": [', *ended, f"{indent} ]")))
        else:
            lines.append(f'{indent} "{name}": {_plain(value)}')
    return [f"{indent}{{", ",\n".join(lines), f"{indent}}}"]


def _entry(row: Mapping[str, Any], indent: str, nested: Sequence[str]) -> str:
    return "\n".join(_object(row, indent, nested)) if any(name in nested for name in row) else f"{indent}{_plain(row)}"


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)


def _read_subject(row: Mapping[str, Any]) -> PlayedSubject:
    return build(
        PlayedSubject,
        row,
        plays=tuple(_read_play(one) for one in row["plays"]),
        stories=tuple(
            build(PlayedStory, one, providers=tuple(one["providers"]), prose=tuple(one["prose"]))
            for one in row["stories"]
        ),
    )


def _read_play(row: Mapping[str, Any]) -> Play:
    day, command = date.fromisoformat(row["day"]), tuple(row["command"])
    return build(Play, row, day=day, command=command, cells=tuple(_read_cell(one) for one in row["cells"]))


def _read_cell(row: Mapping[str, Any]) -> PlayedCell:
    harm, confirmation = row.get("harm"), row.get("confirmation")
    return build(
        PlayedCell,
        row,
        outcome=Outcome(row["outcome"]),
        harm=None if harm is None else Harm(harm),
        confirmation=None if confirmation is None else Confirmation(confirmation),
    )
