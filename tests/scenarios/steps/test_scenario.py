"""Scenarios are data: they become JSON and back, read as prose, and a wrong file is told what is wrong."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refreshproof.mock_servers.vendors import CORE
from refreshproof.scenarios.play.as_pytest import as_pytest
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps import steps
from refreshproof.scenarios.steps.documents import from_document, to_document
from refreshproof.scenarios.steps.scenario import Scenario, flow, read_scenario
from refreshproof.scenarios.steps.steps import STEPS, Authorize, Call
from refreshproof.scenarios.steps.wording import span

ALL = [(name, scenario) for name, one in CATALOGUE.items() for scenario in one.scenarios]


@pytest.mark.parametrize(("name", "scenario"), ALL, ids=lambda value: getattr(value, "name", value))
def test_every_scenario_of_the_catalogue_survives_json(name: str, scenario: Scenario) -> None:
    document = json.loads(json.dumps(scenario.to_document()))
    assert json.loads(json.dumps(read_scenario(document).to_document())) == document
    assert read_scenario(document).steps == scenario.steps


@pytest.mark.parametrize(("name", "scenario"), ALL, ids=lambda value: getattr(value, "name", value))
def test_every_scenario_of_the_catalogue_reads_as_sentences(name: str, scenario: Scenario) -> None:
    assert all((line[0].isupper() or line[0].isdigit()) and line.endswith(".") for line in scenario.prose())


def test_a_step_has_the_number_of_its_sentence() -> None:
    plain = Scenario(steps=(Authorize(), Call()))
    told = replace(plain, profile={"issuance.ever": False}, begins="before_the_next_change")
    for one in (plain, told):
        assert one.prose()[one.number_of(2) - 1] == "The client calls the API."
    assert (plain.number_of(1), told.number_of(1)) == (1, 3)


def test_a_scenario_has_a_name_that_is_its_own_within_its_requirement() -> None:
    twice = [name for name, one in CATALOGUE.items() if len({s.name for s in one.scenarios}) < len(one.scenarios)]
    assert twice == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "expected an object, found list"),
        ({"scenario": 2, "steps": []}, "scenario is 2; this version reads 1"),
        ({"scenario": 1, "steps": {}}, "steps: found dict; expected a list of steps"),
        ({"scenario": 1, "steps": [], "colour": 1}, "unknown key 'colour'; allowed are"),
        ({"scenario": 1, "steps": [{"step": "fly"}]}, r"steps\[0\]: step is 'fly'; allowed are advance, "),
        ({"scenario": 1, "steps": [{"step": "advance", "minutes": 1}]}, "advance has no field 'minutes'; allowed are"),
        ({"scenario": 1, "steps": [{"step": "advance"}]}, "advance needs the field 'seconds'"),
        ({"scenario": 1, "steps": [{"step": "advance", "seconds": "x"}]}, "seconds is 'x'; expected a number"),
        (
            {"scenario": 1, "steps": [{"step": "lose", "leg": "left"}]},
            "leg is 'left'; expected one of request, response",
        ),
        ({"scenario": 1, "steps": [{"step": "call", "times": True}]}, "times is True; expected a whole number"),
        (
            {"scenario": 1, "steps": [{"step": "fault", "fault": "drop", "parameters": {"how": "gently"}}]},
            r"steps\[0\]: fault 'drop': how: found \"gently\" \(string\); expected 'refused', ",
        ),
        ({"scenario": 1, "steps": [{"step": "fault", "fault": "explode"}]}, r"steps\[0\]: unknown fault 'explode'"),
        ({"scenario": 1, "steps": [7]}, r"steps\[0\]: step is None"),
    ],
)
def test_a_wrong_scenario_is_told_where_and_what(document: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_scenario(document)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_document_raises_anything_but_value_error(document: Any) -> None:
    for read in (read_scenario, lambda one: from_document(one)):
        try:
            read(document)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - any other exception fails the test


def test_a_step_says_only_what_differs_from_the_defaults() -> None:
    assert to_document(steps.Call()) == {"step": "call"}
    assert to_document(steps.Call(times=2)) == {"step": "call", "times": 2}


@pytest.mark.parametrize("name", STEPS)
def test_every_step_has_a_sentence_of_its_own(name: str) -> None:
    assert STEPS[name].prose.__qualname__.startswith(STEPS[name].__name__)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (90, "1 minute 30 seconds"), (2_678_400, "31 days"), (0.5, "0.5 seconds")],
)
def test_a_duration_is_said_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_printed_test_runs_as_printed(tmp_path: Any) -> None:
    scenario = flow(steps.Call(), name="printed")
    requirement = next(iter(CATALOGUE.values()))
    vendor = next(one for one in CORE if requirement.applies(one))
    text = as_pytest(scenario, requirement=requirement.id, vendor=vendor.name, subject="tiny")
    namespace: dict[str, Any] = {}
    exec(compile(text, "printed", "exec"), namespace)  # noqa: S102 - the text is ours and is meant to be run
    tests = [value for name, value in namespace.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()
