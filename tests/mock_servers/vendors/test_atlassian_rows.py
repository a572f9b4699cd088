"""Every row of the seed checklist that concerns a provider has a test that names it, or a reason why there is none.

A test names a row in its docstring or in the id of a case.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pytest

FILES = (
    "vendors/test_atlassian.py", "vendors/test_atlassian_data_center.py", "vendors/test_atlassian_rotation.py",
    "vendors/test_atlassian_sites.py", "vendors/test_atlassian_variants.py", "provider/test_console.py",
    "vendors/sdk/test_atlassian.py",
)  # fmt: skip
FROM_PUBLIC_SOURCES = (1, 2, 3, 5, 7, 8, 10, 11, 14, 15, 16, 17, 18, 19)
ROWS = (
    *(f"B-{number:02}" for number in range(1, 26)),
    *(f"D-{number:02}" for number in range(1, 83)),
    *(f"R-{number:02}" for number in FROM_PUBLIC_SOURCES),
)

PROSE = "documentation only: nothing to emulate"
CLIENT = "a claim about the client: the requirements and the client engine are where it is tested"
NO_TEST: Mapping[str, str] = {
    "B-09": "the sample's own web server: driving a client's login page on loopback is the runner's",
    "B-11": CLIENT,
    "B-21": PROSE,
    "B-25": PROSE,
    "D-11": CLIENT,
    "D-42": PROSE,
    "D-59": CLIENT,
    "D-72": PROSE,
    "D-80": PROSE,
}


def rows_by_test(source: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of a row and the test function that names it, from the text of a test file."""
    tree = ast.parse(source)
    tables = {
        target.id: ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            decorators = " ".join(ast.unparse(one) for one in function.decorator_list)
            named = [text for name, text in tables.items() if re.search(rf"\b{name}\b", decorators)]
            text = " ".join((ast.get_docstring(function) or "", decorators, *named))
            yield from ((row, function.name) for row in re.findall(r"\b[BDR]-\d\d\b", text))


@lru_cache
def named_rows(tree: Path) -> dict[str, set[str]]:
    """Return the tests of each row."""
    found: dict[str, set[str]] = {}
    for name in FILES:
        for row, test in rows_by_test((tree / "tests" / "mock_servers" / name).read_text()):
            found.setdefault(row, set()).add(test)
    return found


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test_or_a_reason_and_not_both(row: str, tree: Path) -> None:
    assert (row in named_rows(tree)) is not (row in NO_TEST), sorted(named_rows(tree).get(row, ()))


def test_no_test_names_a_row_that_the_checklist_does_not_have(tree: Path) -> None:
    assert set(named_rows(tree)) <= set(ROWS)
    assert set(NO_TEST) <= set(ROWS)


def test_a_row_is_found_in_a_docstring_a_case_and_a_table() -> None:
    source = '''
TABLE = [pytest.param(1, id="D-02-x")]
@pytest.mark.parametrize("a", TABLE)
def test_one(a): ...
@pytest.mark.parametrize("a", [pytest.param(1, id="R-03-y")])
def test_two(a):
    """B-04."""
def helper():
    """D-05."""
'''
    assert list(rows_by_test(source)) == [("D-02", "test_one"), ("B-04", "test_two"), ("R-03", "test_two")]
