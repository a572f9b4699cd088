"""The document of the matrix: it is read back as it was written, and a mistake in it is told by its place."""

import json
from typing import Any

import pytest

from kit.sample_matrix import sample_matrix
from refreshproof.reports.formats.matrix.document import matrix_from_dict, matrix_schema, render_matrix_json


def test_a_matrix_is_read_back_as_it_was_written() -> None:
    matrix = sample_matrix()
    document = json.loads(render_matrix_json(matrix))
    assert matrix_from_dict(document) == matrix
    assert set(matrix_schema()["properties"]) == set(document)
    cell = document["subjects"][1]["plays"][0]["cells"][0]
    assert set(matrix_schema()["$defs"]["cell"]["properties"]) == {*cell, "why"}


def test_a_cell_is_a_line_so_that_a_change_of_one_is_a_change_of_one_line() -> None:
    lines = render_matrix_json(sample_matrix()).splitlines()
    assert sum('"outcome"' in line for line in lines) == 4
    assert all(line.count('"requirement"') < 2 for line in lines)


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("subjects", 1, "plays", 0, "cells", 0, "grade"), "GOOD", r"cells\[0\].grade: 'GOOD' is not one of"),
        (("subjects", 1, "name"), "../sample", r"subjects\[1\].name: '../sample' does not match"),
        (("schema",), 2, r"\$.schema: 1 was expected"),
        (("subjects", 1, "plays", 0, "day"), "2026-99-99", r"plays\[0\].day: found '2026-99-99'; expected a day"),
        (
            ("subjects", 1, "plays", 0, "cells", 1, "requirement"),
            "rotation-replaced",
            r"cells\[1\].requirement: found 'rotation-replaced'; expected one of requirements",
        ),
        (("subjects", 1, "plays", 1, "provider"), "atlassian", r"plays\[1\].provider: found 'atlassian' a second time"),
        (
            ("subjects", 1, "plays", 0, "cells", 0),
            {"requirement": "rotation-replace", "outcome": "violated", "grade": "FAIL"},
            r"cells\[0\]: found violated; expected harm and confirmation besides",
        ),
    ],
)
def test_a_wrong_document_is_refused_by_place(place: tuple[Any, ...], value: Any, told: str) -> None:
    document: Any = json.loads(render_matrix_json(sample_matrix()))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match=told):
        matrix_from_dict(document)
