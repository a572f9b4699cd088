"""Every row of the requirement catalogue is judged, or left out with a reason; what is judged has all it needs."""

import json
from pathlib import Path

import pytest

from refreshproof.harness.run.kill_matrix import home_of
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import CORE
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.requirements.excluded import EXCLUDED

# The rows of the catalogue of November 2026, and what has joined it since: id and keyword.
ROWS = dict(line.split(" ", 1) for line in (Path(__file__).parent / "catalogue_ids.txt").read_text().splitlines())


def test_every_row_is_judged_or_left_out_with_a_reason_and_no_row_is_both() -> None:
    assert set(CATALOGUE) | set(EXCLUDED) == set(ROWS)
    assert not set(CATALOGUE) & set(EXCLUDED)
    assert all(len(reason) > 20 for reason in EXCLUDED.values())


def test_the_keywords_are_the_catalogues() -> None:
    assert {name: one.keyword for name, one in CATALOGUE.items()} == {name: ROWS[name] for name in CATALOGUE}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_requirement_has_everything_needed_to_judge_and_explain_it(name: str) -> None:
    one = CATALOGUE[name]
    assert one.id == name
    assert one.scenarios
    assert all((one.statement, one.source, one.effect, one.fix, one.anomaly))
    assert name in MINIATURES
    assert set(one.depends) <= set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_requirement_applies_to_some_vendor_and_its_miniature_is_played_there(name: str) -> None:
    home = [vendor.name for vendor in home_of(name)]
    core = [vendor.name for vendor in CORE if CATALOGUE[name].applies(vendor)]
    assert home == core or (home and not core)


def test_a_reason_that_names_a_test_names_one_there_is(tree: Path) -> None:
    there = {path.relative_to(tree).as_posix() for path in (tree / "tests").rglob("test_*.py")}
    named = {word.strip(".,;:()`") for reason in EXCLUDED.values() for word in reason.split() if "test_" in word}
    assert named <= there


def test_the_export_holds_every_requirement(capsys: pytest.CaptureFixture[str]) -> None:
    from refreshproof.harness.cli.command import main

    with pytest.raises(SystemExit):
        main(["list", "requirements", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert {row["id"] for row in rows if not row.get("excluded")} == set(CATALOGUE)
    assert {row["id"]: row["excluded"] for row in rows if row.get("excluded")} == dict(EXCLUDED)
