"""In pytest an entry of a baseline is a strict xfail, of its anomaly alone and until its day is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from refreshproof.harness import Description, TinyClient, conformance
from refreshproof.harness.subjects.miniatures import MINIATURES
from refreshproof.mock_servers.vendors import VENDORS
from refreshproof.scenarios.requirements import CATALOGUE

RULE, VENDOR = "rotation-replace", "atlassian"
ENTRY = f'[[known]]\nsubject = "mine"\nrequirement = "{RULE}"\nprovider = "{VENDOR}"\n'


def named(client: Any) -> Any:
    class Named(client):  # type: ignore[misc]
        def describe(self) -> Description:
            about: Description = super().describe()
            return replace(about, name="mine")

    return Named


FLAWED, SOUND = named(MINIATURES[RULE].client), named(TinyClient)


def judged(client: Any, folder: Path, entry: str) -> None:
    (folder / "known.toml").write_text(entry)
    test = conformance(client, providers=[VENDOR], requirements=[RULE], baseline=folder / "known.toml")
    test(VENDORS[VENDOR], CATALOGUE[RULE])


def test_what_is_known_is_an_expected_failure_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(pytest.xfail.Exception, match="ours, for now"):
        judged(FLAWED, tmp_path, f'{ENTRY}anomaly = "A1"\nreason = "ours, for now"\n')


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("", "rotation-replace"),
        (f'{ENTRY}anomaly = "A0"\n', "rotation-replace"),
        (f'{ENTRY}anomaly = "A1"\n'.replace("mine", "another"), "rotation-replace"),
        (f'{ENTRY}anomaly = "A1"\nexpires = 2026-01-31\n', "allowed this until 2026-01-31, which is over"),
    ],
)
def test_anything_else_fails(entry: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=told):
        judged(FLAWED, tmp_path, entry)


def test_what_is_fixed_fails_so_that_it_is_taken_out(tmp_path: Path) -> None:
    judged(SOUND, tmp_path, "")
    with pytest.raises(pytest.fail.Exception, match=r"XPASS\(strict\).*is fixed, and stands in the baseline yet"):
        judged(SOUND, tmp_path, f'{ENTRY}anomaly = "A1"\n')


CALLER = """
from pathlib import Path
from refreshproof.harness import TinyClient, conformance
from refreshproof.harness.subjects.miniatures import MINIATURES
test = conformance(MINIATURES["rotation-replace"].client, requirements=["rotation-replace"], providers=["ours"])
"""
SETTINGS = """
baseline = "known.toml"
profiles = ["ours.toml"]
seed = 7
"""


def test_what_is_not_given_stands_in_the_settings_of_the_module_that_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "refreshproof.toml").write_text(SETTINGS)
    (tmp_path / "ours.toml").write_text('extends = "atlassian"\nname = "ours"\ntitle = "Ours"\n')
    (tmp_path / "known.toml").write_text(
        '[[known]]\nsubject = "tiny client"\nrequirement = "rotation-replace"\nprovider = "ours"\nanomaly = "A1"\n'
    )
    (tmp_path / "tests").mkdir()
    module = tmp_path / "tests" / "test_mine.py"
    namespace: dict[str, Any] = {"__file__": str(module)}
    monkeypatch.chdir("/")
    exec(compile(CALLER, str(module), "exec"), namespace)  # noqa: S102 - as pytest does with a test file
    [mark] = namespace["test"].pytestmark
    [case] = mark.args[1]
    with pytest.raises(pytest.xfail.Exception, match="the baseline knows it"):
        namespace["test"](*case.values)
    (tmp_path / "refreshproof.toml").write_text("sede = 7")
    with pytest.raises(ValueError, match=r"refreshproof.toml: sede: unknown key; did you mean seed\?"):
        exec(compile(CALLER, str(module), "exec"), namespace)  # noqa: S102 - as above
