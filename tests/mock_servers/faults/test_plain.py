"""What is plainly right is right: a fault that is taken without its model would be taken by it too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.fuzzing import inputs
from refreshproof.mock_servers.faults.faults import FAULTS, FaultSpec
from refreshproof.mock_servers.faults.layers import build
from refreshproof.mock_servers.faults.model import check
from refreshproof.mock_servers.faults.plain import is_plain
from refreshproof.mock_servers.profile.strict_models import parameters_of
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.exploration.drawing import TROUBLES
from refreshproof.scenarios.requirements import CATALOGUE
from refreshproof.scenarios.steps.steps import Fault

NUMBERS = (None, True, 0, 1, -1, 200, 599, 600, 10**9, 10**30, 0.5, -0.5, float("nan"), float("inf"))
WORDS = ("", "GET", "POST", "form", "string", "seconds", "present", "refused", "\ufeff", "\ud800", b"x")
VALUES = st.recursive(
    st.sampled_from(NUMBERS + WORDS),
    lambda one: st.lists(one, max_size=2) | st.dictionaries(st.text(max_size=2), one, max_size=2) | st.tuples(one),
)


def of(fault: str) -> st.SearchStrategy[FaultSpec]:
    """Draw faults of this name, with parameters of any value."""
    return st.builds(
        FaultSpec,
        fault=st.just(fault),
        parameters=st.fixed_dictionaries({}, optional=dict.fromkeys((*parameters_of(FAULTS[fault]), "other"), VALUES)),
        view=st.sampled_from(("token", "resource", None, "nowhere")),
        times=st.sampled_from((None, 1, -1, True)),
        every=st.sampled_from((None, 1, 0)),
    )


@inputs(600)
@given(spec=st.sampled_from(sorted(FAULTS)).flatmap(of))
def test_what_is_plainly_right_passes_its_model(spec: FaultSpec) -> None:
    if is_plain(spec):
        check(spec)


def test_every_fault_of_ours_is_plainly_right() -> None:
    played = [
        step.spec
        for one in CATALOGUE.values()
        for story in one.scenarios
        for step in story.steps
        if type(step) is Fault
    ]
    lasting = [fault for vendor in VENDORS.values() for fault in vendor.faults]
    drawn = [FaultSpec(fault=name, parameters=parameters) for name, parameters in TROUBLES]
    assert [one for one in (*played, *lasting, *drawn) if not is_plain(one)] == []


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [("accept_late", {"seconds_": 10**400}), ("member", {"name": "x", "value": nested(400)})],
    ids=["a number too large", "a value too deep"],
)
def test_what_is_too_large_or_too_deep_is_complained_of(fault: str, parameters: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"fault '{fault}': "):
        build(FaultSpec(fault=fault, parameters=parameters))
