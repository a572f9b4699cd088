"""Whatever an adapter does, `run` says so: an exit code of the table, no traceback, and a report that is whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.fuzzing import inputs
from refreshproof.harness.adapters.tiny.client import TinyClient
from refreshproof.harness.cli.command import main
from refreshproof.reports.verdict import ExitCode

METHODS = ("__init__", "describe", "authorize", "callback", "call", "close")
VALUES: tuple[Any, ...] = (
    None,
    "",
    "x",
    "https://[",
    "\udcff",
    b"x",
    0,
    -1,
    [],
    {},
    object(),
    NotImplemented,
    Exception,
)


class OddError(BaseException):
    """Nobody catches it by the name of Exception."""


ERRORS = (
    ValueError("it is odd"), KeyError("expires_in"), RecursionError(), StopIteration(), MemoryError(), OSError(13, "x"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), SystemExit(3), SystemExit("gone"), asyncio.CancelledError(),
    GeneratorExit(), OddError("odd"), ValueError("\udcff"), ValueError("[bold]x[/nothing]"),
)  # fmt: skip


def _behaviour(drawn: tuple[str, Any]) -> Callable[..., Any]:
    kind, what = drawn

    def behave(*_: Any) -> Any:
        if kind == "raises":
            raise what
        return what

    return behave


BEHAVIOURS = st.one_of(
    st.tuples(st.just("returns"), st.sampled_from(VALUES)), st.tuples(st.just("raises"), st.sampled_from(ERRORS))
)
ADAPTERS = st.dictionaries(st.sampled_from(METHODS), BEHAVIOURS, min_size=1, max_size=2)
CLAIMS = st.sampled_from([None, ["refresh"], ["refrsh"], "refresh", [3], {"restart": 1}, 7])

odd: dict[str, type] = {}
"""What `run` finds in this module as the client under test."""


def Client(surroundings: Any) -> Any:  # noqa: N802 - it stands for a class
    return odd["client"](surroundings)


@pytest.mark.slow
@inputs(30)
@given(methods=ADAPTERS, claims=CLAIMS, place=st.sampled_from(["generic", "atlassian"]))
def test_whatever_an_adapter_does_is_told(
    methods: dict[str, tuple[str, Any]], claims: Any, place: str, out: Path
) -> None:
    body = {name: _behaviour(drawn) for name, drawn in methods.items()}
    odd["client"] = type("Odd", (TinyClient,), body | ({} if claims is None else {"capabilities": claims}))
    arguments = ["run", f"{__name__}:Client", "-p", place, "-r", "rotation-replace", "-r", "failure-not-json"]
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--examples", "0", "--no-survey", "-j", "1", "--out", str(out)])
    code = end.value.code
    assert code in {int(one) for one in ExitCode} - {int(ExitCode.HARNESS_ERROR), int(ExitCode.INTERRUPTED)}
    if code not in (ExitCode.USAGE, ExitCode.NOTHING_SELECTED):
        report = json.loads((out / "results.json").read_text())
        assert code != ExitCode.AS_EXPECTED or not report.get("troubles")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")
