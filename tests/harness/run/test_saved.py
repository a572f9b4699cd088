"""A file of a saved scenario is played or refused with a message; nothing in it ends in anything else."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.fuzzing import inputs
from refreshproof.harness.run.replaying import known_counterexamples, play_again
from refreshproof.harness.run.saved import Saved, read_saved
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.steps import STEPS

DOCUMENTS = [
    {**scenario.to_document(), "provider": provider, "requirement": one.id, "subject": "tiny"}
    for one in CATALOGUE.values()
    for provider in ("generic", "atlassian")
    for scenario in one.scenarios[:1]
]
ODD = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(
        [10**9, -(10**9), 2**63, 1e300, -1e300, "", "x", [], {}, [[]], {"a": 1}, ["call"], "\x00", "call"]
    )
    | st.sampled_from(sorted(STEPS))
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in JSON data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, part in inner for one in places(part, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same data with something else at a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def test_what_is_written_is_read_back() -> None:
    for document in DOCUMENTS:
        assert read_saved(document).to_document() == json.loads(json.dumps(document))


@inputs(60)
@given(data=st.data())
def test_a_changed_file_is_played_or_refused(data: st.DataObject) -> None:
    document: Any = data.draw(st.sampled_from(DOCUMENTS))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(places(document)))
        document = changed(document, path, data.draw(ODD))
    with suppress(ValueError):
        play_again(read_saved(document, "file"), "tiny")


def test_a_broken_file_in_the_reports_folder_is_told_and_the_others_are_played(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    good = DOCUMENTS[0]
    (folder / "a.json").write_text(json.dumps(good))
    (folder / "b.json").write_text('{"scenario": 1, "steps": [[]]')
    (folder / "c.json").write_text(json.dumps({**good, "steps": [{"step": []}]}))
    (folder / "d.json").write_text(json.dumps({**good, "profile": {"lifetimes.access_token": "soon"}}))
    known, troubles = known_counterexamples(tmp_path)
    assert list(known) == [(good["provider"], good["requirement"])]
    assert [Path(one.file).name for one in troubles] == ["b.json", "c.json", "d.json"]
    assert all("is not played" in one.what for one in troubles)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": float("inf")}, "seed: found float; expected a whole number"),
        ({"seed": -1}, "seed: found -1; expected 0 to"),
        ({"steps": {}}, "steps: found dict; expected a list of steps"),
        ({"steps": [{"step": ["call"]}]}, "steps[0]: step is ['call']; allowed are"),
        ({"steps": [{"step": "call", "times": 10**9}]}, "times is 1000000000; that is out of bounds"),
        ({"steps": [{"step": "parallel", "nodes": 0}]}, "nodes is 0; that is out of bounds, 1 to 16"),
        ({"profile": {"lifetimes.access_tokn": 1}}, "no field 'access_tokn'; allowed are"),
        ({"profile": {"lifetimes.access_token": []}}, "lifetimes.access_token: found an array of 0"),
        (
            {"profile": {"lifetimes.access_token_longest": 0}},
            "longest: found 0, below access_token = 3600",
        ),
        ({"profile": {"access_token.length": 10**9}}, "access_token.length: found 1000000000"),
        ({"application": {"shared": "no"}}, "application: shared: found 'no'"),
        ({"application": {"colour": "red"}}, "application: colour: found 'red'"),
        ({"provider": ["generic"]}, "provider is ['generic']; expected a text"),
        ({"provider": "gogle"}, "provider is 'gogle'"),
        ({"requirement": "rotation"}, "requirement is 'rotation'"),
        ({"requirement": "authz-atlassian-params"}, "generic has no such case"),
        ({"subject": 7}, "subject is 7; expected a text"),
        ({"scenario": True}, "scenario is True; this version reads 1"),
        ({"colour": 1}, "unknown key 'colour'"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_allowed(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        play_again(read_saved({**DOCUMENTS[0], **changes}, "file"), "tiny")
    assert told in str(refused.value)


def test_a_scenario_of_every_requirement_can_be_saved_for_every_vendor_it_is_played_at() -> None:
    for one in CATALOGUE.values():
        vendor = next(vendor for vendor in VENDORS.values() if one.applies(vendor))
        for scenario in one.scenarios:
            saved = Saved(scenario=scenario, provider=vendor.name, requirement=one.id)
            assert read_saved(json.loads(json.dumps(saved.to_document()))).vendor(VENDORS) is vendor
